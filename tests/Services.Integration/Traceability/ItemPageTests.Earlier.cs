using System.Net;
using Services.Integration.Evidence;
using Shouldly;
using TestKit;
using Xunit;

namespace Services.Integration.Traceability;

/// <content>Serials of a product from before its codes were made here.</content>
public sealed partial class ItemPageTests
{
    [Fact]
    public async Task What_a_producer_commissioned_before_its_first_batch_here_keeps_its_identity()
    {
        (HttpClient farm, string gtin) = await ProductAsync();
        await RunningTraceability.CaptureAsync(farm,
            [Events.Object([Events.Item("OLD1", gtin)], "ADD", "commissioning", "2026-10-01T08:00:00.000Z")]);
        await RunningTraceability.CaptureAsync(await Running.AsAsync("stranger"),
            [Events.Object([Events.Item("THEIRS1", gtin)], "ADD", "commissioning", "2026-10-01T08:00:00.000Z")]);
        await BatchAsync(farm, gtin, 10, activated: 10);
        await RunningTraceability.CaptureAsync(farm,
            [Events.Object([Events.Item("LATE1", gtin)], "ADD", "commissioning", "2026-10-01T08:00:00.000Z")]);

        (await InspectAsync("OLD1")).ShouldNotContain("code-never-issued");
        (await InspectAsync("THEIRS1")).ShouldContain("code-never-issued", Case.Sensitive, "a stranger gives nobody's goods codes");
        (await InspectAsync("INVENTED1")).ShouldContain("code-never-issued");
        (await InspectAsync("LATE1")).ShouldContain("code-never-issued", Case.Sensitive, "from then on codes made elsewhere are imported");

        (HttpStatusCode status, string text) = await LookAsync(Events.Item("OLD1", gtin));
        status.ShouldBe(HttpStatusCode.OK);
        text.ShouldContain("Some Tea recorded giving this item its code");
        (await LookAsync(Events.Item("LATE1", gtin))).Text.ShouldContain("did not issue this serial number here");
        await Eventually.TrueAsync(async () => (await farm.GetStringAsync("findings?code=never-issued"))
            .Contains($"{gtin}/21/LATE1", StringComparison.Ordinal), "the late one is found");
        (await farm.GetStringAsync("findings?code=never-issued")).ShouldNotContain("OLD1");

        async Task<string> InspectAsync(string serial)
        {
            using HttpResponseMessage answer = await farm.PostAsync("simple/events", RunningServices.Json(
                $$"""{"events":[{"what":"inspect","when":"2026-11-02 08:00","where":"6901234000009","items":["(01){{gtin}}(21){{serial}}"]}]}"""));
            return await answer.Content.ReadAsStringAsync();
        }
    }
}
