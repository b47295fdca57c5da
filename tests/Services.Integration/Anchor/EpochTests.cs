using Anchor.Groups;
using Anchor.Logs;
using Chain.Client;
using Chain.Core;
using Npgsql;
using Proofs;
using Shouldly;
using TestKit;
using Xunit;

namespace Services.Integration.Anchor;

/// <summary>A log whose history is lost for good is given up, and the one of the next epoch takes its place.</summary>
public sealed class EpochTests
{
    [Fact]
    public async Task A_lost_log_goes_on_in_a_new_epoch_and_bundles_of_both_verify()
    {
        await using var network = await ChainNetwork.StartAsync(1, "evidence:1001", "apps.example", AnchorBench.Sender);
        await using var anchor = await RunningAnchor.CreateAsync(network, "evidence", "trace");
        await anchor.StartAsync();
        anchor.Feeds["evidence"].Record(30);
        anchor.Feeds["trace"].Record(20);
        await anchor.AnchoredAsync(50);
        var (oldBundle, oldTrust) = (await anchor.BundleAsync("evidence", 7), anchor.Group.TrustFile());
        (await anchor.Groups.OpenEpochAsync("evidence", default)).ShouldBeNull();
        await anchor.StopAsync();

        // Tables and tiles are gone; with two feeds nobody knows the order of the entries any more.
        await anchor.ExecuteAsync("drop table log, source, entry, checkpoint, cosignature, sent_transaction");
        Directory.Delete(anchor.Tiles, recursive: true);
        await anchor.StartAsync();
        await anchor.StateAsync(GroupState.Behind);
        await Should.ThrowAsync<InvalidDataException>(() => anchor.Group.RecoverAsync(default));
        await VoteAsync(network, LogOrigin.OfEpoch("apps.example/evidence", 1));
        await anchor.StateAsync(GroupState.Different);
        await Should.ThrowAsync<InvalidDataException>(() => anchor.Group.RecoverAsync(default));

        (await anchor.Groups.OpenEpochAsync("evidence", default)).ShouldBe(new EpochReport(1, "apps.example/evidence/epoch-1"));
        await anchor.AnchoredAsync(50);
        (await anchor.Groups.OpenEpochAsync("evidence", default)).ShouldBeNull();
        var trust = anchor.Group.TrustFile();
        TrustFile.Parse(trust).ShouldNotBeNull().Logs.Select(l => l.Origin)
            .ShouldBe(["apps.example/evidence", "apps.example/evidence/epoch-1"]);
        await ProvenAsync(oldBundle, oldTrust, 0);
        await ProvenAsync(oldBundle, trust, 0);
        var bundle = await anchor.BundleAsync("evidence", 7);
        await ProvenAsync(bundle, trust, 1);
        await ProvenAsync(await anchor.BundleAsync("trace", 20), trust, 1);
        Verifier.Verify(bundle, oldTrust).Verdict.ShouldBe(Verdict.Refuted);

        await anchor.StopAsync();
        await anchor.StartAsync();
        anchor.Feeds["trace"].Record(5);
        await anchor.AnchoredAsync(55);
        anchor.Group.TrustFile().ShouldBe(trust);
        (await anchor.BundleAsync("evidence", 7)).ShouldBe(bundle);
        await ProvenAsync(await anchor.BundleAsync("trace", 25), trust, 1);
    }

    [Fact]
    public async Task A_log_that_is_there_is_kept_when_a_new_epoch_begins()
    {
        await using var network = await ChainNetwork.StartAsync(1, "evidence:1001", "apps.example", AnchorBench.Sender);
        await using var anchor = await RunningAnchor.CreateAsync(network, "evidence");
        await anchor.StartAsync();
        anchor.Feeds["evidence"].Record(300);
        await anchor.AnchoredAsync(300);
        var old = await anchor.BundleAsync("evidence", 290);
        await VoteAsync(network, LogOrigin.OfEpoch("apps.example/evidence", 1));
        // It sends nothing to a contract that follows another log.
        anchor.Feeds["evidence"].Record(1);
        await anchor.StateAsync(GroupState.Different);
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => anchor.Groups.OpenEpochAsync("evidence", default)));
        await anchor.AnchoredAsync(301);
        anchor.Group.Epoch.ShouldBe(1);
        await ProvenAsync(old, anchor.Group.TrustFile(), 0);
        await ProvenAsync(await anchor.BundleAsync("evidence", 290), anchor.Group.TrustFile(), 1);
        (await anchor.CountAsync("select count(*) from entry")).ShouldBe(601 + await anchor.CountAsync(
            "select size - 300 from log where epoch = 0"));
        Directory.Exists(Path.Combine(anchor.Tiles, "evidence", "tile")).ShouldBeTrue();
        Directory.Exists(Path.Combine(anchor.Tiles, "evidence.1", "tile")).ShouldBeTrue();
    }

    [Fact]
    public async Task An_epoch_that_was_opened_for_another_origin_is_not_begun()
    {
        await using var network = await ChainNetwork.StartAsync(1, "evidence:1001", "apps.example", AnchorBench.Sender);
        await using var anchor = await RunningAnchor.CreateAsync(network, "evidence");
        await anchor.StartAsync();
        anchor.Feeds["evidence"].Record(3);
        await anchor.AnchoredAsync(3);
        await VoteAsync(network, "apps.example/misspelt");
        anchor.Feeds["evidence"].Record(1);
        await anchor.StateAsync(GroupState.Different);
        await Should.ThrowAsync<InvalidDataException>(() => anchor.Groups.OpenEpochAsync("evidence", default));
        // The next vote puts it right; the epoch between has a key that signed nothing.
        await VoteAsync(network, LogOrigin.OfEpoch("apps.example/evidence", 2));
        (await anchor.Groups.OpenEpochAsync("evidence", default))!.Epoch.ShouldBe(2);
        await anchor.AnchoredAsync(4);
        await ProvenAsync(await anchor.BundleAsync("evidence", 2), anchor.Group.TrustFile(), 2);
    }

    [Fact]
    public async Task Tables_from_before_there_were_epochs_hold_the_first_log()
    {
        var postgres = await PostgresServer.SharedAsync();
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        await using (var before = database.CreateCommand(
            """
            create table log (id smallint generated always as identity primary key, name text not null unique,
                size bigint not null default 0, trust bytea);
            insert into log (name, size) values ('evidence', 7);
            """))
        {
            await before.ExecuteNonQueryAsync();
        }
        for (var start = 0; start < 2; start++)
            await LogStore.CreateTablesAsync(database, default);
        (await LogStore.EpochAsync(database, "evidence", default)).ShouldBe(0);
        var first = await LogStore.OpenAsync(database, "evidence", 0, ["evidence"], default);
        (await first.SizeAsync(default)).ShouldBe(7);
        var second = await LogStore.OpenAsync(database, "evidence", 1, ["evidence"], default);
        (await second.SizeAsync(default)).ShouldBe(0);
        (await LogStore.EpochAsync(database, "evidence", default)).ShouldBe(1);
    }

    private static async Task ProvenAsync(byte[] bundle, byte[] trust, long epoch)
    {
        var result = Verifier.Verify(bundle, trust);
        result.Verdict.ShouldBe(Verdict.Proven, $"{result.Answers?.Log.Reason} {result.Answers?.Chain.Reason}");
        result.Block!.Epoch.ShouldBe(epoch);
        var other = await ScriptVerifier.RunAsync(bundle, trust);
        other["verdict"]!.GetValue<string>().ShouldBe("proven");
        other["block"]!["epoch"]!.GetValue<long>().ShouldBe(epoch);
    }

    // The only member's proposal is enacted at once.
    private static async Task VoteAsync(ChainNetwork network, string origin)
    {
        using var http = new HttpClient();
        var chain = new ChainClient(new RpcClient(http, [new Uri(network.Nodes[0], "evidence")]));
        var signer = new TransactionSigner(1001, network.ValidatorKey(0, "evidence"));
        var call = AbiFunction.Parse("propose(uint8,address,bytes32)").Encode((UInt256)6,
            Address.Parse("0000000000000000000000000000000000001001"), LogOrigin.Hash(origin));
        var sent = signer.Sign(new TransactionRequest
        {
            To = Address.Parse("0000000000000000000000000000000000001000"),
            Data = call,
            GasLimit = 1_000_000,
        }, await chain.NonceAsync(signer.Address, BlockTag.Latest, default));
        await chain.SendRawAsync(sent.Raw, default);
        await Eventually.TrueAsync(async () => await chain.ReceiptAsync(sent.Hash, default) is { Succeeded: true },
            "the vote is in a block");
    }
}
