using Microsoft.Playwright;

namespace EndToEnd;

/// <summary>What the tests of the pages of goods begin with.</summary>
public sealed partial class GoodsPageTests
{
    private async Task<string> ProductAsync(IPage page)
    {
        var gtin = NewGtin();
        await page.GotoAsync($"{Suite.Origin}/goods/products/new");
        await page.FillAsync("#gtin", gtin);
        await page.FillAsync("#name", "明前茶");
        await page.FillAsync("#name-en", "Spring tea");
        await page.FillAsync("#claims", "有机 / organic");
        await SubmitAsync(page);
        await page.WaitForURLAsync($"**/goods/products/{gtin}");
        return gtin;
    }

    private async Task LotAsync(IPage page, string gtin)
    {
        await page.GotoAsync($"{Suite.Origin}/goods/lots/new?gtin={gtin}");
        await page.FillAsync("#lot", "L2603");
        await page.FillAsync("#producedOn", "2026-03-21");
        await page.FillAsync("#origin", "杭州");
        await SubmitAsync(page);
        await page.WaitForURLAsync($"**/goods/lots/{gtin}/L2603");
    }

    private async Task<string> BatchAsync(IPage page, string gtin, int count)
    {
        await page.GotoAsync($"{Suite.Origin}/goods/codes/new?gtin={gtin}");
        await page.FillAsync("#count", $"{count}");
        await page.FillAsync("#purpose", "spring 2026");
        await SubmitAsync(page);
        await page.WaitForURLAsync("**/goods/codes/*-*");
        return page.Url;
    }

    private static async Task RecordAsync(IPage page, string batch, string what, int number, int count, string reason = "")
    {
        await page.GotoAsync(batch);
        await page.CheckAsync($"[name='Ranges.What'][value={what}]");
        await page.FillAsync("#range-number", $"{number}");
        await page.FillAsync("#range-count", $"{count}");
        await page.FillAsync("#range-reason", reason);
        await page.ClickAsync("#ranges button[type=submit]");
        await page.WaitForURLAsync("**#stock");
    }

    private static async Task<int> SubmitAsync(IPage page) => (await page.RunAndWaitForResponseAsync(
        () => page.ClickAsync("main form[method=post] button.filled[type=submit]"), r => r.Request.Method == "POST")).Status;

    /// <summary>The lot is harvested and processed, and two items of it are made; one is sold.</summary>
    private async Task StoryAsync(string gtin)
    {
        var token = await Suite.TokenAsync();
        const string gln = "6901234000009";
        var events = $$"""
            {"events":[
              {"what":"produce","when":"2026-03-21T08:00:00+08:00","where":"{{gln}}","quantities":[{"product":"{{gtin}}","lot":"L2603","amount":"40","unit":"KGM"}]},
              {"what":"process","when":"2026-03-23T08:00:00+08:00","where":"{{gln}}","quantities":[{"product":"{{gtin}}","lot":"L2603","amount":"10","unit":"KGM"}],"outputs":["(01){{gtin}}(21)S3"]},
              {"what":"sell","when":"2026-04-02T15:10:00+08:00","where":"{{gln}}","items":["(01){{gtin}}(21)S2"]}]}
            """;
        var pieces = $$"""
            {"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",{"cbvmda":"urn:epcglobal:cbv:mda:"}],
             "type":"ObjectEvent","eventTime":"2026-03-22T08:00:00.000+08:00","eventTimeZoneOffset":"+08:00","action":"ADD",
             "bizStep":"commissioning","bizLocation":{"id":"https://id.gs1.org/414/{{gln}}"},"ilmd":{"cbvmda:lotNumber":"L2603"},
             "epcList":["https://id.gs1.org/01/{{gtin}}/21/S1","https://id.gs1.org/01/{{gtin}}/21/S2"]}
            """;
        await Suite.ImportAsync(token, gtin, "S1", "S2", "S3");
        await Suite.SendAsync(token, HttpMethod.Post, "epcis/v2/events", pieces);
        await Suite.SendAsync(token, HttpMethod.Post, "simple/events", events);
    }

    /// <summary>Another organisation with a client and a person of its own.</summary>
    private async Task<((string Id, string Secret) Client, string Password)> OrganisationAsync()
    {
        var token = await Suite.TokenAsync("cli-operator", Suite.Access["operatorSecret"]!.GetValue<string>());
        var id = $"dealer-{Random.Shared.Next(100_000, 1_000_000)}";
        const string password = "jin-an-shop-2026";
        await Suite.SendAsync(token, HttpMethod.Post, "organisations", $$"""{"id":"{{id}}","name":"静安门店","creditCode":"{{CreditCode()}}"}""", "identity");
        var client = await Suite.SendAsync(token, HttpMethod.Post, "clients", $$"""{"id":"{{id}}","name":"till","tenant":"{{id}}","roles":["member"]}""", "identity");
        await Suite.SendAsync(token, HttpMethod.Post, "users", $$"""{"signInName":"{{id}}","name":"店员","password":"{{password}}","tenant":"{{id}}","roles":["member"]}""", "identity");
        return ((id, client["secret"]!.GetValue<string>()), password);
    }


    /// <summary>A unified social credit code with its check character (GB 32100).</summary>
    private static string CreditCode()
    {
        const string alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
        var code = $"91310106MA{Random.Shared.Next(1_000_000, 10_000_000)}";
        var (sum, weight) = (0, 1);
        foreach (var c in code) (sum, weight) = (sum + (alphabet.IndexOf(c, StringComparison.Ordinal) * weight), weight * 3 % alphabet.Length);
        return code + alphabet[(alphabet.Length - (sum % alphabet.Length)) % alphabet.Length];
    }

    private static string NewGtin()
    {
        var digits = $"0690{Random.Shared.NextInt64(100000000, 999999999)}";
        var sum = digits.Select((c, i) => (c - '0') * (i % 2 == 0 ? 3 : 1)).Sum();
        return $"{digits}{(10 - (sum % 10)) % 10}";
    }
}
