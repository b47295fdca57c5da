using Anchor.Groups;
using Proofs;
using Shouldly;
using Xunit;

namespace Services.Integration.Anchor;

public sealed class RecoveryTests
{
    [Fact]
    public async Task A_tampered_entry_row_is_noticed_when_its_proof_is_made()
    {
        await using var bench = await AnchorBench.StartAsync();
        await bench.AnchorAsync(10);
        await bench.ExecuteAsync("update entry set digest = decode(repeat('00', 32), 'hex') where index = 4");
        await Should.ThrowAsync<EntryDiffersException>(() => bench.ProveAsync(5));
        await bench.ProveAsync(6);
    }

    [Fact]
    public async Task A_tampered_tile_stops_the_log_until_it_is_recovered_from_the_database()
    {
        await using var bench = await AnchorBench.StartAsync();
        await bench.AnchorAsync(300);
        var proof = await bench.ProveAsync(290);
        await bench.StopAsync();
        foreach (var tile in Directory.GetFiles(Path.Combine(bench.Tiles, "tile"), "*", SearchOption.AllDirectories))
            await File.WriteAllBytesAsync(tile, (await File.ReadAllBytesAsync(tile)).Select(b => (byte)(b ^ 1)).ToArray());
        await RefusesAsync(bench, GroupState.Different);
        (await bench.Anchor.RecoverAsync(default))!.Source.ShouldBe("database");
        await bench.StateAsync(GroupState.Sealing);
        (await bench.ProveAsync(290)).ShouldBe(proof);
        await bench.Anchor.Intake.CatchUpAsync(default);
        await bench.AnchoredAsync();
        (await bench.Registry.LatestAsync(default)).Size.ShouldBe(305);
    }

    [Fact]
    public async Task A_log_whose_contract_is_ahead_signs_nothing_until_it_is_recovered_from_its_tiles()
    {
        await using var bench = await AnchorBench.StartAsync("evidence", "trace");
        await bench.AnchorAsync(40);
        await bench.Anchor.Intake.TakeAsync(bench.Feeds["trace"].Record(30), default);
        await bench.AnchoredAsync();
        await bench.AnchorAsync(30);
        await bench.StopAsync();
        await bench.ExecuteAsync("truncate checkpoint; truncate entry; update log set size = 0; update source set cursor = 0");
        await RefusesAsync(bench, GroupState.Behind);
        (await bench.Anchor.RecoverAsync(default))!.Source.ShouldBe("tiles");
        await bench.StateAsync(GroupState.Sealing);
        await bench.ProveAsync(60);
        await bench.ProveAsync(7, bench.Feeds["trace"], "trace");
        (await bench.Store.CursorAsync("trace", default)).ShouldBe(bench.Feeds["trace"].Head);
    }

    [Fact]
    public async Task A_log_that_lost_tables_and_tiles_is_recovered_from_its_only_feed()
    {
        await using var bench = await AnchorBench.StartAsync();
        await bench.AnchorAsync(30);
        await bench.AnchorAsync(270);
        var (log, _) = Bundle.ParseParts(await bench.ProveAsync(17))!.Value;
        await bench.StopAsync();
        await bench.ExecuteAsync("truncate checkpoint; truncate entry; update log set size = 0; update source set cursor = 0");
        Directory.Delete(Path.Combine(bench.Tiles, "tile"), recursive: true);
        await RefusesAsync(bench, GroupState.Behind);
        (await bench.Anchor.RecoverAsync(default)).ShouldBe(new("feeds", 300, 0));
        await bench.StateAsync(GroupState.Sealing);
        Bundle.ParseParts(await bench.ProveAsync(17))!.Value.Log.Checkpoint.ShouldBe(log.Checkpoint);
        (await bench.Anchor.RecoverAsync(default)).ShouldBeNull();
    }

    [Fact]
    public async Task A_log_that_nobody_holds_any_more_is_not_recovered()
    {
        await using var bench = await AnchorBench.StartAsync("evidence", "trace");
        await bench.AnchorAsync(30);
        await bench.StopAsync();
        await bench.ExecuteAsync("truncate checkpoint; truncate entry; update log set size = 0; update source set cursor = 0");
        Directory.Delete(Path.Combine(bench.Tiles, "tile"), recursive: true);
        await RefusesAsync(bench, GroupState.Behind);
        await Should.ThrowAsync<InvalidDataException>(() => bench.Anchor.RecoverAsync(default));
        bench.Anchor.Status.State.ShouldBe(GroupState.Behind);
    }

    // It takes no entries and sends nothing.
    private static async Task RefusesAsync(AnchorBench bench, GroupState state)
    {
        var before = await bench.Registry.LatestAsync(default);
        await bench.RunAsync(untilSealing: false);
        await bench.StateAsync(state);
        (await bench.Anchor.Intake.TakeAsync(bench.Feed.Record(5), default)).ShouldBeFalse();
        (await bench.Registry.LatestAsync(default)).ShouldBe(before);
        bench.Anchor.Status.Reason.ShouldNotBeEmpty();
    }
}
