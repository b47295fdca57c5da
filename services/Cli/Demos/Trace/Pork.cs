using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Cli.Demos.Trace;

/// <summary>
/// Imported chilled pork: the exporter's own system sends EPCIS 1.2 XML; importer, customs, cold store, haulier and shop
/// write the rest. A logger that signs its blocks travels with each crate, and one crate gets warm.
/// </summary>
public sealed class Pork(Run run, Cast cast, Narration tell, Action<Run> keep)
{
    private const int Cartons = 40;
    private const int PacksOfCarton = 20;
    private const string Lot = "BR2610";
    private const string PackLot = "P2611";
    private const string Health = "BR-HC-2026-118842";
    private const string Inspection = "SHIQ-2026-0091733";

    private readonly string _carton = run.Gtin(1);
    private readonly string _pack = run.Gtin(2);
    private readonly string[] _pallets = [run.Sscc(1), run.Sscc(2)];
    private readonly string[] _crates = [run.Sscc(3), run.Sscc(4)];

    /// <summary>Loads the story.</summary>
    /// <returns>Lines for the table, and pages to look at.</returns>
    public async Task<Outcome> LoadAsync(CancellationToken cancel)
    {
        tell.Chapter("1  Imported chilled pork (进口冷链)");
        await FeedAsync(cancel);
        await DescribeAsync(cancel);
        await InspectAsync(cancel);
        var packs = await RepackAsync(cancel);
        var (mean, peak) = await DriveAsync(packs, cancel);
        await SellAsync(packs, cancel);
        await TraceAsync(packs, cancel);
        return new Outcome(
            [
                $"pork: EPCIS 1.2 feed, {Cartons} cartons → {packs.Count} packs; one excursion to {peak} °C, mean kinetic temperature {mean} °C",
            ],
            [
                new("pork pack of the crate that got warm", packs[^1].Link),
                new("pork pack of the other crate", packs[0].Link),
            ]);
    }

    private async Task FeedAsync(CancellationToken cancel)
    {
        var exporter = cast["exporter"];
        await exporter.PutAsync("partners", new JsonObject { ["partners"] = Happening.List([cast["importer"].Tenant]) }, cancel);
        var job = await exporter.CaptureAsync("feed", Party.Text(Encoding.UTF8.GetBytes(Xml()), "application/xml"), cancel);
        Narration.Expect(job["success"]!.GetValue<bool>() && job["captured"]!.GetValue<int>() == 4, "4 events of the XML feed captured", job.ToJsonString(Party.Readable));
        tell.Say("the exporter's system sends EPCIS 1.2 XML: 4 events captured");
        var seen = await cast["importer"].GetAsync($"epcis/v2/events?EQ_bizStep=packing%7Cshipping&MATCH_anyEPC={Uri.EscapeDataString(Happening.Pallet(_pallets[0]))}", cancel);
        var events = seen["epcisBody"]!["queryResults"]!["resultsBody"]!["eventList"]!.AsArray();
        Narration.Expect(events.Count == 2, "2 events of the pallet for the importer, one step down", seen.ToJsonString(Party.Readable));
        tell.Say("the importer, one step down, sees the pallet's 2 events");
    }

    private async Task DescribeAsync(CancellationToken cancel)
    {
        var importer = cast["importer"];
        await importer.PutAsync($"products/{_pack}", new JsonObject
        {
            ["name"] = Party.Words("冰鲜猪里脊", "Chilled pork loin"),
            ["net"] = Party.Words("450克", "450 g"),
            ["claims"] = new JsonArray(Party.Words("进口冷链", "imported, cold chain")),
        }, cancel);
        await importer.PutAsync($"products/{_pack}/lots/{PackLot}", new JsonObject
        {
            ["producedOn"] = Day(run.Ago(7)),
            ["expiresOn"] = Day(run.Ago(-14)),
            ["origin"] = Party.Words("巴西", "Brazil"),
        }, cancel);
        await importer.PostAsync($"products/{_pack}/labels", new JsonObject
        {
            ["fields"] = new JsonArray(
                Field("品名", "Name", "冰鲜猪里脊", "Chilled pork loin"), Field("净含量", "Net", "450克", "450 g"),
                Field("原产国", "Country of origin", "巴西", "Brazil"), Field("贮存", "Storage", "−1～4 °C冷藏", "Keep at −1 to 4 °C"),
                Field("境外生产企业注册号", "Registered establishment", "SIF 3941", "SIF 3941"),
                Field("进口商", "Importer", importer.Chinese, importer.English), Field("保质期", "Shelf life", "21天", "21 days")),
        }, cancel);
        await CertificateAsync(Inspection, "入境货物检验检疫证明", "Entry inspection and quarantine certificate", "示范海关", "Demonstration Customs", 9, -365, cancel);
        await CertificateAsync(Health, "输华肉类卫生证书", "Health certificate for meat to China", "巴西农业部（示范）", "Ministry of Agriculture of Brazil (demonstration)", 25, -60, cancel);
        await CertificateAsync("COLD-2025-77", "冷库备案（已到期）", "Cold store registration (expired)", "示范市监局", "Demonstration Market Authority", 400, 3, cancel);
        tell.Say("label in Chinese and English, three certificates, one of which has expired");

        Task CertificateAsync(string number, string zh, string en, string issuerZh, string issuerEn, int from, int to, CancellationToken token) =>
            importer.PostAsync("certificates", new JsonObject
            {
                ["number"] = number,
                ["title"] = Party.Words(zh, en),
                ["issuer"] = Party.Words(issuerZh, issuerEn),
                ["validFrom"] = Day(run.Ago(from)),
                ["validTo"] = Day(run.Ago(to)),
                ["gtins"] = Happening.List([_pack]),
                ["lots"] = Happening.List([PackLot]),
            }, token, "certificate-" + number);
    }

    private async Task InspectAsync(CancellationToken cancel)
    {
        var (exporter, importer, customs, store) = (cast["exporter"], cast["importer"], cast["customs"], cast["coldstore"]);
        var pallets = _pallets.Select(Happening.Pallet).ToArray();
        await customs.CaptureAsync("inspection",
        [
            Happening.Object("OBSERVE", "inspecting", "conformant", run.Ago(9, 6), customs.Gln, pallets).Between(exporter.Gln, importer.Gln, "cert", Inspection),
            Happening.Object("OBSERVE", "sampling", null, run.Ago(9, 5), customs.Gln, pallets[..1]).Between(exporter.Gln, importer.Gln, "cert", "PCR-NEG-20261113"),
        ], cancel);
        await store.CaptureAsync("storing",
        [
            Happening.Object("OBSERVE", "receiving", "in_progress", run.Ago(9), store.Gln, pallets).Between(exporter.Gln, importer.Gln, "desadv", "DN-118842"),
            Happening.Object("OBSERVE", "storing", "in_progress", run.Ago(8, 22), store.Gln, pallets),
            .. _pallets.Select((p, i) => Happening.Packing("DELETE", run.Ago(7, 4), store.Gln, Happening.Pallet(p), Of(i))),
        ], cancel);
        tell.Say("customs inspects and samples, the cold store receives: 6 events by two organisations");
    }

    private async Task<IReadOnlyList<Code>> RepackAsync(CancellationToken cancel)
    {
        var (importer, store) = (cast["importer"], cast["coldstore"]);
        var (_, packs) = await importer.IssueAsync(_pack, Cartons * PacksOfCarton, "chilled pork", cancel);
        await importer.PostAsync("codes/activations", new JsonObject
        {
            ["first"] = packs[0].Link,
            ["last"] = packs[^1].Link,
            ["lot"] = PackLot,
            ["line"] = "分装线1",
            ["at"] = Happening.Time(run.Ago(7, 3)),
        }, cancel);
        var half = Cartons / 2;
        var cut = Enumerable.Range(0, Cartons).Select(i =>
        {
            var e = Happening.Transformation($"00000000-0000-4000-8000-{run.Number}{i:D7}", run.Ago(7, 3), store.Gln, PackLot);
            e["inputEPCList"] = Happening.List([Carton(i)]);
            e["outputEPCList"] = Happening.List(packs.Skip(i * PacksOfCarton).Take(PacksOfCarton).Select(p => Happening.Item(_pack, p.Serial)));
            return e;
        });
        var crates = _crates.Select((c, i) => Happening.Packing("ADD", run.Ago(7, 2), store.Gln, Happening.Pallet(c), CrateOf(packs, i)));
        var count = await importer.CaptureAsync("repacking", cut.Concat(crates), cancel);
        tell.Say($"the importer cuts {Cartons} cartons into {packs.Count} coded packs in two crates: {count} events");
        Narration.Expect(packs.Count == half * 2 * PacksOfCarton, $"{Cartons * PacksOfCarton} codes", packs.Count);
        return packs;
    }

    private async Task<(string Mean, string Peak)> DriveAsync(IReadOnlyList<Code> packs, CancellationToken cancel)
    {
        var (importer, haulier, shop) = (cast["importer"], cast["haulier"], cast["shop"]);
        var crates = _crates.Select(Happening.Pallet).ToArray();
        // Nobody's event names who only drives; the importer says that it drives for it.
        await importer.PutAsync("partners", new JsonObject { ["partners"] = Happening.List([haulier.Tenant]) }, cancel);
        await haulier.CaptureAsync("transport",
        [
            Happening.Object("OBSERVE", "shipping", "in_transit", run.Ago(6, 20), haulier.Gln, crates).Between(importer.Gln, shop.Gln, "desadv", "WB-77310"),
            Happening.Object("OBSERVE", "transporting", "in_transit", run.Ago(6, 16), haulier.Gln, crates),
        ], cancel);
        await haulier.PutAsync("disclosure", new JsonObject { ["published"] = Happening.List(["/sensorElementList"]) }, cancel);
        using var first = await Logger.RegisterAsync(haulier, "TL-" + run.Number + "-1", run, keep, cancel);
        using var second = await Logger.RegisterAsync(haulier, "TL-" + run.Number + "-2", run, keep, cancel);
        var warm = Logger.Readings(run.Ago(6, 20), 144, warmAt: 60);
        await second.SendAsync(1, crates[1], warm, cancel, forged: true);
        tell.Say("a reading changed after the logger signed it is refused: sensor-signature-wrong");
        var calm = await first.SendAsync(1, crates[0], Logger.Readings(run.Ago(6, 20), 144), cancel);
        if (calm is not null) Narration.Expect(calm["excursions"]!.AsArray().Count == 0, "no excursion in the first crate", calm.ToJsonString());
        await second.SendAsync(1, crates[1], warm, cancel);

        // Read back, so that a load that goes on after a break finds the same.
        var blocks = await BlocksAsync(haulier, crates[1], cancel);
        var alarms = await haulier.Api.GetBytesAsync("/api/trace/sensors/alarms?subject=" + Uri.EscapeDataString(crates[1]), cancel);
        var excursions = JsonNode.Parse(alarms)!.AsArray();
        Narration.Expect(excursions.Count == 1 && excursions[0]!["alarm"]!.GetValue<bool>(), "one excursion, an alarm", Encoding.UTF8.GetString(alarms));
        var mean = blocks[0]!["meanKineticCelsius"]!.GetValue<double>().ToString("0.00", CultureInfo.InvariantCulture);
        var peak = excursions[0]!["peak"]!.ToJsonString();
        tell.Say($"the loggers' signed blocks: one excursion to {peak} °C for an hour, mean kinetic temperature {mean} °C ({packs.Count / 2} packs)");
        return (mean, peak);
    }

    private async Task SellAsync(IReadOnlyList<Code> packs, CancellationToken cancel)
    {
        var (importer, shop) = (cast["importer"], cast["shop"]);
        var crates = _crates.Select(Happening.Pallet).ToArray();
        await shop.CaptureAsync("shop",
        [
            Happening.Object("OBSERVE", "receiving", "in_progress", run.Ago(6, 6), shop.Gln, crates).Between(importer.Gln, shop.Gln, "desadv", "WB-77310"),
            .. crates.Select((c, i) => Happening.Packing("DELETE", run.Ago(6, 5), shop.Gln, c, CrateOf(packs, i))),
            Happening.Object("OBSERVE", "retail_selling", "retail_sold", run.Ago(5), shop.Gln, packs.Take(60).Select(p => Happening.Item(_pack, p.Serial))),
        ], cancel);
        await Sales.NameAsync(importer, _pack, shop, null, cancel);
        await Sales.ReportAsync(shop, "till-1", packs.Take(60), run.Ago(5), run.Begun, cancel);
        tell.Say("the shop receives, sells 60 packs and reports its sales");
    }

    private async Task TraceAsync(IReadOnlyList<Code> packs, CancellationToken cancel)
    {
        var importer = cast["importer"];
        var up = await importer.GetAsync($"trace/{Uri.EscapeDataString(Happening.Item(_pack, packs[^1].Serial))}?direction=up", cancel);
        Narration.Expect(up["items"]!.AsArray().Any(i => i!["id"]!.GetValue<string>() == Carton(Cartons - 1)), "the pack traced up to the exporter's carton", up.ToJsonString(Party.Readable));
        await PageAsync(importer.Api, packs[^1].Link, "超温1次", cancel);
        tell.Say("a pack leads up to the exporter's carton; its page shows the warm hour to everybody");
    }

    /// <summary>Opens a consumer page as anybody does, and expects words on it.</summary>
    public static async Task PageAsync(Api api, string link, string words, CancellationToken cancel)
    {
        var page = Encoding.UTF8.GetString(await api.GetBytesAsync(new Uri(link).AbsolutePath + "?lang=zh", cancel, open: true));
        Narration.Expect(page.Contains(words, StringComparison.Ordinal), $"a page with '{words}'", page.Length > 400 ? page[..400] : page);
    }

    public static JsonObject Field(string zh, string en, string valueZh, string valueEn) =>
        new() { ["name"] = Party.Words(zh, en), ["value"] = Party.Words(valueZh, valueEn) };

    public static string Day(DateTimeOffset at) => at.ToOffset(TimeSpan.FromHours(8)).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static async Task<JsonArray> BlocksAsync(Party party, string subject, CancellationToken cancel) =>
        JsonNode.Parse(await party.Api.GetBytesAsync("/api/trace/sensors/blocks?subject=" + Uri.EscapeDataString(subject), cancel))!.AsArray();

    private string Carton(int i) => Happening.Item(_carton, $"C{i + 1:D4}");

    private IEnumerable<string> Of(int pallet) => Enumerable.Range(pallet * Cartons / 2, Cartons / 2).Select(Carton);

    private IEnumerable<string> CrateOf(IReadOnlyList<Code> packs, int crate) =>
        packs.Skip(crate * packs.Count / 2).Take(packs.Count / 2).Select(p => Happening.Item(_pack, p.Serial));

    /// <summary>What the exporter's system of 2016 writes: EPC URNs, EPCIS 1.2 with its extensions.</summary>
    private string Xml()
    {
        var (exporter, importer) = (cast["exporter"], cast["importer"]);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"""
            <?xml version="1.0" encoding="UTF-8"?>
            <epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:1" xmlns:cbvmda="urn:epcglobal:cbv:mda" schemaVersion="1.2" creationDate="{Happening.Time(run.Ago(24))}">
            <EPCISBody><EventList>
            <ObjectEvent>{When(run.Ago(26))}<epcList>{Urns(0, Cartons)}</epcList><action>ADD</action><bizStep>urn:epcglobal:cbv:bizstep:commissioning</bizStep><disposition>urn:epcglobal:cbv:disp:active</disposition>{Where(exporter.Gln, stays: true)}<extension><ilmd><cbvmda:lotNumber>{Lot}</cbvmda:lotNumber></ilmd></extension></ObjectEvent>
            """);
        for (var i = 0; i < _pallets.Length; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"<AggregationEvent>{When(run.Ago(25.5))}<parentID>{Urn(_pallets[i])}</parentID><childEPCs>{Urns(i * Cartons / 2, Cartons / 2)}</childEPCs><action>ADD</action><bizStep>urn:epcglobal:cbv:bizstep:packing</bizStep><disposition>urn:epcglobal:cbv:disp:in_progress</disposition>{Where(exporter.Gln, stays: true)}</AggregationEvent>\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"<ObjectEvent>{When(run.Ago(25))}<epcList>{string.Concat(_pallets.Select(p => $"<epc>{Urn(p)}</epc>"))}</epcList><action>OBSERVE</action><bizStep>urn:epcglobal:cbv:bizstep:shipping</bizStep><disposition>urn:epcglobal:cbv:disp:in_transit</disposition>{Where(exporter.Gln, stays: false)}<bizTransactionList><bizTransaction type=\"urn:epcglobal:cbv:btt:desadv\">urn:epcglobal:cbv:bt:{exporter.Gln}:DN-118842</bizTransaction></bizTransactionList><extension><sourceList><source type=\"urn:epcglobal:cbv:sdt:owning_party\">{Urn("sgln", exporter.Gln)}</source></sourceList><destinationList><destination type=\"urn:epcglobal:cbv:sdt:owning_party\">{Urn("sgln", importer.Gln)}</destination></destinationList></extension></ObjectEvent>\n</EventList></EPCISBody></epcis:EPCISDocument>");
        return text.ToString();
    }

    private static string When(DateTimeOffset at) => $"<eventTime>{Happening.Time(at)}</eventTime><eventTimeZoneOffset>-03:00</eventTimeZoneOffset>";

    private string Where(string gln, bool stays) =>
        $"<readPoint><id>{Urn("sgln", gln)}</id></readPoint>" + (stays ? $"<bizLocation><id>{Urn("sgln", gln)}</id></bizLocation>" : "");

    private string Urns(int from, int count) => string.Concat(Enumerable.Range(from, count).Select(i =>
        $"<epc>urn:epc:id:sgtin:{run.Prefix}.{_carton[0]}{_carton[9..13]}.C{i + 1:D4}</epc>"));

    private string Urn(string scheme, string gln) => $"urn:epc:id:{scheme}:{run.Prefix}.{gln[8..12]}.0";

    private string Urn(string sscc) => $"urn:epc:id:sscc:{run.Prefix}.{sscc[0]}{sscc[9..17]}";
}
