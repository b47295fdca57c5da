using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Proofs;

namespace Cli.Benchmarks;

/// <summary>How fast bundles are served and verified.</summary>
public static class ProofRate
{
    public static async Task<IReadOnlyList<Row>> RunAsync(Api api, int count, CancellationToken cancel)
    {
        var time = TimeProvider.System;
        var trust = await api.GetBytesAsync("/api/anchor/groups/evidence/trust", cancel, open: true);
        var deposits = new JsonArray([.. Enumerable.Range(0, count).Select(_ =>
            (JsonNode?)new JsonObject { ["sha256"] = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)) })]);
        var answer = await api.PostAsync("/api/evidence/deposits/batch", new JsonObject { ["items"] = deposits }, cancel);
        var ids = answer["ids"]!.AsArray().Select(d => d!.GetValue<string>()).ToList();
        await Commands.Proof.FetchAsync(api, ids[^1], TimeSpan.FromMinutes(1), cancel);

        var begun = time.GetTimestamp();
        var bundles = new byte[ids.Count][];
        await Parallel.ForAsync(0, ids.Count, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancel }, async (i, token) =>
            bundles[i] = await Commands.Proof.FetchAsync(api, ids[i], TimeSpan.FromMinutes(1), token));
        var served = time.GetElapsedTime(begun);

        begun = time.GetTimestamp();
        var proven = bundles.Count(b => Verifier.Verify(b, trust).Verdict == Verdict.Proven);
        var verified = time.GetElapsedTime(begun);
        return
        [
            new("bundles made and served a second", ids.Count / served.TotalSeconds, "1/s"),
            new("bundles verified a second, one core", ids.Count / verified.TotalSeconds, "1/s"),
            new("bytes of a bundle, mean", bundles.Average(b => b.Length), "B"),
            new("bundles proven", proven, "", "bundles made", ids.Count),
        ];
    }
}
