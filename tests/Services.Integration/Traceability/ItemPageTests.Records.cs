using System.Net;
using System.Text.Json.Nodes;
using Services.Integration.Evidence;
using Shouldly;
using Xunit;

namespace Services.Integration.Traceability;

/// <content>What a reader finds out by when a step is left out: each event says how many there were before it.</content>
public sealed partial class ItemPageTests
{
    [Fact]
    public async Task Each_event_says_how_many_there_were_before_and_why_one_is_not_listed()
    {
        (HttpClient farm, string gtin) = await ProductAsync();
        (string item, string box) = (Events.Item("N1", gtin), Events.Pallet(7_700_501));
        await DoneAsync((await Running.AsAsync("farm", "admin")).PutAsync("partners", RunningServices.Json("""{"partners":[]}""")));
        JsonObject wrong = Events.Object([item], "OBSERVE", "inspecting", "2026-11-01T08:30:00.000Z");
        wrong["eventID"] = $"urn:example:wrong:{gtin}";
        await RunningTraceability.CaptureAsync(farm,
        [
            Events.Object([item], "ADD", "commissioning", "2026-11-01T08:00:00.000Z"), wrong,
            Events.Object([box], "OBSERVE", "storing", "2026-10-01T08:00:00.000Z"),
        ]);
        JsonObject declared = (JsonObject)wrong.DeepClone();
        declared["errorDeclaration"] = new JsonObject { ["declarationTime"] = "2026-11-02T08:00:00.000Z" };
        await RunningTraceability.CaptureAsync(farm, [declared]);
        await RunningTraceability.CaptureAsync(await Running.AsAsync("stranger"),
            [Events.Object([item], "OBSERVE", "storing", "2026-11-01T08:40:00.000Z")]);
        await DoneAsync((await Running.AsAsync("dealer", "admin")).PutAsync(
            "disclosure", RunningServices.Json("""{"withheld":["/epcList"]}""")));
        await RunningTraceability.CaptureAsync(await Running.AsAsync("dealer"),
            [Events.Object([item], "OBSERVE", "storing", "2026-11-01T08:50:00.000Z")]);
        await RunningTraceability.CaptureAsync(farm, [Events.Pack(box, [item], "ADD", "2026-11-01T09:00:00.000Z")]);
        await DoneAsync((await Running.AsAsync("dealer", "admin")).PutAsync("disclosure", RunningServices.Json("{}")));

        IReadOnlyList<JsonNode> ofItem = await RecordsAsync(item);
        ofItem.Select(r => (string?)r["left"]).ShouldBe([null, "declared", "outsider", "outsider", null]);
        (await RecordsAsync(box)).Select(r => (string?)r["left"]).ShouldBe(["elsewhere", "elsewhere"]);
        List<int?> counts = [];
        foreach (JsonNode record in ofItem)
            counts.Add(await BeforeAsync(record, item));
        counts.ShouldBe([0, 1, 2, 2, 2], "a declaration counts for nothing, nor what was withheld then or a stranger recorded");
        (await BeforeAsync(ofItem[^1], box)).ShouldBe(1);

        async Task<IReadOnlyList<JsonNode>> RecordsAsync(string key)
        {
            string text = await Running.Open.GetStringAsync(
                $"open/items/records?item={Uri.EscapeDataString($"/01/{gtin}/21/N1")}&key={Uri.EscapeDataString(key)}");
            return [.. JsonNode.Parse(text)!["records"]!.AsArray().Select(r => r!)];
        }

        async Task<int?> BeforeAsync(JsonNode record, string of)
        {
            string text = await Running.Open.GetStringAsync(
                $"open/events/{record["id"]}/statements?key={Uri.EscapeDataString(of)}");
            JsonNode? said = JsonNode.Parse(text)!["statements"]!.AsArray()
                .SingleOrDefault(s => ((string)s!["pointer"]!).StartsWith("#before", StringComparison.Ordinal));
            return said is null ? null : (int)JsonNode.Parse((string)said["value"]!)!["count"]!;
        }
    }

    [Fact]
    public async Task Of_a_pallet_that_never_held_the_item_nothing_is_told_nor_a_time_that_is_withheld()
    {
        (HttpClient farm, string gtin) = await ProductAsync();
        (string item, string box, string other) = (Events.Item("N2", gtin), Events.Pallet(7_700_502), Events.Pallet(7_700_503));
        await RunningTraceability.CaptureAsync(farm,
        [
            Events.Pack(box, [item], "ADD", "2026-11-01T09:00:00.000Z"), Events.Pack(box, [item], "DELETE", "2026-11-01T10:00:00.000Z"),
            Events.Object([other], "OBSERVE", "storing", "2026-11-01T11:00:00.000Z"),
        ]);
        (await AskAsync(other)).StatusCode.ShouldBe(HttpStatusCode.NotFound, "its number is easily guessed");
        JsonArray shown = JsonNode.Parse(await (await AskAsync(box)).Content.ReadAsStringAsync())!["records"]!.AsArray();
        shown.Select(r => (string?)r!["at"]).ShouldBe(["2026-11-01T09:00:00.000Z", "2026-11-01T10:00:00.000Z"]);

        HttpClient admin = await Running.AsAsync("farm", "admin");
        await DoneAsync(admin.PutAsync("disclosure", RunningServices.Json("""{"withheld":["/eventTime"]}""")));
        try
        {
            JsonArray withheld = JsonNode.Parse(await (await AskAsync(box)).Content.ReadAsStringAsync())!["records"]!.AsArray();
            withheld.Select(r => r!["at"]).ShouldBe([null, null]);
        }
        finally
        {
            await DoneAsync(admin.PutAsync("disclosure", RunningServices.Json("{}")));
        }

        Task<HttpResponseMessage> AskAsync(string key) => Running.Open.GetAsync(
            $"open/items/records?item={Uri.EscapeDataString($"/01/{gtin}/21/N2")}&key={Uri.EscapeDataString(key)}");
    }

    [Fact]
    public async Task Captures_at_once_never_say_that_there_were_more_than_there_were()
    {
        (HttpClient farm, string gtin) = await ProductAsync();
        string item = Events.Item("AT-ONCE", gtin);
        await Parallel.ForAsync(0, 12, async (i, _) => await RunningTraceability.CaptureAsync(
            farm, [Events.Object([item], "OBSERVE", "storing", $"2026-11-01T08:{i:D2}:00.000Z")]));
        (await Running.ScalarAsync($"""
            select count(*) from (
                select b.counts, row_number() over (order by e.seq) - 1 as before from epcis_epcs x
                join epcis_events e using (seq) join epcis_bodies b on b.event_id = e.id where x.uri = '{item}') n
            where case when length(counts) = 0 then 0 else get_byte(counts, 0) end > before
            """)).ShouldBe(0L);
    }
}
