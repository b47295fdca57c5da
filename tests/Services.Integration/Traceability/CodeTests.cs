using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using EventStore;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using TestKit;
using Traceability.Codes.Keys;
using Xunit;
using static Services.Integration.Evidence.RunningServices;

namespace Services.Integration.Traceability;

/// <summary>Codes over HTTP and PostgreSQL.</summary>
public sealed partial class CodeTests(TraceabilityFixture fixture) : IClassFixture<TraceabilityFixture>
{
    private static int s_next = 100;

    private RunningTraceability Running => fixture.Services;

    [Fact]
    public async Task A_batch_is_issued_printed_activated_and_its_codes_answer()
    {
        HttpClient farm = await Running.AsAsync("farm");
        string gtin = NewGtin();
        JsonObject batch = await CreatedAsync(
            farm, "codes/batches", $$"""{"gtin":"{{gtin}}","count":1000,"purpose":"spring"}""");
        string id = (string)batch["id"]!;
        string[] links = await LinksAsync(farm, id);
        links.Length.ShouldBe(1000);
        links[0].ShouldBe((string)batch["firstCode"]!);
        links.ShouldBeUnique();
        (await AnswerAsync(farm, links[3])).ShouldBe("not-in-use not-printed");
        (await AnswerAsync(Running.Open, links[3])).ShouldBe("not-in-use ");

        await CreatedAsync(farm, $"codes/batches/{id}/printed", """{"from":0,"count":600,"order":"P-1"}""");
        await CreatedAsync(farm, $"codes/batches/{id}/destroyed",
            $$"""{"first":"{{links[10]}}","last":"{{links[11]}}","reason":"misprint"}""");
        await RefusedAsync(farm, "codes/activations?undescribed=refuse",
            $$"""{"first":"{{links[99]}}","last":"{{links[0]}}","lot":"L-TYPO"}""", "product-undescribed");
        // A roll scanned from its other end is the same roll.
        JsonObject activation = await CreatedAsync(farm, "codes/activations",
            $$"""{"first":"{{links[99]}}","last":"{{links[0]}}","lot":"L-2026-1","line":"3","dealer":"D-7"}""");
        ((int)activation["from"]!).ShouldBe(0);
        ((int)activation["count"]!).ShouldBe(100);
        (await AnswerAsync(farm, links[3])).ShouldBe("in-use ");
        (await AnswerAsync(farm, links[10])).ShouldBe("not-in-use destroyed");
        (await AnswerAsync(farm, links[100])).ShouldBe("not-in-use not-activated");

        JsonObject now = await JsonAsync(await farm.GetAsync($"codes/batches/{id}"));
        ((int)now["count"]!).ShouldBe((int)now["printed"]! + (int)now["destroyed"]! + (int)now["stock"]!);
        ((int)now["printed"]!).ShouldBe(598);
        ((int)now["activated"]!).ShouldBe(100);
        await RefusedAsync(farm, "codes/activations",
            $$"""{"first":"{{links[99]}}","last":"{{links[120]}}","lot":"L-2"}""", "codes-activated-before");
        JsonObject unprinted = await RefusedAsync(farm, "codes/activations",
            $$"""{"first":"{{links[590]}}","last":"{{links[610]}}","lot":"L-2"}""", "codes-not-printed");
        ((string)unprinted["detail"]!).ShouldContain("591");
        ((string)unprinted["detail"]!).ShouldContain("611", Case.Sensitive, "labels are counted from 1");
        await RefusedAsync(farm, $"codes/batches/{id}/printed", """{"from":599,"count":2}""", "codes-printed-before");
    }

    [Fact]
    public async Task Labels_lead_to_the_origin_at_which_their_codes_were_asked_for_unless_another_is_named()
    {
        HttpClient farm = await Running.AsAsync("farm");
        string own = await FirstAsync(""), named = await FirstAsync(""","stem":"https://brand.example/x" """);
        own.ShouldStartWith("http://trace.example:9100/01/");
        named.ShouldStartWith("https://brand.example/x/01/");

        async Task<string> FirstAsync(string stem)
        {
            using HttpRequestMessage asked = new(HttpMethod.Post, "codes/batches")
            {
                Content = Json($$"""{"gtin":"{{NewGtin()}}","count":1{{stem}}}"""),
            };
            asked.Headers.Add("X-Forwarded-Host", "trace.example:9100");
            asked.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
            using HttpResponseMessage answer = await farm.SendAsync(asked);
            answer.StatusCode.ShouldBe(HttpStatusCode.Created);
            return (string)(await JsonAsync(answer))["firstCode"]!;
        }
    }

    [Fact]
    public async Task Another_instances_keys_are_refused_at_the_start()
    {
        string folder = Directory.CreateTempSubdirectory("apps-keys-").FullName;
        try
        {
            CodeKeys others = new(Path.Combine(folder, "keys", "serials.json"));
            Store store = Running.App.Services.GetRequiredService<Store>();
            (await Should.ThrowAsync<InvalidOperationException>(() => KeyChecks.CompareAsync(store, others, default)))
                .Message.ShouldContain("Version 1");
            await KeyChecks.CompareAsync(store, Running.App.Services.GetRequiredService<CodeKeys>(), default);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task What_is_known_survives_a_restart_and_a_rotation_of_keys()
    {
        await using RunningTraceability running = await RunningTraceability.StartAsync();
        HttpClient farm = await running.AsAsync("farm");
        string gtin = NewGtin();
        JsonObject batch = await CreatedAsync(
            farm, "codes/batches", $$"""{"gtin":"{{gtin}}","count":50,"activation":"on-print"}""");
        string id = (string)batch["id"]!;
        await CreatedAsync(farm, $"codes/batches/{id}/printed", """{"from":0,"count":40}""");
        string[] links = await LinksAsync(farm, id);
        HttpClient admin = await running.AsAsync("suite", "operator");
        (await CreatedAsync(admin, "codes/keys", ""))["current"]!.GetValue<int>().ShouldBe(2);
        JsonObject second = await CreatedAsync(farm, "codes/batches", $$"""{"gtin":"{{gtin}}","count":5}""");
        ((int)second["keyVersion"]!).ShouldBe(2);
        await running.RestartAsync();
        farm = await running.AsAsync("farm");
        (await AnswerAsync(farm, links[39])).ShouldBe("in-use ");
        (await AnswerAsync(farm, links[40])).ShouldBe("not-in-use not-printed");
        (await AnswerAsync(farm, (string)second["firstCode"]!)).ShouldBe("not-in-use not-printed");
        (await running.ScalarAsync("select count(*) from code_batches")).ShouldBe(2L);
    }

    [Fact]
    public async Task Codes_beyond_the_certified_output_are_refused_with_the_numbers()
    {
        HttpClient admin = await Running.AsAsync("farm", "admin");
        string gtin = NewGtin();
        await CreatedAsync(admin, "codes/quotas",
            $$$"""
            {"gtin":"{{{gtin}}}","rule":"area-yield","basis":{"area":"10","yield":"50","content":"0.5"},
             "certificate":"C-7","validFrom":"2020-01-01","validTo":"2099-12-31"}
            """);
        await CreatedAsync(admin, "codes/batches", $$"""{"gtin":"{{gtin}}","count":1000}""");
        JsonObject refused = await RefusedAsync(
            admin, "codes/batches", $$"""{"gtin":"{{gtin}}","count":31}""", "code-quota-exceeded");
        ((string)refused["detail"]!).ShouldContain("1030");
        ((string)refused["detail"]!).ShouldContain("30");
        await CreatedAsync(admin, "codes/batches", $$"""{"gtin":"{{gtin}}","count":30}""");
        JsonObject quotas = await JsonAsync(await admin.GetAsync($"codes/quotas/{gtin}"));
        ((string)quotas["quotas"]![0]!["certifiedBy"]!).ShouldBe("farm", "its own word, not an authority's");
        ((long)quotas["quotas"]![0]!["left"]!).ShouldBe(0);
        (await (await Running.AsAsync("dealer", "admin")).GetAsync($"codes/quotas/{gtin}")).StatusCode
            .ShouldBe(HttpStatusCode.NotFound);
        await RefusedAsync(await Running.AsAsync("dealer"), "codes/batches",
            $$"""{"gtin":"{{gtin}}","count":1}""", "gtin-of-another-organisation");
    }

    [Fact]
    public async Task Two_batches_opened_at_once_never_exceed_the_quota()
    {
        HttpClient admin = await Running.AsAsync("farm", "admin");
        string gtin = NewGtin();
        await CreatedAsync(admin, "codes/quotas",
            $$$"""
            {"gtin":"{{{gtin}}}","rule":"trademark-quota","basis":{"labels":"100"},
             "certificate":"C-8","validFrom":"2020-01-01","validTo":"2099-12-31"}
            """);
        HttpResponseMessage[] answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ =>
            admin.SendAsync(Post("codes/batches", $$"""{"gtin":"{{gtin}}","count":40}"""))));
        answers.Count(a => a.StatusCode == HttpStatusCode.Created).ShouldBeLessThanOrEqualTo(2);
        JsonObject quotas = await JsonAsync(await admin.GetAsync($"codes/quotas/{gtin}"));
        ((long)quotas["quotas"]![0]!["used"]!).ShouldBeLessThanOrEqualTo(100);
    }

    [Fact]
    public async Task A_repeated_request_with_a_key_issues_once()
    {
        HttpClient farm = await Running.AsAsync("farm");
        string body = $$"""{"gtin":"{{NewGtin()}}","count":10}""";
        HttpResponseMessage first = await farm.SendAsync(Post("codes/batches", body, key: "once"));
        HttpResponseMessage again = await farm.SendAsync(Post("codes/batches", body, key: "once"));
        again.Headers.Contains("Idempotency-Replayed").ShouldBeTrue();
        ((string)(await JsonAsync(again))["id"]!).ShouldBe((string)(await JsonAsync(first))["id"]!);
    }

    [Fact]
    public async Task A_broken_download_goes_on_where_it_stopped()
    {
        HttpClient farm = await Running.AsAsync("farm");
        JsonObject batch = await CreatedAsync(farm, "codes/batches", $$"""{"gtin":"{{NewGtin()}}","count":20000}""");
        string path = $"codes/batches/{batch["id"]}/codes.csv";
        using HttpResponseMessage whole = await farm.GetAsync(path);
        byte[] all = await whole.Content.ReadAsByteArrayAsync();
        whole.Content.Headers.ContentLength.ShouldBe(all.Length);
        foreach (long start in new long[] { 5, 19, 20, 777_777, all.Length - 1 })
        {
            using HttpRequestMessage request = new(HttpMethod.Get, path);
            request.Headers.Range = new RangeHeaderValue(start, null);
            request.Headers.IfRange = new RangeConditionHeaderValue(whole.Headers.ETag!);
            using HttpResponseMessage rest = await farm.SendAsync(request);
            rest.StatusCode.ShouldBe(HttpStatusCode.PartialContent);
            rest.Content.Headers.ContentRange!.From.ShouldBe(start);
            (await rest.Content.ReadAsByteArrayAsync()).AsSpan().SequenceEqual(all.AsSpan((int)start)).ShouldBeTrue();
        }
        using HttpRequestMessage beyond = new(HttpMethod.Get, path);
        beyond.Headers.Range = new RangeHeaderValue(all.Length, null);
        (await farm.SendAsync(beyond)).StatusCode.ShouldBe(HttpStatusCode.RequestedRangeNotSatisfiable);
        (await (await Running.AsAsync("dealer")).GetAsync(path)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await (await Running.AsAsync("farm", "reader")).GetAsync(path)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Labels_come_as_pictures_and_sheets()
    {
        HttpClient farm = await Running.AsAsync("farm");
        JsonObject batch = await CreatedAsync(farm, "codes/batches", $$"""{"gtin":"{{NewGtin()}}","count":30}""");
        foreach (string format in new[] { "svg", "png" })
        {
            using ZipArchive archive = new(await farm.GetStreamAsync(
                $"codes/batches/{batch["id"]}/labels.zip?format={format}&from=5&count=10"));
            archive.Entries.Count.ShouldBe(10);
            archive.Entries[0].FullName.ShouldStartWith("0000000006-");
            using StreamReader text = new(archive.Entries[0].Open(), Encoding.Latin1);
            text.ReadToEnd().ShouldContain(format == "svg" ? "<svg" : "PNG");
        }
        using HttpResponseMessage pdf = await farm.GetAsync($"codes/batches/{batch["id"]}/labels.pdf");
        pdf.StatusCode.ShouldBe(HttpStatusCode.OK, await pdf.Content.ReadAsStringAsync());
        Encoding.Latin1.GetString(await pdf.Content.ReadAsByteArrayAsync()).ShouldStartWith("%PDF-");
    }

    [Fact]
    public async Task Bottles_stand_in_boxes_set_before_and_after_printing()
    {
        HttpClient farm = await Running.AsAsync("farm");
        JsonObject bottles = await CreatedAsync(farm, "codes/batches", $$"""{"gtin":"{{NewGtin()}}","count":60}""");
        JsonObject boxes = await CreatedAsync(farm, "codes/batches", $$"""{"gtin":"{{NewGtin()}}","count":10}""");
        string[] bottle = await LinksAsync(farm, (string)bottles["id"]!);
        string[] box = await LinksAsync(farm, (string)boxes["id"]!);
        await CreatedAsync(farm, "codes/sets",
            $$"""{"parent":"{{box[0]}}","first":"{{bottle[0]}}","ratio":6,"parents":5}""");
        await CreatedAsync(farm, "codes/sets",
            $$"""{"parent":"{{box[5]}}","first":"{{bottle[40]}}","last":"{{bottle[44]}}"}""");
        JsonObject of = await JsonAsync(await farm.GetAsync($"codes/sets?code={Uri.EscapeDataString(bottle[13])}"));
        ((string)of["parent"]!).ShouldBe(box[2]);
        JsonObject under = await JsonAsync(await farm.GetAsync($"codes/sets?code={Uri.EscapeDataString(box[5])}"));
        ((string)under["children"]![0]!["first"]!).ShouldBe(bottle[40]);
        ((string)under["children"]![0]!["last"]!).ShouldBe(bottle[44]);
        await RefusedAsync(farm, "codes/sets",
            $$"""{"parent":"{{box[6]}}","first":"{{bottle[44]}}","last":"{{bottle[45]}}"}""", "codes-set-before");
        await RefusedAsync(farm, "codes/sets",
            $$"""{"parent":"{{bottle[50]}}","first":"{{bottle[51]}}","ratio":1}""", "set-within-batch");
    }

    [Fact]
    public async Task An_activation_becomes_standard_events_that_are_captured_once()
    {
        HttpClient farm = await Running.AsAsync("farm");
        JsonObject batch = await CreatedAsync(farm, "codes/batches", $$"""{"gtin":"{{NewGtin()}}","count":2500}""");
        string id = (string)batch["id"]!;
        string[] links = await LinksAsync(farm, id);
        await CreatedAsync(farm, $"codes/batches/{id}/printed", """{"from":0,"count":2500}""");
        await CreatedAsync(farm, $"codes/batches/{id}/destroyed", """{"from":7,"count":1,"reason":"torn"}""");
        JsonObject activation = await CreatedAsync(farm, "codes/activations",
            $$"""{"first":"{{links[0]}}","last":"{{links[2099]}}","lot":"L-9","at":"2026-03-28T08:00:00+08:00"}""");
        ((string)activation["at"]!).ShouldStartWith("2026-03-28T00:00:00");
        await RefusedAsync(farm, "codes/activations",
            $$"""{"first":"{{links[2100]}}","last":"{{links[2200]}}","lot":"L-9","at":"2100-01-01T00:00:00Z"}""",
            "activation-in-future");
        string path = $"codes/batches/{id}/activations/{activation["id"]}/events";
        string text = await farm.GetStringAsync(path);
        JsonArray events = JsonNode.Parse(text)!["epcisBody"]!["eventList"]!.AsArray();
        events.Select(e => e!["epcList"]!.AsArray().Count).ShouldBe([999, 1000, 100]);
        ((string)events[1]!["epcList"]![0]!).ShouldBe(links[1000]);
        ((string)events[1]!["eventTime"]!).ShouldBe("2026-03-28T00:00:00.000Z", "a line without a network says when");
        (await farm.GetStringAsync(path)).ShouldBe(text);
        using HttpResponseMessage captured = await farm.PostAsync("epcis/v2/capture", Json(text));
        captured.StatusCode.ShouldBe(HttpStatusCode.Accepted, await captured.Content.ReadAsStringAsync());
        await RunningTraceability.DoneAsync(farm, captured.Headers.Location!);
        string ids = string.Join(", ", events.Select(e => $"'{e!["eventID"]}'"));
        await Eventually.TrueAsync(async () => (long)(await Running.ScalarAsync(
            $"select count(*) from epcis_events where event_id in ({ids})"))! == 3, "the events are there without asking");
        await Eventually.TrueAsync(async () => (int?)(await Running.ScalarAsync(
            $"select chunks from code_activation_captures where activation = '{activation["id"]}'")) == 3, "and it is known");
        ((long)(await Running.ScalarAsync($"select count(*) from epcis_events where event_id in ({ids})"))!)
            .ShouldBe(3, "whoever captures them too adds nothing");
        ((string)(await Running.ScalarAsync($"select tenant from epcis_events where event_id in ({ids}) limit 1"))!)
            .ShouldBe("farm");
    }

    [Theory]
    [InlineData("""{"gtin":"06901234567893","count":1}""", "validation-failed")]
    [InlineData("""{"gtin":"06901234567892","count":0}""", "validation-failed")]
    [InlineData("""{"gtin":"06901234567892","count":2000000000}""", "validation-failed")]
    [InlineData("""{"gtin":"06901234567892","count":1,"stem":"javascript:alert(1)"}""", "validation-failed")]
    [InlineData("""{"gtin":"06901234567892","count":1,"stem":"https://a.example/?x"}""", "validation-failed")]
    [InlineData("""{"gtin":"06901234567892","count":1,"mode":"other"}""", "json-malformed")]
    [InlineData("""{"gtin":"06901234567892","count":1,"more":1}""", "field-unknown")]
    public async Task A_wrong_request_is_a_clear_problem(string json, string code)
    {
        HttpResponseMessage answer = await (await Running.AsAsync("farm")).SendAsync(Post("codes/batches", json));
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        ((string)(await JsonAsync(answer))["code"]!).ShouldBe(code);
    }

    [Fact]
    public async Task Batches_are_listed_newest_first_to_their_organisation_only()
    {
        HttpClient dealer = await Running.AsAsync("dealer");
        string gtin = NewGtin();
        List<string> ids = [];
        for (int i = 1; i <= 3; i++)
        {
            JsonObject batch = await CreatedAsync(dealer, "codes/batches", $$"""{"gtin":"{{gtin}}","count":{{i}}}""");
            ids.Insert(0, (string)batch["id"]!);
        }
        List<string> listed = [];
        string? cursor = null;
        do
        {
            JsonObject page = await JsonAsync(
                await dealer.GetAsync($"codes/batches?gtin={gtin}&limit=2{(cursor is null ? "" : "&cursor=" + cursor)}"));
            listed.AddRange(page["items"]!.AsArray().Select(b => (string)b!["id"]!));
            cursor = (string?)page["next"];
        }
        while (cursor is not null);
        listed.ShouldBe(ids);
        JsonObject all = await JsonAsync(await dealer.GetAsync("codes/batches"));
        all["items"]!.AsArray().Count.ShouldBeGreaterThanOrEqualTo(3);
        (await dealer.GetAsync("codes/batches?limit=0")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        HttpClient stranger = await Running.AsAsync("stranger");
        (await JsonAsync(await stranger.GetAsync($"codes/batches?gtin={gtin}")))["items"]!.AsArray().ShouldBeEmpty();
        (await stranger.GetAsync($"codes/batches/{ids[0]}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await stranger.PostAsync("codes/keys", null)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await Running.Open.GetAsync("codes/batches")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_product_described_by_another_organisation_gets_no_codes()
    {
        string gtin = NewGtin();
        HttpResponseMessage described = await (await Running.AsAsync("maker")).PutAsync(
            $"products/{gtin}", Json("""{"name":{"zh":"酒","en":"Wine"}}"""));
        described.IsSuccessStatusCode.ShouldBeTrue(await described.Content.ReadAsStringAsync());
        await RefusedAsync(await Running.AsAsync("dealer"), "codes/batches",
            $$"""{"gtin":"{{gtin}}","count":1}""", "gtin-of-another-organisation");
        string certificate =
            $$$"""
            {"gtin":"{{{gtin}}}","rule":"capacity","basis":{"daily":"10","days":"10"},"certificate":"C-1",
             "validFrom":"2020-01-01","validTo":"2099-12-31"}
            """;
        await RefusedAsync(
            await Running.AsAsync("dealer", "admin"), "codes/quotas", certificate, "gtin-of-another-organisation");
        HttpResponseMessage import = await (await Running.AsAsync("dealer")).PostAsync(
            "codes/lists?name=vendor&kind=items", new StringContent($"{gtin},A-1\n", Encoding.UTF8, "text/csv"));
        ((string)(await JsonAsync(import))["code"]!).ShouldBe("gtin-of-another-organisation");
        HttpClient admin = await Running.AsAsync("maker", "admin");
        await CreatedAsync(admin, "codes/quotas", certificate);
        await RefusedAsync(admin, "codes/quotas", certificate, "quota-certificate-used");
        await RefusedAsync(admin, "codes/quotas", certificate.Replace(gtin, NewGtin(), StringComparison.Ordinal)
            .Replace("\"C-1\"", "\"C-1 \"", StringComparison.Ordinal), "quota-certificate-used");
        await CreatedAsync(await Running.AsAsync("maker"), "codes/batches", $$"""{"gtin":"{{gtin}}","count":1}""");
    }

    [Fact]
    public async Task Numeric_codes_fit_tags_and_answer()
    {
        HttpClient farm = await Running.AsAsync("farm");
        JsonObject batch = await CreatedAsync(
            farm, "codes/batches", $$"""{"gtin":"{{NewGtin()}}","count":100,"mode":"numeric"}""");
        string[] links = await LinksAsync(farm, (string)batch["id"]!);
        links.ShouldBeUnique();
        links.ShouldAllBe(l => long.Parse(l.Substring(l.LastIndexOf('/') + 1)) < 1L << 38);
        (await AnswerAsync(farm, links[99])).ShouldBe("not-in-use not-printed");
    }

    internal static string NewGtin()
    {
        string digits = $"0690{Interlocked.Increment(ref s_next):D9}";
        return digits + global::Traceability.Gs1.CheckDigit.Of(digits);
    }

    private static async Task<string[]> LinksAsync(HttpClient http, string batch) =>
        [.. (await http.GetStringAsync($"codes/batches/{batch}/codes.csv")).TrimEnd('\n').Split('\n').Skip(1)
            .Select(l => l[(l.LastIndexOf(',') + 1)..])];

    internal static async Task<string> AnswerAsync(HttpClient http, string code)
    {
        JsonObject answer = await JsonAsync(await http.PostAsync(
            "codes/validate", Json(new JsonObject { ["code"] = code }.ToJsonString())));
        return $"{answer["answer"]} {answer["reason"]}";
    }

    internal static async Task<JsonObject> CreatedAsync(HttpClient http, string path, string json)
    {
        using HttpResponseMessage answer = await http.SendAsync(Post(path, json));
        answer.StatusCode.ShouldBe(HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
        return await JsonAsync(answer);
    }

    private static async Task<JsonObject> RefusedAsync(HttpClient http, string path, string json, string code)
    {
        using HttpResponseMessage answer = await http.SendAsync(Post(path, json));
        JsonObject problem = await JsonAsync(answer);
        ((string)problem["code"]!).ShouldBe(code);
        return problem;
    }
}
