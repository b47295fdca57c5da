using System.Security.Cryptography;
using System.Text;
using Anchor;
using Anchor.Keys;
using Chain.Core;
using Proofs;
using Proofs.Notes;
using Proofs.Witnessing;
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
        (await ScriptVerifier.RunAsync(bundle, trust))["verdict"]!.GetValue<string>().ShouldBe("proven");
        liar.Asked.ShouldBeGreaterThan(0);
        silent.Asked.ShouldBeGreaterThan(0);
        await bench.AnchorAsync(10);
        await WitnessedAsync(bench, bench.Feed.Head);
        (await bench.ProveAsync(200)).ShouldBe(proof.Bytes);
    }

    [Fact]
    public async Task What_witnesses_missed_is_witnessed_by_a_later_checkpoint()
    {
        await using var bench = await AnchorBench.StartAsync();
        await bench.StopAsync();
        await using var witness = await WitnessProcess.CreateAsync("first.example");
        bench.Witnesses.Add(Of("first.example", witness.Key, witness.Url));
        await bench.RunAsync();
        await witness.StartAsync(bench.Anchor.TrustFile());
        await bench.AnchorAsync(10);
        await WitnessedAsync(bench, 10);
        await witness.KillAsync();
        await bench.AnchorAsync(10);
        await bench.AnchorAsync(10);
        var state = await bench.Anchor.Proofs.StateAsync("evidence", bench.Feed.EventAt(15), default);
        (state.State, state.Next).ShouldBe(("anchored", "witnessed"));
        (await bench.Anchor.Proofs.ProveAsync("evidence", bench.Feed.EventAt(15), default, default))!.IsFixed.ShouldBeFalse();
        await witness.StartAsync(bench.Anchor.TrustFile());
        await WitnessedAsync(bench, 15);
        // The time stays that of the first block.
        (await bench.Anchor.Proofs.StateAsync("evidence", bench.Feed.EventAt(15), default))
            .ShouldBe(state with { State = "witnessed", Next = null });
        CheckpointOf(await bench.ProveAsync(15)).Size.ShouldBe(30);
        CheckpointOf(await bench.ProveAsync(5)).Size.ShouldBe(10);
    }

    [Fact]
    public async Task A_witness_that_knows_more_than_the_anchor_remembers_goes_on_from_its_own_size()
    {
        await using var bench = await AnchorBench.StartAsync();
        await bench.StopAsync();
        await using var witness = await WitnessProcess.CreateAsync("first.example");
        using var liar = LyingWitness.OfOtherSizes();
        bench.Witnesses.Add(Of("first.example", witness.Key, witness.Url));
        bench.Witnesses.Add(Of(LyingWitness.Signer.Public.Name,
            Convert.ToBase64String(LyingWitness.Signer.Public.PublicKey), liar.Url));
        bench.WitnessQuorum = 1;
        await bench.RunAsync();
        await witness.StartAsync(bench.Anchor.TrustFile());
        await bench.AnchorAsync(10);
        await WitnessedAsync(bench, 10);
        await bench.StopAsync();
        await bench.ExecuteAsync("truncate cosignature; update checkpoint set witnessed = null");
        await bench.RunAsync();
        await WitnessedAsync(bench, 10);
        await bench.AnchorAsync(10);
        await WitnessedAsync(bench, 20);
    }

    [Fact]
    public async Task A_witness_refuses_a_fork_even_after_it_was_killed()
    {
        var key = new LogKey(AnchorBench.Origin, SHA256.HashData("log"u8));
        await using var witness = await WitnessProcess.CreateAsync("first.example");
        await witness.StartAsync(TrustOf(key));
        Task<(int Status, string Type, string Body)> PostAsync(string body) => AskAsync(witness, body);
        string Note(int size, string word) => NoteOf(key, size, word);
        (await PostAsync(new AddCheckpoint(0, [], Note(5, "root")).ToString())).Status.ShouldBe(200);
        await witness.KillAsync();
        await witness.StartAsync(TrustOf(key));
        (await PostAsync(new AddCheckpoint(0, [], Note(6, "fork")).ToString()))
            .ShouldBe((409, AddCheckpoint.SizeContentType, "5\n"));
        (await PostAsync(new AddCheckpoint(5, [], Note(5, "fork")).ToString())).Status.ShouldBe(409);
        (await PostAsync(new AddCheckpoint(5, [SHA256.HashData([1])], Note(6, "fork")).ToString())).Status.ShouldBe(422);
        (await PostAsync(new AddCheckpoint(7, [], Note(6, "fork")).ToString())).Status.ShouldBe(400);
        (await PostAsync("old")).Status.ShouldBe(400);
        (await PostAsync("old 0\n\n\ud800")).Status.ShouldBe(400);
        var other = new LogKey(AnchorBench.Origin, SHA256.HashData("another"u8));
        (await PostAsync(new AddCheckpoint(5, [], other.Sign(new(AnchorBench.Origin, 5, new byte[32]))).ToString()))
            .Status.ShouldBe(403);
        var unknown = new LogKey("apps.example/unknown", SHA256.HashData("another"u8));
        (await PostAsync(new AddCheckpoint(0, [], unknown.Sign(new("apps.example/unknown", 5, new byte[32]))).ToString()))
            .Status.ShouldBe(404);
        (await PostAsync(new string('x', 100_000))).Status.ShouldBe(413);
        (await PostAsync(new AddCheckpoint(5, [], Note(5, "root")).ToString())).Status.ShouldBe(200);
        witness.Files("*.conflict").Count.ShouldBe(1);
    }

    [Fact]
    public async Task Of_requests_at_once_that_exclude_each_other_one_is_cosigned()
    {
        var key = new LogKey(AnchorBench.Origin, SHA256.HashData("log"u8));
        await using var witness = await WitnessProcess.CreateAsync("first.example");
        await witness.StartAsync(TrustOf(key));
        var answers = await Task.WhenAll(Enumerable.Range(1, 20).Select(
            size => AskAsync(witness, new AddCheckpoint(0, [], NoteOf(key, size, $"{size}")).ToString())));
        answers.Count(a => a.Status == 200).ShouldBe(1);
        answers.Where(a => a.Status == 409).Select(a => a.Body).Distinct().ShouldHaveSingleItem()
            .ShouldBe($"{Array.FindIndex(answers, a => a.Status == 200) + 1}\n");
    }

    private static string NoteOf(LogKey key, int size, string word) =>
        key.Sign(new Checkpoint(AnchorBench.Origin, size, SHA256.HashData(Encoding.UTF8.GetBytes(word))));

    private static async Task<(int Status, string Type, string Body)> AskAsync(WitnessProcess witness, string body)
    {
        using var http = new HttpClient();
        using var answer = await http.PostAsync(new Uri(witness.Url, "add-checkpoint"), new StringContent(body));
        return ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType ?? "",
            await answer.Content.ReadAsStringAsync());
    }

    private static byte[] TrustOf(LogKey key) => new TrustFile
    {
        Group = "evidence",
        ChainId = 1001,
        GenesisHash = Hash32.Zero,
        Contracts =
        [
            new("AnchorRegistry", new Address(new byte[20]), Hash32.Zero),
            new("Governance", new Address([.. new byte[19], 1]), Hash32.Zero),
        ],
        Logs = [new(key.Public.Name, key.Public.PublicKey)],
        Witnesses = [],
        Validators = [new(0, [new Address(new byte[20])], null)],
    }.ToBytes();

    private static Checkpoint CheckpointOf(byte[] proof) =>
        Checkpoint.Parse(SignedNote.Parse(Bundle.ParseParts(proof)!.Value.Log.Checkpoint)!.Text)!;

    private static WitnessOptions Of(string name, string key, Uri url) => new() { Name = name, Key = key, Url = url };

    private static Task WitnessedAsync(AnchorBench bench, long position) => Eventually.TrueAsync(
        async () => (await bench.Anchor.Proofs.StateAsync("evidence", bench.Feed.EventAt(position), default)).State == "witnessed",
        $"event {position} is witnessed");
}
