using Microsoft.Playwright;
using Shouldly;

namespace EndToEnd;

/// <summary>Organisations and people for the tests of the pages of vouchers.</summary>
public sealed partial class VoucherPageTests
{
    private const string Password = "ying-shou-zhang-kuan-2026";

    /// <summary>Registers an organisation with an administrator, who also prepares commands, and a checker.</summary>
    private async Task<string> OrganisationAsync(string kind, string name)
    {
        var token = await OperatorAsync();
        var id = $"{kind[..4]}-{Guid.CreateVersion7():N}"[..17] + Random.Shared.Next(1000, 10_000);
        await Suite.SendAsync(token, HttpMethod.Post, "organisations", $$"""{"id":"{{id}}","name":"{{name}}","creditCode":"{{CreditCode()}}"}""", "identity");
        foreach (var (person, roles) in new[] { ("an", "\"admin\",\"member\""), ("mei", "\"member\"") })
            await Suite.SendAsync(token, HttpMethod.Post, "users", $$"""{"signInName":"{{id}}-{{person}}","name":"{{person}}","password":"{{Password}}","tenant":"{{id}}","roles":[{{roles}}]}""", "identity");
        await Suite.SendAsync(token, HttpMethod.Post, "parties", $$"""{"id":"{{id}}","kind":"{{kind}}","name":"{{name}}"}""", "receivables");
        if (kind == "core-enterprise")
            await Suite.SendAsync(token, HttpMethod.Post, $"parties/{id}/changes", $$$"""{"unlined":{"from":"2026-01-01","until":"2099-12-31","basis":"test","evidenceSha256":"{{{new string('e', 64)}}}"}}""", "receivables");
        return id;
    }

    private Task<string> OperatorAsync() => Suite.TokenAsync("cli-operator", Suite.Access["operatorSecret"]!.GetValue<string>());

    /// <summary>A person of an organisation, signed in.</summary>
    private async Task<IPage> PersonAsync(string organisation, string person, int width, string language = "zh-CN", bool scripts = true)
    {
        var page = await PageAsync(width, language, scripts);
        await page.GotoAsync($"{Suite.Origin}/vouchers");
        await page.FillAsync("#name", $"{organisation}-{person}");
        await page.FillAsync("#password", Password);
        await page.ClickAsync("form button");
        await page.WaitForURLAsync("**/vouchers");
        (await page.GetAttributeAsync("html", "lang")).ShouldBe(language);
        return page;
    }

    /// <summary>A person makes a key on this device and signs as its holder.</summary>
    private async Task AskForKeyAsync(IPage page, params string[] roles)
    {
        await page.GotoAsync($"{Suite.Origin}/vouchers/keys");
        foreach (var box in await page.QuerySelectorAllAsync("[name='Form.Roles']"))
            await box.SetCheckedAsync(Array.IndexOf(roles, await box.GetAttributeAsync("value")) >= 0);
        await page.ClickAsync("form[data-new-key] button[type=submit]");
        await page.WaitForURLAsync("**/vouchers/approvals/K-*");
        await SignAsync(page);
    }

    /// <summary>Signs the draft that is open, or the first that waits for this person.</summary>
    private async Task SignAsync(IPage page, Func<IPage, Task<string>>? read = null, string words = "")
    {
        if (!page.Url.Contains("/vouchers/approvals/", StringComparison.Ordinal))
        {
            await page.GotoAsync($"{Suite.Origin}/vouchers/approvals");
            await page.ClickAsync("tr:has(.tag.warn) a");
            await page.WaitForURLAsync("**/vouchers/approvals/*-*");
        }

        await page.WaitForSelectorAsync("[data-part=press]:visible");
        if (read is not null) (await read(page)).ShouldContain(words);
        var before = await page.Locator(".steps [data-state=done]").CountAsync();
        await page.ClickAsync("[data-part=press]");
        await page.WaitForSelectorAsync($".steps [data-state=done] >> nth={before}");
    }

    /// <summary>Both people of an organisation have keys: one prepares and administers, the other checks.</summary>
    private async Task BindAsync(IPage first, IPage second)
    {
        await AskForKeyAsync(first, "admin", "maker");
        (await first.InnerTextAsync("h1 + p")).ShouldContain(await first.GetAttributeAsync("html", "lang") == "en" ? "carried out" : "已执行");
        await AskForKeyAsync(second, "checker");
        await first.GotoAsync($"{Suite.Origin}/vouchers");
        await SignAsync(first);
    }

    private static string InvoiceNumber() => $"2631{Random.Shared.NextInt64(1_000_000_000_000_000, 10_000_000_000_000_000)}";

    /// <summary>A unified social credit code with its check character (GB 32100).</summary>
    private static string CreditCode()
    {
        const string alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
        var code = $"91310106MA{Random.Shared.Next(1_000_000, 10_000_000)}";
        var (sum, weight) = (0, 1);
        foreach (var c in code) (sum, weight) = (sum + (alphabet.IndexOf(c, StringComparison.Ordinal) * weight), weight * 3 % alphabet.Length);
        return code + alphabet[(alphabet.Length - (sum % alphabet.Length)) % alphabet.Length];
    }
}
