using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Shouldly;
using TestKit;
using Xunit;
using static Services.Integration.Evidence.RunningServices;

namespace Services.Integration.Traceability;

/// <content>Serials that nobody issued, and output that an authority certified.</content>
public sealed partial class CodeTests
{
    [Fact]
    public async Task A_serial_that_nobody_issued_is_refused_by_forms_and_found_in_captures()
    {
        HttpClient farm = await Running.AsAsync("farm");
        string gtin = NewGtin();
        string id = (string)(await CreatedAsync(farm, "codes/batches", $$"""{"gtin":"{{gtin}}","count":5}"""))["id"]!;
        string serial = (await LinksAsync(farm, id))[2].Split('/')[^1];
        string form(string item) =>
            $$"""{"events":[{"what":"produce","when":"2026-11-01 08:00","where":"6901234000009","items":["(01){{gtin}}(21){{item}}"]}]}""";
        string refused = (await RefusedAsync(farm, "simple/events", form("FAKE000000000001"), "simple-invalid")).ToJsonString();
        refused.ShouldContain("code-never-issued");
        await CreatedAsync(farm, "simple/events", form(serial.ToLowerInvariant()));
        string item = $"https://id.gs1.org/01/{gtin}/21/";
        ((long)(await Running.ScalarAsync($"select count(*) from epcis_epcs where uri = '{item}{serial}'"))!)
            .ShouldBe(1, "one item has one identity");

        await RunningTraceability.CaptureAsync(farm, [Events.Object([item + "FAKE000000000002"], "ADD", "commissioning")]);
        await Eventually.TrueAsync(async () => (await farm.GetStringAsync("findings?code=never-issued"))
            .Contains("FAKE000000000002", StringComparison.Ordinal), "it is stored and found");
        (await farm.GetStringAsync($"trace/{Uri.EscapeDataString(item + serial.ToLowerInvariant())}")).ShouldContain(serial);
        using HttpResponseMessage other = await farm.PostAsync("epcis/v2/events", Json(
            Events.Single(Events.Object([item + serial.ToLowerInvariant()], "OBSERVE", "storing"))));
        (await other.Content.ReadAsStringAsync()).ShouldContain("serial-misspelt");
        other.IsSuccessStatusCode.ShouldBeFalse();
    }

    [Fact]
    public async Task Codes_that_a_stranger_had_issued_for_a_gtin_brand_its_owners_goods_as_no_forgeries()
    {
        HttpClient stranger = await Running.AsAsync("stranger"), farm = await Running.AsAsync("farm");
        string gtin = NewGtin(), own = $"https://id.gs1.org/01/{gtin}/21/OWN-1";
        await CreatedAsync(stranger, "codes/batches", $$"""{"gtin":"{{gtin}}","count":1}""");
        using HttpResponseMessage described =
            await farm.PutAsync($"products/{gtin}", Json("""{"name":{"zh":"茶","en":"Tea"}}"""));
        described.IsSuccessStatusCode.ShouldBeTrue(await described.Content.ReadAsStringAsync());
        await RunningTraceability.CaptureAsync(farm, [Events.Object([own], "ADD", "commissioning")]);
        (await PageAsync("OWN-1")).ShouldBe(HttpStatusCode.OK);
        await CreatedAsync(farm, "simple/events",
            $$"""{"events":[{"what":"produce","when":"2026-11-01 08:00","where":"6901234000009","items":["(01){{gtin}}(21)OWN-2"]}]}""");

        await CreatedAsync(farm, "codes/batches", $$"""{"gtin":"{{gtin}}","count":1}""");
        (await PageAsync("OWN-1")).ShouldBe(HttpStatusCode.OK, "it was in use before");
        (await PageAsync("OWN-3")).ShouldBe(HttpStatusCode.NotFound, "its owner's codes are issued here now");

        async Task<HttpStatusCode> PageAsync(string serial)
        {
            using HttpResponseMessage page = await Running.Open.GetAsync($"/01/{gtin}/21/{serial}?lang=en");
            return page.StatusCode;
        }
    }

    [Fact]
    public async Task An_authoritys_quota_binds_imports_and_ones_own_statement_adds_nothing()
    {
        HttpClient admin = await Running.AsAsync("farm", "admin"), authority = await Running.AsAsync("authority", "regulator");
        string gtin = NewGtin();
        string quota(int labels, string certificate, string more) => $$$"""
            {"gtin":"{{{gtin}}}","rule":"trademark-quota","basis":{"labels":"{{{labels}}}"},
             "certificate":"{{{certificate}}}","validFrom":"2020-01-01","validTo":"2099-12-31"{{{more}}}}
            """;
        await CreatedAsync(authority, "codes/quotas", quota(10, "A-1", ",\"organisation\":\"farm\""));
        await CreatedAsync(admin, "codes/quotas", quota(500, "SELF-1", ""));
        await CreatedAsync(admin, "codes/batches", $$"""{"gtin":"{{gtin}}","count":8}""");
        (await ImportAsync("A,B,C")).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await ImportAsync("A,B")).StatusCode.ShouldBe(HttpStatusCode.Created);
        await RefusedAsync(admin, "codes/batches", $$"""{"gtin":"{{gtin}}","count":1}""", "code-quota-exceeded");
        JsonObject quotas = await JsonAsync(await admin.GetAsync($"codes/quotas/{gtin}"));
        ((long)quotas["issued"]!).ShouldBe(10);
        quotas["quotas"]!.AsArray().Select(q => (bool)q!["binding"]!).ShouldBe([true, false]);

        Task<HttpResponseMessage> ImportAsync(string serials) => ImportedAsync(admin, gtin, serials);
    }

    [Fact]
    public async Task What_was_imported_before_output_was_certified_counts_against_it()
    {
        HttpClient admin = await Running.AsAsync("farm", "admin"), authority = await Running.AsAsync("authority", "regulator");
        string gtin = NewGtin();
        (await ImportedAsync(admin, gtin, "A,B,C")).StatusCode.ShouldBe(HttpStatusCode.Created);
        ((long)(await JsonAsync(await admin.GetAsync($"codes/quotas/{gtin}")))["issued"]!).ShouldBe(3);
        (await (await Running.AsAsync("maker")).GetAsync($"codes/quotas/{gtin}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        JsonObject quota = await CreatedAsync(authority, "codes/quotas", $$$"""
            {"gtin":"{{{gtin}}}","rule":"trademark-quota","basis":{"labels":"10"},"organisation":"farm",
             "certificate":"A-2","validFrom":"2020-01-01","validTo":"2099-12-31"}
            """);
        ((long)quota["earlier"]!, (long)quota["left"]!).ShouldBe((3, 7));
        await RefusedAsync(admin, "codes/batches", $$"""{"gtin":"{{gtin}}","count":8}""", "code-quota-exceeded");
        await CreatedAsync(admin, "codes/batches", $$"""{"gtin":"{{gtin}}","count":7}""");
    }

    private static Task<HttpResponseMessage> ImportedAsync(HttpClient client, string gtin, string serials) =>
        client.PostAsync("codes/lists?name=vendor&kind=items", new StringContent(
            string.Concat(serials.Split(',').Select(s => $"{gtin},FREE-{s}\n")), Encoding.UTF8, "text/csv"));
}
