using Microsoft.Playwright;
using Shouldly;
using Xunit;

namespace EndToEnd;

/// <summary>A card from its sale to its use, by the pages of merchant and holder, in a real Chromium.</summary>
[Collection(SuiteCollection.Name)]
public sealed class PrepaidPageTests(Suite suite) : BrowserTests(suite)
{
    private readonly List<string> _found = [];

    [Fact]
    public async Task A_card_is_sold_shown_and_redeemed_once_by_its_holders_code()
    {
        var page = await PageAsync(390, "zh-CN");
        await SignInAsync(page);
        await FileAsync(page);
        await page.GotoAsync($"{Suite.Origin}/prepaid/sell");
        await SellAsync(page);
        await CheckAsync(page, "prepaid-handover", _found);
        var link = await page.InnerTextAsync(".handover .address");
        var phone = await PageAsync(390, "en");
        await phone.GotoAsync(link);
        phone.Url.ShouldNotContain("#", customMessage: "who looks over a shoulder sees the address");
        await phone.ClickAsync("#code button");
        await phone.WaitForSelectorAsync("#code svg");
        await CheckAsync(phone, "prepaid-code", _found);
        var code = (await phone.TextContentAsync("#code code"))!;

        await page.GotoAsync($"{Suite.Origin}/prepaid/till");
        await page.ClickAsync("#new-key button");
        await page.WaitForSelectorAsync("#new-key", new PageWaitForSelectorOptions { State = WaitForSelectorState.Hidden });
        await RedeemAsync(page, code, "100", "ok");
        (await page.InnerTextAsync("#result")).ShouldContain("¥720.00");
        await page.WaitForSelectorAsync("#result:has-text('商户与平台都已签名')");
        await CheckAsync(page, "prepaid-till", _found);
        await RedeemAsync(page, code, "100", "bad");
        await phone.ReloadAsync();
        await phone.WaitForSelectorAsync("#receipts li:has-text('signed by merchant and platform')");
        await phone.GotoAsync($"{Suite.Origin}/my/cards");
        (await phone.InnerTextAsync("#cards")).ShouldContain("¥720.00");
        _found.ShouldBeEmpty();
        Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_scripts_a_clerk_redeems_and_a_refund_is_worked_out()
    {
        var page = await PageAsync(320, "en", scripts: false);
        await SignInAsync(page);
        await FileAsync(page);
        await page.GotoAsync($"{Suite.Origin}/prepaid/sell");
        await SellAsync(page);
        var card = new Uri(page.Url).Segments[^1];
        await page.GotoAsync($"{Suite.Origin}/prepaid/till?card={card}");
        await page.ClickAsync(".send button");
        (await page.InnerTextAsync("#problems")).ShouldContain("Give the amount");
        await page.FillAsync("#price", "50");
        await page.ClickAsync(".send button");
        await page.WaitForURLAsync("**/prepaid/till?card=*&done=*");
        (await page.InnerTextAsync(".send")).ShouldContain("¥760.00");

        // 法释〔2025〕4号 art. 18: paid 3,000, given 1,000, used 3,594 at list price; 304.50 go back.
        await page.GotoAsync($"{Suite.Origin}/refund");
        foreach (var (field, value) in new[] { ("#askedOn", "2026-03-02"), ("#paidOn0", "2026-01-10"), ("#paid0", "3000"), ("#gift0", "1000"), ("#list0", "3594") })
            await page.FillAsync(field, value);
        await page.ClickAsync("main button.filled");
        (await page.InnerTextAsync("#answer")).ShouldContain("¥304.50");
    }

    private static async Task RedeemAsync(IPage page, string code, string price, string kind)
    {
        await page.FillAsync("#scan", code);
        await page.FillAsync("#price", price);
        await page.ClickAsync(".send button[type=submit]");
        await page.WaitForSelectorAsync($"#result.{kind}");
    }

    private async Task FileAsync(IPage page)
    {
        await page.GotoAsync($"{Suite.Origin}/prepaid/filing");
        await page.FillAsync("#name", "兰亭健身");
        await page.SelectOptionAsync("#industry", "fitness");
        await page.FillAsync("#startedOn", "2020-03-01");
        await page.ClickAsync("main form.card button.filled");
        await page.WaitForURLAsync("**saved=true");
    }

    private static async Task SellAsync(IPage page)
    {
        await page.FillAsync("#branch", "静安店");
        await page.FillAsync("#paidFen", "800");
        await page.FillAsync("#giftFen", "200");
        await page.ClickAsync("main form.card button.filled");
        await page.WaitForURLAsync("**/prepaid/cards/*");
    }
}
