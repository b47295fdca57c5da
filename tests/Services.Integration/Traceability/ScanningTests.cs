using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Proofs;
using Services.Integration.Evidence;
using Shouldly;
using TestKit;
using Traceability.Scanning;
using Xunit;

namespace Services.Integration.Traceability;

/// <summary>Scanned links over HTTP and PostgreSQL: resolver, page, recording, sales, complaints and open proofs.</summary>
public sealed partial class ScanningTests(TraceabilityFixture fixture) : IClassFixture<TraceabilityFixture>
{
    private const string Gtin = "06901234567892";

    private RunningTraceability Running => fixture.Services;

    private async Task<HttpClient> FarmAsync()
    {
        HttpClient farm = await Running.AsAsync("farm");
        await DoneAsync(farm.PutAsync($"products/{Gtin}", RunningServices.Json(
            """{"name":{"zh":"西湖龙井<script>","en":"Longjing tea<script>"},"net":{"zh":"50克","en":"50 g"}}""")));
        await DoneAsync((await Running.AsAsync("farm", "admin")).PutAsync("organisation", RunningServices.Json(
            """{"name":{"zh":"某茶业","en":"Some Tea"}}""")));
        return farm;
    }

    private static async Task DoneAsync(Task<HttpResponseMessage> sent)
    {
        HttpResponseMessage response = await sent;
        response.IsSuccessStatusCode.ShouldBeTrue(await response.Content.ReadAsStringAsync());
    }

    private async Task<(HttpResponseMessage Response, string Text)> LookAsync(string path, string agent = "phone")
    {
        HttpRequestMessage request = new(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("User-Agent", agent);
        request.Headers.Accept.ParseAdd("text/html");
        HttpResponseMessage response = await Running.Open.SendAsync(request);
        return (response, await response.Content.ReadAsStringAsync());
    }

    private Task UntilChecksAsync(string serial, long checks) => Eventually.TrueAsync(async () =>
        (long)(await Running.ScalarAsync(
            $"select coalesce((select checks from scan_items where serial = '{serial}'), 0)"))! == checks,
        $"{checks} checks are recorded");

    [Fact]
    public async Task The_page_is_whole_strict_and_escaped()
    {
        await FarmAsync();
        (HttpResponseMessage response, string text) = await LookAsync($"/01/{Gtin}/10/L1/21/PAGE1?lang=en");
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        string policy = response.Headers.GetValues("Content-Security-Policy").Single();
        policy.ShouldStartWith("default-src 'none'; script-src 'self'; style-src 'sha256-");
        policy.ShouldNotContain("unsafe");
        text.ShouldContain("Longjing tea&lt;script&gt;");
        text.ShouldNotContain("<script>");
        text.ShouldNotContain(" style=");
        text.ShouldContain("First check");
        text.ShouldNotContain("genuine");
        response.Headers.GetValues("Link").Single().ShouldContain("rel=\"linkset\"");
        (await LookAsync($"/01/{Gtin}/21/PAGE1?lang=zh")).Text.ShouldContain("<html lang=\"zh-CN\">");
    }

    [Fact]
    public async Task Checks_are_counted_once_a_device_and_nothing_personal_is_kept()
    {
        await FarmAsync();
        string path = $"/01/{Gtin}/21/COUNT1";
        await LookAsync(path);
        await UntilChecksAsync("COUNT1", 1);
        await LookAsync(path);
        await LookAsync(path, "another phone");
        await UntilChecksAsync("COUNT1", 2);
        (await LookAsync(path + "?lang=zh", "third phone")).Text.ShouldContain("此前被查询过2次");
        await UntilChecksAsync("COUNT1", 3);

        ((long)(await Running.ScalarAsync(
            "select count(*) from scans where serial = 'COUNT1' and at = date_trunc('minute', at) and length(device) = 8"))!)
            .ShouldBe(3);
        ((string)(await Running.ScalarAsync("select string_agg(s::text, ' ') from scans s where serial = 'COUNT1'"))!)
            .ShouldNotContain("127.0.0.1");

        ScanRecorder recorder = Running.App.Services.GetRequiredService<ScanRecorder>();
        await recorder.ForgetAsync(DateTimeOffset.UtcNow.AddDays(29), default);
        ((long)(await Running.ScalarAsync("select count(device) from scans where serial = 'COUNT1'"))!).ShouldBe(3);
        await recorder.ForgetAsync(DateTimeOffset.UtcNow.AddDays(31), default);
        ((long)(await Running.ScalarAsync("select count(device) from scans"))!).ShouldBe(0, "tags end after 30 days");
        ((long)(await Running.ScalarAsync("select count(*) from scan_keys"))!).ShouldBe(0, "and the day's key before");
    }

    [Fact]
    public async Task Tags_and_keys_end_on_a_service_that_nobody_asks()
    {
        await using RunningTraceability quiet = await RunningTraceability.StartAsync();
        await quiet.ScalarAsync(
            """
            insert into scans (at, gtin, serial, device) values (now() - interval '31 days', '06901234567892', 'OLD', '\x01');
            insert into scan_keys values (current_date - 2, '\x02')
            """);
        await quiet.RestartAsync();
        await Eventually.TrueAsync(async () =>
            (long)(await quiet.ScalarAsync("select (select count(device) from scans) + (select count(*) from scan_keys)"))! == 0,
            "tags and keys are deleted without a check");
    }

    [Theory]
    [InlineData("2026-11-01T10:20:00Z", 60)]
    [InlineData("2026-11-01T23:50:00Z", 10)]
    public void Forgetting_comes_every_hour_and_when_a_day_ends(string now, int minutes) =>
        ScanRecorder.UntilNext(DateTimeOffset.Parse(now, System.Globalization.CultureInfo.InvariantCulture))
            .ShouldBe(TimeSpan.FromMinutes(minutes));

    [Fact]
    public async Task The_resolver_leads_by_type_and_answers_what_it_has_not_with_the_products_links()
    {
        HttpClient farm = await FarmAsync();
        string gtin = "06901234000054";
        await DoneAsync(farm.PutAsync($"products/{gtin}", RunningServices.Json("""{"name":{"zh":"茶","en":"Tea"}}""")));
        await DoneAsync(farm.PutAsync($"products/{gtin}/links", RunningServices.Json(
            """{"links":[{"type":"gs1:pip","href":"https://a.example/en","title":"Tea","language":"en","default":true},{"type":"gs1:pip","href":"https://a.example/zh","title":"茶","language":"zh"}]}""")));

        (HttpResponseMessage plain, _) = await LookAsync($"/01/{gtin}?17=261231");
        plain.StatusCode.ShouldBe(HttpStatusCode.TemporaryRedirect);
        plain.Headers.Location!.ToString().ShouldBe("https://a.example/en?17=261231");
        plain.Headers.GetValues("Access-Control-Allow-Origin").Single().ShouldBe("*");
        (await LookAsync($"/01/{gtin}?view=trace")).Response.StatusCode.ShouldBe(HttpStatusCode.OK);

        (HttpResponseMessage set, string json) = await LookAsync($"/01/{gtin}/21/X1?linkType=linkset");
        set.Content.Headers.ContentType!.MediaType.ShouldBe("application/linkset+json");
        JsonNode.Parse(json)!["linkset"]![0]!["https://ref.gs1.org/voc/pip"]!.AsArray().Count.ShouldBe(2);

        (HttpResponseMessage none, string parent) = await LookAsync($"/01/{gtin}/21/X1?linkType=gs1:instructions");
        none.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        ((string)JsonNode.Parse(parent)!["linkset"]![0]!["anchor"]!).ShouldEndWith($"/01/{gtin}");

        JsonNode description = JsonNode.Parse(await Running.Open.GetStringAsync("/.well-known/gs1resolver"))!;
        ((string)description["supportedPrimaryKeys"]![0]!).ShouldBe("01");
        HttpResponseMessage head = await Running.Open.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"/01/{gtin}"));
        head.StatusCode.ShouldBe(HttpStatusCode.TemporaryRedirect);
        (await Running.Open.SendAsync(new HttpRequestMessage(HttpMethod.Options, $"/01/{gtin}")))
            .StatusCode.ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task A_default_link_is_followed_after_the_check_is_recorded_and_not_past_a_warning()
    {
        HttpClient farm = await FarmAsync();
        string gtin = "06901234000061";
        await DoneAsync(farm.PutAsync($"products/{gtin}", RunningServices.Json("""{"name":{"zh":"茶","en":"Tea"}}""")));
        await DoneAsync(farm.PutAsync($"products/{gtin}/links", RunningServices.Json(
            """{"links":[{"type":"gs1:pip","href":"https://a.example/en","title":"Tea","language":"en","default":true}]}""")));
        (await LookAsync($"/01/{gtin}/21/LED1")).Response.StatusCode.ShouldBe(HttpStatusCode.TemporaryRedirect);
        await UntilChecksAsync("LED1", 1);
        await RunningTraceability.CaptureAsync(farm,
        [
            Events.Object([Events.Item("LED1", gtin)], "ADD", "commissioning", "2026-11-01T08:00:00.000Z"),
            Events.Object([Events.Item("LED1", gtin)], "DELETE", "destroying", "2026-11-02T08:00:00.000Z"),
        ]);
        (HttpResponseMessage retired, string text) = await LookAsync($"/01/{gtin}/21/LED1?lang=en");
        retired.StatusCode.ShouldBe(HttpStatusCode.OK);
        text.ShouldContain("was taken out of use");
        (await LookAsync($"/01/{gtin}/21/LED1?linkType=gs1:pip")).Response.StatusCode
            .ShouldBe(HttpStatusCode.TemporaryRedirect, "who asks for a link gets it");
    }

    private async Task ConfirmAsync(string gln, string tenant) => await DoneAsync(
        (await Running.AsAsync("authority", "regulator")).PutAsync(
            $"glns/{gln}/owner", RunningServices.Json($$"""{"tenant":"{{tenant}}"}""")));

    [Theory]
    [InlineData("/01/06901234567893", HttpStatusCode.BadRequest)]
    [InlineData("/01/06901234999990", HttpStatusCode.NotFound)]
    [InlineData("/00/106141411234567897", HttpStatusCode.NotFound)]
    [InlineData("/01/06901234567892/21/%3Cscript%3E%20", HttpStatusCode.BadRequest)]
    public async Task What_leads_nowhere_is_said_with_the_right_status(string path, HttpStatusCode status) =>
        (await LookAsync(path)).Response.StatusCode.ShouldBe(status);

    [Fact]
    public async Task Sold_once_stands_on_the_page_only_while_the_feed_has_no_gap()
    {
        HttpClient farm = await FarmAsync();
        string path = $"/01/{Gtin}/21/SOLD1";
        async Task<HttpResponseMessage> ReportAsync(long first, params string[] serials) =>
            await farm.PostAsync("sales", RunningServices.Json(new JsonObject
            {
                ["feed"] = "till-1",
                ["first"] = first,
                ["through"] = DateTimeOffset.UtcNow.AddSeconds(-1).ToString("O"),
                ["sales"] = new JsonArray([.. serials.Select(s => (JsonNode)new JsonObject
                {
                    ["link"] = $"/01/{Gtin}/21/{s}", ["at"] = "2026-03-21T10:00:00Z",
                })]),
            }.ToJsonString()));

        await DoneAsync(ReportAsync(1, "SOLD1", "SOLD2"));
        string unnamed = (await LookAsync(path + "?lang=en")).Text;
        unnamed.ShouldNotContain("Sold once", Case.Sensitive, "nobody said who sells it");
        unnamed.ShouldContain("A sale on 21 March 2026 is recorded");
        await DoneAsync(farm.PutAsync("sales/sellers", RunningServices.Json(
            $$"""{"gtin":"{{Gtin}}","sellers":[{"tenant":"farm"}]}""")));
        (await LookAsync(path + "?lang=en")).Text.ShouldContain("Sold once, on 21 March 2026");
        ((string)(await RunningServices.JsonAsync(await ReportAsync(2, "SOLD3")))["code"]!).ShouldBe("sales-repeated");
        await DoneAsync(ReportAsync(9, "SOLD4"));
        string text = (await LookAsync(path + "?lang=en")).Text;
        text.ShouldNotContain("Sold once");
        text.ShouldContain("the reports are incomplete");
    }

    [Fact]
    public async Task A_position_is_kept_to_a_kilometre_and_only_with_ones_own_check()
    {
        await FarmAsync();
        await LookAsync($"/01/{Gtin}/21/PLACE1");
        await UntilChecksAsync("PLACE1", 1);
        async Task<HttpResponseMessage> ShareAsync(string agent)
        {
            HttpRequestMessage request = new(HttpMethod.Post, "scans/position")
            {
                Content = RunningServices.Json($$"""{"key":"/01/{{Gtin}}/21/PLACE1","latitude":30.123456,"longitude":120.987654,"accuracyKm":0.01}"""),
            };
            request.Headers.TryAddWithoutValidation("User-Agent", agent);
            return await Running.Open.SendAsync(request);
        }
        (await ShareAsync("somebody else")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await ShareAsync("phone")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        ((string)(await Running.ScalarAsync(
            "select latitude || ' ' || longitude || ' ' || accuracy_km from scans where serial = 'PLACE1'"))!)
            .ShouldBe("30.12 120.99 1");
    }

    [Theory]
    [InlineData("/01/09506000134353", HttpStatusCode.BadRequest, "check digit")]
    [InlineData("/00/006141411234567890", HttpStatusCode.NotFound, "pallet")]
    [InlineData("/414/9506000134352", HttpStatusCode.NotFound, "place")]
    public async Task A_link_that_names_no_item_is_answered_by_a_page_where_pages_are_read(
        string path, HttpStatusCode status, string words)
    {
        foreach (bool page in new[] { true, false })
        {
            using HttpRequestMessage request = new(HttpMethod.Get, path[1..] + "?lang=en");
            request.Headers.Add("Accept", page ? "text/html,application/xhtml+xml,*/*;q=0.8" : "application/json");
            HttpResponseMessage answer = await Running.Open.SendAsync(request);
            answer.StatusCode.ShouldBe(status);
            answer.Content.Headers.ContentType!.MediaType.ShouldBe(page ? "text/html" : "application/problem+json");
            if (page)
                (await answer.Content.ReadAsStringAsync()).ShouldContain(words);
        }
    }

    [Fact]
    public async Task The_journey_shows_and_proves_what_is_public_and_nothing_else()
    {
        HttpClient farm = await FarmAsync();
        await DoneAsync(farm.PutAsync("places/6901234000016", RunningServices.Json(
            """{"name":{"zh":"翁家山茶园","en":"Wengjiashan garden"},"latitude":30.2,"longitude":120.1,"public":true}""")));
        string item = Events.Item("WAY1", Gtin), other = Events.Item("WAY2", Gtin);
        JsonObject e = Events.Object([other, item], "ADD", "commissioning");
        e["bizLocation"] = new JsonObject { ["id"] = "urn:epc:id:sgln:690123400001..0" };
        e["bizTransactionList"] = new JsonArray(new JsonObject { ["bizTransaction"] = "urn:secret:order-77" });
        await ConfirmAsync("6901234000023", "dealer");
        JsonObject sent = Events.Object([item], "OBSERVE", "shipping", "2026-11-01T12:00:00.000+08:00");
        sent["destinationList"] = new JsonArray(new JsonObject
        {
            ["type"] = "owning_party",
            ["destination"] = "urn:epc:id:pgln:690123400002.",
        });
        JsonObject dealer = Events.Object([item], "OBSERVE", "receiving", "2026-11-02T08:00:00.000+08:00");
        dealer["bizLocation"] = new JsonObject { ["id"] = "urn:epc:id:sgln:690123400002..0" };
        await RunningTraceability.CaptureAsync(farm, [e, sent]);
        await RunningTraceability.CaptureAsync(await Running.AsAsync("dealer"), [dealer]);
        await DoneAsync((await Running.AsAsync("dealer", "admin")).PutAsync("organisation", RunningServices.Json(
            """{"name":{"zh":"暗店","en":"Hidden Shop"}}""")));

        string text = (await LookAsync($"/01/{Gtin}/21/WAY1?lang=en")).Text;
        text.ShouldContain("Given its code");
        text.ShouldContain("Wengjiashan garden");
        text.ShouldContain("Received");
        text.ShouldContain("recorded by Some Tea");
        text.ShouldNotContain("order-77");
        text.ShouldNotContain("690123400002", Case.Sensitive, "the dealer did not publish its place");
        text.ShouldNotContain("Hidden Shop", Case.Sensitive, "nor is it known by any other");
        text.ShouldContain("recorded by an organisation that does not publish its name");
        string anchored = (string)(await Running.ScalarAsync(
            "select string_agg(convert_from(body, 'UTF8'), ' ') from store.events where type = 'trace.epcis-captured.v1' and tenant = 'dealer'"))!;
        anchored.ShouldContain("\"actor\":\"sealed-");

        string id = DataEvent().Matches(text).Select(m => m.Groups[1].Value).First();
        byte[] file = await Running.Open.GetByteArrayAsync($"open/events/{id}/statements?key={Uri.EscapeDataString(item)}");
        string statements = System.Text.Encoding.UTF8.GetString(file);
        statements.ShouldContain("/epcList/-");
        statements.ShouldNotContain("WAY2");
        statements.ShouldNotContain("order-77");
        statements.ShouldContain("/bizLocation");
        Statements.Check(file, content: null).Verdict.ShouldBe(Verdict.Incomplete, "the file is readable and needs its event");
        (await Running.Open.GetAsync($"open/events/{id}/proof")).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await Running.Open.GetAsync($"open/events/{Guid.CreateVersion7()}/proof")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_recalled_lot_says_so_first_and_a_drill_does_not()
    {
        await FarmAsync();
        HttpClient farm = await Running.AsAsync("farm");
        string lot = $"https://id.gs1.org/01/{Gtin}/10/RC1", path = $"/01/{Gtin}/10/RC1/21/CALLED1?lang=en";
        JsonObject made = Events.Object([Events.Item("CALLED1", Gtin)], "ADD", "commissioning");
        made["ilmd"] = new JsonObject { ["cbvmda:lotNumber"] = "RC1" };
        await RunningTraceability.CaptureAsync(farm, [made]);
        await CallBackAsync(drill: true);
        (await LookAsync(path)).Text.ShouldNotContain("Recall:");
        await CallBackAsync(drill: false);
        string text = (await LookAsync(path)).Text;
        text.ShouldContain("Pesticide &lt;b&gt; (class 1). Stop eating or drinking this lot.");
        text.IndexOf("Recall:", StringComparison.Ordinal).ShouldBeLessThan(text.IndexOf("<h1>", StringComparison.Ordinal));
        text.ShouldNotContain("Not all of this was given in English");
        text = (await LookAsync(path.Replace("lang=en", "lang=zh", StringComparison.Ordinal))).Text;
        text.ShouldContain("召回方通知：请勿食用。 如果您是消费者");
        text.ShouldContain("<span lang=\"en\">Pesticide &lt;b&gt;</span>（一级）");
        text.ShouldContain("召回方没有提供全部中文，这里照原文显示英文");

        string one = Events.Item("CALLED2", Gtin);
        JsonObject other = Events.Object([one], "ADD", "commissioning");
        await RunningTraceability.CaptureAsync(farm, [other]);
        await CallBackAsync(drill: false, one);
        (await LookAsync($"/01/{Gtin}/21/CALLED2?lang=en")).Text.ShouldContain("Stop eating or drinking this item.");

        async Task CallBackAsync(bool drill, string? target = null)
        {
            JsonObject recall = new()
            {
                ["title"] = "Pesticide <b>",
                ["reason"] = "r",
                ["domain"] = "food",
                ["class"] = 1,
                ["drill"] = drill,
                ["targets"] = new JsonArray(target ?? lot),
            };
            using HttpResponseMessage opened = await farm.SendAsync(RunningServices.Post("recalls", recall.ToJsonString()));
            opened.StatusCode.ShouldBe(HttpStatusCode.Created, await opened.Content.ReadAsStringAsync());
            await DoneAsync(farm.SendAsync(RunningServices.Post(
                $"recalls/{(await RunningServices.JsonAsync(opened))["id"]}/steps", """{"kind":"notice","text":{"zh":"请勿食用。","en":"Do not eat."}}""")));
        }
    }

    [GeneratedRegex("data-event=\"([^\"]+)\" data-names")]
    private static partial Regex DataEvent();
}
