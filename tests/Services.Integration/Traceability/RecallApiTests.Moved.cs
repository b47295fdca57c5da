using System.Net;
using System.Text.Json.Nodes;
using Services.Integration.Evidence;
using Shouldly;
using TestKit;
using Xunit;
using static Services.Integration.Traceability.RunningTraceability;

namespace Services.Integration.Traceability;

/// <content>Recalls of a product that an authority moved to another organisation.</content>
public sealed partial class RecallApiTests
{
    [Fact]
    public async Task Who_gets_a_product_calls_back_its_goods_and_recalls_of_before_go_on()
    {
        string gtin = CodeTests.NewGtin();
        HttpClient maker = await _services.AsAsync("maker"), farm = await _services.AsAsync("farm");
        HttpClient authority = await _services.AsAsync("authority", "regulator");
        await PutAsync(maker, $"products/{gtin}", """{"name":{"zh":"茶","en":"Tea"}}""");
        (string lot, string[] pieces) = await StoryAsync(gtin);
        Guid before = Guid.Parse((string)(await OpenAsync(maker, lot, drill: false))["id"]!);
        await StepAsync(maker, before, """{"kind":"plan","text":"plan"}""");
        await StepAsync(maker, before, """{"kind":"notice","text":"do not eat"}""");
        string gone = Events.Item(Events.NewSerial(), gtin);
        await CaptureAsync(maker,
        [
            Events.Object([gone], "ADD", "commissioning", "2026-11-01T01:00:00.000Z"),
            Events.Object([gone], "DELETE", "destroying", "2026-11-02T01:00:00.000Z"),
        ]);
        (await OpenedAsync(farm, lot)).ShouldBe("recall-target-unknown");
        await ShownAsync();
        await PutAsync(authority, $"products/{gtin}/owner", """{"tenant":"farm","basis":"The brand was sold."}""");
        await ShownAsync();

        JsonObject opened = await OpenAsync(farm, lot, drill: false);
        ((int)opened["scope"]!["items"]!).ShouldBe(4, "goods of before too");
        foreach (string target in new[] { lot, pieces[0] })
            (await OpenedAsync(maker, target)).ShouldBe("recall-target-unknown");
        (await CertifiedAsync("farm")).ShouldBe(HttpStatusCode.Created);
        (await CertifiedAsync("maker")).ShouldBe(HttpStatusCode.Conflict);

        (await GetAsync(maker, $"recalls/{before}"))["entries"]!.AsArray().Count.ShouldBe(4);
        await CaptureAsync(maker, [Events.Object([pieces[0]], "OBSERVE", "destroying", "2026-11-08T01:00:00.000Z")]);
        await Eventually.TrueAsync(
            async () => (int)(await GetAsync(maker, $"recalls/{before}"))["scope"]!["outstanding"]! == 2,
            "the reach of a recall of before is found on");
        await StepAsync(maker, before, """{"kind":"scope"}""");
        (await RefusedAsync(farm, before, """{"kind":"progress","recovered":1,"text":"x"}""")).ShouldBe("recall-not-found");

        async Task ShownAsync()
        {
            (await PageAsync(pieces[0])).ShouldContain("do not eat");
            (await PageAsync(gone)).ShouldContain("taken out of use");
            JsonArray steps = (await GetAsync(authority, $"trace/{Uri.EscapeDataString(pieces[2])}"))["items"]!.AsArray();
            ((string)steps.Single()!["state"]!).ShouldBe("sold");
        }

        async Task<HttpStatusCode> CertifiedAsync(string tenant)
        {
            using HttpResponseMessage answer = await (await _services.AsAsync(tenant, "admin")).SendAsync(RunningServices.Post(
                "codes/quotas", $$$"""
                {"gtin":"{{{gtin}}}","rule":"trademark-quota","basis":{"labels":"10"},
                 "certificate":"C-{{{tenant}}}","validFrom":"2020-01-01","validTo":"2099-12-31"}
                """));
            return answer.StatusCode;
        }

        static async Task<string> OpenedAsync(HttpClient client, string target)
        {
            using HttpResponseMessage refused = await client.SendAsync(RunningServices.Post("recalls", Body(target, false)));
            return (string)(await RunningServices.JsonAsync(refused))["code"]!;
        }

        static async Task PutAsync(HttpClient client, string path, string json)
        {
            using HttpResponseMessage answer = await client.PutAsync(path, RunningServices.Json(json));
            answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
        }
    }
}
