using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Shouldly;
using TestKit;
using Xunit;

namespace Services.Integration.Prepaid;

/// <summary>A holder's device takes a card, and the merchant sees what was sold and used today.</summary>
public sealed class HolderKeyTests : IAsyncLifetime
{
    private RunningPrepaid _prepaid = null!;
    private HttpClient _gym = null!;

    public async Task InitializeAsync()
    {
        _prepaid = await RunningPrepaid.StartAsync();
        _gym = await _prepaid.AsAsync("gym");
        await RunningPrepaid.SendAsync(await _prepaid.AsAsync("gym", "admin"), HttpMethod.Put, "merchants/own",
            """{"name":"gym","jurisdiction":"310000","industry":"fitness","startedOn":"2015-01-01"}""");
    }

    public async Task DisposeAsync() => await _prepaid.DisposeAsync();

    [Fact]
    public async Task The_first_device_binds_its_key_and_another_needs_its_signature()
    {
        using ECDsa first = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using ECDsa second = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        (string card, string secret) = await OpenAsync();
        (await BindAsync(card, "wrong", first, null, 404))["code"]!.ToString().ShouldBe("card-not-found");
        await BindAsync(card, secret, first, null);
        // The same again is the same.
        ((int)(await BindAsync(card, secret, first, null))["receipt"]!).ShouldBe(2);
        (await BindAsync(card, secret, second, null, 409))["code"]!.ToString().ShouldBe("card-key-bound");
        (await BindAsync(card, secret, second, second, 409))["code"]!.ToString().ShouldBe("card-key-bound");
        ((int)(await BindAsync(card, secret, second, first))["receipt"]!).ShouldBe(3);
        JsonObject own = await RunningPrepaid.SendAsync(_prepaid.Open, HttpMethod.Get, $"open/cards/{card}", null, secret: secret);
        own["key"]!.ToString().ShouldBe(Spki(second));
    }

    [Fact]
    public async Task What_is_no_key_is_bound_to_no_card()
    {
        (string card, string secret) = await OpenAsync();
        using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        foreach (string key in (string[])["", "AAAA", Spki(other)])
        {
            await RunningPrepaid.SendAsync(_prepaid.Open, HttpMethod.Post, $"open/cards/{card}/key",
                new JsonObject { ["key"] = key }.ToJsonString(), 400, secret);
        }
    }

    [Fact]
    public async Task Todays_figures_count_sales_use_and_what_was_taken_back()
    {
        (string card, _) = await OpenAsync();
        await RedeemAsync(card, "r1", 100_00);
        await RedeemAsync(card, "r2", 40_00);
        await RunningPrepaid.SendAsync(
            _gym, HttpMethod.Post, $"cards/{card}/redemptions/r2/reversal", """{"reason":"typed twice"}""");
        JsonObject figures = [];
        // What was recorded is projected a moment later.
        await Eventually.TrueAsync(async () =>
        {
            figures = await RunningPrepaid.SendAsync(_gym, HttpMethod.Get, "merchants/own/figures", null);
            return (int)figures["redeemed"]! == 1 && (long)figures["redeemedFen"]! == 75_00;
        }, "sale, use and reversal are counted");
        ((int)figures["sold"]!, (long)figures["paidFen"]!, (long)figures["giftFen"]!).ShouldBe((1, 300_00, 100_00));
        ((int)figures["redeemed"]!, (long)figures["redeemedFen"]!).ShouldBe((1, 75_00));
        ((int)figures["cards"]!, (long)figures["principalFen"]!).ShouldBe((1, 225_00));
        figures["quarterEndFen"].ShouldBeNull();
    }

    private async Task<(string Card, string Secret)> OpenAsync()
    {
        JsonObject opened = await RunningPrepaid.SendAsync(_gym, HttpMethod.Post, "cards", $$"""
            {"branch":"north","lot":{"id":"1","kind":"value","paidFen":30000,"giftFen":10000,"contract":"{{new string('a', 64)}}"} }
            """, 201);
        return ((string)opened["card"]!, (string)opened["secret"]!);
    }

    private Task<JsonObject> RedeemAsync(string card, string id, long fen) => RunningPrepaid.SendAsync(
        _gym, HttpMethod.Post, $"cards/{card}/redemptions", $$"""
            {"id":"{{id}}","branch":"north","wanted":[{"kind":"value","item":"class","times":1,"listFen":{{fen}},"priceFen":{{fen}} }]}
            """);

    private Task<JsonObject> BindAsync(string card, string secret, ECDsa key, ECDsa? signer, int status = 200) =>
        RunningPrepaid.SendAsync(_prepaid.Open, HttpMethod.Post, $"open/cards/{card}/key", new JsonObject
        {
            ["key"] = Spki(key),
            ["signature"] = signer is null ? null : Base64Url.EncodeToString(signer.SignData(
                Encoding.UTF8.GetBytes($"prepaid-key/1|{card}|{Spki(key)}"), HashAlgorithmName.SHA256)),
        }.ToJsonString(), status, secret);

    private static string Spki(ECDsa key) => Base64Url.EncodeToString(key.ExportSubjectPublicKeyInfo());
}
