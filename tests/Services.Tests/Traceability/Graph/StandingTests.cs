using Shouldly;
using Traceability.Graph;
using Xunit;
using static Services.Tests.Traceability.Graph.GraphStory;

namespace Services.Tests.Traceability.Graph;

public class StandingTests
{
    private const long Bottle = 1;
    private const long Pallet = 2;
    private const long Crate = 3;
    private const long Lot = 9;
    private readonly GraphStory _story = new();
    private readonly Names _names = new();

    [Theory]
    [InlineData("destroying")]
    [InlineData("retail_selling")]
    [InlineData("receiving")]
    public async Task What_an_outsider_records_of_goods_changes_nothing(string step)
    {
        Make();
        Step claim = See(5, "outsider", step);
        Neighbourhood near = Near();
        Position position = await PositionAsync(near);
        (position.State, position.Last!.Tenant).ShouldBe((ItemState.Held, "winery"));
        near.ToldOf(Bottle).Select(i => i.Step).ShouldContain(claim, "it is shown all the same");
        MassBalance.OfLot(near.Of(Bottle), null, DateTime.MaxValue, 0).Single().Expected.ShouldBe(1);
    }

    [Theory]
    [InlineData("shipping", ItemState.InTransit)]
    [InlineData("shipping sensor_reporting inspecting", ItemState.InTransit)]
    [InlineData("shipping transporting", ItemState.InTransit)]
    [InlineData("shipping sensor_reporting receiving", ItemState.Held)]
    [InlineData("shipping void_shipping", ItemState.Held)]
    [InlineData("shipping receiving shipping sensor_reporting", ItemState.InTransit)]
    [InlineData("receiving sensor_reporting", ItemState.Held)]
    [InlineData("shipping retail_selling sensor_reporting", ItemState.Sold)]
    public async Task What_was_sent_is_in_transit_until_somebody_has_it(string steps, ItemState state)
    {
        Make();
        double minute = 2;
        foreach (string step in steps.Split(' '))
            See(minute++, "winery", step);
        Neighbourhood near = Near();
        Position position = await PositionAsync(near);
        position.State.ShouldBe(state);
        position.Last!.BizStep.ShouldBe(steps.Split(' ')[^1], "when it was last seen is another thing");
    }

    [Theory]
    [InlineData("shipping", ItemState.InTransit)]
    [InlineData("retail_selling", ItemState.Sold)]
    public async Task Being_commissioned_once_more_moves_nothing(string step, ItemState state)
    {
        Make();
        See(2, "winery", step);
        _story.Add(3, StepKind.Object, StepAction.Add, [Item(Bottle)], tenant: "winery", step: "commissioning", place: 77);
        Position position = await PositionAsync(Near());
        (position.State, position.Located).ShouldBe((state, null));
    }

    [Fact]
    public async Task A_reading_in_the_lorry_does_not_end_the_way_of_what_is_on_the_pallet()
    {
        Make();
        Pack(2, "winery", StepAction.Add, Pallet);
        foreach ((double at, string step) in new[] { (3d, "shipping"), (4d, "sensor_reporting") })
            _story.Add(at, StepKind.Object, StepAction.Observe, [Item(Pallet)], tenant: "winery", step: step);
        (await PositionAsync(Near())).State.ShouldBe(ItemState.InTransit);
    }

    [Fact]
    public async Task An_outsider_neither_packs_nor_unpacks_nor_uses_up()
    {
        Make();
        Pack(2, "winery", StepAction.Add, Pallet);
        Pack(3, "outsider", StepAction.Add, Crate);
        Pack(4, "outsider", StepAction.Delete, Pallet);
        _story.Add(5, StepKind.Aggregation, StepAction.Delete, [new(Pallet, ItemRole.Parent)], tenant: "outsider");
        _story.Add(6, StepKind.Transformation, StepAction.None, [In(Bottle), Out(77)], tenant: "outsider");
        Neighbourhood near = Near();
        (await PositionAsync(near)).State.ShouldBe(ItemState.Held);
        await near.LoadAllAsync([Pallet, Crate], default);
        near.StaysOf(Bottle).Select(s => (s.Parent, s.Window.To)).ShouldBe([(Pallet, DateTime.MaxValue)]);
        near.StaysIn(Crate).ShouldBeEmpty();
    }

    [Fact]
    public async Task Whom_the_chain_names_by_a_confirmed_GLN_has_standing()
    {
        Make();
        Pack(2, "winery", StepAction.Add, Pallet);
        _story.Add(3, StepKind.Object, StepAction.Observe, [Item(Pallet)], tenant: "winery", step: "shipping", glns: "dealer-gln");
        _story.Add(4, StepKind.Object, StepAction.Observe, [Item(Pallet)], tenant: "dealer", step: "receiving");
        Pack(5, "dealer", StepAction.Delete, Pallet);
        Step given = _story.Add(6, StepKind.Object, StepAction.Observe, [Item(Bottle)], tenant: "dealer", glns: "shop-gln");
        See(7, "shop", "retail_selling");
        Neighbourhood near = Near();
        (await PositionAsync(near)).State.ShouldBe(ItemState.Sold);
        near.ChainOf(Bottle)!.Order().ShouldBe(["dealer", "shop", "winery"]);
        near.Of(Bottle).Select(i => i.Step).ShouldContain(given);
    }

    [Fact]
    public async Task Who_names_itself_or_is_named_after_unpacking_has_none()
    {
        Make();
        See(2, "outsider", "receiving", "outsider-gln");
        Pack(3, "outsider", StepAction.Add, Crate);
        Pack(4, "winery", StepAction.Add, Pallet);
        Pack(5, "winery", StepAction.Delete, Pallet);
        _story.Add(6, StepKind.Object, StepAction.Observe, [Item(Pallet), Item(Crate)], tenant: "winery", glns: "outsider-gln");
        Neighbourhood near = Near();
        await PositionAsync(near);
        near.ChainOf(Bottle)!.ShouldBe(["winery"]);
    }

    [Fact]
    public async Task Of_goods_of_no_described_product_the_first_maker_s_word_counts()
    {
        Make();
        See(2, "outsider", "destroying");
        See(3, "helper", "receiving");
        _names.Described = false;
        Neighbourhood near = Near();
        Position position = await PositionAsync(near);
        (position.State, position.Last!.Tenant).ShouldBe((ItemState.Held, "helper"));
    }

    [Fact]
    public async Task A_hundred_thousand_items_that_many_handled_are_quick()
    {
        const int count = 100_000;
        for (int i = 0; i < count; i++)
        {
            if (i % 1000 == 0)
            {
                long[] children = [.. Enumerable.Range(i, 1000).Select(n => 1000L + n)];
                Pack(2, "winery", StepAction.Add, 1_000_000 + i, children);
                _story.Add(3, StepKind.Object, StepAction.Observe, [Item(1_000_000 + i)], tenant: "winery", glns: "dealer-gln");
            }
            _story.Add(4, StepKind.Object, StepAction.Observe, [Item(1000 + i)], tenant: i % 2 == 0 ? "dealer" : "outsider",
                step: "retail_selling");
        }
        Neighbourhood near = Near();
        long begun = TimeProvider.System.GetTimestamp();
        Positions positions = await Positions.LoadAsync(near, Enumerable.Range(0, count).Select(i => 1000L + i), default);
        int sold = Enumerable.Range(0, count).Count(i => positions.Of(1000 + i).State == ItemState.Sold);
        sold.ShouldBe(count / 2);
        TimeProvider.System.GetElapsedTime(begun).ShouldBeLessThan(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_lot_of_ten_thousand_steps_is_summed_up_once()
    {
        for (int i = 0; i < 20_000; i++)
        {
            if (i % 2 == 0)
                _story.Add(1, StepKind.Object, StepAction.Add, [Item(1000 + i, Lot), Item(1001 + i, Lot)], tenant: "winery", glns: "dealer-gln");
            _story.Add(4, StepKind.Object, StepAction.Observe, [Item(1000 + i)], tenant: "dealer", step: "receiving");
        }
        Neighbourhood near = Near();
        long begun = TimeProvider.System.GetTimestamp();
        Positions positions = await Positions.LoadAsync(near, Enumerable.Range(0, 20_000).Select(i => 1000L + i), default);
        Enumerable.Range(0, 20_000).ShouldAllBe(i => positions.Of(1000 + i, null).Last!.Tenant == "dealer");
        // Items times steps of the lot would be 400 million and take minutes.
        TimeProvider.System.GetElapsedTime(begun).ShouldBeLessThan(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task An_outsider_ties_only_its_own_goods_to_anothers()
    {
        const long own = 77, foreign = 78, process = 79;
        Make();
        _story.Add(0.5, StepKind.Object, StepAction.Add, [Item(foreign)], tenant: "other");
        _names.Others[foreign] = "other";
        _names.Others[own] = "outsider";
        _story.Add(6, StepKind.Transformation, StepAction.None, [In(Bottle), Out(own), Out(foreign)], tenant: "outsider");
        _story.Add(7, StepKind.Transformation, StepAction.None, [In(Bottle), new(process, ItemRole.Process)], tenant: "outsider");
        _story.Add(8, StepKind.Transformation, StepAction.None, [Out(foreign), new(process, ItemRole.Process)], tenant: "outsider");
        TraceResult trace = await new Trace(Near(), TraceDirection.Down, 100).RunAsync([Bottle], null, default);
        trace.Nodes.Select(n => n.Item).ShouldContain(own);
        trace.Nodes.Select(n => n.Item).ShouldNotContain(foreign);
    }

    private void Make() => _story.Add(1, StepKind.Object, StepAction.Add, [Item(Bottle, Lot)], tenant: "winery",
        step: "commissioning");

    private Step See(double minute, string tenant, string step, params string[] glns) => _story.Add(
        minute, StepKind.Object, StepAction.Observe, [Item(Bottle)], tenant: tenant, step: step, glns: glns);

    private void Pack(double minute, string tenant, StepAction action, long parent, params long[] children) => _story.Add(
        minute, StepKind.Aggregation, action,
        [
            new(parent, ItemRole.Parent),
            .. (children.Length == 0 ? [Bottle] : children).Select(c => new Participant(c, ItemRole.Child)),
        ], tenant: tenant);

    private Neighbourhood Near()
    {
        Chains chains = new(_story, _names, Neighbourhood.KnownAt(null));
        return new Neighbourhood(chains, Neighbourhood.KnownAt(null), chains);
    }

    private static async Task<Position> PositionAsync(Neighbourhood near) =>
        (await Positions.LoadAsync(near, [Bottle], default)).Of(Bottle);

    /// <summary>A winery that described the bottles, with a helper as its partner; nobody described anything else.</summary>
    private sealed class Names : IChainNames
    {
        public bool Described { get; set; } = true;

        /// <summary>Goods of other products, by their owners.</summary>
        public Dictionary<long, string> Others { get; } = [];

        public Task<IReadOnlyDictionary<long, IReadOnlySet<string>>> OwnersAsync(
            IReadOnlyCollection<long> items, CancellationToken cancellation) =>
            Task.FromResult<IReadOnlyDictionary<long, IReadOnlySet<string>>>(items
                .Where(i => Described && i < 2 || i is >= 1000 and < 1_000_000 || Others.ContainsKey(i))
                .ToDictionary(i => i, IReadOnlySet<string> (i) => new HashSet<string> { Others.GetValueOrDefault(i, "winery") }));

        public Task<IReadOnlyDictionary<string, IReadOnlySet<string>>> PartnersAsync(
            IReadOnlyCollection<string> tenants, CancellationToken cancellation) =>
            Task.FromResult<IReadOnlyDictionary<string, IReadOnlySet<string>>>(tenants.ToDictionary(
                t => t, IReadOnlySet<string> (t) => t == "winery" ? new HashSet<string> { t, "helper" } : new HashSet<string> { t }));

        public Task<IReadOnlyDictionary<string, string>> GlnOwnersAsync(
            IReadOnlyCollection<string> glns, CancellationToken cancellation) =>
            Task.FromResult<IReadOnlyDictionary<string, string>>(
                glns.ToDictionary(g => g, g => g.Replace("-gln", "", StringComparison.Ordinal)));
    }
}
