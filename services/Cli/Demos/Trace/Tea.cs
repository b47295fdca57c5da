using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Cli.Demos.Trace;

/// <summary>
/// Tea picked before Qingming: labels within what the garden's area yields, two labels in one (the brand's and, under a
/// coating, the geographical mark's), work recorded by sheet and form, and boxes with codes of another vendor.
/// </summary>
public sealed class Tea(Run run, Cast cast, Narration tell, Action<Run> keep)
{
    private const int Certified = 5150;
    private const int Marks = 5000;
    private const int Packed = 300;
    private const int Foreign = 100;
    private const int Sold = 120;
    private const string Lot = "MQ0328";
    private const string CoverSecret = "mark-cover";

    private readonly string _tin = run.Gtin(10);
    private readonly string _mark = run.Gtin(11);
    private readonly string _leaf = run.Gtin(12);
    private readonly string _dry = run.Gtin(13);
    private readonly string _box = run.Gtin(14);

    private DateTimeOffset Spring
    {
        get
        {
            var picked = new DateTimeOffset(run.Begun.Year, 3, 28, 6, 0, 0, TimeSpan.FromHours(8));
            return picked < run.Ago(60) ? picked : picked.AddYears(-1);
        }
    }

    public async Task<Outcome> LoadAsync(CancellationToken cancel)
    {
        tell.Chapter("2  Tea before Qingming (明前龙井)");
        await DescribeAsync(cancel);
        var (tins, refused) = await IssueAsync(cancel);
        var mark = await MarkAsync(cancel);
        await WorkAsync(tins, mark, cancel);
        var box = await ForeignCodesAsync(cancel);
        await SellAsync(tins, cancel);
        return new Outcome(
            [$"tea: {Certified} labels within the certified output, one more refused; {Packed} tins with two labels in one; {Foreign} codes of another vendor", "  " + refused],
            [
                new("tea tin, sold once", tins[0].Link), new("tea tin, not sold yet", tins[Sold + 1].Link),
                new("the geographical mark's label on the first tin", mark[0].Link), new("gift box with another vendor's code", box),
            ]);
    }

    private async Task DescribeAsync(CancellationToken cancel)
    {
        var (garden, mark) = (cast["garden"], cast["mark"]);
        await ProductAsync(garden, _tin, "明前龙井", "Longjing tea before Qingming", "50克", "50 g", cancel);
        await ProductAsync(garden, _leaf, "龙井鲜叶", "Fresh Longjing leaf", "散装", "in bulk", cancel);
        await ProductAsync(garden, _dry, "龙井干茶", "Dried Longjing leaf", "散装", "in bulk", cancel);
        await ProductAsync(garden, _box, "明前龙井礼盒", "Longjing gift box", "2×50克", "2 × 50 g", cancel);
        await ProductAsync(mark, _mark, "龙井茶地理标志证明商标", "Longjing geographical mark", "1枚", "1 label", cancel);
        foreach (var gtin in (string[])[_tin, _box])
        {
            await garden.PutAsync($"products/{gtin}/lots/{Lot}", new JsonObject
            {
                ["producedOn"] = Pork.Day(Spring),
                ["expiresOn"] = Pork.Day(Spring.AddMonths(18)),
                ["origin"] = Party.Words("杭州云栖", "Yunqi, Hangzhou"),
                ["originGln"] = garden.Gln,
            }, cancel);
            await garden.PostAsync($"products/{gtin}/labels", new JsonObject
            {
                ["fields"] = new JsonArray(
                    Pork.Field("品名", "Name", "明前龙井（绿茶）", "Longjing green tea"), Pork.Field("等级", "Grade", "精品", "premium"),
                    Pork.Field("产地", "Origin", "浙江杭州", "Hangzhou, Zhejiang"), Pork.Field("执行标准", "Standard", "GB/T 18650", "GB/T 18650"),
                    Pork.Field("贮存", "Storage", "密封、避光、冷藏", "sealed, dark, cool"), Pork.Field("保质期", "Shelf life", "18个月", "18 months")),
            }, cancel);
        }

        await garden.PostAsync("certificates", new JsonObject
        {
            ["number"] = "OFDC-2026-0417",
            ["title"] = Party.Words("有机产品认证证书", "Organic certificate (organic)"),
            ["issuer"] = Party.Words("示范有机认证中心", "Demonstration Organic Certification"),
            ["validFrom"] = Pork.Day(Spring.AddDays(-60)),
            ["validTo"] = Pork.Day(Spring.AddDays(730)),
            ["gtins"] = Happening.List([_tin, _leaf, _dry, _box]),
        }, cancel);
    }

    /// <summary>Area × yield ÷ content limits the brand's labels: the last one is refused.</summary>
    private async Task<(IReadOnlyList<Code> Tins, string Refused)> IssueAsync(CancellationToken cancel)
    {
        var garden = cast["garden"];
        await QuotaAsync(_tin, garden, "area-yield", new JsonObject { ["area"] = "20", ["yield"] = "12.5", ["content"] = "0.05" }, Certified, cancel);
        var (_, tins) = await garden.IssueAsync(_tin, Certified, "tins", cancel);
        var refused = await OneTooManyAsync(garden, _tin, cancel);
        tell.Say($"20 mu × 12.5 kg ÷ 50 g + 3 %: {Certified} labels issued; one more: {refused}");
        await garden.PostAsync("codes/activations", new JsonObject { ["first"] = tins[0].Link, ["last"] = tins[Packed - 1].Link, ["lot"] = Lot, ["line"] = "包装一组", ["at"] = Happening.Time(Spring.AddDays(2)) }, cancel);
        return (tins, refused);
    }

    /// <summary>The mark's own labels have a quota of their own, and a code under the coating.</summary>
    private async Task<IReadOnlyList<Code>> MarkAsync(CancellationToken cancel)
    {
        var mark = cast["mark"];
        await QuotaAsync(_mark, mark, "trademark-quota", new JsonObject { ["labels"] = Marks.ToString(CultureInfo.InvariantCulture) }, Marks, cancel);
        var batch = await mark.PostAsync("codes/batches", new JsonObject
        {
            ["gtin"] = _mark,
            ["count"] = Marks,
            ["stem"] = mark.Api.Origin,
            ["activation"] = "on-print",
            ["purpose"] = "geographical mark",
        }, cancel);
        var id = batch["id"]!.GetValue<string>();
        if (!run.Secrets.TryGetValue(CoverSecret, out var cover))
        {
            // A run that stopped before it kept the codes makes them anew: nothing is printed yet.
            using var covered = await mark.TryAsync(HttpMethod.Post, $"codes/batches/{id}/covered.csv?anew=true", null, cancel);
            Narration.Expect(covered.IsSuccessStatusCode, "covered codes as CSV", covered.StatusCode);
            var line = (await covered.Content.ReadAsStringAsync(cancel)).Split('\n').First(l => l.Contains(batch["firstCode"]!.GetValue<string>(), StringComparison.Ordinal)).Trim();
            run.Secrets[CoverSecret] = cover = line[(line.LastIndexOf(',') + 1)..];
            keep(run);
        }

        await mark.PostAsync($"codes/batches/{id}/printed", new JsonObject { ["from"] = 0, ["count"] = Marks }, cancel);
        var codes = await mark.CodesAsync(id, cancel);
        await OneTooManyAsync(mark, _mark, cancel);
        foreach (var (typed, matches) in new[] { (cover, true), ("0000 0000 0000", false) })
        {
            var answer = await mark.PostAsync("codes/covered", new JsonObject { ["code"] = codes[0].Link, ["cover"] = typed }, cancel, $"cover-{matches}");
            Narration.Expect(answer["matches"]!.GetValue<bool>() == matches, $"matches = {matches}", answer.ToJsonString());
        }

        tell.Say($"{Marks} labels of the mark with codes under the coating: the right one matches, a wrong one does not");
        return codes;
    }

    /// <summary>What the garden's people fill in: a sheet for picking and frying, the form for packing.</summary>
    private async Task WorkAsync(IReadOnlyList<Code> tins, IReadOnlyList<Code> mark, CancellationToken cancel)
    {
        var garden = cast["garden"];
        var sheet = new StringBuilder("事件号,环节,时间,地点,商品,批次,数量,单位,产出商品,产出批次,产出数量,产出单位,备注\n");
        string[] fields = ["东坡", "南坡", "西坡"];
        for (var i = 0; i < fields.Length; i++)
        {
            sheet.Append(CultureInfo.InvariantCulture, $"{i + 1},采收,{Local(Spring.AddHours(i))},{garden.Gln},{_leaf},X{i + 1},28.7,KGM,,,,,{fields[i]}\n");
        }

        for (var i = 0; i < fields.Length; i++)
        {
            sheet.Append(CultureInfo.InvariantCulture, $"4,加工,{Local(Spring.AddHours(12))},{garden.Gln},{_leaf},X{i + 1},28.7,KGM,");
            sheet.Append(i == 0 ? $"{_dry},{Lot},20,KGM,手工炒制\n" : ",,,,\n");
        }

        var recorded = await garden.PostAsync("simple/sheets", Party.Text(Encoding.UTF8.GetBytes(sheet.ToString()), "text/csv"), cancel);
        Narration.Expect(recorded["count"]!.GetValue<int>() == 4, "4 events of the sheet", recorded.ToJsonString());
        var items = tins.Take(Packed).Select(t => Happening.Item(_tin, t.Serial)).ToArray();
        var packed = await garden.PostAsync("simple/events", new JsonObject
        {
            ["events"] = new JsonArray(new JsonObject
            {
                ["what"] = "加工",
                ["when"] = Local(Spring.AddDays(2)),
                ["where"] = garden.Gln,
                ["quantities"] = new JsonArray(new JsonObject { ["product"] = _dry, ["lot"] = Lot, ["amount"] = "15", ["unit"] = "KGM" }),
                ["outputs"] = Happening.List(items),
                ["details"] = new JsonObject { ["包装"] = "50克铁罐" },
                ["note"] = "分装",
            }),
        }, cancel);
        Narration.Expect(packed["count"]!.GetValue<int>() == 1, "1 packing event", packed.ToJsonString());
        tell.Say($"picking and frying by a sheet with Chinese headings, packing {Packed} tins by the form: 5 events, no JSON-LD typed");

        var association = cast["mark"];
        await association.CaptureAsync("labels",
        [
            Happening.Object("ADD", "commissioning", "active", Spring.AddDays(1), association.Gln, mark.Take(Packed).Select(m => Happening.Item(_mark, m.Serial))),
        ], cancel);
        await garden.CaptureAsync("two-in-one", Enumerable.Range(0, Packed).Select(i =>
            Happening.Association(Spring.AddDays(2.1), garden.Gln, items[i], [Happening.Item(_mark, mark[i].Serial)])), cancel);
        var up = await garden.GetAsync($"trace/{Uri.EscapeDataString(items[0])}?direction=up", cancel);
        Narration.Expect(up["items"]!.AsArray().Count(i => i!["id"]!.GetValue<string>().Contains(_leaf, StringComparison.Ordinal)) == 3, "the tin traced up to three pickings", up.ToJsonString(Party.Readable));
        tell.Say("each tin carries both labels as one (association); a tin leads up to the three pickings");
        await garden.GetAsync($"balance/{Uri.EscapeDataString(Happening.Lot(_leaf, "X1"))}?claim=organic", cancel);
    }

    /// <summary>A part was labelled by another vendor's system, whose codes are imported as they are.</summary>
    private async Task<string> ForeignCodesAsync(CancellationToken cancel)
    {
        var garden = cast["garden"];
        var list = new StringBuilder("gtin,serial\n");
        for (var i = 0; i < Foreign; i++) list.Append(CultureInfo.InvariantCulture, $"{_box},{Vendor(i)}\n");
        var imported = await garden.PostAsync("codes/lists?name=" + Uri.EscapeDataString("另一家平台2026春") + "&kind=items", Party.Text(Encoding.ASCII.GetBytes(list.ToString()), "text/csv"), cancel, "foreign-codes");
        Narration.Expect(imported["count"]!.GetValue<int>() == Foreign, $"{Foreign} imported codes", imported.ToJsonString());
        var link = $"{garden.Api.Origin}/01/{_box}/21/{Vendor(7)}";
        var known = await garden.PostAsync("codes/validate", new JsonObject { ["code"] = link }, cancel);
        Narration.Expect(known["answer"]!.GetValue<string>() == "in-use", "in-use", known.ToJsonString());
        var unknown = await garden.PostAsync("codes/validate", new JsonObject { ["code"] = $"{garden.Api.Origin}/01/{_box}/21/YM-999999" }, cancel, "unknown-code");
        Narration.Expect(unknown["answer"]!.GetValue<string>() == "not-ours", "not-ours", unknown.ToJsonString());
        await garden.CaptureAsync("gift-boxes",
        [
            Happening.Object("ADD", "commissioning", "active", Spring.AddDays(4), garden.Gln, Enumerable.Range(0, Foreign).Select(i => Happening.Item(_box, Vendor(i))), Lot),
        ], cancel);
        await Pork.PageAsync(garden.Api, link, "明前龙井礼盒", cancel);
        tell.Say($"{Foreign} codes of another vendor imported: one of them is in use, one like them is not ours");
        return link;

        string Vendor(int i) => string.Create(CultureInfo.InvariantCulture, $"YM-{run.Number}-{i * 7919 % 100_000:D5}");
    }

    private async Task SellAsync(IReadOnlyList<Code> tins, CancellationToken cancel)
    {
        var (garden, shop) = (cast["garden"], cast["teashop"]);
        var delivered = tins.Take(200).Select(t => Happening.Item(_tin, t.Serial)).ToArray();
        await garden.CaptureAsync("shipping", [Happening.Object("OBSERVE", "shipping", "in_transit", run.Ago(28), garden.Gln, delivered).Between(garden.Gln, shop.Gln, "desadv", "FH-0417")], cancel);
        await shop.CaptureAsync("receiving", [Happening.Object("OBSERVE", "receiving", "in_progress", run.Ago(27), shop.Gln, delivered).Between(garden.Gln, shop.Gln, "desadv", "FH-0417")], cancel);
        await garden.PutAsync("disclosure", new JsonObject { ["published"] = Happening.List(["/quota"]) }, cancel);
        await Sales.NameAsync(garden, _tin, shop, null, cancel);
        await Sales.ReportAsync(shop, "till-1", tins.Take(Sold), run.Ago(26), run.Begun, cancel);
        await Pork.PageAsync(shop.Api, tins[0].Link, "售出一次", cancel);
        await Pork.PageAsync(shop.Api, tins[Sold + 1].Link, "尚未售出", cancel);
        tell.Say($"the shop reports {Sold} sales without a gap: one tin's page says it was sold once, another's that it is not sold yet");
    }

    private static Task<JsonObject> ProductAsync(Party owner, string gtin, string zh, string en, string netZh, string netEn, CancellationToken cancel) =>
        owner.PutAsync($"products/{gtin}", new JsonObject { ["name"] = Party.Words(zh, en), ["net"] = Party.Words(netZh, netEn) }, cancel);

    private async Task QuotaAsync(string gtin, Party owner, string rule, JsonObject basis, int amount, CancellationToken cancel)
    {
        var quota = await cast.Authority.PostAsync("codes/quotas", new JsonObject
        {
            ["gtin"] = gtin,
            ["rule"] = rule,
            ["basis"] = basis,
            ["certificate"] = $"CC-{run.Number}-{rule}",
            ["organisation"] = owner.Tenant,
            ["validFrom"] = Pork.Day(Spring.AddDays(-30)),
            ["validTo"] = Pork.Day(run.Ago(-180)),
        }, cancel, "quota-" + gtin);
        Narration.Expect(quota["amount"]!.GetValue<int>() == amount, $"{amount} certified", quota.ToJsonString(Party.Readable));
    }

    private static async Task<string> OneTooManyAsync(Party owner, string gtin, CancellationToken cancel) => await Narration.RefusedAsync(
        await owner.TryAsync(HttpMethod.Post, "codes/batches", Api.Json(new JsonObject { ["gtin"] = gtin, ["count"] = 1 }), cancel),
        HttpStatusCode.UnprocessableEntity, "code-quota-exceeded", cancel);

    private static string Local(DateTimeOffset at) => at.ToOffset(TimeSpan.FromHours(8)).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}
