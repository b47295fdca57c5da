using System.Text;
using Microsoft.Playwright;
using Shouldly;
using Xunit;

namespace EndToEnd;

/// <summary>What a business does with its deposits, in a real Chromium, with and without scripts.</summary>
[Collection(SuiteCollection.Name)]
public sealed class EvidencePageTests(Suite suite) : BrowserTests(suite)
{
    [Theory]
    [InlineData("zh-CN", true)]
    [InlineData("en", false)]
    public async Task Every_kind_of_custody_event_is_recorded_and_listed(string language, bool scripts)
    {
        var page = await PageAsync(390, language, scripts);
        await SignInAsync(page);
        var replacement = (await DepositAsync(page, NewDigest())).Split('/')[^1];
        var deposit = await DepositAsync(page, NewDigest(), "contract");
        await RecordAsync("handed-over", "#to", "Notary office", "original on paper");
        await RecordAsync("accessed", "#purpose", "requested by the court");
        var added = NewDigest();
        await RecordAsync("supplemented", "#sha256", added.ToUpperInvariant());
        await RecordAsync("superseded", "#by", replacement);
        (await page.Locator(".history li").CountAsync()).ShouldBe(4);
        var history = await page.InnerTextAsync("#custody");
        foreach (var words in new[] { "Notary office", "original on paper", "requested by the court", added[..8], replacement })
        {
            history.ShouldContain(words);
        }

        await page.GotoAsync($"{deposit}/custody");
        (await page.Locator(".tabs a").CountAsync()).ShouldBe(1, "of a superseded deposit only accesses are recorded");
        Complaints.ShouldBeEmpty();

        async Task RecordAsync(string kind, string field, string value, string? note = null)
        {
            await page.GotoAsync($"{deposit}/custody?kind={kind}");
            await page.FillAsync(field, value);
            if (note is not null) await page.FillAsync("#note", note);
            await page.ClickAsync("main button[type=submit]");
            await page.WaitForURLAsync("**#custody");
        }
    }

    [Theory]
    [InlineData("handed-over", "to", "", "Say who received it")]
    [InlineData("accessed", "purpose", " ", "Give the purpose")]
    [InlineData("supplemented", "sha256", "abc", "64 hexadecimal characters; you entered 3")]
    [InlineData("superseded", "by", "D-1", "26 letters and digits")]
    [InlineData("superseded", "by", "D-00000000000000000000000000", "no deposit of this number")]
    public async Task A_custody_form_that_comes_back_keeps_what_was_entered_and_names_its_field(
        string kind, string field, string value, string words)
    {
        var page = await PageAsync(390, "en", scripts: false);
        await SignInAsync(page);
        var deposit = await DepositAsync(page, NewDigest());
        await page.GotoAsync($"{deposit}/custody?kind={kind}");
        await page.FillAsync("#" + field, value);
        var answer = await page.RunAndWaitForResponseAsync(
            () => page.ClickAsync("main button[type=submit]"), r => r.Request.Method == "POST");
        answer.Status.ShouldBe(422);
        (await page.InnerTextAsync("#problems")).ShouldContain(words);
        (await page.InnerTextAsync($"#{field}-error")).ShouldContain(words);
        (await page.GetAttributeAsync("#" + field, "aria-invalid")).ShouldBe("true");
        (await page.InputValueAsync("#" + field)).ShouldBe(value);
        await page.ClickAsync("#problems a");
        page.Url.ShouldEndWith($"?kind={kind}#{field}");
    }

    [Fact]
    public async Task Who_only_reads_is_offered_nothing_that_would_be_refused()
    {
        var page = await PageAsync(390, "en");
        await SignInAsync(page, "jianguan");
        (await page.Locator("main a[href^='/deposits/']").CountAsync()).ShouldBe(0);
        foreach (var path in new[] { "/deposits/new", "/deposits/batch", "/deposits/D-0/custody" })
        {
            (await page.GotoAsync(Suite.Origin + path))!.Status.ShouldBe(403, path);
            (await page.InnerTextAsync("h1")).ShouldBe("Your account does not have this right");
        }
    }

    /// <summary>Another site can make a browser send a form, but not with the token of this one.</summary>
    [Fact]
    public async Task A_custody_form_without_its_token_records_nothing()
    {
        var page = await PageAsync(390, "en");
        await SignInAsync(page);
        var deposit = await DepositAsync(page, NewDigest());
        var form = page.Context.APIRequest.CreateFormData();
        form.Set("_handler", "custody").Set("Form.Value", "a stranger").Set("Form.Key", Guid.CreateVersion7().ToString());
        var answer = await page.Context.APIRequest.PostAsync(
            $"{deposit}/custody?kind=accessed", new APIRequestContextOptions { Form = form });
        answer.Status.ShouldBe(400);
        await page.GotoAsync(deposit);
        (await page.Locator(".history li").CountAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Many_files_are_hashed_here_and_deposited_as_one_batch()
    {
        var page = await PageAsync(1280, "zh-CN");
        await SignInAsync(page);
        var before = NewDigest();
        var earlier = (await DepositAsync(page, before)).Split('/')[^1];
        await page.GotoAsync($"{Suite.Origin}/deposits/batch");
        await page.SetInputFilesAsync("#files", Enumerable.Range(1, 12).Select(i => new FilePayload
        {
            Name = $"文件 {i}, “a”.txt",
            MimeType = "text/plain",
            Buffer = Guid.CreateVersion7().ToByteArray(),
        }));
        await Suite.UntilAsync(TimeSpan.FromSeconds(30), async () => (await page.InnerTextAsync("#count")).Contains("12行", StringComparison.Ordinal));
        await page.FillAsync("#lines", await page.InputValueAsync("#lines") + $"\n{before} *again.bin");
        await ShotAsync(page, "batch-filled-1280");
        await page.ClickAsync("main button[type=submit]");
        await page.WaitForURLAsync("**/deposits/batch/*");
        (await page.InnerTextAsync("h1")).ShouldBe("13条全部受理");
        (await page.InnerTextAsync("main")).ShouldContain("1条的摘要以前存过");

        var download = await page.RunAndWaitForDownloadAsync(() => page.ClickAsync("main a.filled"));
        var rows = (await File.ReadAllLinesAsync(await download.PathAsync())).Skip(1).ToList();
        rows.Count.ShouldBe(13);
        rows[12].ShouldStartWith("13,D-");
        rows[12].ShouldEndWith($",{before},again.bin,,{earlier}");
        await page.GotoAsync($"{Suite.Origin}/deposits/{rows[0].Split(',')[1]}");
        (await page.InnerTextAsync("h1")).ShouldBe("文件 1, “a”.txt");
        Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_batch_is_accepted_whole_or_not_at_all_also_without_scripts()
    {
        var page = await PageAsync(390, "en", scripts: false);
        await SignInAsync(page);
        await page.GotoAsync($"{Suite.Origin}/deposits/batch");
        var good = NewDigest();
        await SendAsync($"sha256,name\n{good},good\nabc,bad\n\n{new string('g', 64)}\n");
        var problems = await page.InnerTextAsync("#problems");
        problems.ShouldContain("Line 3: A SHA-256 digest has 64 hexadecimal characters; here are 3.");
        problems.ShouldContain("Line 5: A SHA-256 digest holds only 0–9 and a–f.");
        (await page.InputValueAsync("#lines")).ShouldContain("abc,bad", Case.Sensitive, "the list is kept to be corrected");
        await page.GotoAsync($"{Suite.Origin}/deposits?q={good}");
        (await page.Locator("tbody tr").CountAsync()).ShouldBe(0, "nothing of the batch was written");

        await page.GotoAsync($"{Suite.Origin}/deposits/batch");
        await SendAsync(string.Concat(Enumerable.Repeat("x\n", 150)));
        (await page.Locator("#problems li").CountAsync()).ShouldBe(100);
        await page.GotoAsync($"{Suite.Origin}/deposits/batch");
        await page.ClickAsync("main button[type=submit]");
        (await page.InnerTextAsync("#lines-error")).ShouldContain("The list is empty");

        await SendAsync(string.Concat(Enumerable.Range(0, 10_001).Select(_ => good + "\n")));
        (await page.InnerTextAsync("#lines-error")).ShouldContain("10,001");
        await page.GotoAsync($"{Suite.Origin}/deposits/batch");
        await SendAsync(string.Concat(Enumerable.Range(0, 10_000).Select(i => $"{NewDigest()},file {i:00000} with a name of usual length.pdf\n")));
        await page.WaitForURLAsync("**/deposits/batch/*");
        (await page.InnerTextAsync("h1")).ShouldBe("All 10,000 deposits were accepted");

        async Task SendAsync(string list)
        {
            await page.SetInputFilesAsync("#list", new FilePayload { Name = "list.csv", MimeType = "text/csv", Buffer = Encoding.UTF8.GetBytes(list) });
            await page.ClickAsync("main button[type=submit]");
        }
    }

    /// <summary>The anchor hangs, which is worse than being gone: every page must still answer, and say what is the matter.</summary>
    [Fact]
    public async Task A_deposit_says_why_it_waits_while_the_anchor_is_away_and_goes_on_by_itself()
    {
        var page = await PageAsync(390, "en");
        await SignInAsync(page);
        var anchored = await DepositAsync(page, NewDigest());
        await page.WaitForSelectorAsync("[data-step=anchored][data-state=done]");
        await page.RunAndWaitForDownloadAsync(() => page.ClickAsync("main a.filled[download]"));
        var anchor = $"{Suite.ProcessId("anchor")}";
        await Suite.RunAsync("kill", ["-STOP", anchor]);
        try
        {
            await DepositAsync(page, NewDigest());
            (await page.InnerTextAsync("#delay")).ShouldContain("The anchor service does not answer");
            (await page.InnerTextAsync("#delay")).ShouldContain("no need to submit again");
            await ShotAsync(page, "deposit-delayed-390");
            var other = await PageAsync(390, "zh-CN");
            await SignInAsync(other);
            await other.GotoAsync(anchored);
            (await other.Locator("[data-step=anchored][data-state=done]").CountAsync()).ShouldBe(1, "what was anchored stays so");
            await other.GotoAsync($"{Suite.Origin}/status");
            (await other.InnerTextAsync("main")).ShouldContain("锚定服务没有应答");
        }
        finally
        {
            await Suite.RunAsync("kill", ["-CONT", anchor]);
        }

        await page.WaitForSelectorAsync("[data-step=anchored][data-state=done]");
        (await page.Locator("#delay").IsVisibleAsync()).ShouldBeFalse();
        Complaints.ShouldBeEmpty();
    }
}
