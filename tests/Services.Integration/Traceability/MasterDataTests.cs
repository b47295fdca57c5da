using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Services.Integration.Evidence;
using Shouldly;
using Xunit;

namespace Services.Integration.Traceability;

/// <summary>Master data over HTTP and PostgreSQL.</summary>
public sealed class MasterDataTests(TraceabilityFixture fixture) : IClassFixture<TraceabilityFixture>
{
    private const string Tea = "06901234567892";

    private RunningTraceability Running => fixture.Services;

    private static string Label(string net) =>
        $$$"""{"fields":[{"name":{"zh":"净含量","en":"Net content"},"value":{"zh":"{{{net}}}","en":"{{{net}}}"}}]}""";

    private static Task<HttpResponseMessage> PutAsync(HttpClient http, string path, string json) =>
        http.PutAsync(path, RunningServices.Json(json));

    private static async Task DoneAsync(Task<HttpResponseMessage> sent)
    {
        HttpResponseMessage response = await sent;
        response.IsSuccessStatusCode.ShouldBeTrue(await response.Content.ReadAsStringAsync());
    }

    private static async Task<string> CodeAsync(HttpResponseMessage response) =>
        (string)(await RunningServices.JsonAsync(response))["code"]!;

    [Fact]
    public async Task A_product_is_described_and_listed_by_its_owner_only()
    {
        HttpClient farm = await Running.AsAsync("farm");
        HttpResponseMessage first = await PutAsync(
            farm, $"products/{Tea}", """{"name":{"zh":"西湖龙井","en":"Longjing tea"},"claims":[{"zh":"明前"}]}""");
        first.StatusCode.ShouldBe(HttpStatusCode.Created, await first.Content.ReadAsStringAsync());
        HttpResponseMessage again = await PutAsync(
            farm, $"products/{Tea}", """{"name":{"zh":"西湖龙井","en":"Longjing tea"},"claims":[{"zh":"明前"}]}""");
        again.StatusCode.ShouldBe(HttpStatusCode.OK);
        ((long)(await RunningServices.JsonAsync(again))["version"]!).ShouldBe(1, "saying it again records nothing");

        HttpClient maker = await Running.AsAsync("maker");
        HttpResponseMessage taken = await PutAsync(maker, $"products/{Tea}", """{"name":{"zh":"龙井"}}""");
        taken.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await CodeAsync(taken)).ShouldBe("key-taken");
        JsonNode.Parse(await maker.GetStringAsync("products"))!.AsArray()
            .ShouldNotContain(p => (string)p!["gtin"]! == Tea);
        JsonNode.Parse(await farm.GetStringAsync("products"))!.AsArray()
            .ShouldContain(p => (string)p!["gtin"]! == Tea && (string)p["claims"]![0]!["zh"]! == "明前");
    }

    [Fact]
    public async Task An_authority_moves_a_product_and_what_was_stays_whose_it_was()
    {
        const string gtin = "06901234560848";
        (HttpClient farm, HttpClient maker) = (await Running.AsAsync("farm"), await Running.AsAsync("maker"));
        await DoneAsync(PutAsync(await Running.AsAsync("farm", "admin"), "organisation", """{"name":{"en":"Old farm"}}"""));
        await DoneAsync(PutAsync(farm, $"products/{gtin}", """{"name":{"en":"Green tea"}}"""));
        await DoneAsync(PutAsync(farm, $"products/{gtin}/lots/L-OLD", """{"origin":{"en":"Old hill"}}"""));
        string batch = (string)(await PostAsync(farm, "codes/batches", $$"""{"gtin":"{{gtin}}","count":2}"""))["id"]!;
        await PostAsync(farm, $"codes/batches/{batch}/printed", """{"from":0,"count":2}""");
        string code = (await farm.GetStringAsync($"codes/batches/{batch}/codes.csv")).Split('\n')[1].Trim().Split(',')[2];
        await PostAsync(farm, "codes/activations", $$"""{"first":"{{code}}","last":"{{code}}","lot":"L-OLD"}""");

        const string moved = """{"tenant":"maker","basis":"The brand was sold."}""";
        (await PutAsync(maker, $"products/{gtin}/owner", moved)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        HttpClient authority = await Running.AsAsync("authority", "regulator");
        await DoneAsync(PutAsync(authority, $"products/{gtin}/owner", moved));
        (await PutAsync(authority, "products/06901234560855/owner", moved)).StatusCode.ShouldBe(HttpStatusCode.NotFound);

        (await CodeAsync(await PutAsync(farm, $"products/{gtin}", """{"name":{"en":"Mine"}}"""))).ShouldBe("key-taken");
        await DoneAsync(PutAsync(maker, $"products/{gtin}", """{"name":{"en":"Greener tea"}}"""));
        (await CodeAsync(await PutAsync(maker, $"products/{gtin}/lots/L-OLD", """{"origin":{"en":"New hill"}}""")))
            .ShouldBe("key-taken", "the lot stays whose it was");
        using HttpResponseMessage refused =
            await farm.SendAsync(RunningServices.Post("codes/batches", $$"""{"gtin":"{{gtin}}","count":1}"""));
        (await CodeAsync(refused)).ShouldBe("gtin-of-another-organisation");
        await PostAsync(maker, "codes/batches", $$"""{"gtin":"{{gtin}}","count":1}""");
        await PostAsync(farm, $"codes/batches/{batch}/destroyed", """{"from":1,"count":1,"reason":"spoilt"}""");

        string page = await Running.Open.GetStringAsync($"{new Uri(code).AbsolutePath}?lang=en");
        page.ShouldContain("Greener tea");
        page.ShouldContain("Old farm", Case.Sensitive, "its code was issued by who it was then");
        page.ShouldNotContain("id=\"foreign\"");

        static async Task<JsonObject> PostAsync(HttpClient client, string path, string json)
        {
            using HttpResponseMessage answer = await client.SendAsync(RunningServices.Post(path, json));
            answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
            return await RunningServices.JsonAsync(answer);
        }
    }

    [Theory]
    [InlineData("06901234567893", "gtin-invalid")]
    [InlineData("abc", "gtin-invalid")]
    public async Task A_wrong_check_digit_is_a_problem_in_both_languages(string gtin, string code)
    {
        HttpClient farm = await Running.AsAsync("farm");
        HttpRequestMessage request = new(HttpMethod.Put, $"products/{gtin}")
        {
            Content = RunningServices.Json("""{"name":{"zh":"茶"}}"""),
        };
        request.Headers.AcceptLanguage.Add(new StringWithQualityHeaderValue("zh-CN"));
        HttpResponseMessage response = await farm.SendAsync(request);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        JsonObject problem = await RunningServices.JsonAsync(response);
        ((string)problem["code"]!).ShouldBe(code);
        ((string)problem["detail"]!).ShouldContain("校验码");
    }

    [Fact]
    public async Task The_label_of_a_day_is_the_one_shown_on_it()
    {
        const string gtin = "06901234000016";
        HttpClient farm = await Running.AsAsync("farm");
        await DoneAsync(PutAsync(farm, $"products/{gtin}", """{"name":{"zh":"茶"}}"""));
        await DoneAsync(farm.PostAsync($"products/{gtin}/labels", RunningServices.Json(Label("50g"))));
        DateTimeOffset later = DateTimeOffset.UtcNow.AddDays(10);
        JsonNode second = JsonNode.Parse(Label("45g"))!;
        second["shownFrom"] = later.ToString("O");
        await DoneAsync(farm.PostAsync($"products/{gtin}/labels", RunningServices.Json(second.ToJsonString())));

        JsonNode now = JsonNode.Parse(await Running.Open.GetStringAsync($"products/{gtin}/label"))!;
        ((int)now["version"]!).ShouldBe(1);
        ((string)now["fields"]![0]!["value"]!["en"]!).ShouldBe("50g");
        now["shownUntil"].ShouldNotBeNull();
        JsonNode then = JsonNode.Parse(await Running.Open.GetStringAsync(
            $"products/{gtin}/label?at={Uri.EscapeDataString(later.AddHours(1).ToString("O"))}"))!;
        ((int)then["version"]!).ShouldBe(2);
        HttpResponseMessage before = await Running.Open.GetAsync($"products/{gtin}/label?at=2020-01-01");
        (await CodeAsync(before)).ShouldBe("label-not-shown");

        HttpResponseMessage past = await farm.PostAsync($"products/{gtin}/labels", RunningServices.Json(
            """{"shownFrom":"2020-01-01T00:00:00Z","fields":[{"name":{"zh":"名"},"value":{"zh":"值"}}]}"""));
        (await CodeAsync(past)).ShouldBe("label-backdated");
        HttpResponseMessage proof = await Running.Open.GetAsync($"products/{gtin}/labels/1/proof");
        proof.StatusCode.ShouldBe(HttpStatusCode.Accepted, "nothing is anchored here, and it says so");
    }

    [Fact]
    public async Task Pictures_are_what_their_bytes_say_and_small()
    {
        const string gtin = "06901234000023";
        HttpClient farm = await Running.AsAsync("farm");
        await DoneAsync(PutAsync(farm, $"products/{gtin}", """{"name":{"zh":"茶"}}"""));
        byte[] png = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 1, 2, 3];
        await DoneAsync(farm.PutAsync($"products/{gtin}/picture", new ByteArrayContent(png)));
        string digest = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(png));
        HttpResponseMessage shown = await Running.Open.GetAsync($"pictures/{digest}");
        shown.Content.Headers.ContentType!.MediaType.ShouldBe("image/png");
        (await shown.Content.ReadAsByteArrayAsync()).ShouldBe(png);

        HttpResponseMessage script = await farm.PutAsync(
            $"products/{gtin}/picture", new StringContent("<svg onload='alert(1)'/>"));
        (await CodeAsync(script)).ShouldBe("picture-form");
        HttpResponseMessage large = await farm.PutAsync(
            $"products/{gtin}/picture", new ByteArrayContent([.. png, .. new byte[30_000]]));
        (await CodeAsync(large)).ShouldBe("picture-too-large");
    }

    [Fact]
    public async Task A_place_passes_to_whose_GLN_an_authority_finds_it_to_be()
    {
        HttpClient maker = await Running.AsAsync("maker"), farm = await Running.AsAsync("farm");
        const string place = "places/6901234000061", words = """{"name":{"zh":"茶园"},"latitude":30.21,"longitude":120.13}""";
        await DoneAsync(PutAsync(maker, place, words));
        (await CodeAsync(await PutAsync(farm, place, words))).ShouldBe("key-taken");
        await DoneAsync((await Running.AsAsync("authority", "regulator")).PutAsync(
            "glns/6901234000061/owner", RunningServices.Json("""{"tenant":"farm"}""")));
        await DoneAsync(PutAsync(farm, place, words));
        (await farm.GetStringAsync("places")).ShouldContain("6901234000061");
        (await maker.GetStringAsync("places")).ShouldNotContain("6901234000061");
        (await CodeAsync(await PutAsync(maker, place, words))).ShouldBe("key-taken");
    }

    [Fact]
    public async Task An_authority_says_for_whom_it_certifies_output_of_what_nobody_described()
    {
        HttpClient authority = await Running.AsAsync("authority", "regulator");
        string Asked(string more) => $$$"""
            {"gtin":"06901234560886","rule":"trademark-quota","basis":{"labels":"100"},"certificate":"C-{{{more.Length}}}",
             "validFrom":"2020-01-01","validTo":"2099-12-31"{{{more}}}}
            """;
        (await CodeAsync(await authority.PostAsync("codes/quotas", RunningServices.Json(Asked(""))))).ShouldBe("quota-organisation");
        await DoneAsync(authority.PostAsync("codes/quotas", RunningServices.Json(Asked(""","organisation":"maker" """))));
        await DoneAsync(authority.PostAsync("codes/quotas", RunningServices.Json(Asked(""))));
        (await (await Running.AsAsync("maker", "admin")).GetStringAsync("codes/quotas/06901234560886")).ShouldContain("authority");
    }

    [Fact]
    public async Task Lots_certificates_places_dealers_and_links_are_checked_before_they_are_recorded()
    {
        const string gtin = "06901234000030";
        HttpClient farm = await Running.AsAsync("farm");
        await DoneAsync(PutAsync(farm, $"products/{gtin}", """{"name":{"zh":"茶"}}"""));
        await DoneAsync(PutAsync(farm, $"products/{gtin}/lots/L2603",
            """{"producedOn":"2026-03-21","expiresOn":"2027-09-20","origin":{"zh":"杭州翁家山"}}"""));
        (await CodeAsync(await PutAsync(farm, $"products/{gtin}/lots/L2604",
            """{"producedOn":"2026-03-21","expiresOn":"2026-03-20"}"""))).ShouldBe("validation-failed");
        (await CodeAsync(await PutAsync(farm, "places/6901234000019", """{"name":{"zh":"茶园"}}""")))
            .ShouldBe("gln-invalid");
        await DoneAsync(PutAsync(farm, "places/6901234000016",
            """{"name":{"zh":"翁家山茶园"},"latitude":30.21,"longitude":120.13,"public":true}"""));
        (await CodeAsync(await PutAsync(farm, "places/6901234000016",
            """{"name":{"zh":"茶园"},"latitude":130.21,"longitude":120.13}"""))).ShouldBe("validation-failed");
        await DoneAsync(PutAsync(farm, "dealers/D-1", """{"name":{"zh":"某经销商"},"regions":["330100","32"]}"""));
        string certificate =
            $$$"""{"number":"ORG-1","title":{"zh":"有机产品认证"},"issuer":{"zh":"某认证中心"},"validFrom":"2026-01-01","validTo":"2026-12-31","gtins":["{{{gtin}}}"]}""";
        await DoneAsync(farm.PostAsync("certificates", RunningServices.Json(certificate)));
        await DoneAsync(farm.PostAsync("certificates/withdraw", RunningServices.Json(
            """{"number":"ORG-1","on":"2026-06-01","reason":"transferred"}""")));
        (await CodeAsync(await farm.PostAsync("certificates", RunningServices.Json(certificate))))
            .ShouldBe("certificate-withdrawn");
        (await CodeAsync(await PutAsync(farm, $"products/{gtin}/links",
            """{"links":[{"type":"gs1:pip","href":"javascript:alert(1)","title":"x"}]}"""))).ShouldBe("validation-failed");
        await DoneAsync(PutAsync(farm, $"products/{gtin}/links",
            """{"links":[{"type":"gs1:pip","href":"https://example.com/tea","title":"Tea","language":"en","default":true}]}"""));
        HttpClient maker = await Running.AsAsync("maker");
        (await CodeAsync(await PutAsync(maker, $"products/{gtin}/lots/L9", "{}"))).ShouldBe("not-described");
        JsonNode.Parse(await maker.GetStringAsync($"products/{gtin}/lots"))!.AsArray().ShouldBeEmpty();
        JsonNode.Parse(await farm.GetStringAsync($"products/{gtin}/lots"))!.AsArray().Count.ShouldBe(1);
    }
}
