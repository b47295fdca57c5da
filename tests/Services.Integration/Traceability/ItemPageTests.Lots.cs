using System.Text.Json.Nodes;
using Services.Integration.Evidence;
using Shouldly;
using TestKit;
using Xunit;

namespace Services.Integration.Traceability;

/// <content>Labels that name another lot than the one that their code is bound to.</content>
public sealed partial class ItemPageTests
{
    [Fact]
    public async Task Another_lot_on_the_label_is_kept_of_reports_and_once_of_a_device()
    {
        (HttpClient farm, string gtin) = await ProductAsync();
        string[] links = await BatchAsync(farm, gtin, 10, activated: 10);
        string Labelled(int number, string lot) =>
            new Uri(links[number]).AbsolutePath.Replace("/21/", $"/10/{lot}/21/", StringComparison.Ordinal);
        string SerialOf(int number) => links[number][(links[number].LastIndexOf('/') + 1)..];
        Task<object?> KeptAsync(int number) => Running.ScalarAsync(
            $"select string_agg(coalesce(lot, '') || lot_differs, ' ' order by id) from scans where serial = '{SerialOf(number)}'");
        Task ChecksAsync(int number, long checks) => Eventually.TrueAsync(async () => (long)(await Running.ScalarAsync(
            $"select count(*) from scans where serial = '{SerialOf(number)}'"))! == checks, $"{checks} checks are recorded");

        await JsonAsync(farm.PostAsync("scans/reports", RunningServices.Json(new JsonObject
        {
            ["checks"] = new JsonArray(new JsonObject
            {
                ["link"] = Labelled(0, "L-7"),
                ["at"] = "2026-11-02T08:00:00Z",
                ["region"] = "330100",
            }),
        }.ToJsonString())));
        (await KeptAsync(0)).ShouldBe("L-1true");

        await LookAsync(Labelled(1, "L-7"));
        await ChecksAsync(1, 1);
        await LookAsync(Labelled(1, "L-8"));
        await LookAsync(Labelled(1, "L-9"));
        await LookAsync(links[1]);
        await ChecksAsync(1, 2);
        (await KeptAsync(1)).ShouldBe("L-1true L-1false", "one device that names other lots is one check");
    }

    [Fact]
    public async Task Each_place_of_an_event_is_shown_by_its_own_policy()
    {
        (HttpClient farm, string gtin) = await ProductAsync();
        await DoneAsync(farm.PutAsync("places/6901234000054", RunningServices.Json("""{"name":{"zh":"门店","en":"Shop"},"public":true}""")));
        string item = Events.Item(Events.NewSerial(), gtin);
        JsonObject e = Events.Object([item], "ADD", "commissioning");
        e["readPoint"] = new JsonObject { ["id"] = "https://id.gs1.org/414/6901234000047" };
        e["bizLocation"] = new JsonObject { ["id"] = "https://id.gs1.org/414/6901234000054" };
        await RunningTraceability.CaptureAsync(farm, [e]);
        string text = (await LookAsync(item["https://id.gs1.org".Length..])).Text;
        text.ShouldContain("Shop");
        string record = Row().Matches(text).Select(m => m.Groups[1].Value).Single();
        string shown = await Running.Open.GetStringAsync($"open/events/{record}/statements?key={Uri.EscapeDataString(item)}");
        shown.ShouldContain("/bizLocation");
        shown.ShouldNotContain("6901234000047", Case.Sensitive, "nobody published where it was read");
    }
}
