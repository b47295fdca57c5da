using System.Diagnostics;
using System.Security.Cryptography;
using Prepaid.Liabilities;
using Proofs.Liabilities;

namespace Benchmarks;

/// <summary>A day's tree of liabilities of a million cards, next to its hashes alone.</summary>
internal static class TreeBenchmark
{
    private const int Cards = 1_000_000;
    private const int Rounds = 3;

    public static void Run(Report report)
    {
        CardBalance[] balances = [.. Enumerable.Range(1, Cards).Select(i =>
            new CardBalance(Guid.CreateVersion7(), new Liability(i % 100_000, i % 1_000), i % 50))];
        DateOnly day = new(2026, 3, 2);
        Sample Times(Func<int> work)
        {
            double[] times = [.. Enumerable.Range(0, Rounds).Select(_ =>
            {
                long begun = Stopwatch.GetTimestamp();
                work();
                return Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
            }).Order()];
            return new Sample(Cards / (times[Rounds / 2] / 1_000), times);
        }
        Sample built = Times(() => LiabilityTree.Build("bench", day, balances, RandomNumberGenerator.Fill).Root.Depth);
        // As many SHA-256 of the same lengths, on all processors: 2²¹ leaves with two each, and as many nodes.
        Sample hashed = Times(() =>
        {
            Parallel.For(0, 1 << 9, _ =>
            {
                Span<byte> hash = stackalloc byte[32];
                byte[] input = new byte[98];
                for (int i = 0; i < 1 << 12; i++)
                {
                    SHA256.HashData(input.AsSpan(0, 32), hash);
                    SHA256.HashData(input.AsSpan(0, 93), hash);
                    SHA256.HashData(input, hash);
                }
            });
            return 0;
        });
        report.Add("tree of a million cards (aim 1.5 s: 667,000)", "cards/s", built, hashed);
        LiabilityTree tree = LiabilityTree.Build("bench", day, balances, RandomNumberGenerator.Fill);
        int at = 0;
        Sample proven = Times(() =>
        {
            for (int i = 0; i < 1_000; i++)
            {
                (int place, _) = tree.PlacesOf(balances[at = (at + 7_919) % Cards].Card)!.Value;
                StoredTree.Prove(place, tree.Root.Depth, "bench", day, tree.Blocks[place >> 8], tree.Top);
            }
            return 0;
        });
        report.Add("proofs of one leaf from stored bytes", "1,000 in ms", proven, proven);
        Console.Error.WriteLine($"peak memory {Process.GetCurrentProcess().PeakWorkingSet64 >> 20} MB");
    }
}
