using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Services.Integration.Evidence;
using Shouldly;
using TestKit;
using Xunit;

namespace Services.Integration.Traceability;

/// <summary>Events in everyday words and from sheets.</summary>
public sealed class SimpleTests(TraceabilityFixture fixture) : IClassFixture<TraceabilityFixture>
{
    private const string Gtin = "6901234567892";
    private const string Gln = "6901234000009";

    private readonly RunningTraceability _services = fixture.Services;

    [Fact]
    public async Task What_a_farmer_says_is_an_epcis_event_with_a_proof()
    {
        HttpClient farm = await _services.AsAsync("farm");
        using HttpResponseMessage created = await SayAsync(farm, $$$"""
            {"events":[{"what":"采收","when":"2026-03-21 06:30","where":"{{{Gln}}}","note":"晴",
            "quantities":[{"product":"{{{Gtin}}}","lot":"L1","amount":"120.50","unit":"KGM"}],"details":{"地块":"3号"}}]}
            """);
        created.StatusCode.ShouldBe(HttpStatusCode.Created, await created.Content.ReadAsStringAsync());
        JsonObject answer = await RunningServices.JsonAsync(created);
        string id = (string)answer["events"]![0]!["eventId"]!;
        JsonObject stored = Events.Of(await RunningServices.JsonAsync(
            await farm.GetAsync("epcis/v2/events/" + Uri.EscapeDataString(id)))).Single();
        ((string)stored["bizStep"]!).ShouldBe("commissioning");
        ((string)stored["ilmd"]!["detail:地块"]!).ShouldBe("3号");
        stored["quantityList"]![0]!["quantity"]!.ToJsonString().ShouldBe("120.50");
    }

    [Fact]
    public async Task A_sheet_is_recorded_whole_or_not_at_all_and_the_row_is_named()
    {
        HttpClient farm = await _services.AsAsync("farm");
        const string heading = "环节,时间,地点,商品条码,批次,数量,单位\n";
        string good = $"采收,2026-03-22 06:30,{Gln},{Gtin},S1,10,KGM\n";
        using HttpResponseMessage refused = await SheetAsync(farm, heading + good + $"\n采收,昨天,{Gln},{Gtin},S2,10,KGM\n");
        refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        JsonObject problem = await RunningServices.JsonAsync(refused);
        ((string)problem["code"]!).ShouldBe("simple-invalid");
        ((int)problem["errors"]![0]!["index"]!).ShouldBe(4);
        ((string)problem["errors"]![0]!["code"]!).ShouldBe("simple-when");

        using HttpResponseMessage created = await SheetAsync(farm, heading + good, "sheet-1");
        created.StatusCode.ShouldBe(HttpStatusCode.Created, await created.Content.ReadAsStringAsync());
        using HttpResponseMessage replayed = await SheetAsync(farm, heading + good, "sheet-1");
        (await replayed.Content.ReadAsStringAsync()).ShouldBe(await created.Content.ReadAsStringAsync());
        using HttpResponseMessage twice = await SheetAsync(farm, heading + good);
        ((string)(await RunningServices.JsonAsync(twice))["errors"]![0]!["code"]!).ShouldBe("event-duplicate");
    }

    [Theory]
    [InlineData("""{"events":[]}""", "simple-size")]
    [InlineData("""{"events":[null]}""", "simple-invalid")]
    [InlineData("""{"event":[]}""", "field-unknown")]
    [InlineData("""{"events":[{"what":"ship"]}""", "json-malformed")]
    public async Task Bad_input_is_refused_with_a_code(string body, string code)
    {
        using HttpResponseMessage refused = await SayAsync(await _services.AsAsync("farm"), body);
        refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        ((string)(await RunningServices.JsonAsync(refused))["code"]!).ShouldBe(code);
    }

    [Theory]
    [InlineData("""{"what":"store","items":["(01)06901234567892(21)NEVER1"]""", "event-never-commissioned")]
    [InlineData("""{"what":"harvest","when":"2099-01-01 06:30","quantities":[{"product":"6901234567892","lot":"LATER","amount":"5","unit":"KGM"}]""", "event-in-the-future")]
    public async Task A_form_of_our_own_refuses_what_contradicts_and_writes_nothing(string said, string code)
    {
        HttpClient farm = await _services.AsAsync("farm");
        string when = said.Contains("when", StringComparison.Ordinal) ? "" : ""","when":"2026-03-21 06:30" """;
        string good = $$"""{"what":"harvest","when":"2026-03-21 06:31","where":"{{Gln}}","quantities":[{"product":"{{Gtin}}","lot":"{{code[6..16]}}","amount":"1","unit":"KGM"}]}""";
        using HttpResponseMessage refused = await SayAsync(
            farm, $$"""{"events":[{{good}},{{said}}{{when}},"where":"{{Gln}}"}]}""");
        string text = await refused.Content.ReadAsStringAsync();
        refused.IsSuccessStatusCode.ShouldBeFalse(text);
        JsonNode error = JsonNode.Parse(text)!["errors"]!.AsArray().ShouldHaveSingleItem(text)!;
        ((string)error["code"]!).ShouldBe(code, text);
        ((int)error["index"]!).ShouldBe(1);
        if (code == "event-in-the-future")
            ((string)error["field"]!).ShouldBe("when");
        using HttpResponseMessage again = await SayAsync(farm, $$"""{"events":[{{good}}]}""");
        again.StatusCode.ShouldBe(HttpStatusCode.Created, "nothing of the refused request was written");
    }

    [Fact]
    public async Task A_lot_by_quantity_is_held_against_the_rules_too()
    {
        HttpClient farm = await _services.AsAsync("farm");
        string lot = $"https://id.gs1.org/01/0{Gtin}/10/{Events.NewSerial()}";
        JsonObject later = new()
        {
            ["type"] = "ObjectEvent",
            ["action"] = "OBSERVE",
            ["eventTime"] = "2099-03-21T06:30:00.000Z",
            ["eventTimeZoneOffset"] = "+00:00",
            ["bizStep"] = "storing",
            ["quantityList"] = new JsonArray(new JsonObject { ["epcClass"] = lot, ["quantity"] = 5, ["uom"] = "KGM" }),
        };
        JsonObject job = await RunningTraceability.CaptureAsync(farm, [later]);
        job["success"]!.GetValue<bool>().ShouldBeTrue(job.ToJsonString());
        await Eventually.TrueAsync(async () =>
        {
            string found = await farm.GetStringAsync($"findings?epc={Uri.EscapeDataString(lot)}");
            return found.Contains("in-the-future", StringComparison.Ordinal);
        }, "a lot by quantity is weighed too");
        (await farm.GetStringAsync($"trace/{Uri.EscapeDataString(lot)}")).ShouldContain("in-the-future");
    }

    [Fact]
    public async Task Goods_that_nobody_described_are_told_or_refused_where_the_form_asks_so()
    {
        HttpClient farm = await _services.AsAsync("farm");
        const string gtin = "06901234560213";
        (await farm.PutAsync($"products/{gtin}", RunningServices.Json("""{"name":{"zh":"茶","en":"Tea"}}"""))).EnsureSuccessStatusCode();
        (await farm.PutAsync($"products/{gtin}/lots/GOOD", RunningServices.Json("{}"))).EnsureSuccessStatusCode();
        string Said(string what, string product, string lot, string at) => $$"""
            {"events":[{"what":"{{what}}","when":"2026-03-21 {{at}}","where":"{{Gln}}",
            "quantities":[{"product":"{{product}}","lot":"{{lot}}","amount":"1","unit":"KGM"}]}]}
            """;

        async Task<JsonObject> AnswerAsync(string said, bool refuse) => await RunningServices.JsonAsync(await farm.PostAsync(
            "simple/events" + (refuse ? "?undescribed=refuse" : ""), RunningServices.Json(said)));

        JsonObject told = await AnswerAsync(Said("store", gtin, "TYPO", "06:30"), refuse: false);
        ((string)told["undescribed"]![0]!["code"]!).ShouldBe("lot-undescribed");
        JsonObject refused = await AnswerAsync(Said("store", gtin, "TYPO", "06:31"), refuse: true);
        ((string)refused["errors"]![0]!["code"]!).ShouldBe("lot-undescribed");
        ((string)refused["errors"]![0]!["field"]!).ShouldBe("quantities");
        ((string)refused["errors"]![0]!["detail"]!).ShouldContain("TYPO");
        ((string)(await AnswerAsync(Said("harvest", Gtin, "ANY", "06:32"), refuse: true))["errors"]![0]!["code"]!)
            .ShouldBe("product-undescribed", "also where a lot begins");
        (await AnswerAsync(Said("store", gtin, "GOOD", "06:33"), refuse: true))["count"].ShouldNotBeNull();
        JsonObject begun = await AnswerAsync(Said("harvest", gtin, "NEW", "06:34"), refuse: true);
        ((string)begun["errors"]![0]!["code"]!).ShouldBe("lot-undescribed", "also where the lot begins");
        using HttpResponseMessage lot = await farm.PutAsync(
            $"products/{gtin}/lots/NEXT", RunningServices.Json("""{"producedOn":"2099-01-01"}"""));
        ((string)(await RunningServices.JsonAsync(lot))["code"]!).ShouldBe("lot-in-future");
    }

    [Fact]
    public async Task What_was_made_is_not_made_again()
    {
        HttpClient farm = await _services.AsAsync("farm");
        string item = Events.Item(Events.NewSerial());
        using HttpResponseMessage made = await SayAsync(farm, Said("produce", item, "06:30"));
        made.StatusCode.ShouldBe(HttpStatusCode.Created, await made.Content.ReadAsStringAsync());
        JsonNode again = await ErrorAsync(await SayAsync(farm, Said("produce", item, "07:30")));
        ((string)again["code"]!).ShouldBe("event-already-made");
        ((string)again["detail"]!).ShouldContain("(21)");
        ((string)again["detail"]!).ShouldNotContain("already-commissioned");

        JsonObject captured = Events.Object([item], "ADD", "commissioning", "2026-03-22T01:00:00.000Z");
        await RunningTraceability.CaptureAsync(farm, [captured]);
        await Eventually.TrueAsync(async () =>
            (await farm.GetStringAsync($"findings?epc={Uri.EscapeDataString(item)}"))
                .Contains("already-commissioned", StringComparison.Ordinal), "a capture is stored and the finding told");
    }

    [Fact]
    public async Task What_left_before_it_was_made_is_refused_by_forms_and_found_in_captures_in_whatever_order()
    {
        HttpClient farm = await _services.AsAsync("farm");
        string made = Events.NewSerial(), sent = Events.NewSerial();
        await RunningTraceability.CaptureAsync(farm,
            [Events.Object([Events.Item(made)], "ADD", "commissioning", "2026-03-21T09:51:22.000+08:00")]);
        using HttpResponseMessage refused = await SayAsync(farm, Said("ship", $"(01)0{Gtin}(21){made}", "09:50"));
        ((string)(await ErrorAsync(refused))["code"]!).ShouldBe("event-before-birth");
        using HttpResponseMessage later = await SayAsync(farm, Said("ship", $"(01)0{Gtin}(21){made}", "09:52"));
        later.StatusCode.ShouldBe(HttpStatusCode.Created);

        await RunningTraceability.CaptureAsync(farm,
            [Events.Object([Events.Item(sent)], "OBSERVE", "shipping", "2026-03-21T09:50:00.000+08:00")]);
        await RunningTraceability.CaptureAsync(farm,
            [Events.Object([Events.Item(sent)], "ADD", "commissioning", "2026-03-21T09:51:22.000+08:00")]);
        await Eventually.TrueAsync(async () => (await farm.GetStringAsync("findings?code=before-birth"))
            .Contains(sent, StringComparison.Ordinal), "it is stored and found");
        (await farm.GetStringAsync("findings?code=before-birth")).ShouldNotContain(made);
    }

    [Fact]
    public async Task Of_two_that_make_one_item_at_the_same_moment_one_is_refused()
    {
        HttpClient farm = await _services.AsAsync("farm");
        for (int round = 0; round < 8; round++)
        {
            string item = Events.Item(Events.NewSerial());
            HttpResponseMessage[] said = await Task.WhenAll(Enumerable.Range(0, 4).Select(n =>
                SayAsync(farm, Said("produce", item, $"06:3{n}"))));
            said.Count(r => r.StatusCode == HttpStatusCode.Created).ShouldBe(1);
            foreach (HttpResponseMessage refused in said.Where(r => r.StatusCode != HttpStatusCode.Created))
                ((string)(await ErrorAsync(refused))["code"]!).ShouldBe("event-already-made");
        }
    }

    [Fact]
    public async Task Goods_under_recall_are_not_passed_on_unless_somebody_says_so()
    {
        HttpClient maker = await _services.AsAsync("maker");
        string item = Events.Item(Events.NewSerial(), "06901234560909"), pallet = Events.Pallet(81_001);
        (await maker.PutAsync("products/06901234560909", RunningServices.Json("""{"name":{"zh":"茶","en":"Tea"}}""")))
            .EnsureSuccessStatusCode();
        (await SayAsync(maker, Said("produce", item, "06:30"))).EnsureSuccessStatusCode();
        await RunningTraceability.CaptureAsync(maker, [Events.Pack(pallet, [item], time: "2026-03-21T01:00:00.000Z")]);
        using HttpResponseMessage opened = await maker.SendAsync(RunningServices.Post("recalls", $$"""
            {"title":"Metal in tea","reason":"r","domain":"food","class":1,"drill":false,"targets":["{{item}}"]}
            """));
        string recall = (string)(await RunningServices.JsonAsync(opened))["id"]!;
        (await SayAsync(maker, Said("ship", item, "09:30"))).StatusCode.ShouldBe(HttpStatusCode.Created, "no notice yet");
        (await maker.SendAsync(RunningServices.Post($"recalls/{recall}/steps", """{"kind":"notice","text":"stop"}""")))
            .StatusCode.ShouldBe(HttpStatusCode.Created);

        foreach ((string what, string named) in new[] { ("sell", item), ("ship", item), ("ship", pallet) })
        {
            JsonNode error = await ErrorAsync(await SayAsync(maker, Said(what, named, "10:30")));
            ((string)error["code"]!).ShouldBe("item-recalled");
            ((string)error["field"]!).ShouldBe("items");
            ((string)error["detail"]!).ShouldContain("Metal in tea");
        }
        JsonObject received = await RunningServices.JsonAsync(await SayAsync(maker, Said("receive", item, "11:30")));
        ((string)received["recalled"]![0]!["title"]!["en"]!).ShouldBe("Metal in tea");
        (await SayAsync(maker, Said("return", item, "12:30"))).StatusCode.ShouldBe(HttpStatusCode.Created);
        using HttpResponseMessage anyway = await maker.PostAsync(
            "simple/events?recalled=record", RunningServices.Json(Said("sell", item, "13:30")));
        anyway.StatusCode.ShouldBe(HttpStatusCode.Created, await anyway.Content.ReadAsStringAsync());
    }

    private static string Said(string what, string item, string at) => $$"""
        {"events":[{"what":"{{what}}","when":"2026-03-21 {{at}}","where":"{{Gln}}","items":["{{item}}"]}]}
        """;

    private static async Task<JsonNode> ErrorAsync(HttpResponseMessage refused)
    {
        string text = await refused.Content.ReadAsStringAsync();
        refused.IsSuccessStatusCode.ShouldBeFalse(text);
        return JsonNode.Parse(text)!["errors"]!.AsArray().ShouldHaveSingleItem(text)!;
    }

    [Fact]
    public async Task A_file_that_is_no_sheet_is_refused()
    {
        HttpClient farm = await _services.AsAsync("farm");
        using ByteArrayContent content = new([0xff, 0xfe, 0xfa, 0x80, 0x00]);
        using HttpResponseMessage refused = await farm.PostAsync("simple/sheets", content);
        ((string)(await RunningServices.JsonAsync(refused))["code"]!).ShouldBe("sheet-unreadable");
    }

    private static Task<HttpResponseMessage> SayAsync(HttpClient client, string json) =>
        client.PostAsync("simple/events", new StringContent(json, Encoding.UTF8, "application/json"));

    private static async Task<HttpResponseMessage> SheetAsync(HttpClient client, string text, string? key = null)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, "simple/sheets")
        {
            Content = new StringContent(text, Encoding.UTF8, "text/csv"),
        };
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        return await client.SendAsync(request);
    }
}
