using System.IO.Compression;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Services.Integration.Evidence;
using Shouldly;
using Traceability.Alarms;
using Traceability.Scanning;
using Xunit;
using static Services.Integration.Traceability.RunningTraceability;

namespace Services.Integration.Traceability;

/// <summary>Alarms on a running service: a brand, a dealer, an authority and a stranger.</summary>
public sealed class AlarmTests(TraceabilityFixture fixture) : IClassFixture<TraceabilityFixture>
{
    private const string Gtin = "06901234567892";
    private const string Gln = "6901234000023";
    private readonly RunningTraceability _services = fixture.Services;

    [Fact]
    public async Task A_diverted_carton_is_put_to_its_dealer_who_disputes_it()
    {
        HttpClient brand = await BrandAsync(), dealer = await _services.AsAsync("dealer");
        HttpClient stranger = await _services.AsAsync("stranger"), authority = await _services.AsAsync("authority", "regulator");
        (string carton, string[] bottles) = await CartonAsync(brand, 12, Events.Pallet(7001));
        (string other, string[] honest) = await CartonAsync(brand, 12, Events.Pallet(7002));
        await ReportAsync(brand, [.. bottles.Select((b, i) => Check(b, i < 3 ? "330100" : "510100", i))]);
        await ReportAsync(brand, [.. honest.Select((b, i) => Check(b, i < 11 ? "330100" : "510100", i))]);
        await RunAsync(brand);

        JsonNode line = (await GetAsync(brand, "alarms?kind=diversion"))["items"]!.AsArray()
            .Single(a => (string)a!["subject"]! == carton)!;
        ((string)line["state"]!).ShouldBe("open");
        ((string)line["dealer"]!["organisation"]!).ShouldBe("dealer");
        (await GetAsync(brand, "alarms"))["items"]!.AsArray().ShouldNotContain(a => (string)a!["subject"]! == other);
        string id = (string)line["id"]!;
        JsonObject alarm = await GetAsync(brand, $"alarms/{id}");
        JsonNode facts = alarm["finding"]!["facts"]!;
        ((int)facts["counted"]!, (int)facts["outside"]!, (int)facts["reported"]!).ShouldBe((12, 9, 12));
        ((string)facts["province"]!).ShouldBe("51");
        alarm["evidence"]!["chain"]!.AsArray().Select(l => (string)l!["what"]!).Distinct().ShouldBe(["in", "sent"], ignoreOrder: true);
        alarm["evidence"]!["sources"]!.AsArray().Select(s => (string)s!["what"]!).Distinct()
            .ShouldBe(["territory", "movement"], ignoreOrder: true);
        alarm["may"]!.AsArray().Select(m => (string)m!).ShouldBe(["put", "comment", "close"]);
        string stored = (string)(await _services.ScalarAsync(
            $"select string_agg(convert_from(body, 'UTF8'), ' ') from store.events where stream = 'alarm-{id}'"))!;
        stored.ShouldNotContain("latitude");
        stored.ShouldContain("\"device\":1,");

        // Nobody but the owner and the authority knows of it.
        (await dealer.GetAsync($"alarms/{id}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await stranger.GetAsync($"alarms/{id}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await authority.GetAsync($"alarms/{id}")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await RefusedAsync(dealer, $"alarms/{id}/answer", """{"text":"no"}""")).ShouldBe("alarm-not-found");
        (await RefusedAsync(brand, $"alarms/{id}/close", """{"outcome":"upheld","grounds":"x"}""")).ShouldBe("alarm-unheard");

        await DoneAsync(brand, $"alarms/{id}/put", """{"note":"Where did this carton go?"}""");
        (await GetAsync(dealer, "alarms?state=put"))["items"]!.AsArray().Select(a => (string)a!["id"]!).ShouldBe([id]);
        (await stranger.GetAsync($"alarms/{id}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        ((int)(await GetAsync(stranger, "alarms"))["counts"]!["put"]!).ShouldBe(0);
        (await RefusedAsync(stranger, $"alarms/{id}/comments", """{"text":"x"}""")).ShouldBe("alarm-not-found");
        string digest = new('a', 64);
        (await RefusedAsync(dealer, $"alarms/{id}/answer", """{"text":"no","attachments":[{"name":"x","sha256":"AA"}]}"""))
            .ShouldBe("validation-failed");
        await DoneAsync(dealer, $"alarms/{id}/answer",
            $$"""{"text":"It was stolen on the way.","attachments":[{"name":"police.pdf","sha256":"{{digest}}","size":10}]}""");
        (await RefusedAsync(dealer, $"alarms/{id}/close", """{"outcome":"withdrawn","grounds":"x"}""")).ShouldBe("alarm-owner-only");
        await DoneAsync(authority, $"alarms/{id}/comments", """{"text":"Noted."}""");
        await DoneAsync(brand, $"alarms/{id}/close", """{"outcome":"explained","grounds":"Police report seen."}""");
        await DoneAsync(dealer, $"alarms/{id}/comments", """{"text":"Thank you."}""");
        JsonObject closed = await GetAsync(dealer, $"alarms/{id}");
        ((string)closed["outcome"]!).ShouldBe("explained");
        closed["history"]!.AsArray().Select(h => $"{h!["kind"]} {h["by"]}").ShouldBe(
        [
            "raised formula", "evidence formula", "put owner", "answer addressee", "comment regulator", "close owner",
            "comment addressee",
        ]);

        // The same scans are no news.
        await RunAsync(brand);
        (await GetAsync(brand, "alarms?kind=diversion"))["items"]!.AsArray()
            .Count(a => (string)a!["subject"]! == carton).ShouldBe(1);
    }

    [Fact]
    public async Task A_copied_code_is_an_alarm_and_honest_ones_are_not()
    {
        HttpClient brand = await BrandAsync();
        string copied = Events.NewSerial(), proxy = Events.NewSerial(), gift = Events.NewSerial();
        await ReportAsync(brand,
        [
            .. Enumerable.Range(0, 8).Select(i => Check(Events.Item(copied), $"{i + 11}0100", i)),
            Located(proxy, 0, "330100", 30.27, 120.15, 30), Located(proxy, 4, "110100", 39.9, 116.4, 30),
            Located(gift, 0, "330100", 30.27, 120.15, 30), Located(gift, 3000, "110100", 39.9, 116.4, 30),
        ]);
        await RunAsync(brand);
        JsonArray alarms = (await GetAsync(brand, "alarms?kind=clone"))["items"]!.AsArray();
        alarms.ShouldContain(a => ((string)a!["subject"]!).EndsWith(copied));
        alarms.ShouldNotContain(a => ((string)a!["subject"]!).EndsWith(proxy) || ((string)a["subject"]!).EndsWith(gift));
        (await GetAsync(await _services.AsAsync("stranger"), "alarms/watched"))["items"]!.AsArray().ShouldBeEmpty();
        (await (await _services.AsAsync("maker")).PostAsync("scans/reports", RunningServices.Json(
            new JsonObject { ["checks"] = new JsonArray(Check(Events.Item(copied), "330100", 1)) }.ToJsonString())))
            .StatusCode.ShouldBe(HttpStatusCode.Forbidden, "only of own goods");
    }

    [Fact]
    public async Task Only_sales_by_the_owner_and_named_sellers_make_an_alarm()
    {
        HttpClient brand = await BrandAsync(), shop = await _services.AsAsync("dealer"), stranger = await _services.AsAsync("stranger");
        string item = Events.Item(Events.NewSerial());
        (await brand.PutAsync("sales/sellers", RunningServices.Json(
            $$"""{"gtin":"{{Gtin}}","sellers":[{"tenant":"dealer"},{"tenant":"maker"}]}"""))).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await SellAsync(stranger, "s-1", item, "2026-11-04T10:00:00Z");
        await SellAsync(stranger, "s-2", item, "2026-11-05T10:00:00Z");
        await SellAsync(shop, "till-1", item, "2026-11-05T11:00:00Z");
        await ReportAsync(brand, Check(item, "330100", 1));
        await RunAsync(brand);
        (await AboutAsync()).ShouldBeEmpty("a stranger's reports are no sales");

        await SellAsync(await _services.AsAsync("maker"), "till-2", item, "2026-11-06T11:00:00Z");
        await RunAsync(brand);
        string id = (string)(await AboutAsync()).Single()!["id"]!;
        (await GetAsync(brand, $"alarms/{id}"))["evidence"]!["sales"]!.AsArray().Select(s => (string)s!["feed"]!)
            .ShouldBe([$"till-1-{item[^6..]}", $"till-2-{item[^6..]}"]);

        async Task<JsonNode?[]> AboutAsync() =>
            [.. (await GetAsync(brand, "alarms?kind=clone"))["items"]!.AsArray().Where(a => (string)a!["subject"]! == item)];
    }

    [Fact]
    public async Task The_pack_names_what_is_not_anchored_yet()
    {
        HttpClient brand = await BrandAsync();
        string copied = Events.NewSerial();
        await ReportAsync(brand, [.. Enumerable.Range(0, 8).Select(i => Check(Events.Item(copied), $"{i + 11}0100", i))]);
        await RunAsync(brand);
        string id = (string)(await GetAsync(brand, "alarms?kind=clone"))["items"]!.AsArray()
            .Single(a => ((string)a!["subject"]!).EndsWith(copied))!["id"]!;
        using HttpResponseMessage early = await brand.GetAsync($"alarms/{id}/pack?wait=0");
        early.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        ((string)(await RunningServices.JsonAsync(early))["code"]!).ShouldBe("alarm-not-anchored");
        (await (await _services.AsAsync("stranger")).GetAsync($"alarms/{id}/pack")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        using ZipArchive zip = new(await brand.GetStreamAsync($"alarms/{id}/pack?wait=0&partial=true"));
        JsonNode manifest = JsonNode.Parse(zip.GetEntry("manifest.json")!.Open())!;
        ((bool)manifest["complete"]!).ShouldBeFalse();
        manifest["missing"]!.AsArray().Count(m => m!["eventId"] is not null).ShouldBe(2);
        zip.Entries.Select(e => e.FullName).ShouldContain("report.html");
        byte[] bytes = await brand.GetByteArrayAsync($"alarms/{id}/pack?wait=0&partial=true");
        bytes.ShouldBe(await brand.GetByteArrayAsync($"alarms/{id}/pack?wait=0&partial=true"));
    }

    [Fact]
    public async Task A_report_sent_again_counts_once_and_what_was_reported_is_on_record()
    {
        HttpClient brand = await BrandAsync();
        JsonObject check = Check(Events.Item(Events.NewSerial()), "330100", 1);
        string body = new JsonObject { ["checks"] = new JsonArray(check, check.DeepClone()) }.ToJsonString();
        foreach (bool again in new[] { false, true })
        {
            using HttpRequestMessage report = RunningServices.Post("scans/reports", body, "report-1");
            using HttpResponseMessage sent = await brand.SendAsync(report);
            ((int)(await RunningServices.JsonAsync(sent))["recorded"]!).ShouldBe(1);
            sent.Headers.Contains("Idempotency-Replayed").ShouldBe(again);
        }
        using HttpResponseMessage other = await brand.SendAsync(RunningServices.Post("scans/reports", body, "report-2"));
        ((int)(await RunningServices.JsonAsync(other))["recorded"]!).ShouldBe(0, "the same checks");
        string stored = (string)(await _services.ScalarAsync(
            "select string_agg(convert_from(body, 'UTF8'), ' ') from store.events where type = 'trace.checks-reported.v1'"))!;
        stored.ShouldContain(Convert.ToHexStringLower(
            System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(body))));
        stored.ShouldNotContain("330100");
    }

    [Fact]
    public async Task A_report_sent_again_after_midnight_counts_once()
    {
        HttpClient brand = await BrandAsync();
        JsonObject check = Check(Events.Item(Events.NewSerial()), "330100", 1);
        check["device"] = "phone-1";
        string body = new JsonObject { ["checks"] = new JsonArray(check) }.ToJsonString();
        (await RecordedAsync("report-night")).ShouldBe(1);
        // At midnight the day's key goes, and the same device has another tag.
        _services.App.Services.GetRequiredService<DeviceTags>().Forget(DateTimeOffset.UtcNow.AddDays(2));
        (await RecordedAsync("report-night")).ShouldBe(1, "the stored answer");
        (await RecordedAsync(null)).ShouldBe(0, "the same report without its key");

        async Task<int> RecordedAsync(string? key)
        {
            using HttpResponseMessage sent = await brand.SendAsync(RunningServices.Post("scans/reports", body, key));
            return (int)(await RunningServices.JsonAsync(sent))["recorded"]!;
        }
    }

    [Fact]
    public async Task Reports_of_the_same_checks_at_once_count_once()
    {
        HttpClient brand = await BrandAsync();
        string serial = Events.NewSerial();
        string body = new JsonObject { ["checks"] = new JsonArray(Check(Events.Item(serial), "330100", 1)) }.ToJsonString();
        int[] recorded = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            using HttpResponseMessage sent = await brand.PostAsync("scans/reports", RunningServices.Json(body));
            return (int)(await RunningServices.JsonAsync(sent))["recorded"]!;
        }));
        recorded.Sum().ShouldBe(1);
        ((long)(await _services.ScalarAsync($"select checks from scan_items where serial = '{serial}'"))!).ShouldBe(1);
    }

    [Fact]
    public async Task Naming_sellers_is_a_reason_to_look_again()
    {
        HttpClient brand = await BrandAsync();
        AlarmReading reading = _services.App.Services.GetRequiredService<AlarmReading>();
        (_, long before) = await reading.HeadsAsync(default);
        (await reading.MovedAsync(before, default)).ShouldBeFalse();
        (await brand.PutAsync("sales/sellers", RunningServices.Json(
            $$"""{"gtin":"{{Gtin}}","lot":"L-NAMED","sellers":[{"tenant":"dealer"}]}"""))).StatusCode
            .ShouldBe(HttpStatusCode.NoContent);
        (await reading.MovedAsync(before, default)).ShouldBeTrue();
    }

    [Fact]
    public async Task Limits_are_data_within_bounds_that_protect_the_other_side()
    {
        HttpClient admin = await _services.AsAsync("maker", "admin");
        (await admin.PutAsync("alarms/limits", RunningServices.Json("""{"outOfAreaScansMin":1}"""))).StatusCode
            .ShouldBe(HttpStatusCode.BadRequest);
        (await admin.PutAsync("alarms/limits", RunningServices.Json("""{"outOfAreaShare":0.3,"outOfAreaScansMin":20}""")))
            .StatusCode.ShouldBe(HttpStatusCode.OK);
        JsonObject limits = await GetAsync(await _services.AsAsync("maker"), "alarms/limits");
        ((double)limits["outOfAreaShare"]!, (int)limits["outOfAreaScansMin"]!, (int)limits["checksMax"]!).ShouldBe((0.3, 20, 5));
    }

    private async Task<HttpClient> BrandAsync()
    {
        HttpClient brand = await _services.AsAsync("farm");
        foreach ((string path, string body) in new[]
                 {
                     ($"products/{Gtin}", """{"name":{"zh":"酒","en":"Wine"}}"""),
                     ("dealers/D1", $$"""{"name":{"zh":"浙江经销","en":"Zhejiang"},"regions":["33"],"gln":"{{Gln}}","organisation":"dealer"}"""),
                 })
        {
            using HttpResponseMessage put = await brand.PutAsync(path, RunningServices.Json(body));
            put.IsSuccessStatusCode.ShouldBeTrue(await put.Content.ReadAsStringAsync());
        }
        return brand;
    }

    /// <summary>Bottles in a carton that was sent to the dealer.</summary>
    private static async Task<(string Carton, string[] Bottles)> CartonAsync(HttpClient brand, int count, string carton)
    {
        string[] bottles = [.. Enumerable.Range(0, count).Select(_ => Events.Item(Events.NewSerial()))];
        JsonObject sent = Events.Object([carton], "OBSERVE", "shipping", "2026-11-02T09:00:00.000+08:00");
        sent["destinationList"] = new JsonArray(new JsonObject
        {
            ["type"] = "possessing_party",
            ["destination"] = $"https://id.gs1.org/417/{Gln}",
        });
        await CaptureAsync(brand, [Events.Pack(carton, bottles), sent]);
        return (carton, bottles);
    }

    private static JsonObject Check(string item, string region, int n) => new()
    {
        ["link"] = item,
        ["at"] = DateTimeOffset.UtcNow.AddHours(-2).AddMinutes(n).ToString("O"),
        ["region"] = region,
        ["device"] = $"{item}-{n}",
    };

    private static JsonObject Located(string serial, int minutes, string region, double latitude, double longitude, double km)
    {
        JsonObject check = Check(Events.Item(serial), region, 0);
        check["at"] = DateTimeOffset.UtcNow.AddDays(-5).AddMinutes(minutes).ToString("O");
        (check["latitude"], check["longitude"], check["accuracyKm"], check["shared"]) = (latitude, longitude, km, false);
        check["device"] = $"{serial}{region}";
        return check;
    }

    private static async Task ReportAsync(HttpClient brand, params JsonObject[] checks)
    {
        using HttpResponseMessage sent = await brand.PostAsync("scans/reports", RunningServices.Json(
            new JsonObject { ["checks"] = new JsonArray([.. checks]) }.ToJsonString()));
        sent.StatusCode.ShouldBe(HttpStatusCode.OK, await sent.Content.ReadAsStringAsync());
        ((int)(await RunningServices.JsonAsync(sent))["recorded"]!).ShouldBe(checks.Length);
    }

    private static async Task SellAsync(HttpClient seller, string feed, string item, string at)
    {
        using HttpResponseMessage sold = await seller.PostAsync("sales", RunningServices.Json(new JsonObject
        {
            ["feed"] = $"{feed}-{item[^6..]}",
            ["first"] = 1,
            ["through"] = at,
            ["sales"] = new JsonArray(new JsonObject { ["link"] = item, ["at"] = at }),
        }.ToJsonString()));
        sold.IsSuccessStatusCode.ShouldBeTrue(await sold.Content.ReadAsStringAsync());
    }

    private static async Task RunAsync(HttpClient client)
    {
        using HttpResponseMessage run = await client.PostAsync("alarms/run", null);
        run.StatusCode.ShouldBe(HttpStatusCode.OK, await run.Content.ReadAsStringAsync());
    }

    private static async Task DoneAsync(HttpClient client, string path, string body)
    {
        using HttpResponseMessage done = await client.SendAsync(RunningServices.Post(path, body));
        done.StatusCode.ShouldBe(HttpStatusCode.Created, await done.Content.ReadAsStringAsync());
    }

    private static async Task<string> RefusedAsync(HttpClient client, string path, string body)
    {
        using HttpResponseMessage refused = await client.SendAsync(RunningServices.Post(path, body));
        refused.IsSuccessStatusCode.ShouldBeFalse();
        return (string)(await RunningServices.JsonAsync(refused))["code"]!;
    }

    private static async Task<JsonObject> GetAsync(HttpClient client, string path)
    {
        using HttpResponseMessage response = await client.GetAsync(path);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        return await RunningServices.JsonAsync(response);
    }
}
