using Shouldly;
using Traceability.Graph;
using Xunit;
using static Services.Tests.Traceability.Graph.GraphStory;

namespace Services.Tests.Traceability.Graph;

public class MassBalanceTests
{
    private const long Lot = 1;
    private readonly GraphStory _story = new();

    [Fact]
    public async Task What_came_in_and_did_not_leave_is_on_hand_to_the_last_decimal()
    {
        Flow(1, StepAction.Add, 100.1m, "KGM");
        Flow(2, StepAction.Delete, 33.3m, "KGM", "retail_selling");
        Flow(3, StepAction.Delete, 500, "GRM", "destroying");
        Flow(4, StepAction.Observe, 66.3m, "KGM", "cycle_counting");
        BalanceLine line = (await LinesAsync()).Single();
        line.ShouldBe(new BalanceLine("KGM", 0, 100.1m, 0, 33.3m, 0, 0.500m, 66.300m, 66.3m, 0, true));
    }

    [Fact]
    public async Task What_is_sent_and_not_received_is_told_beside_what_must_be_there()
    {
        Flow(1, StepAction.Add, 10, "KGM");
        Flow(2, StepAction.Observe, 6, "KGM", "shipping");
        Flow(3, StepAction.Observe, 2500, "GRM", "receiving");
        BalanceLine line = (await LinesAsync()).Single();
        (line.Expected, line.InTransit).ShouldBe((10, 3.5m));
        Flow(4, StepAction.Observe, 9, "KGM", "receiving");
        (await LinesAsync()).Single().InTransit.ShouldBe(0, "more cannot arrive than was sent");
    }

    [Fact]
    public async Task What_is_missing_beyond_the_tolerance_is_told()
    {
        Flow(1, StepAction.Add, 10, "KGM");
        Flow(2, StepAction.Observe, 9.8m, "KGM", "stock_taking");
        (await LinesAsync(tolerance: 0.1m)).Single().Balanced.ShouldBeFalse();
        (await LinesAsync(tolerance: 0.2m)).Single().Balanced.ShouldBeTrue();
    }

    [Fact]
    public async Task More_out_than_in_is_no_balance()
    {
        Flow(1, StepAction.Add, 10, "KGM");
        Flow(2, StepAction.Delete, 11, "KGM", "retail_selling");
        BalanceLine line = (await LinesAsync()).Single();
        line.Difference.ShouldBe(-1);
        line.Balanced.ShouldBeFalse();
    }

    [Fact]
    public async Task A_period_opens_with_what_was_there()
    {
        Flow(1, StepAction.Add, 10, "KGM");
        Flow(2, StepAction.Delete, 4, "KGM", "retail_selling");
        Flow(5, StepAction.Delete, 1, "KGM", "destroying");
        BalanceLine line = (await LinesAsync(from: Minute(3))).Single();
        (line.Opening, line.Sold, line.Waste, line.Expected).ShouldBe((6, 0, 1, 5));
    }

    [Fact]
    public async Task Random_books_always_add_up()
    {
        const int seed = 20261122;
        Random random = new(seed);
        for (int round = 0; round < 200; round++)
        {
            GraphStory story = new();
            decimal expected = 0;
            for (int i = 1; i <= 30; i++)
            {
                decimal amount = random.Next(1, 1_000_000) / 1000m;
                bool into = random.Next(3) > 0;
                story.Add(i, StepKind.Object, into ? StepAction.Add : StepAction.Delete,
                    [Counted(ItemRole.Item, Lot, amount, "KGM")], step: random.Next(2) == 0 ? "destroying" : "retail_selling");
                expected += into ? amount : -amount;
            }
            Neighbourhood near = new(story, Neighbourhood.KnownAt(null));
            await near.LoadAllAsync([Lot], default);
            DateTime? from = random.Next(2) == 0 ? Minute(random.Next(30)) : null;
            MassBalance.OfLot(near.Of(Lot), from, DateTime.MaxValue, 0).Single().Expected
                .ShouldBe(expected, $"seed {seed}, round {round}");
        }
    }

    [Fact]
    public void More_organic_out_than_in_is_unfounded()
    {
        Step blend = Blend(1, (1, 60), (2, 40), (3, 90));
        static bool Organic(long item, DateTime at) => item is 1 or 3;
        TransformationBalance balance = MassBalance.OfTransformations([blend], Organic, 1, 0).Single();
        (balance.In, balance.Out, balance.ClaimedIn, balance.ClaimedOut).ShouldBe((100m, 90m, 60m, 90m));
        balance.Unfounded.ShouldBe(true);
        balance.FromNothing.ShouldBe(false);
        MassBalance.OfTransformations([Blend(2, (1, 60), (2, 40), (3, 60))], Organic, 1, 0).Single().Unfounded.ShouldBe(false);
    }

    [Theory]
    [InlineData(1, true, "organic out and none in: whatever the units")]
    [InlineData(2, null, "in and out in other units")]
    [InlineData(3, false, "nothing claimed comes out")]
    public void Other_units_do_not_switch_the_claim_off(int claimed, bool? unfounded, string why)
    {
        Step mixed = _story.Add(1, StepKind.Transformation, StepAction.None,
        [
            Counted(ItemRole.Input, 1, 60, "KGM"), Counted(ItemRole.Output, 3, 90, "LTR"), Counted(ItemRole.Output, 4, 1, "KGM"),
        ]);
        bool Organic(long item, DateTime at) => claimed switch { 1 => item == 3, 2 => item is 1 or 3, _ => item == 1 };
        TransformationBalance balance = MassBalance.OfTransformations([mixed], Organic, 1, 0).Single();
        balance.Unfounded.ShouldBe(unfounded, why);
        balance.FromNothing.ShouldBeNull();
    }

    [Fact]
    public void Mass_from_nothing_is_told_and_a_process_counts_as_one()
    {
        MassBalance.OfTransformations([Blend(1, (1, 60), (2, 40), (3, 101))], (_, _) => false, 1, 0).Single()
            .FromNothing.ShouldBe(true);
        GraphStory story = new();
        Participant process = new(50, ItemRole.Process);
        Step first = story.Add(1, StepKind.Transformation, StepAction.None, [Counted(ItemRole.Input, 1, 1, "TNE"), process]);
        Step second = story.Add(2, StepKind.Transformation, StepAction.None, [Counted(ItemRole.Output, 2, 950, "KGM"), process]);
        TransformationBalance whole = MassBalance.OfTransformations([second, first], (_, _) => false, 1, 0).Single();
        (whole.Unit, whole.In, whole.Out, whole.Yield).ShouldBe(("KGM", 1000m, 950m, 0.95m));
    }

    [Fact]
    public void A_yield_far_from_the_others_stands_out()
    {
        decimal[] usual = [0.90m, 0.91m, 0.89m, 0.90m, 0.90m];
        MassBalance.ZScore(0.90m, usual)!.Value.ShouldBe(0m);
        MassBalance.ZScore(0.99m, usual)!.Value.ShouldBe(12.7279m);
        MassBalance.ZScore(0.99m, [0.9m, 0.9m, 0.9m]).ShouldBeNull();
        MassBalance.ZScore(0.99m, [0.9m, 0.8m]).ShouldBeNull();
    }

    private void Flow(double minute, StepAction action, decimal quantity, string unit, string step = "commissioning") =>
        _story.Add(minute, StepKind.Object, action, [Counted(ItemRole.Item, Lot, quantity, unit)], step: step);

    private async Task<IReadOnlyList<BalanceLine>> LinesAsync(decimal tolerance = 0, DateTime? from = null)
    {
        Neighbourhood near = new(_story, Neighbourhood.KnownAt(null));
        await near.LoadAllAsync([Lot], default);
        return MassBalance.OfLot(near.Of(Lot), from, DateTime.MaxValue, tolerance);
    }

    private Step Blend(double minute, (long, decimal) a, (long, decimal) b, (long, decimal) made) => _story.Add(
        minute, StepKind.Transformation, StepAction.None,
        [
            Counted(ItemRole.Input, a.Item1, a.Item2, "KGM"), Counted(ItemRole.Input, b.Item1, b.Item2, "KGM"),
            Counted(ItemRole.Output, made.Item1, made.Item2, "KGM"),
        ]);
}
