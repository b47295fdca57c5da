using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Shouldly;
using Xunit;

namespace EndToEnd;

/// <summary>What the regulator watches of vouchers and what a bank does with them, in a real Chromium.</summary>
[Collection(SuiteCollection.Name)]
public sealed partial class BankPageTests(Suite suite) : BrowserTests(suite)
{
    private readonly List<string> _found = [];

    [Theory]
    [InlineData(320, "zh-CN", ColorScheme.Light)]
    [InlineData(1280, "en", ColorScheme.Dark)]
    public async Task Every_figure_leads_to_its_list_and_losses_add_up(int width, string language, ColorScheme scheme)
    {
        await Suite.AppsAsync("demo", "receivables");
        var page = await PageAsync(width, language, scheme: scheme);
        await EnterAsync(page, "voucher-watch");
        await CheckAsync(page, "/watch/vouchers", _found);
        var whole = Amounts(await page.InnerTextAsync("dl.figures a >> nth=0"))[0];
        whole.ShouldBeGreaterThan(0);
        Amounts(string.Join(' ', await page.Locator("section:has(#ladder) td a").AllInnerTextsAsync())).Sum().ShouldBe(whole);
        var first = page.Locator("section:has(#debtors) tbody tr >> nth=0");
        var owed = Amounts(await first.Locator("td:last-child").InnerTextAsync())[0];
        await first.Locator("td:last-child a").ClickAsync();
        await page.WaitForURLAsync("**/watch/vouchers/list?debtor=*");
        Amounts(await page.InnerTextAsync("[role=status]"))[0].ShouldBe(owed);
        await CheckAsync(page, "watch-list", _found);

        await page.GotoAsync($"{Suite.Origin}/watch/vouchers");
        await page.ClickAsync(".stress-form button");
        await page.WaitForURLAsync("**/watch/vouchers/stress?debtor=*");
        Amounts(await page.InnerTextAsync(".lead"))[0].ShouldBe(owed);
        Amounts(await page.InnerTextAsync("section:has(#losses) tbody tr:last-child td:last-child"))[0].ShouldBe(owed);
        await CheckAsync(page, "watch-stress", _found);
        _found.ShouldBeEmpty();
        Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_bank_sees_its_desk_and_nobody_else_watches()
    {
        await Suite.AppsAsync("demo", "receivables");
        foreach (var (width, language) in new[] { (320, "en"), (1280, "zh-CN") })
        {
            var page = await PageAsync(width, language);
            await EnterAsync(page, "bank-a-admin");
            (await page.GotoAsync($"{Suite.Origin}/watch/vouchers"))!.Status.ShouldBe(403);
            foreach (var path in new[] { "/bank/offers", "/bank/lines", "/bank/clearing" }) await CheckAsync(page, path, _found);
            if (await page.Locator("a[href^='/bank/clearing/20']").CountAsync() > 0)
            {
                await page.ClickAsync("a[href^='/bank/clearing/20'] >> nth=0");
                await CheckAsync(page, "bank-clearing-day", _found);
            }

            await page.GotoAsync($"{Suite.Origin}/bank/lines");
            await page.ClickAsync("main form button.filled");
            await page.WaitForSelectorAsync("#problems");
            await CheckAsync(page, "bank-lines-refused", _found);
        }

        _found.ShouldBeEmpty();
        Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_operator_imports_a_receipt_that_names_no_voucher_and_it_waits_in_suspense()
    {
        var page = await PageAsync(320, "en", scripts: false);
        await EnterAsync(page, "operator");
        await page.GotoAsync($"{Suite.Origin}/bank/clearing");
        await page.ClickAsync("main form button[type=submit]");
        (await page.InnerTextAsync("#problems")).ShouldContain("Give the number of the receipt");
        var number = $"R-{Random.Shared.Next(1_000_000)}";
        await page.FillAsync("#Number", number);
        await page.FillAsync("#Bank", "102100099996");
        await page.FillAsync("#Amount", "12,345.67");
        await page.SetInputFilesAsync("#File", new FilePayload { Name = "receipt.txt", MimeType = "text/plain", Buffer = System.Text.Encoding.UTF8.GetBytes(number) });
        await page.ClickAsync("main form button[type=submit]");
        await page.WaitForSelectorAsync($"section:has(#suspense) tr:has-text('{number}')");
        (await page.InnerTextAsync($"section:has(#suspense) tr:has-text('{number}')")).ShouldContain("¥12,345.67");
        var scripted = await PageAsync(320, "en");
        await EnterAsync(scripted, "operator");
        await CheckAsync(scripted, "/bank/accounts", _found);
        _found.ShouldBeEmpty();
    }

    private async Task EnterAsync(IPage page, string user)
    {
        var people = Suite.Access["signIns"]!.AsArray();
        var password = (people.FirstOrDefault(s => s!["user"]!.ToString() == user) ?? people[0])!["password"]!.ToString();
        await page.GotoAsync($"{Suite.Origin}/deposits");
        await page.FillAsync("#name", user);
        await page.FillAsync("#password", password);
        await page.ClickAsync("form button");
        await page.WaitForURLAsync("**/deposits");
    }

    /// <summary>Amounts of a text in fen, in order.</summary>
    private static List<long> Amounts(string text) =>
        [.. Money().Matches(text).Select(m => (long)(decimal.Parse(m.Groups[1].Value, NumberStyles.Number, CultureInfo.InvariantCulture) * 100))];

    [GeneratedRegex("¥([0-9,]+\\.[0-9]{2})")]
    private static partial Regex Money();
}
