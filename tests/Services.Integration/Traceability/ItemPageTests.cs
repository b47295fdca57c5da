using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Services.Integration.Evidence;
using Shouldly;
using TestKit;
using Traceability.Sensors;
using Xunit;

namespace Services.Integration.Traceability;

/// <summary>What the page of a scanned item says of its code, its way, its sale and its temperatures.</summary>
public sealed partial class ItemPageTests(TraceabilityFixture fixture) : IClassFixture<TraceabilityFixture>
{
    private static int s_gtin = 700;

    private RunningTraceability Running => fixture.Services;

    [Fact]
    public async Task A_code_is_not_ours_or_not_in_use_yet_or_in_use_until_it_is_retired()
    {
        (HttpClient farm, string gtin) = await ProductAsync();
        string[] links = await BatchAsync(farm, gtin, 20, activated: 10);
        (HttpStatusCode status, string text) = await LookAsync($"/01/{gtin}/21/{new string('A', 20)}");
        status.ShouldBe(HttpStatusCode.NotFound);
        text.ShouldContain("Some Tea did not issue this serial number here");
        text.ShouldNotContain("First check");

        (status, text) = await LookAsync(links[15]);
        status.ShouldBe(HttpStatusCode.OK);
        text.ShouldContain("it is not in use yet");
        text.ShouldContain("id=\"not-in-use\"", Case.Sensitive, "it is said first, with what to do");
        text.ShouldNotContain("Sold");

        JsonObject known = await JsonAsync(farm.PostAsync("codes/validate", RunningServices.Json($$"""{"code":"{{links[19]}}"}""")));
        await DoneAsync(farm.PostAsync($"codes/batches/{known["batch"]}/destroyed", RunningServices.Json("""{"from":19,"count":1,"reason":"spoiled"}""")));
        (status, text) = await LookAsync(links[19]);
        text.ShouldContain("recorded this label as destroyed");
        text.ShouldNotContain("not in use yet");

        (status, text) = await LookAsync(links[3].ToLowerInvariant());
        status.ShouldBe(HttpStatusCode.OK);
        text.ShouldContain("Some Tea issued this code and it is in use");
        text.ShouldContain("lot L-1");
        text.ShouldNotContain("id=\"not-in-use\"");
        text.ShouldContain("This lot was not described by Some Tea");
        text.ShouldNotContain("id=\"other-lot\"");
        text = (await LookAsync($"{links[3][links[3].IndexOf("/01/", StringComparison.Ordinal)..].Replace("/21/", "/10/L-9/21/", StringComparison.Ordinal)}")).Text;
        text.ShouldContain("says another lot, but this code is bound to lot L-1");
        await Eventually.TrueAsync(async () => (long)(await Running.ScalarAsync(
            $"select count(*) from scans where gtin = '{gtin}' and lot_differs"))! == 1, "the check is a sign");
        await Eventually.TrueAsync(async () => (await LookAsync(links[3])).Text.Contains("Given its code", StringComparison.Ordinal),
            "the activation's event stands in the journey");

        JsonObject destroyed = Events.Object([links[3]], "DELETE", "destroying", "2026-11-02T08:00:00.000Z");
        await RunningTraceability.CaptureAsync(await Running.AsAsync("stranger"), [destroyed]);
        (await LookAsync(links[3])).Text.ShouldContain("it is in use", Case.Sensitive, "nobody else takes it out of use");
        await RunningTraceability.CaptureAsync(farm, [destroyed]);
        (await LookAsync(links[3])).Text.ShouldContain("was taken out of use");
    }

    [Fact]
    public async Task A_code_made_elsewhere_is_in_use_once_its_producer_commissioned_it()
    {
        (HttpClient farm, string gtin) = await ProductAsync();
        (await LookAsync($"/01/{gtin}/21/EL1")).Text.ShouldContain("can&#39;t be checked here");
        await RunningTraceability.CaptureAsync(farm, [Events.Object([Events.Item("EL1", gtin)], "ADD", "commissioning")]);
        (await LookAsync($"/01/{gtin}/21/EL1")).Text.ShouldContain("Some Tea recorded giving this item its code");
    }

    [Fact]
    public async Task What_happened_to_the_pallet_is_told_of_the_bottle_while_it_was_on_it()
    {
        (HttpClient farm, string gtin) = await ProductAsync();
        string bottle = Events.Item("B1", gtin), other = Events.Item("B2", gtin);
        (string box, string pallet) = (Events.Pallet(7101), Events.Pallet(7102));
        HttpClient dealer = await Running.AsAsync("dealer");
        await DoneAsync((await Running.AsAsync("farm", "admin")).PutAsync(
            "partners", RunningServices.Json("""{"partners":["dealer"]}""")));
        await RunningTraceability.CaptureAsync(farm,
        [
            Events.Pack(box, [bottle, other], "ADD", "2026-11-01T09:00:00.000Z"),
            Events.Pack(pallet, [box], "ADD", "2026-11-01T10:00:00.000Z"),
            Events.Object([pallet], "OBSERVE", "shipping", "2026-11-01T11:00:00.000Z"),
            Events.Pack(pallet, [other], "ADD", "2026-11-01T11:30:00.000Z"),
        ]);
        await RunningTraceability.CaptureAsync(dealer,
        [
            Events.Object([pallet, Events.Pallet(7103)], "OBSERVE", "receiving", "2026-11-02T08:00:00.000Z"),
            Events.Pack(pallet, [box], "DELETE", "2026-11-02T09:00:00.000Z"),
            Events.Object([pallet], "OBSERVE", "departing", "2026-11-02T10:00:00.000Z"),
            Events.Object([box], "OBSERVE", "stocking", "2026-11-02T11:00:00.000Z"),
        ]);
        string text = (await LookAsync($"/01/{gtin}/21/B1")).Text;
        text.ShouldContain($"into case or pallet …{box[^6..]}");
        text.ShouldContain($"in case or pallet …{pallet[^6..]}");
        Step().Matches(text).Select(m => m.Groups[1].Value)
            .ShouldBe(["Packed", "Packed", "Shipped", "Received", "Packed", "Put on the shelf"]);
        text.ShouldContain($"out of case or pallet …{pallet[^6..]}");
        text.ShouldNotContain("Departed", Case.Sensitive, "the pallet went on without the box");

        string received = Row().Matches(text).Select(m => m.Groups[1].Value).ElementAt(3);
        string shown = await Running.Open.GetStringAsync($"open/events/{received}/statements?key={Uri.EscapeDataString(pallet)}");
        shown.ShouldContain(pallet);
        shown.ShouldNotContain(Events.Pallet(7103));
        string packed = Row().Matches(text).Select(m => m.Groups[1].Value).First();
        shown = await Running.Open.GetStringAsync($"open/events/{packed}/statements?key={Uri.EscapeDataString(bottle)}");
        shown.ShouldContain(bottle);
        shown.ShouldContain("/parentID");
        shown.ShouldNotContain(other);

        await DoneAsync((await Running.AsAsync("farm", "admin")).PutAsync(
            "disclosure", RunningServices.Json("""{"withheld":["/parentID"]}""")));
        (await LookAsync($"/01/{gtin}/21/B1")).Text.ShouldNotContain("pallet", Case.Sensitive, "its owner withholds what held it");
        await DoneAsync((await Running.AsAsync("farm", "admin")).PutAsync("disclosure", RunningServices.Json("{}")));
    }

    [Fact]
    public async Task Strangers_write_nothing_onto_the_page_of_somebody_elses_item()
    {
        (HttpClient farm, string gtin) = await ProductAsync();
        string item = Events.Item("MINE1", gtin), pallet = Events.Pallet(7301);
        HttpClient stranger = await Running.AsAsync("stranger");
        await RunningTraceability.CaptureAsync(stranger, [.. Enumerable.Range(0, 70).Select(i => Events.Object(
            [item], "OBSERVE", "inspecting", $"2026-10-01T08:{i % 60:D2}:{i / 60:D2}.000Z"))]);
        await RunningTraceability.CaptureAsync(farm,
        [
            Events.Object([item], "ADD", "commissioning", "2026-11-01T08:00:00.000Z"),
            Events.Pack(pallet, [item], "ADD", "2026-11-01T09:00:00.000Z"),
            Events.Object([item], "OBSERVE", "https://farm.example/steps/receiving", "2026-11-03T08:00:00.000Z"),
            Events.Object([pallet], "OBSERVE", "departing", "2026-11-04T08:00:00.000Z"),
        ]);
        await RunningTraceability.CaptureAsync(stranger,
        [
            Events.Pack(pallet, [item], "DELETE", "2026-11-02T09:00:00.000Z"),
            Events.Pack(Events.Pallet(7302), [item], "ADD", "2026-11-02T10:00:00.000Z"),
            Events.Object([Events.Pallet(7302)], "OBSERVE", "destroying", "2026-11-02T11:00:00.000Z"),
        ]);
        string text = (await LookAsync($"/01/{gtin}/21/MINE1")).Text;
        Step().Matches(text).Select(m => m.Groups[1].Value)
            .ShouldBe(["Given its code", "Packed", "Recorded", "Departed"]);
    }

    [Fact]
    public async Task Who_is_named_by_the_chain_is_on_it_and_withheld_roles_are_not_told()
    {
        (HttpClient farm, string gtin) = await ProductAsync();
        string item = Events.Item("CHAIN1", gtin), pallet = Events.Pallet(7401);
        HttpClient admin = await Running.AsAsync("farm", "admin");
        await DoneAsync(admin.PutAsync("partners", RunningServices.Json("""{"partners":[]}""")));
        HttpClient authority = await Running.AsAsync("authority", "regulator");
        await DoneAsync(authority.PutAsync("glns/6901234000078/owner", RunningServices.Json("""{"tenant":"maker"}""")));
        await DoneAsync(authority.PutAsync("glns/6901234000085/owner", RunningServices.Json("""{"tenant":"dealer"}""")));
        JsonObject sent = Events.Object([pallet], "OBSERVE", "shipping", "2026-11-01T10:00:00.000Z");
        sent["readPoint"] = new JsonObject { ["id"] = "https://id.gs1.org/414/6901234000078" };
        await RunningTraceability.CaptureAsync(farm, [Events.Pack(pallet, [item], "ADD", "2026-11-01T09:00:00.000Z"), sent]);
        JsonObject left = Events.Object([pallet], "OBSERVE", "departing", "2026-11-01T11:00:00.000Z");
        left["bizLocation"] = new JsonObject { ["id"] = "https://id.gs1.org/414/6901234000085" };
        HttpClient shop = await Running.AsAsync("dealer");
        await RunningTraceability.CaptureAsync(shop, [Events.Object([item], "OBSERVE", "stocking", "2026-11-02T08:00:00.000Z")]);
        string text = (await LookAsync($"/01/{gtin}/21/CHAIN1")).Text;
        Step().Matches(text).Select(m => m.Groups[1].Value).ShouldBe(["Packed", "Shipped"], "nobody named the shop yet");
        await RunningTraceability.CaptureAsync(await Running.AsAsync("maker"), [left]);
        text = (await LookAsync($"/01/{gtin}/21/CHAIN1")).Text;
        Step().Matches(text).Select(m => m.Groups[1].Value).ShouldBe(["Packed", "Shipped", "Departed", "Put on the shelf"]);

        await DoneAsync(admin.PutAsync("disclosure", RunningServices.Json("""{"withheld":["/childEPCs"]}""")));
        text = (await LookAsync($"/01/{gtin}/21/CHAIN1")).Text;
        Step().Matches(text).Select(m => m.Groups[1].Value).ShouldBe(["Put on the shelf"]);
        await DoneAsync(admin.PutAsync("disclosure", RunningServices.Json("{}")));
    }

    [Fact]
    public async Task A_sale_counts_though_the_chain_has_many_feeds_and_only_of_who_sells_it()
    {
        (HttpClient farm, string gtin) = await ProductAsync();
        HttpClient dealer = await Running.AsAsync("dealer");
        string sold = $"https://id.gs1.org/01/{gtin}/21/MANY1", other = $"https://id.gs1.org/01/{gtin}/21/MANY2";
        await DoneAsync(farm.PutAsync("sales/sellers", RunningServices.Json(
            $$"""{"gtin":"{{gtin}}","sellers":[{"tenant":"maker"},{"tenant":"dealer","feed":"shop-{{gtin}}"}]}""")));
        HttpClient chain = await Running.AsAsync("maker");
        for (int till = 0; till < 55; till++)
            await SellAsync(chain, $"till-{till}", 1, $"https://id.gs1.org/01/{gtin}/21/TILL{till}");
        await SellAsync(dealer, $"shop-{gtin}", 1, sold);
        await SellAsync(await Running.AsAsync("stranger"), $"feed-{gtin}", 1, other);
        (await LookAsync(sold)).Text.ShouldContain("Sold once, on 2 November 2026");
        (await LookAsync(other)).Text.ShouldContain("Not sold yet", Case.Sensitive, "a stranger sells nothing of it");
        await SellAsync(chain, "till-54", 7, $"https://id.gs1.org/01/{gtin}/21/TILL99");
        (await LookAsync(other)).Text.ShouldNotContain("Not sold yet", Case.Sensitive, "one feed of many has a gap");
    }

    [Fact]
    public async Task Two_labels_of_one_tin_share_its_way()
    {
        (HttpClient farm, string gtin) = await ProductAsync();
        string mark = Events.Item("MARK1", gtin), tin = Events.Item("TIN1", gtin);
        JsonObject joined = Events.Pack(tin, [mark], "ADD", "2026-11-01T09:00:00.000Z");
        (joined["type"], joined["bizStep"]) = ("AssociationEvent", "assembling");
        await RunningTraceability.CaptureAsync(
            farm, [joined, Events.Object([tin], "OBSERVE", "shipping", "2026-11-01T11:00:00.000Z")]);
        string text = (await LookAsync($"/01/{gtin}/21/MARK1")).Text;
        text.ShouldContain("made one with outer pack TIN1");
        Step().Matches(text).Select(m => m.Groups[1].Value).ShouldBe(["Assembled", "Shipped"]);
    }

    [Fact]
    public async Task Not_sold_yet_is_said_only_while_all_its_sellers_report_completely()
    {
        (HttpClient farm, string gtin) = await ProductAsync();
        string[] links = await BatchAsync(farm, gtin, 10, activated: 10, dealer: "D-7");
        HttpClient dealer = await Running.AsAsync("dealer");
        (await LookAsync(links[0])).Text.ShouldContain("can&#39;t be said");
        JsonObject refused = await RunningServices.JsonAsync(await dealer.PutAsync(
            "sales/sellers", RunningServices.Json($$"""{"gtin":"{{gtin}}","sellers":[]}""")));
        ((string)refused["code"]!).ShouldBe("gtin-of-another-organisation");
        await DoneAsync(farm.PutAsync("sales/sellers", RunningServices.Json(
            $$"""{"gtin":"{{gtin}}","sellers":[{"tenant":"maker"}]}""")));
        await DoneAsync(farm.PutAsync("sales/sellers", RunningServices.Json(
            $$"""{"gtin":"{{gtin}}","dealer":"D-7","sellers":[{"tenant":"dealer","feed":"shop-{{gtin}}"}]}""")));
        (await LookAsync(links[0])).Text.ShouldContain("can&#39;t be said", Case.Sensitive, "the dealer has not reported");
        await SellAsync(dealer, $"shop-{gtin}", 1, links[1]);
        (await LookAsync(links[0])).Text.ShouldContain("Not sold yet");
        (await LookAsync(links[1])).Text.ShouldContain("Sold once");

        await RunningTraceability.CaptureAsync(dealer,
        [
            Events.Object([links[2]], "OBSERVE", "retail_selling", "2026-11-02T08:00:00.000Z"),
            Events.Object([links[1]], "OBSERVE", "retail_selling", "2026-11-02T08:00:01.000Z"),
        ]);
        await RunningTraceability.CaptureAsync(await Running.AsAsync("stranger"),
            [Events.Object([links[0]], "OBSERVE", "retail_selling", "2026-11-02T08:00:00.000Z")]);
        (await LookAsync(links[2])).Text.ShouldContain("Sold once, on 2 November 2026");
        (await LookAsync(links[1])).Text.ShouldContain("Sold once", Case.Sensitive, "reported and captured is one sale");
        (await LookAsync(links[0])).Text.ShouldContain("Not sold yet", Case.Sensitive, "a stranger is no seller of it");

        await SellAsync(dealer, $"shop-{gtin}", 5, links[3]);
        (await LookAsync(links[0])).Text.ShouldContain("can&#39;t be said", Case.Sensitive, "numbers 2 to 4 are missing");
    }

    [Fact]
    public async Task A_label_says_that_it_was_certified_and_how_many_only_where_that_is_published()
    {
        (HttpClient farm, string gtin) = await ProductAsync();
        HttpClient admin = await Running.AsAsync("farm", "admin");
        await DoneAsync(admin.PostAsync("codes/quotas", RunningServices.Json(
            $$"""{"gtin":"{{gtin}}","rule":"claimed-purchase","basis":{"purchased":"100000","content":"50"},"certificate":"RB-2026-7","validFrom":"2026-01-01","validTo":"2027-12-31"}""")));
        await BatchAsync(farm, gtin, 40, activated: 1);
        string[] links = await BatchAsync(farm, gtin, 10, activated: 10);
        string text = "";
        await Eventually.TrueAsync(async () => (text = (await LookAsync(links[2])).Text).Contains("RB-2026-7", StringComparison.Ordinal),
            "the label's quota is known");
        text.ShouldContain("within output that the producer declared itself, whose amount is not published");
        text.ShouldNotContain("2,040");
        await DoneAsync(admin.PutAsync("disclosure", RunningServices.Json("""{"published":["/quota"]}""")));
        (await LookAsync(links[2])).Text.ShouldContain("Label 43 of 2,040 allowed by output that the producer declared itself");
        await DoneAsync(admin.PutAsync("disclosure", RunningServices.Json("{}")));
    }

    [Fact]
    public async Task Labels_that_are_set_together_name_the_end_of_each_other()
    {
        (HttpClient farm, string bottles) = await ProductAsync();
        (_, string boxes) = await ProductAsync();
        string[] bottle = await BatchAsync(farm, bottles, 12, activated: 12);
        string[] box = await BatchAsync(farm, boxes, 2, activated: 2);
        await DoneAsync(farm.PostAsync("codes/sets", RunningServices.Json(
            $$"""{"parent":"{{box[0]}}","first":"{{bottle[0]}}","ratio":6,"parents":2}""")));
        string text = (await LookAsync(bottle[7])).Text;
        text.ShouldContain($"serial ending {box[1][^6..]}");
        text.ShouldNotContain(box[1][^20..], Case.Sensitive, "a copied label must not learn its partner");
        text = (await LookAsync(box[1])).Text;
        text.ShouldContain("6 labels are inside");
        text.ShouldContain($"serial ending {bottle[6][^6..]}");
    }

    [Fact]
    public async Task The_curve_is_drawn_where_its_owner_publishes_it_and_says_excursions_in_words()
    {
        (HttpClient farm, string gtin) = await ProductAsync();
        string item = Events.Item("COLD1", gtin), pallet = Events.Pallet(7201);
        await RunningTraceability.CaptureAsync(farm,
        [
            Events.Pack(pallet, [item], "ADD", "2026-11-01T02:00:00.000Z"),
            Events.Pack(pallet, [item], "DELETE", "2026-11-01T06:00:00.000Z"),
        ]);
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await DoneAsync(farm.PutAsync("sensors/page-1", RunningServices.Json(new JsonObject
        {
            ["algorithm"] = "ecdsa-p256",
            ["key"] = Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()),
            ["name"] = "Logger",
            ["measure"] = "Temperature",
            ["unit"] = "CEL",
            ["min"] = 2,
            ["max"] = 8,
            ["toleratedMinutes"] = 30,
        }.ToJsonString())));
        await BlockAsync(farm, key, 1, pallet, "2026-11-01T01:00:00Z,31\n2026-11-01T01:30:00Z,30\n");
        await BlockAsync(farm, key, 2, pallet,
            "2026-11-01T02:00:00Z,4\n2026-11-01T03:00:00Z,9.5\n2026-11-01T04:00:00Z,5\n2026-11-01T05:00:00Z,3\n");
        (await LookAsync($"/01/{gtin}/21/COLD1")).Text.ShouldNotContain("id=\"cold\"");

        HttpClient admin = await Running.AsAsync("farm", "admin");
        await DoneAsync(admin.PutAsync("disclosure", RunningServices.Json("""{"published":["/sensorElementList"]}""")));
        string text = (await LookAsync($"/01/{gtin}/21/COLD1")).Text;
        text.ShouldContain("3 to 9.5 °C in 4 readings");
        text.ShouldContain("It should be 2 to 8 °C; there was 1 excursion, 1 longer than the 30 minutes allowed.");
        text.ShouldContain("Mean kinetic temperature 5.8");
        text.ShouldContain("Signed by device page-1.");
        text.ShouldContain("<td>9.5 °C</td>");
        text.ShouldNotContain("31 °C", Case.Sensitive, "the item was not on the pallet yet");
        string block = Regex.Match(text, "data-event=\"([^\"]+)\" data-kind=\"block\" data-of=\"[^\"]+\" data-held><span data-fact=\"/data/device\"").Groups[1].Value;
        (await Running.Open.GetAsync($"open/events/{block}/proof")).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        await DoneAsync(admin.PutAsync("disclosure", RunningServices.Json("{}")));
        (await Running.Open.GetAsync($"open/events/{block}/proof")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    private async Task<(HttpClient Farm, string Gtin)> ProductAsync()
    {
        HttpClient farm = await Running.AsAsync("farm");
        string digits = string.Create(CultureInfo.InvariantCulture, $"0690888{Interlocked.Increment(ref s_gtin):D6}");
        int sum = digits.Select((c, i) => (c - '0') * (i % 2 == 0 ? 3 : 1)).Sum();
        string gtin = $"{digits}{(10 - sum % 10) % 10}";
        await DoneAsync(farm.PutAsync($"products/{gtin}", RunningServices.Json("""{"name":{"zh":"茶","en":"Tea"}}""")));
        await DoneAsync((await Running.AsAsync("farm", "admin")).PutAsync(
            "organisation", RunningServices.Json("""{"name":{"zh":"某茶业","en":"Some Tea"}}""")));
        return (farm, gtin);
    }

    /// <summary>Labels of a printed batch, the first of them activated; their links.</summary>
    private static async Task<string[]> BatchAsync(
        HttpClient farm, string gtin, int count, int activated, string? dealer = null)
    {
        JsonObject batch = await JsonAsync(farm.PostAsync(
            "codes/batches", RunningServices.Json($$"""{"gtin":"{{gtin}}","count":{{count}}}""")));
        string csv = await farm.GetStringAsync($"codes/batches/{batch["id"]}/codes.csv");
        string[] links = [.. csv.TrimEnd().Split('\n').Skip(1).Select(l => new Uri(l.Split(',')[2]).AbsolutePath)];
        await DoneAsync(farm.PostAsync(
            $"codes/batches/{batch["id"]}/printed", RunningServices.Json($$"""{"from":0,"count":{{count}}}""")));
        await DoneAsync(farm.PostAsync("codes/activations", RunningServices.Json(new JsonObject
        {
            ["first"] = "https://a.example" + links[0],
            ["last"] = "https://a.example" + links[activated - 1],
            ["lot"] = "L-1",
            ["dealer"] = dealer,
        }.ToJsonString())));
        return [.. links.Select(l => "https://id.gs1.org" + l)];
    }

    private static Task SellAsync(HttpClient seller, string feed, long first, string link) => DoneAsync(
        seller.PostAsync("sales", RunningServices.Json(new JsonObject
        {
            ["feed"] = feed,
            ["first"] = first,
            ["through"] = DateTimeOffset.UtcNow.AddSeconds(-1).ToString("O"),
            ["sales"] = new JsonArray(new JsonObject { ["link"] = new Uri(link).AbsolutePath, ["at"] = "2026-11-02T08:00:00Z" }),
        }.ToJsonString())));

    private static async Task BlockAsync(HttpClient client, ECDsa key, long sequence, string subject, string csv)
    {
        byte[] raw = Encoding.UTF8.GetBytes(csv);
        HttpRequestMessage request = new(
            HttpMethod.Post, $"sensors/page-1/blocks?sequence={sequence}&subject={Uri.EscapeDataString(subject)}")
        {
            Content = new ByteArrayContent(raw) { Headers = { ContentType = new("text/csv") } },
        };
        request.Headers.Add(RecordBlock.SignatureHeader, Convert.ToBase64String(
            key.SignData(RecordBlock.Signed("page-1", sequence, subject, raw), HashAlgorithmName.SHA256)));
        await DoneAsync(client.SendAsync(request));
    }

    private async Task<(HttpStatusCode Status, string Text)> LookAsync(string link)
    {
        string path = link.StartsWith('/') ? link : new Uri(link).AbsolutePath;
        HttpRequestMessage request = new(HttpMethod.Get, path + "?lang=en");
        request.Headers.Accept.ParseAdd("text/html");
        HttpResponseMessage response = await Running.Open.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private static async Task<JsonObject> JsonAsync(Task<HttpResponseMessage> sent)
    {
        using HttpResponseMessage response = await sent;
        response.IsSuccessStatusCode.ShouldBeTrue(await response.Content.ReadAsStringAsync());
        return await RunningServices.JsonAsync(response);
    }

    private static async Task DoneAsync(Task<HttpResponseMessage> sent)
    {
        using HttpResponseMessage response = await sent;
        response.IsSuccessStatusCode.ShouldBeTrue(await response.Content.ReadAsStringAsync());
    }

    [GeneratedRegex("data-fact=\"/bizStep\"[^>]*>([^<]+)<")]
    private static partial Regex Step();

    [GeneratedRegex("data-event=\"([^\"]+)\" data-names")]
    private static partial Regex Row();
}
