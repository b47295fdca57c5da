using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Shouldly;

namespace EndToEnd;

/// <summary>What the tests of the pages of goods begin with.</summary>
public sealed partial class GoodsPageTests
{
    private async Task CheckAsync(IPage page, string path, List<string> found)
    {
        if (path.StartsWith('/')) await page.GotoAsync(Suite.Origin + path);
        var name = string.Concat(path.Select(c => char.IsAsciiLetter(c) ? c : '-')).Trim('-');
        await ShotAsync(page, $"goods-{name[..Math.Min(40, name.Length)]}-{page.ViewportSize!.Width}-{await page.GetAttributeAsync("html", "lang")}");
        await page.EvaluateAsync(Axe);
        var result = await page.EvaluateAsync<JsonElement>($"axe.run({Rules})");
        _checks += result.GetProperty("passes").GetArrayLength();
        foreach (var violation in result.GetProperty("violations").EnumerateArray())
        {
            var where = string.Join(", ", violation.GetProperty("nodes").EnumerateArray().Select(v => v.GetProperty("html").GetString()));
            found.Add($"{path}: {violation.GetProperty("id").GetString()}: {violation.GetProperty("help").GetString()}: {where}");
        }

        if (await page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth") > 0) found.Add($"{path}: scrolls sideways");
    }

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
        var token = await TokenAsync(Suite.Access["clientId"]!.GetValue<string>(), Suite.Access["clientSecret"]!.GetValue<string>());
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
        await SendAsync(token, "epcis/v2/events", pieces);
        await SendAsync(token, "simple/events", events);
    }

    /// <summary>Another organisation with a client and a person of its own.</summary>
    private async Task<((string Id, string Secret) Client, string Password)> OrganisationAsync()
    {
        var token = await TokenAsync("cli-operator", Suite.Access["operatorSecret"]!.GetValue<string>());
        var id = $"dealer-{Random.Shared.Next(100_000, 1_000_000)}";
        const string password = "jin-an-shop-2026";
        await SendAsync(token, "organisations", $$"""{"id":"{{id}}","name":"静安门店","creditCode":"{{CreditCode()}}"}""", "identity");
        var client = await SendAsync(token, "clients", $$"""{"id":"{{id}}","name":"till","tenant":"{{id}}","roles":["member"]}""", "identity");
        await SendAsync(token, "users", $$"""{"signInName":"{{id}}","name":"店员","password":"{{password}}","tenant":"{{id}}","roles":["member"]}""", "identity");
        return ((id, client["secret"]!.GetValue<string>()), password);
    }

    private async Task<string> TokenAsync(string client, string secret)
    {
        using var form = new FormUrlEncodedContent(
            [new("grant_type", "client_credentials"), new("client_id", client), new("client_secret", secret)]);
        using var signed = await Suite.Http.PostAsync(new Uri($"{Suite.Origin}/api/identity/connect/token"), form);
        return JsonNode.Parse(await signed.Content.ReadAsStringAsync())!["access_token"]!.GetValue<string>();
    }

    private async Task<JsonNode> SendAsync(string token, string path, string body, string service = "trace")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Suite.Origin}/api/{service}/{path}")
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await Suite.Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        response.IsSuccessStatusCode.ShouldBeTrue($"{path}: {text}");
        return JsonNode.Parse(text.Length > 0 ? text : "{}")!;
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
