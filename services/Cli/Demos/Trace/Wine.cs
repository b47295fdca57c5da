using System.Globalization;
using System.Text.Json.Nodes;

namespace Cli.Demos.Trace;

/// <summary>A dealer of the winery: the organisation, the winery's number for it and its territory.</summary>
public sealed record Dealer(string Party, string Code, string Territory);

/// <summary>What later parts need of the winery's goods.</summary>
/// <param name="Gtin">The bottle's.</param>
/// <param name="Bottles">In the order of the roll; carton and dealer follow from the place.</param>
/// <param name="CartonGtin">The carton's.</param>
/// <param name="Cartons">The cartons' labels.</param>
public sealed record Cellar(string Gtin, IReadOnlyList<Code> Bottles, string CartonGtin, IReadOnlyList<Code> Cartons)
{
    /// <summary>The carton that a bottle was packed in.</summary>
    public string CartonOf(int bottle) => Happening.Item(CartonGtin, Cartons[bottle / Wine.BottlesOfCarton].Serial);
}

/// <summary>
/// Wine from vineyard to bottle: grapes, must, bottles in cartons on pallets whose labels are set under each other, four
/// dealers with territories, and a recall drill.
/// </summary>
public sealed class Wine(Run run, Cast cast, Narration tell)
{
    public const int BottlesOfCarton = 12;
    public const int CartonsOfPallet = 10;
    public const int Pallets = 20;
    public const int Bottles = BottlesOfCarton * CartonsOfPallet * Pallets;
    public const int BottlesOfDealer = Bottles / 4;

    /// <summary>Of each dealer's bottles, those that its tills have sold.</summary>
    public const int SoldOfDealer = 480;

    private const int BottlesOfEvent = 800;
    private const string Lot = "HL2024";
    private const string Vat = "T7-2024";

    public static readonly IReadOnlyList<Dealer> Dealers =
        [new("zhejiang", "D-ZJ", "33"), new("sichuan", "D-SC", "51"), new("guangdong", "D-GD", "44"), new("beijing", "D-BJ", "11")];

    /// <summary>The dealer of the cloned bottle, whose person finds something to do in the browser.</summary>
    public static Dealer Waiting => Dealers[Looks.Cloned / BottlesOfDealer];

    private readonly string _grapes = run.Gtin(20);
    private readonly string _must = run.Gtin(21);
    private readonly string _bottle = run.Gtin(22);
    private readonly string _carton = run.Gtin(23);
    private readonly string _pallet = run.Gtin(24);

    /// <summary>When the bottles left the dealers' shelves.</summary>
    public static DateTimeOffset SoldFrom(Run run) => run.Ago(21);

    public async Task<(Outcome Outcome, Cellar Cellar)> LoadAsync(CancellationToken cancel)
    {
        tell.Chapter("3  Wine from vineyard to bottle (葡萄酒)");
        await DescribeAsync(cancel);
        var (bottles, cartons, pallets) = await IssueAsync(cancel);
        await MakeAsync(bottles, cartons, pallets, cancel);
        await DeliverAsync(bottles, cartons, pallets, cancel);
        var (drill, recall) = await DrillAsync(cancel);
        var open = await RecallAsync(cartons, cancel);
        return (
            new Outcome(
                [$"wine: {Bottles} bottles in {cartons.Count} cartons on {pallets.Count} pallets to {Dealers.Count} dealers; {drill}"],
                [
                    new("wine bottle", bottles[5].Link),
                    new("the recall drill (sign in as the winery)", $"{cast["winery"].Api.Origin}/goods/recalls/{recall}"),
                    new($"an open recall (sign in as its holder, {cast[Waiting.Party].English}, to confirm: held or returned)",
                        $"{cast["winery"].Api.Origin}/goods/recalls/{open}"),
                    new("where the vat's wine went, and its balance (sign in as the authority)",
                        $"{cast["winery"].Api.Origin}/watch/goods?id={Uri.EscapeDataString(Happening.Lot(_must, Vat))}"),
                ]),
            new Cellar(_bottle, bottles, _carton, cartons));
    }

    private async Task DescribeAsync(CancellationToken cancel)
    {
        var winery = cast["winery"];
        foreach (var (gtin, zh, en, net, netEn) in new[]
                 {
                     (_grapes, "赤霞珠葡萄", "Cabernet grapes", "散装", "in bulk"), (_must, "赤霞珠原酒", "Cabernet wine in bulk", "散装", "in bulk"),
                     (_bottle, "贺兰东麓赤霞珠干红2024", "Helan East Cabernet 2024", "750毫升", "750 ml"),
                     (_carton, "贺兰东麓赤霞珠 12瓶箱", "Helan East Cabernet, carton of 12", "12瓶", "12 bottles"),
                     (_pallet, "贺兰东麓赤霞珠 托盘", "Helan East Cabernet, pallet", "10箱", "10 cartons"),
                 })
        {
            await winery.PutAsync($"products/{gtin}", new JsonObject { ["name"] = Party.Words(zh, en), ["net"] = Party.Words(net, netEn) }, cancel);
        }

        await winery.PutAsync($"products/{_bottle}/lots/{Lot}", new JsonObject
        {
            ["producedOn"] = Pork.Day(run.Ago(45)),
            ["origin"] = Party.Words("宁夏贺兰山东麓", "Helan Mountain East, Ningxia"),
            ["originGln"] = winery.Gln,
        }, cancel);
        await winery.PostAsync($"products/{_bottle}/labels", new JsonObject
        {
            ["fields"] = new JsonArray(
                Pork.Field("品名", "Name", "赤霞珠干红葡萄酒", "Cabernet Sauvignon, dry red"), Pork.Field("酒精度", "Alcohol", "13.5%vol", "13.5 % vol"),
                Pork.Field("原料", "Ingredients", "葡萄、二氧化硫", "grapes, sulphur dioxide"), Pork.Field("产区", "Region", "贺兰山东麓", "Helan Mountain East"),
                Pork.Field("警示语", "Warning", "过量饮酒有害健康", "Excessive drinking harms health")),
        }, cancel);
        await winery.PostAsync("certificates", new JsonObject
        {
            ["number"] = "GI-NX-0112",
            ["title"] = Party.Words("地理标志产品专用标志", "Geographical indication"),
            ["issuer"] = Party.Words("示范知识产权局", "Demonstration IP Office"),
            ["validFrom"] = Pork.Day(run.Ago(700)),
            ["validTo"] = Pork.Day(run.Ago(-700)),
            ["gtins"] = Happening.List([_bottle]),
        }, cancel);
        foreach (var dealer in Dealers)
        {
            var party = cast[dealer.Party];
            await winery.PutAsync($"dealers/{dealer.Code}", new JsonObject
            {
                ["name"] = Party.Words(party.Chinese, party.English),
                ["regions"] = Happening.List([dealer.Territory]),
                ["gln"] = party.Gln,
                ["organisation"] = party.Tenant,
            }, cancel);
            await party.PutAsync("partners", new JsonObject { ["partners"] = Happening.List([winery.Tenant]) }, cancel);
        }

        tell.Say($"label, certificate, {Dealers.Count} dealers with their territories");
    }

    private async Task<(IReadOnlyList<Code> Bottles, IReadOnlyList<Code> Cartons, IReadOnlyList<Code> Pallets)> IssueAsync(CancellationToken cancel)
    {
        var winery = cast["winery"];
        var (_, bottles) = await winery.IssueAsync(_bottle, Bottles, "bottles", cancel);
        var (_, cartons) = await winery.IssueAsync(_carton, Bottles / BottlesOfCarton, "cartons", cancel);
        var (_, pallets) = await winery.IssueAsync(_pallet, Pallets, "pallets", cancel);
        await SetAsync(cartons, bottles, BottlesOfCarton);
        await SetAsync(pallets, cartons, CartonsOfPallet);
        var set = await winery.GetAsync($"codes/sets?code={Uri.EscapeDataString(cartons[7].Link)}", cancel);
        Narration.Expect(set["parent"]!.GetValue<string>().EndsWith(pallets[0].Serial, StringComparison.Ordinal) && set["children"]![0]!["count"]!.GetValue<int>() == BottlesOfCarton,
            "the eighth carton under the first pallet, over 12 bottles", set.ToJsonString());
        for (var d = 0; d < Dealers.Count; d++)
        {
            await winery.PostAsync("codes/activations", new JsonObject
            {
                ["first"] = bottles[d * BottlesOfDealer].Link,
                ["last"] = bottles[((d + 1) * BottlesOfDealer) - 1].Link,
                ["lot"] = Lot,
                ["line"] = "灌装线2",
                ["at"] = Happening.Time(run.Ago(44.5)),
                ["dealer"] = Dealers[d].Code,
            }, cancel, $"activation-bottles-{d}");
        }

        foreach (var (name, labels) in new[] { ("cartons", cartons), ("pallets", pallets) })
        {
            await winery.PostAsync("codes/activations", new JsonObject { ["first"] = labels[0].Link, ["last"] = labels[^1].Link, ["lot"] = Lot, ["at"] = Happening.Time(run.Ago(44)) }, cancel, "activation-" + name);
        }

        tell.Say($"{bottles.Count} bottle, {cartons.Count} carton and {pallets.Count} pallet labels set under each other (套标) and activated");
        return (bottles, cartons, pallets);

        Task SetAsync(IReadOnlyList<Code> parents, IReadOnlyList<Code> children, int ratio) => winery.PostAsync("codes/sets", new JsonObject
        {
            ["parent"] = parents[0].Link,
            ["first"] = children[0].Link,
            ["ratio"] = ratio,
            ["parents"] = parents.Count,
        }, cancel, $"set-{ratio}");
    }

    private async Task MakeAsync(IReadOnlyList<Code> bottles, IReadOnlyList<Code> cartons, IReadOnlyList<Code> pallets, CancellationToken cancel)
    {
        var winery = cast["winery"];
        var plots = Enumerable.Range(1, 3).Select(i => Happening.Lot(_grapes, $"G{i}")).ToArray();
        var must = Happening.Lot(_must, Vat);
        var pressing = Happening.Transformation(Uuid(1), run.Ago(400), winery.Gln);
        pressing["inputQuantityList"] = new JsonArray([.. plots.Select(p => Happening.Quantity(p, 900, "KGM"))]);
        pressing["outputQuantityList"] = new JsonArray(Happening.Quantity(must, 1850, "LTR"));
        var bottling = bottles.Chunk(BottlesOfEvent).Select((part, i) =>
        {
            var e = Happening.Transformation(Uuid(2), run.Ago(45, -i), winery.Gln, Lot);
            e["inputQuantityList"] = new JsonArray(Happening.Quantity(must, 0.75m * part.Length, "LTR"));
            e["outputEPCList"] = Happening.List(part.Select(Bottle));
            return e;
        });
        var made = await winery.CaptureAsync("making",
        [
            .. plots.Select(p => Happening.Amount("ADD", "commissioning", "active", run.Ago(410), winery.Gln, p, 900, "KGM")),
            pressing, .. bottling,
        ], cancel);
        var packed = await winery.CaptureAsync("packing", cartons.Select((c, i) => Happening.Packing(
                "ADD", run.Ago(43, -i / 100.0), winery.Gln, Carton(c), bottles.Skip(i * BottlesOfCarton).Take(BottlesOfCarton).Select(Bottle)))
            .Concat(pallets.Select((p, i) => Happening.Packing(
                "ADD", run.Ago(40, -i / 100.0), winery.Gln, Pallet(p), cartons.Skip(i * CartonsOfPallet).Take(CartonsOfPallet).Select(Carton)))), cancel);
        tell.Say($"from three plots over one vat into bottles, cartons and pallets: {made + packed} events");
    }

    private async Task DeliverAsync(IReadOnlyList<Code> bottles, IReadOnlyList<Code> cartons, IReadOnlyList<Code> pallets, CancellationToken cancel)
    {
        var winery = cast["winery"];
        for (var d = 0; d < Dealers.Count; d++)
        {
            var dealer = cast[Dealers[d].Party];
            var theirs = pallets.Skip(d * Pallets / Dealers.Count).Take(Pallets / Dealers.Count).Select(Pallet).ToArray();
            var note = string.Create(CultureInfo.InvariantCulture, $"FH-26{d:D2}");
            await winery.CaptureAsync($"shipping-{d}", [Happening.Object("OBSERVE", "shipping", "in_transit", run.Ago(29), winery.Gln, theirs).Between(winery.Gln, dealer.Gln, "desadv", note)], cancel);
            await dealer.CaptureAsync("receiving",
            [
                Happening.Object("OBSERVE", "receiving", "in_progress", run.Ago(26), dealer.Gln, theirs).Between(winery.Gln, dealer.Gln, "desadv", note),
                .. theirs.Select((p, i) => Happening.Packing("DELETE", run.Ago(25), dealer.Gln, p,
                    cartons.Skip(((d * Pallets / Dealers.Count) + i) * CartonsOfPallet).Take(CartonsOfPallet).Select(Carton))),
            ], cancel);
            await Sales.NameAsync(winery, _bottle, dealer, Dealers[d].Code, cancel);
            await Sales.ReportAsync(dealer, "till-1", bottles.Skip(d * BottlesOfDealer).Take(SoldOfDealer), SoldFrom(run), run.Begun, cancel);
        }

        var held = await winery.GetAsync($"contents/{Uri.EscapeDataString(Pallet(pallets[3]))}?at={Uri.EscapeDataString(Happening.Time(run.Ago(28)))}", cancel);
        Narration.Expect(held.ToJsonString().Contains(bottles[3 * CartonsOfPallet * BottlesOfCarton].Serial, StringComparison.Ordinal), "the pallet's bottles 28 days ago", held.ToJsonString());
        tell.Say($"shipped to {Dealers.Count} dealers, received and unpacked by them, {SoldOfDealer * Dealers.Count} sales reported; what was on a pallet 28 days ago is known");
    }

    /// <summary>A drill: how long it takes from the vat to every bottle and its holder.</summary>
    private async Task<(string Line, string Recall)> DrillAsync(CancellationToken cancel)
    {
        var winery = cast["winery"];
        var begun = tell.Elapsed;
        var opened = await winery.PostAsync("recalls", new JsonObject
        {
            ["title"] = Party.Words("演练：T7罐二氧化硫复检", "Drill: sulphur dioxide in vat T7"),
            ["reason"] = "年度召回演练 / yearly drill",
            ["domain"] = "food",
            ["class"] = 2,
            ["drill"] = true,
            ["targets"] = Happening.List([Happening.Lot(_must, Vat)]),
        }, cancel);
        var took = tell.Elapsed - begun;
        var id = opened["id"]!.GetValue<string>();
        await StepAsync("plan", new JsonObject { ["kind"] = "plan", ["text"] = "按经销商逐级通知，48小时内停止销售" });
        await StepAsync("notice", new JsonObject { ["kind"] = "notice", ["text"] = Party.Words("演练通知：请核对库存，不对消费者发布", "Drill: check your stock; nothing is published") });
        await StepAsync("end", new JsonObject { ["kind"] = "end", ["text"] = "演练结束，持有人均已找到" });
        var report = await winery.GetAsync("recalls/" + id, cancel);
        var (items, share) = (report["scope"]!["items"]!.GetValue<int>(), report["locatedShare"]!.GetValue<double>());
        Narration.Expect(items >= Bottles && share > 0.99, $"at least {Bottles} items, all located", report.ToJsonString(Party.Readable));
        var line = string.Create(CultureInfo.InvariantCulture, $"recall drill from the vat: {items} items, {share:P0} located, in {took.TotalSeconds:0.00} s");
        tell.Say(line);
        return (line, id);

        Task StepAsync(string name, JsonObject step) => winery.PostAsync($"recalls/{id}/steps", step, cancel, "recall-" + name);
    }

    /// <summary>A recall of one carton that lies unsold with a dealer; it stays open, so that the dealer can confirm.</summary>
    private async Task<string> RecallAsync(IReadOnlyList<Code> cartons, CancellationToken cancel)
    {
        var winery = cast["winery"];
        var last = ((Dealers.ToList().IndexOf(Waiting) + 1) * BottlesOfDealer / BottlesOfCarton) - 1;
        var opened = await winery.PostAsync("recalls", new JsonObject
        {
            ["title"] = Party.Words("一箱干红 软木塞渗漏", "One carton of red wine: leaking corks"),
            ["reason"] = "同一批软木塞的留样渗漏",
            ["domain"] = "food",
            ["class"] = 3,
            ["targets"] = Happening.List([Carton(cartons[last])]),
        }, cancel, "recall-open");
        var id = opened["id"]!.GetValue<string>();
        await winery.PostAsync($"recalls/{id}/steps", new JsonObject
        {
            ["kind"] = "notice",
            ["text"] = Party.Words("请停止销售这一箱，封存后退回酒庄。", "Stop selling this carton, hold it apart and return it to the winery."),
        }, cancel, "recall-open-notice");
        var told = JsonNode.Parse(await cast[Waiting.Party].Api.GetBytesAsync("/api/trace/recalls", cancel))!.AsArray();
        Narration.Expect(told.Any(r => r!["id"]!.GetValue<string>() == id && r["mine"] is not null), "the recall before its holder", told.ToJsonString());
        tell.Say($"a carton is called back; {cast[Waiting.Party].English} holds it and can confirm");
        return id;
    }

    private string Bottle(Code code) => Happening.Item(_bottle, code.Serial);

    private string Carton(Code code) => Happening.Item(_carton, code.Serial);

    private string Pallet(Code code) => Happening.Item(_pallet, code.Serial);

    private string Uuid(int n) => string.Create(CultureInfo.InvariantCulture, $"00000000-0000-4000-8001-{run.Number}{n:D7}");
}
