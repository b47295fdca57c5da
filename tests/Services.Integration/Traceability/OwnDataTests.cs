using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Services.Integration.Evidence;
using Shouldly;
using Xunit;
using static Services.Integration.Traceability.CodeTests;

namespace Services.Integration.Traceability;

/// <summary>What an organisation's pages read of its own data, which nobody else gets.</summary>
public sealed class OwnDataTests(TraceabilityFixture fixture) : IClassFixture<TraceabilityFixture>
{
    private RunningTraceability Running => fixture.Services;

    [Fact]
    public async Task Products_lots_places_and_certificates_are_told_to_their_owner_only()
    {
        HttpClient farm = await Running.AsAsync("farm"), stranger = await Running.AsAsync("stranger");
        string gtin = NewGtin();
        await PutAsync(farm, $"products/{gtin}", """{"name":{"zh":"碧螺春","en":"Biluochun 100%"},"claims":[{"zh":"有机"}]}""");
        await PutAsync(farm, $"products/{gtin}/links",
            """{"links":[{"type":"gs1:pip","href":"https://example.com/tea","title":"Tea","default":true}]}""");
        await PutAsync(farm, $"products/{gtin}/lots/A1", """{"producedOn":"2026-03-01"}""");
        await PutAsync(farm, $"products/{gtin}/lots/B%2F2", """{"producedOn":"2026-04-01"}""");
        await PutAsync(farm, "places/6901234000009", """{"name":{"zh":"茶园"},"latitude":30.2,"longitude":120.1}""");
        (await farm.SendAsync(RunningServices.Post("certificates",
            $$"""{"number":"C-{{gtin}}","title":{"zh":"有机"},"issuer":{"zh":"某中心"},"validFrom":"2026-01-01","validTo":"2026-12-31","gtins":["{{gtin}}"]}""")))
            .EnsureSuccessStatusCode();
        (await farm.SendAsync(RunningServices.Post("certificates/withdraw",
            $$"""{"number":"C-{{gtin}}","on":"2026-06-01","reason":"lost"}"""))).EnsureSuccessStatusCode();

        JsonNode product = await GetAsync(farm, $"own/products/{gtin}");
        ((string)product["product"]!["name"]!["en"]!).ShouldBe("Biluochun 100%");
        ((string)product["links"]![0]!["href"]!).ShouldBe("https://example.com/tea");
        (await GetAsync(farm, "own/products?q=100%25")).AsArray().Count.ShouldBe(1);
        (await GetAsync(farm, "own/products?q=%E7%A2%A7%E8%9E%BA")).AsArray().Count.ShouldBe(1);
        (await GetAsync(farm, "own/products?q=_")).AsArray().ShouldBeEmpty("a search word is no pattern");
        (await GetAsync(farm, $"own/lots?gtin={gtin}")).AsArray().Select(l => (string)l!["lot"]!["number"]!)
            .ShouldBe(["B/2", "A1"], "the youngest first");
        (await GetAsync(farm, $"own/lots?gtin={gtin}&skip=1&limit=1")).AsArray().Count.ShouldBe(1);
        ((string)(await GetAsync(farm, $"own/certificates?gtin={gtin}"))[0]!["withdrawnOn"]!).ShouldBe("2026-06-01");
        ((bool)Place(await GetAsync(farm, "own/places"))!["confirmed"]!).ShouldBeFalse();
        HttpClient authority = await Running.AsAsync("authority", "regulator");
        (await authority.PutAsync("glns/6901234000009/owner", RunningServices.Json("""{"tenant":"farm"}""")))
            .EnsureSuccessStatusCode();
        ((bool)Place(await GetAsync(farm, "own/places"))!["confirmed"]!).ShouldBeTrue();

        (await stranger.GetAsync($"own/products/{gtin}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await GetAsync(stranger, $"own/products?q={gtin}")).AsArray().ShouldBeEmpty();
        (await GetAsync(stranger, $"own/lots?gtin={gtin}")).AsArray().ShouldBeEmpty();
        (await GetAsync(stranger, $"own/certificates?gtin={gtin}")).AsArray().ShouldBeEmpty();
        Place(await GetAsync(stranger, "own/places")).ShouldBeNull();
        (await stranger.GetAsync("own/organisation")).StatusCode.ShouldBe(HttpStatusCode.NotFound);

        static JsonNode? Place(JsonNode places) =>
            places.AsArray().FirstOrDefault(p => (string)p!["place"]!["gln"]! == "6901234000009");
    }

    [Fact]
    public async Task Names_are_told_of_organisations_whose_ids_one_knows()
    {
        HttpClient farm = await Running.AsAsync("farm", "admin"), stranger = await Running.AsAsync("stranger");
        await PutAsync(farm, "organisation", """{"name":{"zh":"某茶业","en":"Some Tea"}}""");
        JsonNode names = await GetAsync(stranger, "organisations/names?id=farm&id=nobody");
        names.AsArray().Count.ShouldBe(1);
        ((string)names[0]!["id"]!).ShouldBe("farm");
        ((string)names[0]!["name"]!["en"]!).ShouldBe("Some Tea");
        (await stranger.GetAsync("organisations/names")).StatusCode.ShouldBe(HttpStatusCode.BadRequest, "who is here is not told");
    }

    [Fact]
    public async Task A_lot_s_activations_one_label_and_imported_lists_are_told_to_their_owner_only()
    {
        HttpClient farm = await Running.AsAsync("farm"), stranger = await Running.AsAsync("stranger");
        string gtin = NewGtin();
        JsonNode batch = await PostAsync(farm, "codes/batches", $$"""{"gtin":"{{gtin}}","count":20}""");
        string id = (string)batch["id"]!;
        await PostAsync(farm, $"codes/batches/{id}/printed", """{"from":0,"count":20}""");
        string csv = await farm.GetStringAsync($"codes/batches/{id}/codes.csv");
        string[] links = [.. csv.Split('\n')[1..^1].Select(l => l.Split(',')[2])];
        await PostAsync(farm, "codes/activations", $$"""{"first":"{{links[0]}}","last":"{{links[4]}}","lot":"L1","dealer":"D7"}""");
        await PostAsync(farm, "codes/activations", $$"""{"first":"{{links[5]}}","last":"{{links[9]}}","lot":"L2"}""");

        JsonNode found = await GetAsync(farm, $"codes/activations?gtin={gtin}&lot=L1");
        found["items"]!.AsArray().Count.ShouldBe(1);
        ((int)found["items"]![0]!["count"]!).ShouldBe(5);
        ((string)found["items"]![0]!["dealer"]!).ShouldBe("D7");
        (await GetAsync(stranger, $"codes/activations?gtin={gtin}&lot=L1"))["items"]!.AsArray().ShouldBeEmpty();
        (await farm.GetAsync("codes/activations?gtin=1&lot=L1")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);

        (await farm.GetStringAsync($"codes/batches/{id}/label?counter=3")).ShouldStartWith("<svg ");
        (await farm.GetByteArrayAsync($"codes/batches/{id}/label?counter=3&format=png"))[1..4].ShouldBe("PNG"u8.ToArray());
        (await farm.GetAsync($"codes/batches/{id}/label?counter=20")).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await farm.GetAsync($"codes/batches/{id}/label?format=gif")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await stranger.GetAsync($"codes/batches/{id}/label")).StatusCode.ShouldBe(HttpStatusCode.NotFound);

        using HttpResponseMessage sent = await farm.PostAsync($"codes/lists?name={gtin}&kind=plain",
            new StringContent("a-1\na-2\n", Encoding.UTF8, "text/csv"));
        sent.StatusCode.ShouldBe(HttpStatusCode.Created);
        ((string)(await GetAsync(farm, "codes/lists"))[0]!["name"]!).ShouldBe(gtin, "newest first");
        (await GetAsync(stranger, "codes/lists")).AsArray().ShouldNotContain(l => (string)l!["name"]! == gtin);
    }

    [Fact]
    public async Task Every_bad_line_of_an_imported_list_is_named()
    {
        HttpClient maker = await Running.AsAsync("maker");
        using HttpResponseMessage refused = await maker.PostAsync("codes/lists?name=bad&kind=items",
            new StringContent("gtin,serial\n123,A\n06901234567892,A B\n06901234567892,OK\n6901234567893,C\n", Encoding.UTF8, "text/csv"));
        refused.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        JsonObject problem = await RunningServices.JsonAsync(refused);
        problem["errors"]!.AsArray().Select(e => ((int)e!["index"]!, (string)e["field"]!))
            .ShouldBe([(2, "gtin"), (3, "character"), (5, "gtin")]);
        (await GetAsync(maker, "codes/lists")).AsArray().ShouldNotContain(l => (string)l!["name"]! == "bad");
    }

    [Fact]
    public async Task Lists_come_in_pages_that_together_are_the_whole()
    {
        HttpClient farm = await Running.AsAsync("farm");
        string gtin = NewGtin();
        await PutAsync(farm, $"products/{gtin}", """{"name":{"zh":"绿茶"}}""");
        string[] glns = ["6901234000030", "6901234000047", "6901234000054"];
        for (int i = 0; i < glns.Length; i++)
        {
            await PutAsync(farm, $"places/{glns[i]}", """{"name":{"zh":"仓"}}""");
            await PutAsync(farm, $"dealers/P-{i}", """{"name":{"zh":"店"},"regions":["33"]}""");
            await PostAsync(farm, "certificates",
                $$"""{"number":"P{{i}}-{{gtin}}","title":{"zh":"有机"},"issuer":{"zh":"某中心"},"validFrom":"2026-01-01","validTo":"2026-12-31","gtins":["{{gtin}}"]}""");
            using HttpResponseMessage list = await farm.PostAsync($"codes/lists?name=pages-{i}&kind=plain",
                new StringContent($"PAGE-{i}-{gtin}\n", Encoding.UTF8, "text/csv"));
            list.IsSuccessStatusCode.ShouldBeTrue(await list.Content.ReadAsStringAsync());
        }
        foreach (string path in new[] { "own/places?", "own/dealers?", $"own/certificates?gtin={gtin}&", "codes/lists?", "places?", "dealers?", "certificates?" })
        {
            string[] all = [.. (await GetAsync(farm, $"{path}limit=200")).AsArray().Select(e => e!.ToJsonString())];
            all.Length.ShouldBeGreaterThanOrEqualTo(glns.Length, path);
            List<string> paged = [];
            for (int skip = 0; skip <= all.Length; skip += 2)
            {
                JsonArray page = (await GetAsync(farm, $"{path}skip={skip}&limit=2")).AsArray();
                page.Count.ShouldBeLessThanOrEqualTo(2, path);
                paged.AddRange(page.Select(e => e!.ToJsonString()));
            }
            string.Join("\n", paged).ShouldBe(string.Join("\n", all), path);
        }
        (await GetAsync(farm, $"own/places?gln={glns[1]}")).AsArray().Count.ShouldBe(1);
        (await GetAsync(farm, "own/dealers?code=P-2")).AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_recall_rules_are_told_with_their_articles()
    {
        JsonArray rules = (await GetAsync(await Running.AsAsync("farm"), "recalls/rules")).AsArray();
        JsonNode gravest = rules.First(r => (string)r!["domain"]! == "food" && (int)r["class"]! == 1)!;
        ((int)gravest["deadlines"]![0]!["hours"]!).ShouldBe(24);
        ((string)gravest["deadlines"]![0]!["article"]!).ShouldBe("第十三条");
    }

    private static async Task<JsonNode> GetAsync(HttpClient http, string path) =>
        JsonNode.Parse(await http.GetStringAsync(path))!;

    private static async Task PutAsync(HttpClient http, string path, string json)
    {
        using HttpResponseMessage answer = await http.PutAsync(path, RunningServices.Json(json));
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
    }

    private static async Task<JsonNode> PostAsync(HttpClient http, string path, string json)
    {
        using HttpResponseMessage answer = await http.SendAsync(RunningServices.Post(path, json));
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
        return await RunningServices.JsonAsync(answer);
    }
}
