using System.Net;
using System.Text.Json.Nodes;
using Services.Integration.Evidence;
using Shouldly;
using Xunit;
using static Services.Integration.Traceability.RunningTraceability;

namespace Services.Integration.Traceability;

/// <content>What those outside of the chain of the goods record and are told.</content>
public sealed partial class RecallApiTests
{
    [Fact]
    public async Task What_the_organisation_has_no_part_in_is_not_its_to_recall()
    {
        (string lot, _) = await StoryAsync();
        HttpClient stranger = await _services.AsAsync("stranger");
        using HttpResponseMessage refused = await stranger.SendAsync(RunningServices.Post("recalls", Body(lot, false)));
        refused.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity, await refused.Content.ReadAsStringAsync());
        ((string)(await RunningServices.JsonAsync(refused))["code"]!).ShouldBe("recall-target-unknown");
        using HttpResponseMessage shape = await stranger.SendAsync(RunningServices.Post("recalls", "{\"title\":\"x\"}"));
        shape.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task An_event_about_another_s_goods_gives_no_right_to_call_them_back()
    {
        (string lot, string[] pieces) = await StoryAsync();
        HttpClient stranger = await _services.AsAsync("stranger");
        JsonObject again = Events.Object([pieces[0]], "ADD", "commissioning", "2026-10-01T01:00:00.000Z");
        await CaptureAsync(stranger, [again, Events.Object(pieces, "OBSERVE", "inspecting", "2026-11-04T01:00:00.000Z")]);
        foreach (string target in new[] { lot, pieces[0] })
        {
            using HttpResponseMessage refused = await stranger.SendAsync(RunningServices.Post("recalls", Body(target, true)));
            ((string)(await RunningServices.JsonAsync(refused))["code"]!).ShouldBe("recall-target-unknown");
        }
    }

    [Fact]
    public async Task Through_a_pallet_that_one_named_first_one_calls_back_ones_own_goods_alone()
    {
        (_, string[] pieces) = await StoryAsync(Own);
        HttpClient maker = await _services.AsAsync("maker"), stranger = await _services.AsAsync("stranger");
        string pallet = Events.Pallet(77_041), carton = Events.Pallet(77_042), own = Events.Item(Events.NewSerial(), CodeTests.NewGtin());
        await CaptureAsync(stranger, [Events.Object([pallet], "ADD", "commissioning", "2026-10-01T01:00:00.000Z")]);
        await CaptureAsync(maker,
        [
            Events.Pack(carton, [pieces[0]], time: "2026-11-05T04:00:00.000Z"),
            Events.Pack(pallet, [carton], time: "2026-11-05T05:00:00.000Z"),
        ]);
        using HttpResponseMessage refused = await stranger.SendAsync(RunningServices.Post("recalls", Body(pallet, false)));
        ((string)(await RunningServices.JsonAsync(refused))["code"]!).ShouldBe("recall-target-unknown");

        await CaptureAsync(stranger,
        [
            Events.Object([own], "ADD", "commissioning", "2026-11-05T05:30:00.000Z"),
            Events.Pack(pallet, [own], time: "2026-11-05T06:00:00.000Z"),
        ]);
        (await ReachAsync(stranger)).ShouldBe([own]);
        (await ReachAsync(maker)).ShouldBe([pieces[0]]);
        (await ReachAsync(await _services.AsAsync("authority", "regulator"))).ShouldContain(pieces[0], "an authority calls all of it back");

        async Task<IEnumerable<string>> ReachAsync(HttpClient client)
        {
            string id = (string)(await OpenAsync(client, pallet, drill: true))["id"]!;
            return (await GetAsync(client, $"recalls/{id}/items"))["items"]!.AsArray().Select(i => (string)i!["uri"]!);
        }
    }

    [Fact]
    public async Task Another_s_ingredient_calls_back_what_was_made_of_it_and_no_more()
    {
        string raw = Lot($"RAW{Events.NewSerial()}");
        (string mine, string theirs) = (Events.Item(Events.NewSerial()), Events.Item(Events.NewSerial()));
        HttpClient farm = await _services.AsAsync("farm"), maker = await _services.AsAsync("maker");
        HttpClient dealer = await _services.AsAsync("dealer");
        JsonObject grown = Events.Object([], "ADD", "commissioning", "2026-11-01T00:00:00.000Z");
        grown["quantityList"] = new JsonArray(new JsonObject { ["epcClass"] = raw, ["quantity"] = 10, ["uom"] = "KGM" });
        await CaptureAsync(farm, [grown]);
        await CaptureAsync(maker, [Made(raw, mine)]);
        await CaptureAsync(dealer, [Made(raw, theirs)]);
        Guid id = Guid.Parse((string)(await OpenAsync(maker, raw, drill: true))["id"]!);
        JsonObject reach = await GetAsync(maker, $"recalls/{id}/items");
        reach["items"]!.AsArray().Select(i => (string)i!["uri"]!).ShouldBe([mine]);

        static JsonObject Made(string from, string to) => new()
        {
            ["type"] = "TransformationEvent",
            ["eventTime"] = "2026-11-02T01:00:00.000Z",
            ["eventTimeZoneOffset"] = "+00:00",
            ["inputQuantityList"] = new JsonArray(new JsonObject { ["epcClass"] = from, ["quantity"] = 5, ["uom"] = "KGM" }),
            ["outputEPCList"] = new JsonArray(to),
        };
    }

    [Fact]
    public async Task What_an_outsider_records_changes_no_recall_balance_or_trace_and_is_told()
    {
        (string lot, string[] pieces) = await StoryAsync(Own);
        HttpClient maker = await _services.AsAsync("maker"), stranger = await _services.AsAsync("stranger");
        string pallet = Events.Pallet(77_001);
        await CaptureAsync(stranger,
        [
            Events.Object([pieces[0]], "DELETE", "destroying", "2026-11-05T01:00:00.000Z"),
            Events.Object([pieces[1]], "OBSERVE", "retail_selling", "2026-11-05T02:00:00.000Z"),
            Events.Object([pieces[2]], "OBSERVE", "receiving", "2026-11-05T03:00:00.000Z"),
            Events.Pack(pallet, pieces, time: "2026-11-05T04:00:00.000Z"),
        ]);
        JsonObject recall = await OpenAsync(maker, lot, drill: true);
        JsonNode scope = recall["scope"]!;
        ((int)scope["items"]!, (int)scope["outstanding"]!, (int)scope["sold"]!, (int)scope["located"]!).ShouldBe((4, 3, 1, 2));
        JsonObject details = await GetAsync(maker, $"recalls/{recall["id"]}");
        ((double)details["locatedShare"]!).ShouldBe(1, "both that are not sold are at a known place");
        details["findings"]!.AsArray().Where(f => (string)f!["code"]! == "recorded-by-outsider")
            .Select(f => (string)f!["epc"]!).Distinct().ShouldBe(pieces, ignoreOrder: true);
        foreach (HttpClient reader in new[] { maker, await _services.AsAsync("authority", "regulator") })
        {
            JsonObject trace = await GetAsync(reader, $"trace/{Uri.EscapeDataString(pieces[0])}");
            JsonNode item = trace["items"]!.AsArray().Single()!;
            ((string)item["state"]!, (string)item["holder"]!).ShouldBe(("held", "maker"));
            trace["findings"]!.AsArray().Select(f => (string)f!["code"]!).ShouldContain("recorded-by-outsider");
            JsonNode line = (await GetAsync(reader, $"balance/{Uri.EscapeDataString(lot)}"))["lines"]!.AsArray().Single()!;
            ((decimal)line["in"]!, (decimal)line["sold"]!, (decimal)line["waste"]!).ShouldBe((3, 1, 0));
        }
        JsonObject inside = await GetAsync(stranger, $"contents/{Uri.EscapeDataString(pallet)}?at=2026-11-06T00:00:00Z");
        inside["items"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task Whoever_only_says_that_it_has_recalled_goods_is_warned_and_told_nothing_else()
    {
        (string lot, string[] pieces) = await StoryAsync(Own);
        HttpClient maker = await _services.AsAsync("maker"), stranger = await _services.AsAsync("stranger");
        string carton = Events.Pallet(77_002), pallet = Events.Pallet(77_003);
        await CaptureAsync(maker,
        [
            Events.Pack(carton, [pieces[0], pieces[2]], time: "2026-11-05T04:00:00.000Z"),
            Events.Pack(pallet, [carton], time: "2026-11-05T05:00:00.000Z"),
            // What was written off may turn up again.
            Events.Object([pieces[2]], "DELETE", "destroying", "2026-11-07T06:00:00.000Z"),
        ]);
        await CaptureAsync(stranger, [Events.Object([pallet], "OBSERVE", "receiving", "2026-11-06T03:00:00.000Z")]);
        JsonObject recall = await OpenAsync(maker, lot, drill: false);
        string id = (string)recall["id"]!;
        (await ListAsync(stranger)).ShouldNotContain(id, Case.Sensitive, "not before the notice");
        await StepAsync(maker, Guid.Parse(id), """{"kind":"notice","text":"do not eat"}""");

        (await ListAsync(stranger)).ShouldContain(id);
        JsonArray told = (await GetAsync(stranger, $"recalls/{id}/items"))["items"]!.AsArray();
        told.Select(i => ((string)i!["uri"]!, (string)i["state"]!)).ShouldBe([(pieces[0], "unknown"), (pieces[2], "unknown")], ignoreOrder: true);
        foreach (string hidden in new[] { "holder", "place", "eventId", "claimed" })
            told[0]!.AsObject().ShouldNotContainKey(hidden);
        JsonObject details = await GetAsync(maker, $"recalls/{id}");
        details["claims"]!.AsObject().ShouldBeEmpty("who buys from one's customers stays theirs to tell");
        ((int)details["otherClaims"]!).ShouldBe(1);
        JsonObject watched = await GetAsync(await _services.AsAsync("authority", "regulator"), $"recalls/{id}");
        ((int)watched["claims"]!["stranger"]!).ShouldBe(2);
        watched["holders"]!.AsObject().ShouldNotContainKey("stranger");
    }

    [Fact]
    public async Task Nobody_recalls_anothers_goods_by_saying_what_they_were_made_of()
    {
        (string lot, string[] pieces) = await StoryAsync(Own);
        HttpClient stranger = await _services.AsAsync("stranger");
        (string foreign, _) = await StoryAsync();
        JsonObject made = new()
        {
            ["type"] = "TransformationEvent",
            ["eventTime"] = "2026-11-07T01:00:00.000Z",
            ["eventTimeZoneOffset"] = "+00:00",
            ["inputEPCList"] = new JsonArray(pieces[0]),
            ["outputQuantityList"] = new JsonArray(new JsonObject { ["epcClass"] = foreign, ["quantity"] = 1, ["uom"] = "KGM" }),
        };
        await CaptureAsync(stranger, [made]);
        using HttpResponseMessage refused = await stranger.SendAsync(RunningServices.Post("recalls", new JsonObject
        {
            ["title"] = "t",
            ["reason"] = "r",
            ["domain"] = "food",
            ["class"] = 1,
            ["targets"] = new JsonArray(pieces[0]),
        }.ToJsonString()));
        ((string)(await RunningServices.JsonAsync(refused))["code"]!).ShouldBe("recall-target-unknown");
        ((int)(await OpenAsync(await _services.AsAsync("maker"), lot, drill: true))["scope"]!["items"]!).ShouldBe(4, "not what others tie to it");
    }
}
