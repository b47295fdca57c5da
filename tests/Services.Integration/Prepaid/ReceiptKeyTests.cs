using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Proofs.Notes;
using Proofs.Receipts;
using Shouldly;
using Xunit;

namespace Services.Integration.Prepaid;

/// <summary>Receipts that merchant and service both sign.</summary>
public sealed class ReceiptKeyTests : IAsyncLifetime
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
    public async Task A_till_signs_what_the_service_signed_and_both_are_checked_offline()
    {
        using ECDsa till = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string key = Convert.ToBase64String(till.ExportSubjectPublicKeyInfo());
        Guid card = Guid.Parse((string)(await RunningPrepaid.SendAsync(_gym, HttpMethod.Post, "cards", $$"""
            {"branch":"north","lot":{"id":"1","kind":"value","paidFen":50000,"contract":"{{new string('a', 64)}}"} }
            """, 201))["card"]!);
        string plain = await ReceiptAsync(card);
        (await SignAsync(card, till, plain, 409)).ShouldBe("receipt-key-unknown");
        HttpClient admin = await _prepaid.AsAsync("gym", "admin");
        await RunningPrepaid.SendAsync(admin, HttpMethod.Post, "merchants/own/keys", $$"""{"key":"{{key}}","till":"front"}""");
        await RunningPrepaid.SendAsync(admin, HttpMethod.Post, "merchants/own/keys", """{"key":"AAAA","till":"x"}""", 400);
        ReceiptKeys keys = ReceiptKeys.Parse(await _prepaid.Open.GetByteArrayAsync("open/merchants/gym/keys")).ShouldNotBeNull();

        // Signed by the service alone until the till has signed; a wrong signature is not taken.
        (ReceiptCheck.Of(plain, keys) is { ByService: true, ByMerchant: false }).ShouldBeTrue();
        (await SignAsync(card, till, plain + "x", 422)).ShouldBe("receipt-signature-wrong");
        (await SignAsync(card, other, plain, 409)).ShouldBe("receipt-key-unknown");
        await SignAsync(card, till, plain, 200);
        ReceiptCheck both = ReceiptCheck.Of(await ReceiptAsync(card), keys);
        (both is { ByService: true, ByMerchant: true, Claim.Number: 1 }).ShouldBeTrue();

        await RunningPrepaid.SendAsync(
            admin, HttpMethod.Post, "merchants/own/key-revocations", $$"""{"key":"{{key}}","till":"stolen"}""");
        (await SignAsync(card, till, plain, 409)).ShouldBe("receipt-key-unknown");
        ((string)(await RunningPrepaid.SendAsync(admin, HttpMethod.Post, "merchants/own/keys",
            $$"""{"key":"{{key}}","till":"front"}""", 409))["code"]!).ShouldBe("receipt-key-ended");
        // What was signed before stays good.
        keys = ReceiptKeys.Parse(await _prepaid.Open.GetByteArrayAsync("open/merchants/gym/keys")).ShouldNotBeNull();
        ReceiptCheck.Of(await ReceiptAsync(card), keys).ByMerchant.ShouldBeTrue();
    }

    private async Task<string> ReceiptAsync(Guid card) => (string)(await RunningPrepaid.SendAsync(
        _gym, HttpMethod.Get, $"cards/{card}/receipts/1", null))["text"]!;

    private async Task<string?> SignAsync(Guid card, ECDsa till, string note, int status)
    {
        string text = SignedNote.Parse(note)?.Text ?? note;
        byte[] signature = till.SignData(Encoding.UTF8.GetBytes(text), HashAlgorithmName.SHA256);
        JsonObject answer = await RunningPrepaid.SendAsync(_gym, HttpMethod.Post, $"cards/{card}/receipts/1/signature",
            new JsonObject
            {
                ["key"] = Convert.ToBase64String(till.ExportSubjectPublicKeyInfo()),
                ["signature"] = Convert.ToBase64String(signature),
            }.ToJsonString(), status);
        return (string?)answer["code"];
    }
}
