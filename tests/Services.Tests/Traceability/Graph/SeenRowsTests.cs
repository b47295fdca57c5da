using Shouldly;
using Traceability.Graph;
using Xunit;
using static Services.Tests.Traceability.Graph.GraphStory;

namespace Services.Tests.Traceability.Graph;

public class SeenRowsTests
{
    private readonly GraphStory _story = new();

    [Fact]
    public void Withheld_quantities_are_in_no_answer()
    {
        Step step = _story.Add(1, StepKind.Transformation, StepAction.None,
            [Counted(ItemRole.Input, 1, 500, "KGM"), Counted(ItemRole.Output, 2, 490, "KGM"), Out(3)]);
        Seen(step, "/inputQuantityList", "/outputQuantityList")!.Items.ShouldBe([Out(3)]);
    }

    [Fact]
    public void A_step_whose_time_is_withheld_is_not_there() =>
        Seen(_story.Pack(1, 9, 1, 2), "/eventTime").ShouldBeNull();

    [Fact]
    public void Taking_withheld_children_out_does_not_look_like_emptying_the_parent() =>
        Seen(_story.Pack(1, StepAction.Delete, 9, 2), "/childEPCs")!.Items.ShouldBeEmpty();

    [Fact]
    public void A_withheld_lot_is_named_by_no_item()
    {
        Step step = _story.Add(1, StepKind.Object, StepAction.Add, [Item(1, lot: 7)]);
        Seen(step, "/ilmd/cbvmda:lotNumber")!.Items.ShouldBe([Item(1)]);
    }

    [Fact]
    public void A_withheld_place_and_destination_are_not_there()
    {
        Step step = _story.Add(1, StepKind.Object, StepAction.Observe, [Item(1)], place: 4, destination: 5);
        Step seen = Seen(step, "/bizLocation", "/destinationList")!;
        (seen.Place, seen.Destination, seen.Items.Length).ShouldBe((0, 0, 1));
    }

    [Theory]
    [InlineData(StepKind.Object, "/epcList", false)]
    [InlineData(StepKind.Object, "/quantityList", true)]
    public void Each_kind_of_item_has_its_own_list(StepKind kind, string withheld, bool counted)
    {
        Step step = _story.Add(1, kind, StepAction.Observe, [Item(1), Counted(ItemRole.Item, 2, 3)]);
        Seen(step, withheld)!.Items.ShouldAllBe(p => p.Counted != counted);
    }

    private static Step? Seen(Step step, params string[] withheld) =>
        SeenRows.Redact(step, pointer => !withheld.Contains(pointer));
}
