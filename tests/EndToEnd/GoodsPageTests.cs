using System.Text;
using Microsoft.Playwright;
using Shouldly;
using Xunit;

namespace EndToEnd;

/// <summary>What a business does with its goods, in a real Chromium, with and without scripts.</summary>
[Collection(SuiteCollection.Name)]
public sealed partial class GoodsPageTests(Suite suite) : BrowserTests(suite)
{
    [Theory]
    [InlineData("zh-CN", true)]
    [InlineData("en", false)]
    public async Task A_product_gets_its_label_lot_and_codes_which_answer_when_they_are_activated(string language, bool scripts)
    {
        var page = await PageAsync(375, language, scripts);
        await SignInAsync(page);
        var gtin = await ProductAsync(page);
        (await page.InnerTextAsync("h1")).ShouldBe(language == "en" ? "Spring tea" : "明前茶");

        await page.GotoAsync($"{Suite.Origin}/goods/products/{gtin}/label");
        await page.FillAsync("[name='Form.Rows[2].ValueZh']", "50克");
        await SubmitAsync(page);
        await page.WaitForURLAsync($"**/goods/products/{gtin}#label");
        (await page.InnerTextAsync("#label")).ShouldContain("50克");
        await LotAsync(page, gtin);

        var batch = await BatchAsync(page, gtin, 2000);
        await RecordAsync(page, batch, "printed", 1, 1500);
        await RecordAsync(page, batch, "destroyed", 1401, 100, "misprint");
        (await page.InnerTextAsync("#sum")).ShouldContain("1,400 + 100 + 500 = 2,000");

        var download = await page.RunAndWaitForDownloadAsync(() => page.ClickAsync("#export a[download]"));
        var lines = await File.ReadAllLinesAsync(await download.PathAsync());
        lines.Length.ShouldBe(2001);
        string Link(int number) => lines[number].Split(',')[2];
        await AnswersAsync(Link(1), "not-in-use");
        await page.GotoAsync(batch);
        await page.FillAsync("#activate-first", Link(1));
        await page.FillAsync("#activate-last", Link(1000));
        await page.FillAsync("#activate-lot", "L2630");
        await page.ClickAsync("#activate button[type=submit]");
        (await page.InnerTextAsync("#activate-lot-error")).ShouldContain(language == "en" ? "has never been described" : "从来没有描述过");
        await page.CheckAsync("[name='Activate.Anyway']");
        await page.ClickAsync("#activate button[type=submit]");
        await page.WaitForURLAsync("**#activations");
        await AnswersAsync(Link(1000), "in-use");
        await UndoAsync("L2630, typed wrong");
        await AnswersAsync(Link(1000), "not-in-use");
        await page.GotoAsync(batch);
        await page.FillAsync("#activate-first", Link(1));
        await page.FillAsync("#activate-last", Link(1000));
        await page.FillAsync("#activate-lot", "L2603");
        await page.ClickAsync("#activate button[type=submit]");
        await page.WaitForURLAsync("**#activations");
        await AnswersAsync(Link(1000), "in-use");
        await AnswersAsync(Link(1450), "not-in-use");
        await AnswersAsync($"(01){gtin}(21)AAAAAAAAAAAAAAAAAAAA", "not-ours");
        await page.GotoAsync($"{Suite.Origin}/goods/lots/{gtin}/L2603");
        (await page.InnerTextAsync("#codes")).ShouldContain("1,000");
        Complaints.ShouldBeEmpty();

        async Task UndoAsync(string reason)
        {
            await page.GotoAsync(batch);
            await page.ClickAsync("#activations a[href$='/undo']");
            await page.FillAsync("#reason", reason);
            await SubmitAsync(page);
            await page.WaitForURLAsync("**#activations");
            (await page.Locator("#undone").TextContentAsync())!.ShouldContain(reason);
        }

        async Task AnswersAsync(string code, string answer)
        {
            await page.GotoAsync($"{Suite.Origin}/goods/codes?code={Uri.EscapeDataString(code)}");
            (await page.GetAttributeAsync("#answer", "data-answer")).ShouldBe(answer);
        }
    }

    [Fact]
    public async Task A_download_that_broke_goes_on_where_it_stopped_and_only_its_owner_has_it()
    {
        var page = await PageAsync(1280, "en");
        await SignInAsync(page);
        var batch = await BatchAsync(page, await ProductAsync(page), 500);
        var whole = await (await page.Context.APIRequest.GetAsync($"{batch}/codes.csv")).BodyAsync();
        var rest = await page.Context.APIRequest.GetAsync($"{batch}/codes.csv", new() { Headers = [new("Range", "bytes=12345-")] });
        rest.Status.ShouldBe(206);
        (await rest.BodyAsync()).ShouldBe(whole[12345..]);
        var one = await page.Context.APIRequest.GetAsync($"{batch}/label?number=7&format=png");
        one.Headers["content-type"].ShouldBe("image/png");
        (await (await page.Context.APIRequest.GetAsync($"{batch}/labels.pdf?number=1&count=4&columns=2")).BodyAsync())[..5].ShouldBe("%PDF-"u8.ToArray());
        await page.GotoAsync($"{batch}/label?number=501");
        (await page.InnerTextAsync("#export .notice")).ShouldContain("500 codes of the batch");
        await page.GotoAsync($"{batch}/labels.pdf?number=x");
        (await page.InnerTextAsync("#export .notice")).ShouldContain("whole numbers from 1");

        var other = await PageAsync(1280, "en");
        await SignInAsync(other, "jianguan");
        (await other.GotoAsync(batch))!.Status.ShouldBeOneOf(403, 404);
        var stolen = await other.Context.APIRequest.GetAsync($"{batch}/codes.csv");
        (await stolen.TextAsync()).ShouldNotContain("number,serial,link");
    }

    [Theory]
    [InlineData("en", "it should be 2; you entered 3")]
    [InlineData("zh-CN", "应为2，您填的是3")]
    public async Task A_wrong_check_digit_is_named_with_the_right_one_and_nothing_typed_is_lost(string language, string words)
    {
        var page = await PageAsync(375, language, scripts: false);
        await SignInAsync(page);
        await page.GotoAsync($"{Suite.Origin}/goods/products/new");
        await page.FillAsync("#gtin", "6901234567893");
        await page.FillAsync("#name-en", "Kept");
        await page.FillAsync("#claims", "有机 / organic");
        (await SubmitAsync(page)).ShouldBe(422);
        (await page.InnerTextAsync("#gtin-error")).ShouldContain(words);
        (await page.InputValueAsync("#gtin")).ShouldBe("6901234567893");
        (await page.InputValueAsync("#name-en")).ShouldBe("Kept");
        (await page.InputValueAsync("#claims")).ShouldBe("有机 / organic");
        (await page.TitleAsync()).ShouldStartWith(language == "en" ? "Error: " : "有错误：");
    }

    [Fact]
    public async Task Codes_beyond_the_certified_output_are_refused_with_the_numbers_at_the_field()
    {
        var page = await PageAsync(375, "en", scripts: false);
        await SignInAsync(page);
        var gtin = await ProductAsync(page);
        await page.GotoAsync($"{Suite.Origin}/goods/products/{gtin}/quota?rule=area-yield");
        await page.FillAsync("#basis-area", "10");
        await page.FillAsync("#basis-yield", "50");
        await page.FillAsync("#basis-content", "0.5");
        await page.FillAsync("#certificate", "Q-1");
        await page.FillAsync("#validFrom", "2026-01-01");
        await page.FillAsync("#validTo", "2099-12-31");
        await SubmitAsync(page);
        (await page.InnerTextAsync("#quota")).ShouldContain("issued 0 of 1,030");
        await page.GotoAsync($"{Suite.Origin}/goods/codes/new?gtin={gtin}");
        (await page.InnerTextAsync("#count-hint")).ShouldContain("1,030 more");
        await page.FillAsync("#count", "1031");
        await page.FillAsync("#purpose", "too many");
        (await SubmitAsync(page)).ShouldBe(422);
        (await page.InnerTextAsync("#count-error")).ShouldContain("1030");
        (await page.InputValueAsync("#purpose")).ShouldBe("too many");
        await page.FillAsync("#count", "1,030");
        await SubmitAsync(page);
        (await page.InnerTextAsync("#sum")).ShouldContain("= 1,030");
    }

    [Fact]
    public async Task Every_bad_line_of_a_foreign_list_is_named_and_nothing_is_imported()
    {
        var page = await PageAsync(375, "en", scripts: false);
        await SignInAsync(page);
        await page.GotoAsync($"{Suite.Origin}/goods/codes/import");
        await SendAsync("81234567890123456789\n123\n8123456789012345678X\n");
        var problems = await page.InnerTextAsync("#problems");
        problems.ShouldContain("2 lines need a correction");
        problems.ShouldContain("Line 2: A drug code has 20 digits.");
        problems.ShouldContain("Line 3: A drug code has 20 digits.");
        (await page.InputValueAsync("#name")).ShouldBe("vendor, 2026");
        await SendAsync($"8{Random.Shared.NextInt64(1000000000, 9999999999)}012345678\n");
        await page.WaitForURLAsync("**/goods/codes");
        (await page.InnerTextAsync("main")).ShouldContain("vendor, 2026");

        async Task SendAsync(string list)
        {
            await page.FillAsync("#name", "vendor, 2026");
            await page.SelectOptionAsync("#kind", "drug");
            await page.SetInputFilesAsync("#file", new FilePayload { Name = "../list.csv", MimeType = "text/csv", Buffer = Encoding.UTF8.GetBytes(list) });
            await SubmitAsync(page);
        }
    }

    [Fact]
    public async Task A_recall_is_opened_from_its_lot_and_goes_through_its_steps_without_scripts()
    {
        var page = await PageAsync(375, "en", scripts: false);
        await SignInAsync(page);
        var gtin = await ProductAsync(page);
        await LotAsync(page, gtin);
        await StoryAsync(gtin);
        await page.GotoAsync($"{Suite.Origin}/goods/lots/{gtin}/L2603");
        (await page.InnerTextAsync("#balance")).ShouldContain("kg");
        (await page.InnerTextAsync("#down")).ShouldContain($"(01){gtin}(21)S1");
        await page.ClickAsync("main a[href^='/goods/recalls/new']");
        (await page.InputValueAsync("#targets")).ShouldContain($"(01){gtin}(10)L2603");
        (await page.InnerTextAsync("main")).ShouldContain("第十三条");
        await SubmitAsync(page);
        (await page.InnerTextAsync("#title-error")).ShouldContain("Give it a title");
        await page.FillAsync("#title", "residue");
        await page.FillAsync("#reason", "found in the laboratory");
        await SubmitAsync(page);
        await page.WaitForURLAsync("**/goods/recalls/*");
        (await page.InnerTextAsync("#reach")).ShouldContain("located");
        (await page.InnerTextAsync("#items")).ShouldContain($"(01){gtin}(21)S1");
        await StepAsync("plan", "warehouse first");
        await StepAsync("notice", "stop selling");
        await page.FillAsync("#step-recovered", "x");
        await StepAsync("progress", "one came back");
        (await page.InnerTextAsync("#step-recovered-error")).ShouldContain("whole number");
        (await page.InputValueAsync("#step-text")).ShouldBe("one came back");
        await page.FillAsync("#step-recovered", "1");
        await page.ClickAsync("#step button[type=submit]");
        await page.FillAsync("#step-method", "destroyed");
        await page.FillAsync("#step-pieces", "1");
        await StepAsync("disposal", "witnessed");
        await StepAsync("end", "over");
        (await page.Locator("#step").CountAsync()).ShouldBe(0, "nothing more can be recorded");
        (await page.InnerTextAsync("#history")).ShouldContain("witnessed");

        await page.GotoAsync($"{Suite.Origin}/goods/recalls/new?drill=true&target={Uri.EscapeDataString($"https://id.gs1.org/01/{gtin}/10/L2603")}");
        await page.FillAsync("#title", "drill");
        await page.FillAsync("#reason", "practice");
        await SubmitAsync(page);
        (await page.InnerTextAsync("#timed")).ShouldContain("ms");
        (await page.InnerTextAsync("main")).ShouldContain("drill's report");

        async Task StepAsync(string kind, string text)
        {
            (await page.InnerTextAsync("#step .tabs [aria-current]")).ShouldBe(
                kind switch { "plan" => "Plan", "notice" => "Notice", "progress" => "Progress report", "disposal" => "Disposal", _ => "End" });
            await page.FillAsync("#step-text", text);
            await page.ClickAsync("#step button[type=submit]");
        }
    }

    [Fact]
    public async Task A_holder_sees_the_notice_and_its_own_items_and_nothing_else_of_others()
    {
        var owner = await PageAsync(1280, "en");
        await SignInAsync(owner);
        var gtin = await ProductAsync(owner);
        await LotAsync(owner, gtin);
        var batch = await BatchAsync(owner, gtin, 10);
        await StoryAsync(gtin);
        var (dealer, password) = await OrganisationAsync();
        await Suite.SendAsync(await Suite.TokenAsync(dealer.Id, dealer.Secret), HttpMethod.Post, "simple/events", $$"""
            {"events":[{"what":"receive","when":"2026-03-29T08:00:00+08:00","where":"6901234000108","items":["(01){{gtin}}(21)S1"]}]}
            """);
        await owner.GotoAsync($"{Suite.Origin}/goods/recalls/new?target={Uri.EscapeDataString($"https://id.gs1.org/01/{gtin}/10/L2603")}");
        await owner.FillAsync("#title", $"recall {gtin}");
        await owner.FillAsync("#reason", "a secret of the laboratory");
        await SubmitAsync(owner);
        await owner.WaitForURLAsync("**/goods/recalls/*-*");
        var recall = new Uri(owner.Url).AbsolutePath;

        var holder = await PageAsync(375, "en", scripts: false);
        await holder.GotoAsync($"{Suite.Origin}/deposits");
        await holder.FillAsync("#name", dealer.Id);
        await holder.FillAsync("#password", password);
        await holder.ClickAsync("form button");
        await holder.WaitForURLAsync("**/deposits");
        (await holder.GotoAsync(Suite.Origin + recall))!.Status.ShouldBe(404, "nobody outside sees a recall before its notice");
        await owner.GotoAsync($"{Suite.Origin}{recall}?step=notice");
        await owner.FillAsync("#step-text", "stop selling at once");
        await owner.ClickAsync("#step button[type=submit]");
        await owner.WaitForURLAsync("**#history");

        await holder.GotoAsync($"{Suite.Origin}/goods");
        (await holder.InnerTextAsync("#next")).ShouldContain("You hold a recalled item");
        await holder.GotoAsync(Suite.Origin + recall);
        await ShotAsync(holder, "goods-holder-375-en");
        var told = await holder.InnerTextAsync("main");
        told.ShouldContain("stop selling at once");
        told.ShouldContain($"(01){gtin}(21)S1");
        told.ShouldNotContain("(21)S2");
        told.ShouldNotContain("a secret of the laboratory");
        foreach (var path in new[] { $"/goods/products/{gtin}", $"/goods/products/{gtin}/edit", new Uri(batch).AbsolutePath, $"/goods/products/{gtin}/label" })
        {
            (await holder.GotoAsync(Suite.Origin + path))!.Status.ShouldBe(404, path);
            (await holder.InnerTextAsync("main")).ShouldNotContain("Spring tea", Case.Insensitive, path);
        }

        await holder.GotoAsync($"{Suite.Origin}/goods/products?q={gtin}");
        (await holder.Locator("tbody tr").CountAsync()).ShouldBe(0);
    }

    [Theory]
    [InlineData(375, "en", ColorScheme.Dark)]
    [InlineData(1280, "zh-CN", ColorScheme.Light)]
    public async Task Every_page_of_goods_keeps_the_rules_of_accessibility(int width, string language, ColorScheme scheme)
    {
        var page = await PageAsync(width, language, scheme: scheme);
        await SignInAsync(page);
        List<string> found = [];
        var gtin = await ProductAsync(page);
        await LotAsync(page, gtin);
        var batch = new Uri(await BatchAsync(page, gtin, 1200)).AbsolutePath;
        await StoryAsync(gtin);
        await page.GotoAsync($"{Suite.Origin}/goods/recalls/new?target={Uri.EscapeDataString($"https://id.gs1.org/01/{gtin}/10/L2603")}");
        await page.FillAsync("#title", "Longjing L2603");
        await page.FillAsync("#reason", "found in the laboratory");
        await SubmitAsync(page);
        await page.WaitForURLAsync("**/goods/recalls/*-*");
        var recall = new Uri(page.Url).AbsolutePath;
        string[] paths =
        [
            "/goods", "/goods/products", "/goods/products?q=nothing-like-it", "/goods/products/new", $"/goods/products/{gtin}",
            $"/goods/products/{gtin}/edit", $"/goods/products/{gtin}/label", $"/goods/products/{gtin}/links", $"/goods/products/{gtin}/quota",
            $"/goods/certificates/new?gtin={gtin}", $"/goods/certificates/withdraw?number=1&gtin={gtin}", "/goods/products/00000000000000",
            "/goods/places", "/goods/lots", $"/goods/lots/new?gtin={gtin}", $"/goods/lots/{gtin}/L2603", $"/goods/lots/{gtin}/none",
            "/goods/trace", $"/goods/trace?id=(01){gtin}(10)L2603&direction=up", "/goods/codes", "/goods/codes?code=abc", $"/goods/codes/new?gtin={gtin}",
            "/goods/codes/import", "/goods/codes/sets", batch, "/goods/recalls", "/goods/recalls/new?drill=true", recall, $"{recall}?step=disposal",
            $"{recall}?step=end", "/goods/proof-not-ready", "/goods/alarms", "/goods/complaints", "/goods/excursions", "/goods/capture",
            "/goods/capture/sheet", $"{batch}/activations/{Guid.Empty}/undo",
        ];
        foreach (var path in paths) await CheckAsync(page, path, found);
        foreach (var path in new[] { "/goods/products/new", "/goods/lots/new", "/goods/codes/new", "/goods/codes/import", "/goods/recalls/new", "/goods/certificates/new" })
        {
            await page.GotoAsync(Suite.Origin + path);
            await SubmitAsync(page);
            await page.WaitForSelectorAsync("#problems");
            await CheckAsync(page, $"refused{path}", found);
        }

        found.ShouldBeEmpty();
        Console.WriteLine($"{RulesKept:N0} rules kept at {width} in {language}");
        RulesKept.ShouldBeGreaterThan(800, "the checks did not run");
        Complaints.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("/goods", 375)]
    [InlineData("/goods/products/new", 375)]
    [InlineData("/goods/places", 1280)]
    [InlineData("/goods/recalls/new", 1280)]
    public async Task The_keyboard_reaches_everything_and_is_always_seen(string path, int width)
    {
        var page = await PageAsync(width, "en");
        await SignInAsync(page);
        await WalkAsync(page, Suite.Origin + path);
    }

    /// <summary>Another site can make a browser send a form, but not with the token of this one.</summary>
    [Fact]
    public async Task A_form_without_its_token_records_nothing()
    {
        var page = await PageAsync(375, "en");
        await SignInAsync(page);
        var batch = await BatchAsync(page, await ProductAsync(page), 1000);
        var form = page.Context.APIRequest.CreateFormData();
        form.Set("_handler", "ranges").Set("Ranges.What", "printed").Set("Ranges.Number", "1").Set("Ranges.Count", "10");
        (await page.Context.APIRequest.PostAsync(batch, new() { Form = form })).Status.ShouldBe(400);
        var covered = page.Context.APIRequest.CreateFormData();
        covered.Set("number", "1");
        (await page.Context.APIRequest.PostAsync($"{batch}/covered.csv", new() { Form = covered })).Status.ShouldBe(400);
        await page.GotoAsync(batch);
        (await page.InnerTextAsync("#sum")).ShouldContain("0 + 0 + 1,000");
        await page.FillAsync("#covered-count", "1000");
        var download = await page.RunAndWaitForDownloadAsync(() => page.ClickAsync("#covered button[type=submit]"));
        (await File.ReadAllLinesAsync(await download.PathAsync())).Length.ShouldBe(1000);
    }
}
