using System.Security.Cryptography;
using Anchor.Groups;
using Anchor.Logs;
using Anchor.Sealing;
using Chain.Client;
using Proofs;
using Proofs.Merkle;
using Proofs.Notes;
using Shouldly;
using Xunit;

namespace Services.Integration.Anchor;

public sealed class SealingTests
{
    [Fact]
    public async Task Events_are_logged_anchored_and_proven()
    {
        await using var bench = await AnchorBench.StartAsync();
        await bench.AnchorAsync(1);
        await bench.AnchorAsync(700);
        var latest = await bench.Registry.LatestAsync(default);
        latest.Size.ShouldBe(701);
        foreach (var position in new long[] { 1, 2, 257, 701 })
        {
            var (log, chain) = Bundle.ParseParts(await bench.ProveAsync(position))!.Value;
            log.Index.ShouldBe(position - 1);
            var checkpoint = Checkpoint.Parse(SignedNote.Parse(log.Checkpoint)!.Text)!;
            checkpoint.Size.ShouldBe(position == 1 ? 1 : 701);
            var digest = SHA256.HashData(bench.Feed.EventAt(position).ToByteArray());
            MerkleTree.VerifyInclusion((ulong)log.Index, (ulong)checkpoint.Size, MerkleTree.LeafHash(digest), log.Path,
                checkpoint.Root).ShouldBeTrue();
            chain.ReceiptProof.ShouldNotBeEmpty();
            var bundle = Bundle.WithDigest(new(digest), log, chain).ToBytes();
            Verifier.Verify(bundle, bench.Anchor.TrustFile()).Answers!.Log.Reason.ShouldBe(Reason.Ok);
        }
        (await bench.Anchor.Proofs.StateAsync("evidence", bench.Feed.EventAt(5), default)).State.ShouldBe("anchored");
        (await bench.Anchor.Proofs.StateAsync("evidence", Guid.NewGuid(), default)).State.ShouldBe("accepted");
    }

    [Fact]
    public async Task A_proof_is_the_same_bytes_ever_after()
    {
        await using var bench = await AnchorBench.StartAsync();
        await bench.AnchorAsync(300);
        var proof = await bench.ProveAsync(280);
        await bench.AnchorAsync(300);
        (await bench.ProveAsync(280)).ShouldBe(proof);
        await bench.StopAsync();
        await bench.RunAsync();
        await bench.AnchorAsync(1);
        (await bench.ProveAsync(280)).ShouldBe(proof);
    }

    [Fact]
    public async Task Messages_lost_doubled_and_reordered_leave_each_event_in_the_log_once_and_in_feed_order()
    {
        await using var bench = await AnchorBench.StartAsync("evidence", "trace");
        var (evidence, trace) = (bench.Feeds["evidence"], bench.Feeds["trace"]);
        var messages = Enumerable.Range(0, 40).Select(i => (i % 3 == 0 ? trace : evidence).Record((i % 5) + 1)).ToList();
        var random = new Random(7);
        var delivered = messages.Where(_ => random.Next(5) > 0).SelectMany(m => random.Next(3) == 0 ? new[] { m, m } : [m])
            .OrderBy(_ => random.Next()).ToList();
        await Task.WhenAll(delivered.Select(m => bench.Anchor.Intake.TakeAsync(m, default)));
        await bench.Anchor.Intake.CatchUpAsync(default);
        await bench.AnchoredAsync();
        (await bench.Store.SizeAsync(default)).ShouldBe(evidence.Count + trace.Count);
        foreach (var (service, feed) in bench.Feeds)
        {
            var indexes = new List<long>();
            for (var number = 1; number <= feed.Count; number++)
                indexes.Add((await bench.Store.FindAsync(service, feed.EventAt(number), default))!.Index);
            indexes.ShouldBe(indexes.Order());
            indexes.ShouldBeUnique();
        }
    }

    [Fact]
    public async Task Events_are_sealed_though_the_answer_to_their_commit_was_lost()
    {
        await using var bench = await AnchorBench.StartAsync();
        await bench.AnchorAsync(1);
        var committed = bench.Feed.Record(20);
        await bench.Store.ApplyAsync(committed, default);
        await bench.Anchor.Intake.TakeAsync(committed, default);
        await bench.AnchoredAsync();
        (await bench.Registry.LatestAsync(default)).Size.ShouldBe(21);
    }

    [Fact]
    public async Task A_node_that_is_behind_does_not_make_a_recorded_checkpoint_forgotten()
    {
        await using var bench = await AnchorBench.StartAsync();
        await bench.AnchorAsync(5);
        await bench.StopAsync();
        await bench.ExecuteAsync("update checkpoint set evidence = null, block_number = null, block_time = null");
        bench.LogsAreHidden = true;
        await bench.RunAsync(untilSealing: false);
        await bench.StateAsync(GroupState.Waiting);
        (await bench.CountAsync("select count(*) from checkpoint")).ShouldBe(1);
        bench.LogsAreHidden = false;
        await bench.StateAsync(GroupState.Sealing);
        (await bench.ProveAsync(3)).ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_checkpoint_that_was_signed_but_not_sent_is_sent_after_a_restart()
    {
        await using var bench = await AnchorBench.StartAsync();
        await bench.AnchorAsync(10);
        await bench.StopAsync();
        await bench.Store.ApplyAsync(bench.Feed.Record(20), default);
        var writer = LogWriter.Open(bench.Folder, 10);
        writer.Append(await bench.Store.EntriesAsync(10, 20, default));
        var checkpoint = new Checkpoint(AnchorBench.Origin, 30, writer.Flush());
        await bench.Store.SaveAsync(new SignedCheckpoint(30, checkpoint.Root, bench.Key.Sign(checkpoint)), default);
        await bench.Store.ApplyAsync(bench.Feed.Record(5), default);
        await bench.RunAsync();
        await bench.AnchoredAsync();
        (await bench.Registry.LatestAsync(default)).Size.ShouldBe(35);
        await bench.ProveAsync(30);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_checkpoint_that_was_sent_is_finished_after_a_restart_and_not_sent_again(bool closed)
    {
        await using var bench = await AnchorBench.StartAsync();
        await bench.AnchorAsync(10);
        await bench.AnchorAsync(10);
        var proof = await bench.ProveAsync(15);
        await bench.StopAsync();
        await bench.ExecuteAsync("update checkpoint set evidence = null, block_number = null where size = 20");
        if (!closed)
            await bench.ExecuteAsync("update sent_transaction set outcome = null where nonce = 1");
        var nonce = await bench.Chain.NonceAsync(bench.Signer.Address, BlockTag.Latest, default);
        await bench.RunAsync();
        (await bench.ProveAsync(15)).ShouldBe(proof);
        (await bench.Chain.NonceAsync(bench.Signer.Address, BlockTag.Latest, default)).ShouldBe(nonce);
        (await bench.CountAsync("select count(*) from sent_transaction where outcome is null")).ShouldBe(0);
    }

    [Fact]
    public async Task A_transaction_that_was_saved_but_never_sent_is_sent_after_a_restart()
    {
        await using var bench = await AnchorBench.StartAsync();
        await bench.AnchorAsync(10);
        await bench.StopAsync();
        await bench.Store.ApplyAsync(bench.Feed.Record(10), default);
        var writer = LogWriter.Open(bench.Folder, 10);
        writer.Append(await bench.Store.EntriesAsync(10, 10, default));
        var checkpoint = new Checkpoint(AnchorBench.Origin, 20, writer.Flush());
        await bench.Store.SaveAsync(new SignedCheckpoint(20, checkpoint.Root, bench.Key.Sign(checkpoint)), default);
        var proof = MerkleTree.ConsistencyProof(new TileHashes(20, bench.Folder.Read), 10, 20);
        var nonce = await bench.Chain.NonceAsync(bench.Signer.Address, BlockTag.Latest, default);
        await new SentTransactions(bench.Database).SaveAsync(
            bench.Signer.Sign(bench.Registry.Record(20, checkpoint.Root, proof), nonce), default);
        await bench.RunAsync();
        await bench.AnchoredAsync();
        await bench.ProveAsync(20);
        (await bench.Chain.NonceAsync(bench.Signer.Address, BlockTag.Latest, default)).ShouldBe(nonce + 1);
    }

    [Fact]
    public async Task The_contract_refuses_a_checkpoint_that_rewrites_history()
    {
        await using var bench = await AnchorBench.StartAsync();
        await bench.AnchorAsync(10);
        await bench.StopAsync();
        using var sender = new DurableSender(bench.Chain, bench.Signer, new SentTransactions(bench.Database), TimeProvider.System);
        var forged = new TiledTree();
        for (var i = 0; i < 20; i++)
            forged.Append(MerkleTree.LeafHash([(byte)i]));
        var tiles = forged.TakeTiles().ToDictionary(t => t.Id.Path, t => t.Bytes);
        var proof = MerkleTree.ConsistencyProof(new TileHashes(20, id => tiles[id.Path]), 10, 20);
        var outcome = await sender.SendAsync(bench.Registry.Record(20, forged.Root(), proof), default);
        outcome.Status.ShouldBe(SendStatus.Reverted);
        (await bench.Registry.LatestAsync(default)).Size.ShouldBe(10);
        await bench.RunAsync();
        await bench.AnchorAsync(1);
    }
}
