using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Shouldly;
using Xunit;

namespace Services.Integration.Prepaid;

/// <summary>A city's coupons over HTTP: given, used at tills, given back, paid for.</summary>
public sealed class CouponApiTests : IAsyncLifetime
{
    private RunningPrepaid _prepaid = null!;
    private HttpClient _authority = null!;
    private HttpClient _gym = null!;

    public async Task InitializeAsync()
    {
        _prepaid = await RunningPrepaid.StartAsync();
        _authority = await _prepaid.AsAsync("authority", "regulator");
        _gym = await _prepaid.AsAsync("gym");
        foreach (string merchant in (string[])["gym", "barber"])
        {
            await RunningPrepaid.SendAsync(await _prepaid.AsAsync(merchant, "admin"), HttpMethod.Put, "merchants/own",
                $$"""{"name":"{{merchant}}","jurisdiction":"310000","industry":"{{merchant}}","startedOn":"2015-01-01"}""");
        }

        await SendAsync(_authority, HttpMethod.Put, "coupons/autumn", """
            {"title":"消费券","faceFen":2000,"leastFen":10000,"count":4,"perHolder":3,"industries":["gym"],
             "from":"2020-01-01","until":"2099-12-31"}
            """, 201);
    }

    public async Task DisposeAsync() => await _prepaid.DisposeAsync();

    [Fact]
    public async Task The_budget_is_always_the_sum_of_its_parts_and_merchants_see_their_own()
    {
        await GiveAsync("secret-of-number-1", "secret-of-number-2", "secret-of-number-3");
        JsonObject used = await UseAsync(_gym, 1, "secret-of-number-1", "p1");
        ((long)used["toPayFen"]!).ShouldBe(8000);
        await UseAsync(_gym, 2, "secret-of-number-2", "p2");
        await SendAsync(_gym, HttpMethod.Post, "coupons/autumn/2/returns", """{"purchase":"p2"}""", 200);
        JsonObject settled = await SettleAsync("s1");
        ((long)settled["fen"]!).ShouldBe(2000);
        // Used after it: not of that settlement, whose answer stays as it was.
        await UseAsync(_gym, 2, "secret-of-number-2", "p3");
        (await SettleAsync("s1")).ToJsonString().ShouldBe(settled.ToJsonString());

        JsonObject figures = await SendAsync(_authority, HttpMethod.Get, "coupons/autumn", null, 200);
        long[] parts = [.. ((string[])["notGivenFen", "notUsedFen", "usedFen"]).Select(n => (long)figures[n]!)];
        parts.ShouldBe([2000, 2000, 4000]);
        parts.Sum().ShouldBe((long)figures["budgetFen"]!);
        ((long)figures["merchants"]![0]!["openFen"]!).ShouldBe(2000);
        JsonObject barber = await SendAsync(
            await _prepaid.AsAsync("barber"), HttpMethod.Get, "coupons/autumn", null, 200);
        barber["merchants"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task Wrong_secrets_other_industries_and_second_uses_take_nothing_off()
    {
        await GiveAsync("secret-of-number-1");
        Code(await UseAsync(_gym, 1, "secret-of-nobody-at-all", "p1", 404)).ShouldBe("coupon-not-found");
        Code(await UseAsync(_gym, 2, "secret-of-number-1", "p1", 404)).ShouldBe("coupon-not-found");
        HttpClient barber = await _prepaid.AsAsync("barber");
        Code(await UseAsync(barber, 1, "secret-of-number-1", "p1", 422)).ShouldBe("coupon-industry");
        JsonObject[] both = await Task.WhenAll(
            UseAsync(_gym, 1, "secret-of-number-1", "p1", null), UseAsync(_gym, 1, "secret-of-number-1", "p2", null));
        both.Count(b => b.ContainsKey("toPayFen")).ShouldBe(1, "two tills at once: one of them");
    }

    [Fact]
    public async Task Nobody_but_the_authority_of_the_campaign_gives_or_settles()
    {
        await SendAsync(_gym, HttpMethod.Post, "coupons/autumn/grants", Grants("secret-of-number-1"), 403);
        await SendAsync(_gym, HttpMethod.Post, "coupons/autumn/settlements", """{"id":"s","merchant":"gym"}""", 403);
        await SendAsync(_authority, HttpMethod.Post, "coupons/spring/grants", Grants("secret-of-number-1"), 404);
    }

    private async Task GiveAsync(params string[] secrets) =>
        await SendAsync(_authority, HttpMethod.Post, "coupons/autumn/grants", Grants(secrets), 201);

    private Task<JsonObject> SettleAsync(string id) => SendAsync(
        _authority, HttpMethod.Post, "coupons/autumn/settlements", $$"""{"id":"{{id}}","merchant":"gym"}""", 200);

    private static Task<JsonObject> UseAsync(
        HttpClient till, int number, string secret, string purchase, int? status = 201) => SendAsync(
        till, HttpMethod.Post, $"coupons/autumn/{number}/uses",
        $$"""{"secret":"{{secret}}","purchase":"{{purchase}}","purchaseFen":10000}""", status);

    private static string Grants(params string[] secrets) => new JsonObject
    {
        ["grants"] = new JsonArray([.. secrets.Select(s => new JsonObject
        {
            ["holder"] = new string('a', 64),
            ["secretHash"] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(s))),
        })]),
    }.ToJsonString();

    private static string Code(JsonObject problem) => (string)problem["code"]!;

    private static async Task<JsonObject> SendAsync(
        HttpClient client, HttpMethod method, string path, string? json, int? status)
    {
        using HttpRequestMessage request = new(method, path)
        {
            Content = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json"),
        };
        using HttpResponseMessage response = await client.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        if (status is { } expected)
            ((int)response.StatusCode).ShouldBe(expected, text);
        return (JsonObject)JsonNode.Parse(text)!;
    }
}
