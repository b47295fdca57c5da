using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Shouldly;
using Xunit;

namespace EndToEnd;

/// <summary>What a field worker records by phone, and what the regulator finds of it, in a real Chromium.</summary>
[Collection(SuiteCollection.Name)]
public sealed class GoodsCaptureTests(Suite suite) : BrowserTests(suite)
{
    private const string Place = "6901234000016";
    private const string Send = "#capture button[type=submit]";

    /// <summary>Goods are made once, for all tests of this class.</summary>
    private static Task? _made;

    private string _token = "";

    [Fact]
    public async Task A_record_is_kept_on_the_phone_until_it_was_accepted_and_is_written_once()
    {
        await PrepareAsync();
        var page = await PageAsync(390, height: 844);
        await SignInAsync(page);
        await page.GotoAsync($"{Suite.Origin}/goods/capture");
        await ShotAsync(page, "capture-390");
        (await page.EvaluateAsync<int>("document.documentElement.scrollWidth")).ShouldBeLessThanOrEqualTo(390);
        await RulesAsync(page);
        (await page.Locator(".choices label").First.EvaluateAsync<double>("e => e.getBoundingClientRect().height")).ShouldBeGreaterThanOrEqualTo(60);
        (await page.IsVisibleAsync("#parent")).ShouldBeFalse("picking needs no case");
        await page.CheckAsync("input[value=pack]");
        (await page.IsVisibleAsync("#parent")).ShouldBeTrue();

        await page.CheckAsync("input[value=receive]");
        await page.Context.SetOfflineAsync(true);
        await page.FillAsync("#items", $"https://id.gs1.org/01/06901234567892/21/FIELD1\n(01)06901234567892(21)FIELD2");
        await page.ClickAsync("button[type=submit]:has-text('登记')");
        await Suite.UntilAsync(TimeSpan.FromSeconds(20), async () => (await page.TextContentAsync("#queue"))!.Contains("1条保存在本机", StringComparison.Ordinal));
        await BesideAsync("warn");
        await ShotAsync(page, "capture-390-offline");
        (await page.InputValueAsync("#items")).ShouldBe("", "the next record begins empty");
        await page.Context.SetOfflineAsync(false);
        await Suite.UntilAsync(TimeSpan.FromSeconds(40), async () => (await page.TextContentAsync("#queue"))!.Contains("全部已受理", StringComparison.Ordinal));
        await BesideAsync("ok");
        await ShotAsync(page, "capture-390-sent");
        (await CountAsync("FIELD1")).ShouldBe(1);
        (await CountAsync("FIELD2")).ShouldBe(1);

        await page.FillAsync("#items", "06901234567892");
        await page.ClickAsync("button[type=submit]:has-text('登记')");
        await page.WaitForSelectorAsync("#waiting li");
        (await page.TextContentAsync("#waiting"))!.ShouldContain("没有受理");
        await BesideAsync("bad");
        await page.ClickAsync("#waiting button");
        (await page.InputValueAsync("#items")).ShouldBe("06901234567892", "it comes back to be corrected");

        // A click that begins on the button ends on it: leaving the field moves nothing.
        await page.SetViewportSizeAsync(1280, 900);
        await page.FillAsync("#items", "06901234567892\n06901234567893\n");
        var before = (await page.Locator(Send).BoundingBoxAsync())!.Y;
        await page.EvaluateAsync("document.activeElement.blur()");
        (await page.Locator(Send).BoundingBoxAsync())!.Y.ShouldBe(before);
        Complaints.ShouldBeEmpty();

        // What became of the record stands in view, right above the button, in its own colour.
        async Task BesideAsync(string kind)
        {
            await page.WaitForSelectorAsync($"#queue.{kind}");
            var (said, button) = ((await page.Locator("#queue").BoundingBoxAsync())!, (await page.Locator(Send).BoundingBoxAsync())!);
            said.Y.ShouldBeGreaterThanOrEqualTo(0);
            (said.Y + said.Height).ShouldBeLessThanOrEqualTo(844);
            (button.Y - said.Y - said.Height).ShouldBeInRange(0, 40);
        }
    }

    [Fact]
    public async Task A_code_is_read_from_a_photo()
    {
        await PrepareAsync();
        var batch = await SendAsync(HttpMethod.Post, "codes/batches", """{"gtin":"06901234567892","count":3}""");
        var labels = await BytesAsync($"codes/batches/{batch["id"]}/labels.zip?format=png");
        await using var archive = new ZipArchive(new MemoryStream(labels));
        await using var entry = await archive.Entries.First(e => e.Name.EndsWith(".png", StringComparison.Ordinal)).OpenAsync();
        var png = new MemoryStream();
        await entry.CopyToAsync(png);
        var page = await PageAsync(390, "en", height: 844);
        await SignInAsync(page);
        await page.GotoAsync($"{Suite.Origin}/goods/capture");
        await page.SetInputFilesAsync("#picture", new FilePayload { Name = "code.png", MimeType = "image/png", Buffer = png.ToArray() });
        await page.WaitForSelectorAsync("#list li");
        (await page.InputValueAsync("#items")).ShouldContain("/01/06901234567892/21/");
        await ShotAsync(page, "capture-390-en-scanned");
        await page.ClickAsync("#list button");
        (await page.Locator("#list li").CountAsync()).ShouldBe(0);
        Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_scripts_it_works_by_typing_and_a_sheet_names_its_wrong_rows()
    {
        await PrepareAsync();
        var page = await PageAsync(390, "en", scripts: false, height: 844);
        await SignInAsync(page);
        await page.GotoAsync($"{Suite.Origin}/goods/capture");
        (await page.Locator("#what input:checked").CountAsync()).ShouldBe(0, "nothing is chosen for anybody");
        await page.FillAsync("#items", "nonsense");
        await page.FillAsync("#gln", "6901234000023");
        await page.ClickAsync("button[type=submit]:has-text('Record')");
        (await page.InnerTextAsync("#problems")).ShouldContain("Choose what was done");
        (await page.InnerTextAsync("#gln-error")).ShouldContain("another is typed here");
        await page.FillAsync("#gln", "");
        await page.CheckAsync("input[value=store]", new PageCheckOptions { Force = true });
        await page.ClickAsync("button[type=submit]:has-text('Record')");
        (await page.InnerTextAsync("#problems")).ShouldContain("Number 1");
        await ShotAsync(page, "capture-390-en-refused");
        (await page.InputValueAsync("#items")).Trim().ShouldBe("nonsense");
        await page.FillAsync("#items", "(01)06901234567892(21)TYPED1");
        await page.ClickAsync("button[type=submit]:has-text('Record')");
        (await page.InnerTextAsync(".notice.ok")).ShouldContain("stored");
        (await CountAsync("TYPED1")).ShouldBe(1);

        await page.GotoAsync($"{Suite.Origin}/goods/capture/sheet");
        await SheetAsync($"what,when,where,item\nstore,2026-11-01 10:00,{Place},(01)06901234567892(21)SHEET1\nstore,yesterday,{Place},(01)06901234567892(21)SHEET2\n");
        (await page.InnerTextAsync("#problems")).ShouldContain("Row 3");
        await ShotAsync(page, "capture-sheet-390-en-refused");
        (await CountAsync("SHEET1")).ShouldBe(0, "nothing of the sheet was written");
        await SheetAsync($"what,when,where,item\nstore,2026-11-01 10:00,{Place},(01)06901234567892(21)SHEET1\n");
        (await page.InnerTextAsync(".notice.ok")).ShouldContain("1 records were accepted");
        (await CountAsync("SHEET1")).ShouldBe(1);

        async Task SheetAsync(string csv)
        {
            await page.SetInputFilesAsync("#sheet", new FilePayload { Name = "a.csv", MimeType = "text/csv", Buffer = System.Text.Encoding.UTF8.GetBytes(csv) });
            await page.ClickAsync("main button[type=submit]");
        }
    }

    [Fact]
    public async Task The_regulator_traces_a_lot_and_nobody_else_may()
    {
        await PrepareAsync();
        foreach (var (body, at) in new[]
                 {
                     ("""{"what":"harvest","where":"6901234000016","quantities":[{"product":"06901234000047","lot":"LEAF1","amount":"100","unit":"KGM"}]""", "2026-03-21 06:00"),
                     ("""{"what":"process","where":"6901234000016","quantities":[{"product":"06901234000047","lot":"LEAF1","amount":"90","unit":"KGM"}],"outputQuantities":[{"product":"06901234000054","lot":"TEA1","amount":"20","unit":"KGM"}]""", "2026-03-22 06:00"),
                 })
            await SendAsync(HttpMethod.Post, "simple/events", $$"""{"events":[{{body}},"when":"{{at}}"}]}""");
        var ordinary = await PageAsync(390, "en");
        await SignInAsync(ordinary);
        (await ordinary.GotoAsync($"{Suite.Origin}/watch/goods"))!.Status.ShouldBe(403);

        foreach (var (width, language, scheme) in new[] { (390, "zh-CN", ColorScheme.Light), (1280, "en", ColorScheme.Dark) })
        {
            var page = await PageAsync(width, language, scheme: scheme);
            await SignInAsync(page, "jianguan");
            await page.GotoAsync($"{Suite.Origin}/watch/goods");
            await ShotAsync(page, $"watch-{width}-{language}");
            await RulesAsync(page);
            await page.FillAsync("#id", "(01)06901234000047(10)LEAF1");
            await page.ClickAsync("main button[type=submit]");
            await page.WaitForSelectorAsync("svg.trace");
            await ShotAsync(page, $"watch-{width}-{language}-trace");
            await RulesAsync(page);
            (await page.EvaluateAsync<int>("document.documentElement.scrollWidth")).ShouldBeLessThanOrEqualTo(width);
            (await page.Locator("#trace ~ .table tbody tr").CountAsync()).ShouldBe(2);
            (await page.InnerTextAsync("main")).ShouldContain(language == "en" ? "100 kg in all: 90 used" : "共有100 千克：用掉90");
            (await page.InnerTextAsync("main")).ShouldContain("TEA1");
            await page.FillAsync("#known", "2026-03-01 00:00");
            await page.ClickAsync("main button[type=submit]");
            (await page.InnerTextAsync("main")).ShouldNotContain("TEA1", Case.Sensitive, "nobody knew of it then");
            await page.CloseAsync();
        }

        Complaints.ShouldBeEmpty();
    }

    /// <summary>A place to record at, and a product whose codes are scanned.</summary>
    private async Task PrepareAsync()
    {
        _token = await Suite.TokenAsync();
        await SendAsync(HttpMethod.Put, $"places/{Place}", """{"name":{"zh":"翁家山茶园","en":"Wengjiashan garden"},"city":{"zh":"杭州","en":"Hangzhou"},"latitude":30.2134,"longitude":120.1265,"public":true}""");
        await SendAsync(HttpMethod.Put, "products/06901234567892", """{"name":{"zh":"西湖龙井 明前","en":"West Lake Longjing, first harvest"},"net":{"zh":"50克","en":"50 g"},"claims":[{"zh":"有机","en":"organic"}]}""");
        await (_made ??= MakeAsync());
    }

    /// <summary>The form refuses items that nobody made, and serials that neither we issued nor another system.</summary>
    private async Task MakeAsync()
    {
        await Suite.ImportAsync(_token, "06901234567892", "FIELD1", "FIELD2", "TYPED1", "SHEET1");
        await SendAsync(HttpMethod.Post, "simple/events", $$"""
            {"events":[{"what":"produce","when":"2026-10-08T08:00:00Z","where":"{{Place}}",
             "items":["(01)06901234567892(21)FIELD1","(01)06901234567892(21)FIELD2","(01)06901234567892(21)TYPED1","(01)06901234567892(21)SHEET1"]}]}
            """);
    }

    private async Task<int> CountAsync(string serial)
    {
        var id = Uri.EscapeDataString($"https://id.gs1.org/01/06901234567892/21/{serial}");
        var found = await SendAsync(HttpMethod.Get, $"epcis/v2/events?MATCH_anyEPC={id}&EQ_action=OBSERVE", null);
        return found["epcisBody"]!["queryResults"]!["resultsBody"]!["eventList"]!.AsArray().Count;
    }

    private Task<JsonObject> SendAsync(HttpMethod method, string path, string? json = null) =>
        Suite.SendAsync(_token, method, path, json);

    private async Task<byte[]> BytesAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Suite.Origin}/api/trace/{path}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        using var response = await Suite.Http.SendAsync(request);
        response.IsSuccessStatusCode.ShouldBeTrue(path);
        return await response.Content.ReadAsByteArrayAsync();
    }
}
