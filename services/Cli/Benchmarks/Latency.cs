using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Proofs;

namespace Cli.Benchmarks;

/// <summary>From the answer to a single deposit until its bundle is there and verifies.</summary>
public static class Latency
{
    public static async Task<IReadOnlyList<Row>> RunAsync(Api api, int count, TimeSpan meanPause, bool oneDead, CancellationToken cancel)
    {
        var time = TimeProvider.System;
        var trust = await api.GetBytesAsync("/api/anchor/groups/evidence/trust", cancel, open: true);
        var (accepted, proven) = (new Samples(), new Samples());
        var refused = 0;
        var running = new List<Task>();
        for (var i = 0; i < count; i++)
        {
            running.Add(OneAsync());
            // Exponential pauses: the arrivals of independent depositors.
            var uniform = (RandomNumberGenerator.GetInt32(1, 1_000_000) + 0.5) / 1_000_000;
            await Task.Delay(meanPause * -Math.Log(uniform), cancel);
        }

        await Task.WhenAll(running);
        return
        [
            new("deposit to HTTP answer, p50", accepted.Milliseconds(0.5), "ms"),
            new("deposit to HTTP answer, p99", accepted.Milliseconds(0.99), "ms"),
            new("HTTP answer to verified bundle, p50", proven.Milliseconds(0.5), "ms", oneDead ? null : "aim", oneDead ? null : 600),
            new("HTTP answer to verified bundle, p99", proven.Milliseconds(0.99), "ms", "aim", oneDead ? 5000 : 1500),
            new("HTTP answer to verified bundle, longest", proven.Milliseconds(1), "ms"),
            new("deposits measured", proven.Count, ""),
            new("bundles that did not verify", refused, ""),
        ];

        async Task OneAsync()
        {
            var digest = RandomNumberGenerator.GetBytes(32);
            var begun = time.GetTimestamp();
            var answer = await api.PostAsync("/api/evidence/deposits", new JsonObject { ["sha256"] = Convert.ToHexStringLower(digest) }, cancel);
            var answered = time.GetTimestamp();
            accepted.Add(time.GetElapsedTime(begun, answered));
            var bundle = await Commands.Proof.FetchAsync(api, answer["id"]!.GetValue<string>(), TimeSpan.FromMinutes(1), cancel);
            proven.Add(time.GetElapsedTime(answered));
            if (Verifier.Verify(bundle, trust, new Chain.Core.Hash32(digest)).Verdict != Verdict.Proven) Interlocked.Increment(ref refused);
        }
    }
}
