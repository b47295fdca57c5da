using Chain.Client;
using Chain.Core;
using KeyHolder;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Services.Integration.Receivables;

public sealed class HolderCountTests
{
    [Fact]
    public async Task Each_day_that_is_over_is_recorded_once_also_when_the_holder_forgot_that_it_was()
    {
        await using PledgeBench bench = await PledgeBench.StartOnAnvilAsync();
        byte[] account = PledgeBench.NewAccount();
        await bench.OpenEpochAsync(2, Secp256k1.AddressOf(account));
        string folder = Directory.CreateTempSubdirectory("apps-counts-").FullName;
        using RequestLog log = new(folder);
        DailyCounts counts = new(1, log, account, TimeProvider.System);
        foreach (int ago in (int[])[2, 1, 0])
            log.Take(counts.Today.AddDays(-ago), "0xab", Guid.CreateVersion7(), "", 10 + ago, 100).Grant
                .ShouldBe(RequestLog.Grant.Granted);
        using DurableSender sender = new(bench.Chain, new TransactionSigner(PledgeBench.ChainId, account),
            new SentFile(Path.Combine(folder, "open.json")), TimeProvider.System);
        using CountAnchor anchor = new(counts, log, bench.Chain, sender, bench.Registry, folder, TimeProvider.System,
            NullLogger<CountAnchor>.Instance);

        (await anchor.RunOnceAsync(default)).ShouldBe([counts.Today.AddDays(-2), counts.Today.AddDays(-1)]);
        (await anchor.RunOnceAsync(default)).ShouldBeEmpty();
        File.Delete(Path.Combine(folder, "anchored"));
        (await anchor.RunOnceAsync(default)).Count.ShouldBe(2, "found on the chain");

        AbiEvent counted = AbiEvent.Parse(
            "EvaluationsCounted(address indexed holder, uint32 indexed day, uint64 evaluations, bytes32 statement)");
        IReadOnlyList<(RpcLog Log, object[] Values)> events = await new Contract(bench.Chain, bench.Registry)
            .EventsAsync(counted, 0, await bench.Chain.BlockNumberAsync(default), default);
        events.Select(e => (ulong)(UInt256)e.Values[2]).ShouldBe([12UL, 11UL]);
        events[1].Values[3].ShouldBe(counts.Of(counts.Today.AddDays(-1))!.Digest);
        Directory.Delete(folder, recursive: true);
    }
}
