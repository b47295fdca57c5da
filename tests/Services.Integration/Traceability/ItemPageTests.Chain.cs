using System.Text.Json.Nodes;
using Services.Integration.Evidence;
using Shouldly;
using Xunit;

namespace Services.Integration.Traceability;

/// <summary>The page tells of the same organisations as the graph.</summary>
public sealed partial class ItemPageTests
{
    [Fact]
    public async Task Any_number_of_events_of_others_hides_nobody_whom_the_owner_names()
    {
        (HttpClient farm, string gtin) = await ProductAsync();
        string item = Events.Item("FLOOD1", gtin);
        await ConfirmAsync("6901234000108", "stranger");
        await ConfirmAsync("6901234000078", "maker");
        await RunningTraceability.CaptureAsync(await Running.AsAsync("stranger"), [.. Enumerable.Range(0, 600).Select(i =>
            Events.Object([item], "OBSERVE", "inspecting", $"2026-10-01T08:{i % 60:D2}:{i / 60:D2}.000Z"))]);
        await RunningTraceability.CaptureAsync(farm,
        [
            Events.Object([item], "ADD", "commissioning", "2026-11-01T08:00:00.000Z"),
            At(Events.Object([item], "OBSERVE", "shipping", "2026-11-01T09:00:00.000Z"), "6901234000078"),
        ]);
        await RunningTraceability.CaptureAsync(await Running.AsAsync("maker"),
            [Events.Object([item], "OBSERVE", "stocking", "2026-11-02T08:00:00.000Z")]);
        (await StepsAsync(gtin, "FLOOD1")).ShouldBe(["Given its code", "Shipped", "Put on the shelf"]);
        (await OutsidersAsync(item)).ShouldBeTrue("the graph takes the same for outsiders");
    }

    [Fact]
    public async Task Who_is_named_of_the_pallet_after_the_item_left_it_is_not_on_its_chain()
    {
        (HttpClient farm, string gtin) = await ProductAsync();
        string item = Events.Item("LEFT1", gtin), pallet = Events.Pallet(7501);
        await ConfirmAsync("6901234000078", "maker");
        await RunningTraceability.CaptureAsync(farm,
        [
            Events.Object([item], "ADD", "commissioning", "2026-11-01T08:00:00.000Z"),
            Events.Pack(pallet, [item], "ADD", "2026-11-01T09:00:00.000Z"),
            Events.Pack(pallet, [item], "DELETE", "2026-11-01T10:00:00.000Z"),
            At(Events.Object([pallet], "OBSERVE", "shipping", "2026-11-01T11:00:00.000Z"), "6901234000078"),
        ]);
        await RunningTraceability.CaptureAsync(await Running.AsAsync("maker"),
            [Events.Object([item], "OBSERVE", "stocking", "2026-11-02T08:00:00.000Z")]);
        (await StepsAsync(gtin, "LEFT1")).ShouldBe(["Given its code", "Packed", "Packed"]);
        (await OutsidersAsync(item)).ShouldBeTrue("the graph takes the same for outsiders");
    }

    [Fact]
    public async Task Being_seen_in_a_pallet_first_is_as_good_as_being_put_into_it()
    {
        (HttpClient farm, string gtin) = await ProductAsync();
        string item = Events.Item("SEEN1", gtin), pallet = Events.Pallet(7601);
        await RunningTraceability.CaptureAsync(farm,
        [
            Events.Object([item], "ADD", "commissioning", "2026-11-01T08:00:00.000Z"),
            Events.Pack(pallet, [item], "OBSERVE", "2026-11-01T09:00:00.000Z"),
            Events.Object([pallet], "OBSERVE", "departing", "2026-11-01T10:00:00.000Z"),
            Events.Pack(pallet, [], "DELETE", "2026-11-01T11:00:00.000Z"),
            Events.Object([pallet], "OBSERVE", "destroying", "2026-11-01T12:00:00.000Z"),
        ]);
        (await StepsAsync(gtin, "SEEN1")).ShouldBe(["Given its code", "Packed", "Departed"]);
        (await OutsidersAsync(item)).ShouldBeFalse();
    }

    private static JsonObject At(JsonObject happened, string gln)
    {
        happened["readPoint"] = new JsonObject { ["id"] = $"https://id.gs1.org/414/{gln}" };
        return happened;
    }

    private async Task ConfirmAsync(string gln, string tenant) =>
        await DoneAsync((await Running.AsAsync("authority", "regulator")).PutAsync(
            $"glns/{gln}/owner", RunningServices.Json($$"""{"tenant":"{{tenant}}"}""")));

    private async Task<IEnumerable<string>> StepsAsync(string gtin, string serial) =>
        Step().Matches((await LookAsync($"/01/{gtin}/21/{serial}")).Text).Select(m => m.Groups[1].Value);

    /// <summary>Whether the graph tells the regulator of events by others than the item's chain.</summary>
    private async Task<bool> OutsidersAsync(string item)
    {
        HttpClient authority = await Running.AsAsync("authority", "regulator");
        return (await authority.GetStringAsync($"trace/{Uri.EscapeDataString(item)}"))
            .Contains("recorded-by-outsider", StringComparison.Ordinal);
    }
}
