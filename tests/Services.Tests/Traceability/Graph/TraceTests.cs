using Shouldly;
using Traceability.Graph;
using Xunit;
using static Services.Tests.Traceability.Graph.GraphStory;

namespace Services.Tests.Traceability.Graph;

public class TraceTests
{
    private readonly GraphStory _story = new();

    [Fact]
    public async Task What_was_made_before_the_lot_was_touched_is_not_below_it()
    {
        _story.Make(1, [1], [2]);
        _story.Make(3, [1], [3]);
        (await _story.TouchedAsync(TraceDirection.Down, 1, at: 2)).ShouldBe([1, 3]);
    }

    [Fact]
    public async Task Other_goods_on_the_same_pallet_are_not_touched()
    {
        _story.Pack(1, 9, 1, 2);
        TraceResult down = await _story.TraceAsync(TraceDirection.Down, 1);
        down.Nodes.Select(n => n.Item).ShouldBe([1]);
        down.Carriers.Select(c => c.Node.Item).ShouldBe([9]);
    }

    [Fact]
    public async Task Using_a_pallet_up_uses_what_is_on_it_then()
    {
        _story.Pack(1, 9, 1, 2);
        _story.Pack(2, StepAction.Delete, 9, 2);
        _story.Make(3, [9], [5]);
        (await _story.TouchedAsync(TraceDirection.Down, 1)).ShouldBe([1, 5]);
        (await _story.TouchedAsync(TraceDirection.Down, 2)).ShouldBe([2]);
        (await _story.TouchedAsync(TraceDirection.Up, 5)).ShouldBe([1, 5, 9]);
    }

    [Fact]
    public async Task Steps_at_one_instant_are_taken_as_connected()
    {
        _story.Make(1, [2], [3]);
        _story.Make(1, [1], [2]);
        (await _story.TouchedAsync(TraceDirection.Down, 1)).ShouldBe([1, 2, 3]);
        (await _story.TouchedAsync(TraceDirection.Up, 3)).ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task All_inputs_of_a_process_may_be_in_all_its_outputs()
    {
        _story.Make(1, [1], [], process: 50);
        _story.Make(2, [], [5], process: 50);
        _story.Make(3, [2], [6], process: 50);
        (await _story.TouchedAsync(TraceDirection.Down, 2)).ShouldBe([2, 5, 6, 50]);
        (await _story.TouchedAsync(TraceDirection.Up, 5)).ShouldBe([1, 2, 5, 50]);
    }

    [Fact]
    public async Task Emptying_a_parent_ends_every_stay_in_it_and_keeps_the_inner_ones()
    {
        _story.Pack(1, 8, 1, 2);
        _story.Pack(2, 9, 8);
        _story.Pack(4, StepAction.Delete, 9);
        (await _story.ContentsAsync(9, 3)).ShouldBe([1, 2, 8]);
        (await _story.ContentsAsync(9, 4)).ShouldBeEmpty();
        (await _story.ContentsAsync(8, 5)).ShouldBe([1, 2]);
    }

    [Fact]
    public async Task A_cycle_of_parents_ends()
    {
        _story.Pack(1, 1, 2);
        _story.Pack(2, 2, 3);
        _story.Pack(3, 3, 1);
        (await _story.ContentsAsync(1, 4)).ShouldBe([1, 2, 3]);
        (await _story.TouchedAsync(TraceDirection.Down, 1)).ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task A_quantity_stays_until_all_of_it_was_taken_out()
    {
        _story.Add(1, StepKind.Aggregation, StepAction.Add, [new(9, ItemRole.Parent), Counted(ItemRole.Child, 1, 0.3m, "KGM")]);
        for (int i = 0; i < 3; i++)
        {
            (await _story.ContentsAsync(9, 10)).ShouldBe([1], $"after {i} of 3 tenths");
            _story.Add(2 + i, StepKind.Aggregation, StepAction.Delete, [new(9, ItemRole.Parent), Counted(ItemRole.Child, 1, 0.1m, "KGM")]);
        }
        (await _story.ContentsAsync(9, 10)).ShouldBeEmpty();
        IReadOnlyList<ContentLine> between = await Contents.AtAsync(
            new Neighbourhood(_story, Neighbourhood.KnownAt(null)), 9, Minute(2.5), 10, default);
        between.Single().Quantity.ShouldBe(0.2m);
    }

    [Fact]
    public async Task An_item_is_where_its_pallet_was_last_seen()
    {
        _story.Add(1, StepKind.Object, StepAction.Add, [Item(1)], step: "commissioning", place: 70);
        _story.Pack(2, 9, 1);
        _story.Add(3, StepKind.Object, StepAction.Observe, [Item(9)], step: "receiving", place: 71, tenant: "dealer");
        _story.Pack(4, StepAction.Delete, 9);
        _story.Add(5, StepKind.Object, StepAction.Observe, [Item(9)], step: "shipping", place: 72);
        Position position = (await Positions.LoadAsync(
            new Neighbourhood(_story, Neighbourhood.KnownAt(null)), [1], default)).Of(1);
        position.State.ShouldBe(ItemState.Held);
        position.Located!.Place.ShouldBe(71);
        position.Located.Tenant.ShouldBe("dealer");
    }

    [Fact]
    public async Task A_layer_is_loaded_at_once()
    {
        for (int box = 0; box < 50; box++)
            _story.Pack(1, 1000 + box, [.. Enumerable.Range(0, 12).Select(i => (long)((box * 12) + i + 1))]);
        _story.Pack(2, 5000, [.. Enumerable.Range(0, 50).Select(b => 1000L + b)]);
        (await _story.TouchedAsync(TraceDirection.Down, 5000)).Length.ShouldBe(651);
        _story.Loads.ShouldBeLessThan(10);
    }
}
