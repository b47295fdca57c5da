using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Npgsql;
using Shouldly;
using Xunit;

namespace EndToEnd;

/// <summary>
/// The consumer page of a scanned code on a phone: read, proven in the browser, and refuted by it after one stored event
/// was altered.
/// </summary>
[Collection(SuiteCollection.Name)]
public sealed class TracePageTests(Suite suite) : BrowserTests(suite)
{
    private const int FirstLoadBytesMax = 60 * 1024;

    private string _token = "";

    [Fact]
    public async Task A_scanned_code_shows_its_journey_and_the_phone_proves_it_until_an_event_is_altered()
    {
        var path = await TeaAsync("06901234567892", "S1");
        foreach (var (width, language, scheme) in new[]
                 {
                     (390, "zh-CN", ColorScheme.Light), (390, "en", ColorScheme.Dark), (320, "zh-CN", ColorScheme.Dark),
                     (1280, "en", ColorScheme.Light), (1280, "zh-CN", ColorScheme.Dark),
                 })
        {
            var looked = await PageAsync(width, language, scheme: scheme, height: 844);
            await looked.GotoAsync(Suite.Origin + path);
            await ShotAsync(looked, $"trace-{width}-{language}-{scheme}");
            (await looked.EvaluateAsync<int>("document.documentElement.scrollWidth")).ShouldBeLessThanOrEqualTo(width);
            await RulesAsync(looked);
            await looked.CloseAsync();
        }

        var page = await PageAsync(390, height: 844);
        await page.GotoAsync(Suite.Origin + path);
        await ProveAsync(page, "proven");
        (await page.Locator("[data-result] [data-answer][data-state=proven]").CountAsync()).ShouldBe(4);
        (await page.Locator(".steps .bound:has-text('记录写明了这件商品')").CountAsync()).ShouldBe(3);
        await ShotAsync(page, "trace-390-proven");

        await AlterAsync("""
            update certificates set event_id = (select event_id from labels where gtin = '06901234567892')
            where number = 'ORG-06901234567892'
            """);
        await page.ReloadAsync();
        await ProveAsync(page, "refuted");
        (await page.Locator("[data-kind=certificate] > .bound.bad").CountAsync()).ShouldBe(1, "another record, though proven");
        await AlterAsync("""
            update certificates set title_zh = '特级有机', event_id = (select id from store.events
                where stream like 'certificate-%-ORG-06901234567892' and type = 'trace.certificate-recorded.v1')
            where number = 'ORG-06901234567892'
            """);
        await page.ReloadAsync();
        await ProveAsync(page, "refuted");
        (await page.Locator("h3 .bound.bad").CountAsync()).ShouldBe(1, "the title is not the recorded one");
        (await page.Locator(".bound.bad").CountAsync()).ShouldBe(1);
        await AlterAsync("update certificates set title_zh = '有机产品认证' where number = 'ORG-06901234567892'");

        await AlterAsync("""
            update epcis_bodies b set body = convert_to(replace(convert_from(body, 'UTF8'), 'receiving', 'inspecting'), 'UTF8')
            from epcis_events e join epcis_epcs c on c.seq = e.seq and c.uri like '%/21/S1'
            where e.id = b.event_id and e.biz_step like '%receiving'
            """);
        await page.ReloadAsync();
        await ProveAsync(page, "refuted");
        (await page.Locator(".steps .bound.bad").CountAsync()).ShouldBe(1, "exactly the altered event is refused");
        await ShotAsync(page, "trace-390-altered");

        await AlterAsync("""
            update epcis_events e set event_time = event_time - interval '1 day' from epcis_epcs c
            where c.seq = e.seq and c.uri like '%/21/S1' and e.biz_step like '%shipping'
            """);
        await page.ReloadAsync();
        await ProveAsync(page, "refuted");
        (await page.Locator("time .bound.bad").CountAsync()).ShouldBe(1, "the page's own date differs from the record");
        Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_first_load_is_light_and_needs_no_scripts()
    {
        var path = await TeaAsync("06901234000016", "S2");
        var page = await PageAsync(390, scripts: false, height: 844);
        var (bytes, requests) = (0L, 0);
        var client = await page.Context.NewCDPSessionAsync(page);
        await client.SendAsync("Network.enable");
        client.Event("Network.loadingFinished").OnEvent += (_, e) =>
        {
            bytes += (long)e!.Value.GetProperty("encodedDataLength").GetDouble();
            requests++;
        };
        await page.GotoAsync(Suite.Origin + path, new PageGotoOptions { WaitUntil = WaitUntilState.NetworkIdle });
        await ShotAsync(page, "trace-390-noscript");
        Console.WriteLine($"first load: {bytes:N0} bytes in {requests} requests");
        bytes.ShouldBeInRange(2000, FirstLoadBytesMax);
        requests.ShouldBeLessThanOrEqualTo(3);
        (await page.TextContentAsync("main"))!.ShouldContain("西湖龙井");
        (await page.IsVisibleAsync("[data-check] button")).ShouldBeFalse();

        await page.ClickAsync("a[href$='view=report']");
        await page.ClickAsync("button[type=submit]");
        (await page.TextContentAsync("[role=alert]"))!.ShouldContain("没有提交任何内容");
        await page.FillAsync("#text", "包装与照片不同");
        await page.SetInputFilesAsync("#photo", new FilePayload
        {
            Name = "a.png",
            MimeType = "image/png",
            Buffer = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 1],
        });
        await ShotAsync(page, "trace-390-report");
        await page.ClickAsync("button[type=submit]");
        (await page.TextContentAsync("main"))!.ShouldContain("投诉已提交");
    }

    [Fact]
    public async Task What_happened_to_the_pallet_counts_only_with_the_proof_that_put_the_item_on_it()
    {
        const string gtin = "06901234000030", box = "069012340000000016", pallet = "069012340000000023";
        var path = await TeaAsync(gtin, "S3", async () =>
        {
            var item = $"https://id.gs1.org/01/{gtin}/21/S3";
            await PackAsync($"https://id.gs1.org/00/{box}", item, "2026-03-27T08:00:00.000+08:00");
            await PackAsync($"https://id.gs1.org/00/{pallet}", $"https://id.gs1.org/00/{box}", "2026-03-27T09:00:00.000+08:00");
            await SendAsync(HttpMethod.Post, "epcis/v2/events", $$"""{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],"type":"ObjectEvent","eventTime":"2026-03-29T10:00:00.000+08:00","eventTimeZoneOffset":"+08:00","epcList":["https://id.gs1.org/00/{{pallet}}"],"action":"OBSERVE","bizStep":"departing"}""");
            await ColdAsync($"https://id.gs1.org/00/{pallet}");
            await PackAsync(
                $"https://id.gs1.org/00/{pallet}", $"https://id.gs1.org/00/{box}", "2026-03-30T08:00:00.000+08:00", "DELETE");
        });
        var page = await PageAsync(390, height: 844);
        await page.GotoAsync(Suite.Origin + path);
        await ShotAsync(page, "trace-390-pallet");
        foreach (var (width, language, scheme) in new[] { (320, "zh-CN", ColorScheme.Light), (768, "en", ColorScheme.Dark), (1280, "en", ColorScheme.Light) })
        {
            var looked = await PageAsync(width, language, scheme: scheme, height: 844);
            await looked.GotoAsync(Suite.Origin + path);
            await looked.EvaluateAsync("document.querySelectorAll('details').forEach(d => d.open = true)");
            await ShotAsync(looked, $"trace-pallet-{width}-{language}-{scheme}");
            (await looked.EvaluateAsync<int>("document.documentElement.scrollWidth")).ShouldBeLessThanOrEqualTo(width);
            await RulesAsync(looked);
            await looked.CloseAsync();
        }
        await ProveAsync(page, "proven");
        (await page.Locator(".bound:has-text('当时这件商品在里面')").CountAsync())
            .ShouldBe(4, "the box on the pallet and off it, the pallet's departure, and its logger");
        await ShotAsync(page, "trace-390-pallet-proven");

        // The record that put the item into the box is altered: what happened to box and pallet is no more about the item.
        await AlterAsync($"""
            update epcis_bodies b set body = convert_to(replace(convert_from(body, 'UTF8'), '/21/S3', '/21/S4'), 'UTF8')
            from epcis_events e where e.id = b.event_id and e.event_time = '2026-03-27T08:00:00+08:00'
            """);
        await page.ReloadAsync();
        await ProveAsync(page, "refuted");
        (await page.Locator(".bound:has-text('没有证明当时这件商品在里面')").CountAsync()).ShouldBe(4);
        Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_step_that_was_taken_out_is_missed_unless_it_was_the_last()
    {
        const string gtin = "06901234000047", box = "069012340000000047";
        var path = await TeaAsync(gtin, "S4", async () =>
        {
            await PackAsync($"https://id.gs1.org/00/{box}", $"https://id.gs1.org/01/{gtin}/21/S4", "2026-04-03T08:00:00.000+08:00");
            var (item, carton) = ($"https://id.gs1.org/01/{gtin}/21/S4", $"https://id.gs1.org/00/{box}");
            foreach (var (step, of, hour) in new[] { ("departing", carton, 9), ("arriving", carton, 15), ("stocking", item, 18) })
            {
                await SendAsync(HttpMethod.Post, "epcis/v2/events", $$"""{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],"type":"ObjectEvent","eventTime":"2026-04-03T{{hour:D2}}:00:00.000+08:00","eventTimeZoneOffset":"+08:00","epcList":["{{of}}"],"action":"OBSERVE","bizStep":"{{step}}"}""");
            }
        });
        var page = await PageAsync(390, height: 844);
        await page.GotoAsync(Suite.Origin + path);
        await ProveAsync(page, "proven");
        (await page.TextContentAsync("[data-page]"))!.ShouldContain("没有少掉");

        foreach (var (step, of, verdict) in new[]
                 {
                     ("commissioning", "/21/S4", "missing"), ("shipping", "/21/S4", "missing"), ("packing", "/21/S4", "missing"),
                     ("departing", box, "missing"), ("arriving", box, "proven"), ("stocking", "/21/S4", "proven"),
                 })
        {
            var row = $"uri like '%{of}%' and seq = (select seq from epcis_events where seq in (select seq from epcis_epcs where uri like '%{of}%') and biz_step like '%{step}')";
            await AlterAsync($"update epcis_epcs set uri = uri || '-away' where {row}");
            await page.ReloadAsync();
            await page.ClickAsync("[data-check] button");
            var result = await page.WaitForSelectorAsync("[data-page]");
            (await result!.GetAttributeAsync("data-page")).ShouldBe(verdict, $"{step}: {await page.TextContentAsync("main")}");
            if (step == "shipping")
            {
                (await page.TextContentAsync("[data-page] h3")).ShouldBe("! 少了1条记录");
                await ShotAsync(page, "trace-390-missing");
            }
            await AlterAsync($"update epcis_epcs set uri = replace(uri, '-away', '') where {row}");
        }

        // Moved to a time when the item was not in the box: the row is still there, and not what was recorded.
        await AlterAsync("update epcis_events set event_time = event_time - interval '30 days' where biz_step like '%departing' and event_time between '2026-04-01' and '2026-04-04'");
        await page.ReloadAsync();
        await ProveAsync(page, "missing");
        Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_the_tables_say_otherwise_than_the_records_never_passes_for_proven()
    {
        const string gtin = "06901234000054", box = "069012340000000054";
        var (item, carton) = ($"https://id.gs1.org/01/{gtin}/21/S5", $"https://id.gs1.org/00/{box}");
        var path = await TeaAsync(gtin, "S5", async () =>
        {
            await PackAsync(carton, item, "2026-04-04T08:00:00.000+08:00");
            foreach (var (step, of, hour) in new[] { ("departing", carton, 9), ("arriving", carton, 15), ("stocking", item, 18) })
            {
                await SendAsync(HttpMethod.Post, "epcis/v2/events", $$"""{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],"type":"ObjectEvent","eventTime":"2026-04-04T{{hour:D2}}:00:00.000+08:00","eventTimeZoneOffset":"+08:00","epcList":["{{of}}"],"action":"OBSERVE","bizStep":"{{step}}"}""");
            }
        });
        var page = await PageAsync(390, height: 844);
        await page.GotoAsync(Suite.Origin + path);
        await ProveAsync(page, "proven");
        string Seq(string step, string of) =>
            $"(select x.seq from epcis_epcs x join epcis_events v on v.seq = x.seq where x.uri = '{of}' and v.biz_step like '%{step}')";
        foreach (var (table, where, change, back, verdict) in new[]
                 {
                     ("epcis_events", $"seq = {Seq("packing", item)}", "type = 'ObjectEvent'", "type = 'AggregationEvent'", "missing"),
                     ("epcis_epcs", $"seq = {Seq("packing", item)} and role = 1", "uri = uri || '-away'", "uri = replace(uri, '-away', '')", "missing"),
                     ("epcis_epcs", $"seq = {Seq("departing", carton)}", "role = 3", "role = 0", "missing"),
                     ("epcis_events", $"seq = {Seq("shipping", item)}", "error_time = event_time", "error_time = null", "missing"),
                     ("epcis_events", $"seq = {Seq("shipping", item)}", "tenant = tenant || '-away'", "tenant = replace(tenant, '-away', '')", "uncounted"),
                     ("products", $"gtin = '{gtin}'", "event_id = null", $"event_id = (select id from store.events where type = 'trace.product-described.v1' and stream like '%{gtin}')", "incomplete"),
                 })
        {
            await AlterAsync($"update {table} set {change} where {where}");
            await page.ReloadAsync();
            await page.ClickAsync("[data-check] button");
            var result = await page.WaitForSelectorAsync("[data-page]");
            (await result!.GetAttributeAsync("data-page")).ShouldBe(verdict, $"{table} {change}: {await page.TextContentAsync("main")}");
            if (verdict == "uncounted")
            {
                await ShotAsync(page, "trace-390-uncounted");
                var wide = await PageAsync(1280, "en", height: 844);
                await wide.GotoAsync(Suite.Origin + path);
                await ProveAsync(wide, "uncounted");
                await ShotAsync(wide, "trace-1280-uncounted");
                await wide.CloseAsync();
            }
            await AlterAsync($"update {table} set {back} where {where}");
        }
        await page.ReloadAsync();
        await ProveAsync(page, "proven");
        Complaints.ShouldBeEmpty();
    }

    private Task<JsonObject> PackAsync(string parent, string child, string at, string action = "ADD") => SendAsync(HttpMethod.Post, "epcis/v2/events",
        $$"""{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],"type":"AggregationEvent","eventTime":"{{at}}","eventTimeZoneOffset":"+08:00","parentID":"{{parent}}","childEPCs":["{{child}}"],"action":"{{action}}","bizStep":"packing"}""");

    /// <summary>Half a day of readings on a pallet, signed by its device, and that its owner publishes them.</summary>
    private async Task ColdAsync(string subject)
    {
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        await SendAsync(HttpMethod.Put, "sensors/cold-1", $$"""{"algorithm":"ecdsa-p256","key":"{{Convert.ToBase64String(key.ExportSubjectPublicKeyInfo())}}","name":"Logger","measure":"Temperature","unit":"CEL","min":2,"max":8,"toleratedMinutes":30}""");
        var start = DateTimeOffset.Parse("2026-03-27T02:00:00Z", System.Globalization.CultureInfo.InvariantCulture);
        var csv = string.Concat(Enumerable.Range(0, 144).Select(i => FormattableString.Invariant(
            $"{start.AddMinutes(5 * i):yyyy-MM-ddTHH:mm:ssZ},{4 + (3 * Math.Sin(i / 12.0)) + (i is > 80 and < 90 ? 4 : 0):0.0}\n")));
        var body = System.Text.Encoding.UTF8.GetBytes(csv);
        byte[] signed = [.. System.Text.Encoding.UTF8.GetBytes($"cold-1\n1\n{subject}\n"), .. body];
        using var request = new HttpRequestMessage(
            HttpMethod.Post, $"{Suite.Origin}/api/trace/sensors/cold-1/blocks?sequence=1&subject={Uri.EscapeDataString(subject)}")
        {
            Content = new ByteArrayContent(body) { Headers = { ContentType = new("text/csv") } },
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        request.Headers.Add("Device-Signature", Convert.ToBase64String(key.SignData(signed, System.Security.Cryptography.HashAlgorithmName.SHA256)));
        using var response = await Suite.Http.SendAsync(request);
        response.IsSuccessStatusCode.ShouldBeTrue(await response.Content.ReadAsStringAsync());
        await AlterAsync("""
            insert into trace_policies select tenant, array['/sensorElementList'], array[]::text[], false
            from products where gtin = '06901234000030'
            """);
    }

    private static async Task ProveAsync(IPage page, string verdict)
    {
        await page.ClickAsync("[data-check] button");
        await page.WaitForSelectorAsync($"[data-page={verdict}]");
    }

    private async Task AlterAsync(string sql)
    {
        var configuration = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Suite.Data, "config", "trace.json")))!;
        await using var connection =
            new NpgsqlConnection(configuration["ConnectionStrings"]!["Store"]!.GetValue<string>());
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        (await command.ExecuteNonQueryAsync()).ShouldBe(1);
    }

    /// <summary>A tea with label, certificate and a journey of two public places, all of it anchored; the item's path.</summary>
    private async Task<string> TeaAsync(string gtin, string serial, Func<Task>? more = null)
    {
        _token = await Suite.TokenAsync();
        var (garden, shop) = ("6901234000016", "6901234000023");
        await SendAsync(HttpMethod.Put, $"places/{garden}", """{"name":{"zh":"翁家山茶园","en":"Wengjiashan garden"},"city":{"zh":"杭州","en":"Hangzhou"},"latitude":30.2134,"longitude":120.1265,"public":true}""");
        await SendAsync(HttpMethod.Put, $"places/{shop}", """{"name":{"zh":"静安门店","en":"Jing'an shop"},"city":{"zh":"上海","en":"Shanghai"},"latitude":31.2286,"longitude":121.4481,"public":true}""");
        await SendAsync(HttpMethod.Put, $"products/{gtin}", """{"name":{"zh":"西湖龙井 明前","en":"West Lake Longjing, first harvest"},"net":{"zh":"50克","en":"50 g"},"claims":[{"zh":"有机","en":"organic"}]}""");
        await SendAsync(HttpMethod.Put, $"products/{gtin}/lots/L2603", """{"producedOn":"2026-03-21","expiresOn":"2027-09-20","origin":{"zh":"杭州翁家山","en":"Wengjiashan, Hangzhou"}}""");
        await SendAsync(HttpMethod.Post, $"products/{gtin}/labels", """{"fields":[{"name":{"zh":"品名","en":"Product"},"value":{"zh":"西湖龙井茶","en":"West Lake Longjing tea"}},{"name":{"zh":"配料","en":"Ingredients"},"value":{"zh":"茶树鲜叶","en":"Fresh tea leaves"}},{"name":{"zh":"净含量","en":"Net content"},"value":{"zh":"50克","en":"50 g"}},{"name":{"zh":"生产者","en":"Producer"},"value":{"zh":"杭州某茶业有限公司","en":"A tea company, Hangzhou"}},{"name":{"zh":"贮存","en":"Storage"},"value":{"zh":"避光、防潮、低温","en":"Dark, dry and cool"}}]}""");
        await SendAsync(HttpMethod.Post, "certificates", $$$"""{"number":"ORG-{{{gtin}}}","title":{"zh":"有机产品认证","en":"Organic product"},"issuer":{"zh":"某认证中心","en":"A certification body"},"validFrom":"2026-01-01","validTo":"2027-12-31","gtins":["{{{gtin}}}"]}""");
        List<string> events = [];
        foreach (var (step, action, at, gln) in new[]
                 {
                     ("commissioning", "ADD", "2026-03-21T08:00:00.000+08:00", garden),
                     ("shipping", "OBSERVE", "2026-03-28T09:30:00.000+08:00", garden),
                     ("receiving", "OBSERVE", "2026-04-02T15:10:00.000+08:00", shop),
                 })
        {
            var e = $$$"""{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],"type":"ObjectEvent","eventTime":"{{{at}}}","eventTimeZoneOffset":"+08:00","epcList":["https://id.gs1.org/01/{{{gtin}}}/21/{{{serial}}}"],"action":"{{{action}}}","bizStep":"{{{step}}}","bizLocation":{"id":"https://id.gs1.org/414/{{{gln}}}"}}""";
            await SendAsync(HttpMethod.Post, "epcis/v2/events", e);
        }

        if (more is not null) await more();
        var path = $"/01/{gtin}/10/L2603/21/{serial}";
        var text = await Suite.Http.GetStringAsync(new Uri(Suite.Origin + path));
        foreach (System.Text.RegularExpressions.Match m in System.Text.RegularExpressions.Regex.Matches(text, "data-event=\"([^\"]+)\""))
        {
            await Suite.UntilAsync(TimeSpan.FromSeconds(60), async () => (await Suite.Http.GetAsync(new Uri(
                $"{Suite.Origin}/api/trace/open/events/{m.Groups[1].Value}/proof"))).StatusCode == System.Net.HttpStatusCode.OK);
        }

        return path;
    }

    private Task<JsonObject> SendAsync(HttpMethod method, string path, string? json = null) =>
        Suite.SendAsync(_token, method, path, json);
}
