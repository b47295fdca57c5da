using System.Net;
using System.Text.Json.Nodes;
using Services.Integration.Evidence;
using Shouldly;
using TestKit;
using Xunit;
using static Services.Integration.Traceability.RunningTraceability;

namespace Services.Integration.Traceability;

/// <summary>Recalls and balances on a running service.</summary>
public sealed partial class RecallApiTests(TraceabilityFixture fixture) : IClassFixture<TraceabilityFixture>
{
    private const string Gtin = "06901234567892";

    /// <summary>A product that the maker described.</summary>
    private const string Own = "06901234567908";

    private const string Dealer = "https://id.gs1.org/417/6901234500011";
    private const string Shop = "https://id.gs1.org/414/6901234500004";
    private const string Home = "https://id.gs1.org/414/6901234000054";
    private readonly RunningTraceability _services = fixture.Services;

    [Fact]
    public async Task A_recall_reaches_what_the_lot_became_and_says_so_until_it_ends()
    {
        (string lot, string[] pieces) = await StoryAsync(Own);
        HttpClient maker = await _services.AsAsync("maker"), dealer = await _services.AsAsync("dealer");
        JsonObject opened = await OpenAsync(maker, lot, drill: false);
        Guid id = Guid.Parse((string)opened["id"]!);
        ((int)opened["scope"]!["items"]!).ShouldBe(4);
        ((int)opened["scope"]!["outstanding"]!).ShouldBe(3);
        ((int)opened["scope"]!["sold"]!).ShouldBe(1);
        ((int)opened["scope"]!["located"]!).ShouldBe(2);
        opened["deadlines"]!.AsArray().Select(d => (string)d!["article"]!).ShouldBe(["第十三条", "第十八条"]);

        (await PageAsync(pieces[0])).ShouldNotContain("Recall:");
        (await ListAsync(dealer)).ShouldNotContain(id.ToString());
        await StepAsync(maker, id, """{"kind":"plan","text":"plan"}""");
        await StepAsync(maker, id, """{"kind":"notice","text":"do not eat"}""");
        string page = await PageAsync(pieces[0]);
        page.ShouldContain("Recall: t (class 1)");
        page.ShouldContain("do not eat");
        (await PageAsync(Events.Item(Events.NewSerial(), Own))).ShouldNotContain("Recall:");

        (await ListAsync(dealer)).ShouldContain(id.ToString());
        (await ListAsync(await _services.AsAsync("stranger"))).ShouldNotContain(id.ToString());
        JsonObject dealers = await GetAsync(dealer, $"recalls/{id}/items");
        JsonNode held = dealers["items"]!.AsArray().Single()!;
        ((string)held["uri"]!).ShouldBe(pieces[1]);
        ((bool)held["shown"]!).ShouldBeTrue("the dealer's own");
        ((string)held["holder"]!).ShouldBe("dealer");
        ((string)held["place"]!).ShouldBe(Shop);
        (await dealer.GetAsync($"recalls/{id}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await RefusedAsync(maker, id, """{"kind":"end","text":"over"}""")).ShouldBe("recall-no-disposal");
        (await RefusedAsync(dealer, id, """{"kind":"progress","recovered":1,"text":"x"}""")).ShouldBe("recall-not-found");

        (await RefusedAsync(maker, id, """{"kind":"progress","recovered":4,"text":"x"}""")).ShouldBe("recall-too-many");
        await StepAsync(maker, id, """{"kind":"progress","recovered":2,"text":"two came back"}""");
        await StepAsync(maker, id, """{"kind":"disposal","method":"burnt","pieces":2,"text":"witnessed"}""");
        await StepAsync(maker, id, """{"kind":"end","text":"over"}""");
        (await PageAsync(pieces[0])).ShouldNotContain("Recall:");
        (await RefusedAsync(maker, id, """{"kind":"plan","text":"late"}""")).ShouldBe("recall-over");
        JsonObject report = await GetAsync(await _services.AsAsync("authority", "regulator"), $"recalls/{id}");
        report["entries"]!.AsArray().Select(e => (string)e!["kind"]!)
            .ShouldBe(["opened", "scope", "plan", "notice", "progress", "disposal", "end"]);
        report["deadlines"]!.AsArray().ShouldAllBe(d => (bool)d!["met"]!);
        ((double)report["locatedShare"]!).ShouldBe(1);
    }

    [Fact]
    public async Task A_drill_is_timed_and_marks_nothing()
    {
        (string lot, string[] pieces) = await StoryAsync(Own);
        HttpClient maker = await _services.AsAsync("maker");
        Guid id = Guid.Parse((string)(await OpenAsync(maker, lot, drill: true))["id"]!);
        await StepAsync(maker, id, """{"kind":"notice","text":"drill"}""");
        JsonArray scores = JsonNode.Parse(
            await (await _services.AsAsync("authority", "regulator")).GetStringAsync("recalls/scores"))!.AsArray();
        JsonNode score = scores.Single(f => (string)f!["tenant"]! == "maker")!;
        ((int)score["drills"]!).ShouldBeGreaterThan(0);
        ((double)score["minutesToTrace"]!).ShouldBeInRange(0, 1);
        ((double)score["locatedShare"]!).ShouldBe(1);
        (await maker.GetAsync("recalls/scores")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        await StepAsync(maker, id, """{"kind":"scope"}""");
        await StepAsync(maker, id, """{"kind":"end","text":"over"}""");
        (await PageAsync(pieces[0])).ShouldNotContain("Recall:");
        JsonObject report = await GetAsync(maker, $"recalls/{id}");
        ((long)report["scope"]!["milliseconds"]!).ShouldBeGreaterThanOrEqualTo(0);
        ((string)report["scope"]!["root"]!).Length.ShouldBe(64);
        report["entries"]!.AsArray().Count.ShouldBe(5);
    }

    [Fact]
    public async Task A_lot_s_balance_is_told()
    {
        HttpClient maker = await _services.AsAsync("maker");
        string raw = Lot($"RAW{Events.NewSerial()}"), lot = Lot($"BAL{Events.NewSerial()}");
        JsonObject make = new()
        {
            ["type"] = "TransformationEvent",
            ["eventTime"] = "2026-11-01T01:00:00.000Z",
            ["eventTimeZoneOffset"] = "+00:00",
            ["inputQuantityList"] = new JsonArray(new JsonObject { ["epcClass"] = raw, ["quantity"] = 100, ["uom"] = "KGM" }),
            ["outputQuantityList"] = new JsonArray(new JsonObject { ["epcClass"] = lot, ["quantity"] = 99.9, ["uom"] = "KGM" }),
        };
        JsonObject sold = new()
        {
            ["type"] = "ObjectEvent",
            ["eventTime"] = "2026-11-02T01:00:00.000Z",
            ["eventTimeZoneOffset"] = "+00:00",
            ["action"] = "DELETE",
            ["bizStep"] = "retail_selling",
            ["epcList"] = new JsonArray(),
            ["quantityList"] = new JsonArray(new JsonObject { ["epcClass"] = lot, ["quantity"] = 100, ["uom"] = "KGM" }),
        };
        await CaptureAsync(maker, [make, sold]);
        JsonObject balance = await GetAsync(maker, $"balance/{Uri.EscapeDataString(lot)}");
        JsonNode line = balance["lines"]!.AsArray().Single()!;
        ((decimal)line["expected"]!).ShouldBe(-0.1m);
        ((bool)line["balanced"]!).ShouldBeFalse();
        ((decimal)balance["transformations"]!.AsArray().Single()!["yield"]!).ShouldBe(0.999m);
    }

    [Fact]
    public async Task While_a_recall_is_open_its_reach_follows_the_events()
    {
        (string lot, string[] pieces) = await StoryAsync(Own);
        HttpClient maker = await _services.AsAsync("maker"), dealer = await _services.AsAsync("dealer");
        string id = (string)(await OpenAsync(maker, lot, drill: false))["id"]!;
        await StepAsync(maker, Guid.Parse(id), """{"kind":"notice","text":"do not eat"}""");
        JsonNode sent = (await GetAsync(maker, $"recalls/{id}/items"))["items"]!.AsArray()
            .Single(i => (string)i!["uri"]! == pieces[1])!;
        ((string)sent["sentTo"]!).ShouldBe(Dealer, "the maker's own word of it");
        (await StatesAsync()).ShouldBe(["held"]);

        await CaptureAsync(dealer, [Events.Object([pieces[1]], "OBSERVE", "destroying", "2026-11-08T01:00:00.000Z")]);
        await Eventually.TrueAsync(async () => (await StatesAsync()) is ["destroyed"], "the reach is found anew");
        JsonObject details = await GetAsync(maker, $"recalls/{id}");
        ((int)details["scope"]!["outstanding"]!).ShouldBe(2);
        details["entries"]!.AsArray().Count(e => (string)e!["kind"]! == "scope").ShouldBe(2, "once for one change");

        async Task<string[]> StatesAsync() => [.. (await GetAsync(dealer, $"recalls/{id}/items"))["items"]!.AsArray()
            .Select(i => (string)i!["state"]!)];
    }

    [Fact]
    public async Task Sales_that_sellers_report_count_in_recall_balance_and_trace()
    {
        (string lot, string[] pieces) = await StoryAsync(Own);
        HttpClient maker = await _services.AsAsync("maker"), dealer = await _services.AsAsync("dealer");
        using HttpResponseMessage named = await maker.PutAsync("sales/sellers", RunningServices.Json(
            $$"""{"gtin":"{{Own}}","sellers":[{"tenant":"dealer"}]}"""));
        named.StatusCode.ShouldBe(HttpStatusCode.NoContent, await named.Content.ReadAsStringAsync());
        await SellAsync(await _services.AsAsync("stranger"), pieces[0]);
        JsonNode before = (await OpenAsync(maker, lot, drill: true))["scope"]!;
        ((int)before["sold"]!, (int)before["located"]!).ShouldBe((1, 2), "a stranger sells nothing");
        await SellAsync(dealer, pieces[1]);
        await SellAsync(maker, pieces[0]);
        JsonNode scope = (await OpenAsync(maker, lot, drill: true))["scope"]!;
        ((int)scope["outstanding"]!, (int)scope["sold"]!, (int)scope["located"]!).ShouldBe((3, 3, 0));
        JsonObject trace = await GetAsync(maker, $"trace/{Uri.EscapeDataString(pieces[1])}");
        ((string)trace["items"]!.AsArray().Single()!["state"]!).ShouldBe("sold");
        JsonNode line = (await GetAsync(maker, $"balance/{Uri.EscapeDataString(lot)}"))["lines"]!.AsArray().Single()!;
        ((decimal)line["in"]!, (decimal)line["sold"]!, (decimal)line["expected"]!).ShouldBe((3, 3, 0));
    }

    private static async Task SellAsync(HttpClient seller, string item)
    {
        using HttpResponseMessage sold = await seller.PostAsync("sales", RunningServices.Json(new JsonObject
        {
            ["feed"] = Events.NewSerial(),
            ["first"] = 1,
            ["through"] = DateTimeOffset.UtcNow.AddSeconds(-1).ToString("O"),
            ["sales"] = new JsonArray(new JsonObject { ["link"] = item, ["at"] = "2026-11-04T10:00:00Z" }),
        }.ToJsonString()));
        sold.StatusCode.ShouldBe(HttpStatusCode.Created, await sold.Content.ReadAsStringAsync());
    }

    /// <summary>Three pieces of a lot: one kept, one received by a dealer, one sold.</summary>
    private async Task<(string Lot, string[] Pieces)> StoryAsync(string gtin = Gtin)
    {
        HttpClient maker = await _services.AsAsync("maker"), dealer = await _services.AsAsync("dealer");
        string number = $"L{Events.NewSerial()}";
        string[] pieces = [.. Enumerable.Range(0, 3).Select(_ => Events.Item(Events.NewSerial(), gtin))];
        if (gtin == Own)
        {
            using HttpResponseMessage described = await maker.PutAsync(
                $"products/{gtin}", RunningServices.Json("""{"name":{"zh":"茶","en":"Tea"}}"""));
            described.IsSuccessStatusCode.ShouldBeTrue(await described.Content.ReadAsStringAsync());
        }
        JsonObject commission = Events.Object(pieces, "ADD", "commissioning", "2026-11-01T01:00:00.000Z");
        commission["ilmd"] = new JsonObject { ["cbvmda:lotNumber"] = number };
        commission["bizLocation"] = new JsonObject { ["id"] = Home };
        await CaptureAsync(maker, [commission, Events.Object(pieces[2..], "OBSERVE", "retail_selling", "2026-11-03T01:00:00.000Z")]);
        JsonObject sent = Events.Object([pieces[1]], "OBSERVE", "shipping", "2026-11-01T12:00:00.000Z");
        sent["destinationList"] = new JsonArray(new JsonObject { ["type"] = "owning_party", ["destination"] = Dealer });
        await CaptureAsync(maker, [sent]);
        using HttpResponseMessage confirmed = await (await _services.AsAsync("authority", "regulator")).PutAsync(
            $"glns/{Dealer[^13..]}/owner", RunningServices.Json("""{"tenant":"dealer"}"""));
        confirmed.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        JsonObject received = Events.Object([pieces[1]], "OBSERVE", "receiving", "2026-11-02T01:00:00.000Z");
        received["bizLocation"] = new JsonObject { ["id"] = Shop };
        await CaptureAsync(dealer, [received]);
        return (Lot(number, gtin), pieces);
    }

    /// <summary>What a consumer sees who scans an item.</summary>
    private async Task<string> PageAsync(string item)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri(item).AbsolutePath + "?lang=en");
        request.Headers.Accept.ParseAdd("text/html");
        using HttpResponseMessage response = await _services.Open.SendAsync(request);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        return await response.Content.ReadAsStringAsync();
    }

    private static string Lot(string lot, string gtin = Gtin) => $"https://id.gs1.org/01/{gtin}/10/{lot}";

    private static string Body(string lot, bool drill) =>
        $$"""{"title":"t","reason":"r","domain":"food","class":1,"drill":{{(drill ? "true" : "false")}},"targets":["{{lot}}"]}""";

    private static async Task<JsonObject> OpenAsync(HttpClient client, string lot, bool drill)
    {
        using HttpResponseMessage opened = await client.SendAsync(RunningServices.Post("recalls", Body(lot, drill)));
        opened.StatusCode.ShouldBe(HttpStatusCode.Created, await opened.Content.ReadAsStringAsync());
        return await RunningServices.JsonAsync(opened);
    }

    private static async Task StepAsync(HttpClient client, Guid id, string body)
    {
        using HttpResponseMessage done = await client.SendAsync(RunningServices.Post($"recalls/{id}/steps", body));
        done.StatusCode.ShouldBe(HttpStatusCode.Created, await done.Content.ReadAsStringAsync());
    }

    private static async Task<string> RefusedAsync(HttpClient client, Guid id, string body)
    {
        using HttpResponseMessage refused = await client.SendAsync(RunningServices.Post($"recalls/{id}/steps", body));
        return (string)(await RunningServices.JsonAsync(refused))["code"]!;
    }

    private static async Task<string> ListAsync(HttpClient client) => await client.GetStringAsync("recalls");

    private static async Task<JsonObject> GetAsync(HttpClient client, string path)
    {
        using HttpResponseMessage response = await client.GetAsync(path);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        return await RunningServices.JsonAsync(response);
    }
}
