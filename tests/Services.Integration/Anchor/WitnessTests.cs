using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Anchor;
using Proofs;
using Proofs.Notes;
using Shouldly;
using TestKit;
using Xunit;

namespace Services.Integration.Anchor;

public sealed class WitnessTests
{
    [Fact]
    public async Task An_event_is_witnessed_though_one_witness_is_dead_one_silent_and_one_lies()
    {
        await using var network = await ChainNetwork.StartAsync(1, "evidence:1001", "apps.example", AnchorBench.Sender);
        await using var bench = await AnchorBench.StartOnOwnChainAsync(network);
        await bench.AnchorAsync(3);
        await bench.StopAsync();
        await using var first = await WitnessProcess.CreateAsync("first.example");
        await using var second = await WitnessProcess.CreateAsync("second.example");
        await using var dead = await WitnessProcess.CreateAsync("dead.example");
        await using var quiet = await WitnessProcess.CreateAsync("silent.example");
        using var liar = LyingWitness.OfAnotherRoot();
        using var silent = LyingWitness.Silent();
        bench.Witnesses.AddRange(
        [
            Of("first.example", first.Key, first.Url), Of("second.example", second.Key, second.Url),
            Of("dead.example", dead.Key, dead.Url), Of("silent.example", quiet.Key, silent.Url),
            Of(LyingWitness.Signer.Public.Name, Convert.ToBase64String(LyingWitness.Signer.Public.PublicKey), liar.Url),
        ]);
        bench.WitnessQuorum = 2;
        await bench.RunAsync();
        var trust = bench.Anchor.TrustFile();
        await first.StartAsync(trust);
        await second.StartAsync(trust);
        // Anchored first, without waiting for anybody.
        await bench.AnchorAsync(300);
        (await bench.ProveAsync(200)).ShouldNotBeEmpty();
        await WitnessedAsync(bench, 200);
        var proof = (await bench.Anchor.Proofs.ProveAsync("evidence", bench.Feed.EventAt(200), default, default))!;
        proof.IsFixed.ShouldBeTrue();
        var (log, chain) = Bundle.ParseParts(proof.Bytes)!.Value;
        SignedNote.Parse(log.Checkpoint)!.Signatures.Select(s => s.Name)
            .ShouldBe([AnchorBench.Origin, "first.example", "second.example"]);
        var bundle = Bundle.WithDigest(new(SHA256.HashData(bench.Feed.EventAt(200).ToByteArray())), log, chain).ToBytes();
        Verifier.Verify(bundle, trust).Verdict.ShouldBe(Verdict.Proven);
        (await VerifyByScriptAsync(bundle, trust)).ShouldBe("proven");
        liar.Asked.ShouldBeGreaterThan(0);
        silent.Asked.ShouldBeGreaterThan(0);
        await bench.AnchorAsync(10);
        await WitnessedAsync(bench, bench.Feed.Head);
        (await bench.ProveAsync(200)).ShouldBe(proof.Bytes);
    }

    private static WitnessOptions Of(string name, string key, Uri url) => new() { Name = name, Key = key, Url = url };

    private static Task WitnessedAsync(AnchorBench bench, long position) => Eventually.TrueAsync(
        async () => (await bench.Anchor.Proofs.StateAsync("evidence", bench.Feed.EventAt(position), default)).State == "witnessed",
        $"event {position} is witnessed");

    private static async Task<string> VerifyByScriptAsync(byte[] bundle, byte[] trust)
    {
        var folder = Directory.CreateTempSubdirectory("verify-").FullName;
        try
        {
            await File.WriteAllBytesAsync(Path.Combine(folder, "bundle.json"), bundle);
            await File.WriteAllBytesAsync(Path.Combine(folder, "trust.json"), trust);
            using var process = Process.Start(new ProcessStartInfo("node",
                [
                    Path.Combine(AnchorBench.Repository(), "services/Verifier.Js/cli.js"), Path.Combine(folder, "bundle.json"),
                    "--trust", Path.Combine(folder, "trust.json"),
                ])
            { RedirectStandardOutput = true })!;
            var printed = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            return JsonNode.Parse(printed)!["verdict"]!.GetValue<string>();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
