using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Proofs.Notes;
using Shouldly;
using Xunit;

namespace Services.Integration.Prepaid;

/// <summary>Cards over HTTP: sold, redeemed, objected to, stopped.</summary>
public sealed class CardApiTests : IAsyncLifetime
{
    private static readonly string Contract = new('a', 64);
    private RunningPrepaid _prepaid = null!;
    private HttpClient _gym = null!;

    public async Task InitializeAsync()
    {
        _prepaid = await RunningPrepaid.StartAsync();
        _gym = await _prepaid.AsAsync("gym");
        await FileAsync("gym", "310000", "fitness");
    }

    public async Task DisposeAsync() => await _prepaid.DisposeAsync();

    [Fact]
    public async Task A_holders_code_redeems_once_and_the_receipt_says_so()
    {
        using ECDsa holder = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        (Guid card, string secret) = await OpenAsync(300_00, 100_00, holder);
        JsonObject code = Code(holder, card, "nonce-0000000001", 30);
        JsonObject answer = await RedeemAsync(card, "r1", 100_00, code);
        ((long)answer["balance"]!["principalFen"]!).ShouldBe(225_00);
        ((int)answer["receipt"]!).ShouldBe(2);
        // The till asks again: the same answer. Another till with the same code gets nothing.
        ((int)(await RedeemAsync(card, "r1", 100_00, code))["receipt"]!).ShouldBe(2);
        ((string)(await RedeemAsync(card, "r2", 100_00, code, 409))["code"]!).ShouldBe("code-used");

        string receipt = (string)(await RunningPrepaid.SendAsync(
            _prepaid.Open, HttpMethod.Get, $"open/cards/{card}/receipts/2", null, secret: secret))["text"]!;
        SignedNote note = SignedNote.Parse(receipt).ShouldNotBeNull();
        note.Signatures.ShouldHaveSingleItem().Name.ShouldBe("prepaid-receipts");
        note.Text.ShouldContain("redeemed r1 proof page-key\ndraw 1 units 10000 list 10000 price 10000 principal 7500");
        note.Text.ShouldContain("\nbalance 22500 gift 7500 by owed/1 on ");
        // The same bytes whenever it is asked for.
        ((string)(await RunningPrepaid.SendAsync(
            _gym, HttpMethod.Get, $"cards/{card}/receipts/2", null))["text"]!).ShouldBe(receipt);
    }

    [Theory]
    [InlineData(-1, false, false, "payment-code-expired")]
    [InlineData(3_600, false, false, "payment-code-expired")]
    [InlineData(30, true, false, "payment-code-wrong")]
    [InlineData(30, false, true, "payment-code-wrong")]
    public async Task A_code_that_is_old_forged_or_of_another_card_takes_nothing(
        int seconds, bool otherKey, bool otherCard, string problem)
    {
        using ECDsa holder = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using ECDsa thief = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        (Guid card, string secret) = await OpenAsync(300_00, 0, holder);
        Guid signedFor = otherCard ? (await OpenAsync(300_00, 0, holder)).Card : card;
        JsonObject code = Code(otherKey ? thief : holder, signedFor, "nonce-0000000001", seconds);
        ((string)(await RedeemAsync(card, "r1", 100_00, code, 422))["code"]!).ShouldBe(problem);
        JsonObject own = await RunningPrepaid.SendAsync(
            _prepaid.Open, HttpMethod.Get, $"open/cards/{card}", null, secret: secret);
        ((long)own["balance"]!["principalFen"]!).ShouldBe(300_00);
    }

    [Fact]
    public async Task Two_tills_at_once_take_the_last_credit_once()
    {
        (Guid card, _) = await OpenAsync(100_00, 0, null);
        JsonObject[] answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
        {
            using HttpResponseMessage response = await _gym.PostAsync(
                $"cards/{card}/redemptions", new StringContent(Redemption($"till-{i}", 60_00, null).ToJsonString(),
                    Encoding.UTF8, "application/json"));
            return (JsonObject)JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        }));
        answers.Count(a => a["balance"] is not null).ShouldBe(1);
        answers.Where(a => a["balance"] is null).ShouldAllBe(a => (string)a["code"]! == "balance-too-low"
            || (string)a["code"]! == "concurrent-change");
    }

    [Fact]
    public async Task What_a_clerk_entered_is_objected_to_by_the_holder()
    {
        (Guid card, string secret) = await OpenAsync(100_00, 0, null);
        JsonObject answer = await RedeemAsync(card, "r1", 60_00, null);
        ((string)answer["redemption"]!["proof"]!).ShouldBe("clerk");
        await RunningPrepaid.SendAsync(_prepaid.Open, HttpMethod.Post, $"open/cards/{card}/redemptions/r1/objection",
            null, 404, "wrong");
        JsonObject back = await RunningPrepaid.SendAsync(_prepaid.Open, HttpMethod.Post,
            $"open/cards/{card}/redemptions/r1/objection", null, secret: secret);
        ((long)back["balance"]!["principalFen"]!).ShouldBe(100_00);
    }

    [Fact]
    public async Task A_printed_card_is_redeemed_by_its_PIN_and_locked_after_five_wrong_ones()
    {
        (Guid card, _) = await OpenAsync(100_00, 0, null);
        string pin = (string)(await RunningPrepaid.SendAsync(_gym, HttpMethod.Post, $"cards/{card}/pin", null))["pin"]!;
        JsonObject taken = await PinAsync(card, "p1", pin);
        ((string)taken["redemption"]!["proof"]!).ShouldBe("card-and-pin");
        taken["redemption"]!["objectBy"].ShouldBeNull();
        // Another merchant can't lock it.
        HttpClient barber = await _prepaid.AsAsync("barber");
        for (int i = 0; i < 6; i++)
            await PinAsync(card, "p2", "000000", 404, barber);
        string wrong = pin == "123456" ? "654321" : "123456";
        string[] answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
            (string)(await PinAsync(card, $"w{i}", wrong, 0))["code"]!));
        answers.Count(a => a == "pin-wrong").ShouldBe(5);
        answers.Count(a => a == "pin-locked").ShouldBe(3);
        ((string)(await PinAsync(card, "p3", pin, 429))["code"]!).ShouldBe("pin-locked");
        // A new PIN unlocks it, and the old one is none any more.
        string next = (string)(await RunningPrepaid.SendAsync(_gym, HttpMethod.Post, $"cards/{card}/pin", null))["pin"]!;
        await PinAsync(card, "p4", next);
        if (next != pin)
            ((string)(await PinAsync(card, "p5", pin, 422))["code"]!).ShouldBe("pin-wrong");
    }

    [Fact]
    public async Task Two_offline_tills_report_later_and_the_second_is_the_merchants_loss()
    {
        (Guid card, string secret) = await OpenAsync(100_00, 0, null);
        JsonObject Report(string id, int minutesAgo)
        {
            JsonObject report = Redemption(id, 80_00, null);
            report.Remove("code");
            report["takenAt"] = DateTimeOffset.UtcNow.AddMinutes(-minutesAgo).ToString("O");
            return report;
        }
        async Task<string> SendAsync(string id, int minutesAgo) => (string)(await RunningPrepaid.SendAsync(
            _gym, HttpMethod.Post, $"cards/{card}/queued-redemptions", Report(id, minutesAgo).ToJsonString()))["outcome"]!;
        (await SendAsync("till-1", 10)).ShouldBe("redeemed");
        (await SendAsync("till-2", 60)).ShouldBe("loss");
        // Both retry.
        (await SendAsync("till-2", 60)).ShouldBe("loss");
        (await SendAsync("till-1", 10)).ShouldBe("redeemed");
        JsonObject own = await RunningPrepaid.SendAsync(
            _prepaid.Open, HttpMethod.Get, $"open/cards/{card}", null, secret: secret);
        ((long)own["balance"]!["principalFen"]!, (int)own["receipts"]!).ShouldBe((20_00, 2));
    }

    private async Task<JsonObject> PinAsync(Guid card, string id, string pin, int status = 200, HttpClient? till = null)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, $"cards/{card}/redemptions")
        {
            Content = new StringContent(Redemption(id, 10_00, null).ToJsonString(), Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Card-Pin", pin);
        using HttpResponseMessage response = await (till ?? _gym).SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        if (status != 0)
            ((int)response.StatusCode).ShouldBe(status, text);
        return (JsonObject)JsonNode.Parse(text)!;
    }

    [Fact]
    public async Task Another_merchant_and_a_stranger_see_no_card()
    {
        (Guid card, _) = await OpenAsync(100_00, 0, null);
        HttpClient barber = await _prepaid.AsAsync("barber");
        await RunningPrepaid.SendAsync(barber, HttpMethod.Get, $"cards/{card}", null, 404);
        await RunningPrepaid.SendAsync(barber, HttpMethod.Post, $"cards/{card}/redemptions",
            Redemption("r", 1, null).ToJsonString(), 404);
        await RunningPrepaid.SendAsync(_prepaid.Open, HttpMethod.Get, $"open/cards/{card}", null, 404);
        await RunningPrepaid.SendAsync(_prepaid.Open, HttpMethod.Get, $"cards/{card}", null, 401);
    }

    [Fact]
    public async Task Who_has_not_filed_or_was_stopped_sells_nothing()
    {
        HttpClient barber = await _prepaid.AsAsync("barber");
        ((string)(await RunningPrepaid.SendAsync(barber, HttpMethod.Post, "cards", Opening(1, 0, null).ToJsonString(),
            409))["code"]!).ShouldBe("merchant-not-filed");
        await FileAsync("barber", "440300", "resident-services");
        // CNY 1,000 is the most on an unnamed card of this industry (商务部令2012年第9号 art. 18).
        await RunningPrepaid.SendAsync(
            barber, HttpMethod.Post, "cards", Opening(1_000_00, 0, null).ToJsonString(), 201);
        ((string)(await RunningPrepaid.SendAsync(barber, HttpMethod.Post, "cards",
            Opening(1_000_00, 1, null).ToJsonString(), 422))["code"]!).ShouldBe("card-limit");
        HttpClient authority = await _prepaid.AsAsync("authority", "regulator");
        await RunningPrepaid.SendAsync(authority, HttpMethod.Post, "merchants/barber/sale-orders",
            """{"stop":true,"power":"北京市单用途预付卡管理条例 art. 30","caseNumber":"2026-7"}""");
        JsonObject stopped = await RunningPrepaid.SendAsync(
            barber, HttpMethod.Post, "cards", Opening(1, 0, null).ToJsonString(), 409);
        ((string)stopped["code"]!).ShouldBe("sale-stopped");
        ((string)stopped["detail"]!).ShouldContain("2026-7");
        await RunningPrepaid.SendAsync(authority, HttpMethod.Post, "merchants/barber/sale-orders",
            """{"stop":false,"caseNumber":"2026-7"}""");
        await RunningPrepaid.SendAsync(barber, HttpMethod.Post, "cards", Opening(1, 0, null).ToJsonString(), 201);
    }

    [Fact]
    public async Task The_calculator_answers_without_an_account()
    {
        JsonObject answer = await RunningPrepaid.SendAsync(_prepaid.Open, HttpMethod.Post, "open/refunds/answer", """
            {"askedOn":"2026-03-02","cause":"consumer","jurisdiction":"310000","sevenDays":"ask-counsel",
             "assertions":[{"name":"cause","by":"consumer"}],
             "lots":[{"lot":"1","paidOn":"2026-01-10","paidFen":100000,"giftFen":0,"listFen":72000,"priceFen":45000}]}
            """);
        ((long)answer["lowFen"]!).ShouldBe(280_00);
        ((string)answer["lots"]![0]!["rule"]!).ShouldBe("法释〔2025〕4号 art. 19");
        ((string)(await RunningPrepaid.SendAsync(_prepaid.Open, HttpMethod.Post, "open/refunds/answer", """
            {"askedOn":"2026-03-02","cause":"consumer","jurisdiction":"310000","sevenDays":"deduct","assertions":[],
             "lots":[]}
            """, 422))["code"]!).ShouldBe("refund-facts");
    }

    [Fact]
    public async Task What_has_to_lie_in_custody_is_told_with_its_reason()
    {
        HttpClient barber = await _prepaid.AsAsync("barber");
        await FileAsync("barber", "310000", "resident-services");
        JsonObject then = await RunningPrepaid.SendAsync(barber, HttpMethod.Get,
            "custody/barber/requirement?balanceFen=45000000&quarterEndFen=45000000&day=2023-06-01", null);
        ((long)then["highFen"]!).ShouldBe(450_000_00);
        JsonObject now = await RunningPrepaid.SendAsync(barber, HttpMethod.Get,
            "custody/barber/requirement?balanceFen=45000000&quarterEndFen=45000000&day=2026-06-01", null);
        now["highFen"].ShouldBeNull("Shanghai's successor rule is not known");
        await RunningPrepaid.SendAsync(_gym, HttpMethod.Get, "custody/barber/requirement?balanceFen=1", null, 403);
    }

    private async Task FileAsync(string merchant, string place, string industry) => await RunningPrepaid.SendAsync(
        await _prepaid.AsAsync(merchant, "admin"), HttpMethod.Put, "merchants/own", $$"""
            {"name":"{{merchant}}","jurisdiction":"{{place}}","industry":"{{industry}}","startedOn":"2015-01-01",
             "lastYearRevenueFen":200000000}
            """);

    private async Task<(Guid Card, string Secret)> OpenAsync(long paid, long gift, ECDsa? holder)
    {
        JsonObject opened = await RunningPrepaid.SendAsync(
            _gym, HttpMethod.Post, "cards", Opening(paid, gift, holder).ToJsonString(), 201);
        return (Guid.Parse((string)opened["card"]!), (string)opened["secret"]!);
    }

    private static JsonObject Opening(long paid, long gift, ECDsa? holder) => new()
    {
        ["branch"] = "north",
        ["key"] = holder is null ? null : Base64Url.EncodeToString(holder.ExportSubjectPublicKeyInfo()),
        ["lot"] = new JsonObject
        {
            ["id"] = "1",
            ["kind"] = "value",
            ["paidFen"] = paid,
            ["giftFen"] = gift,
            ["contract"] = Contract,
        },
    };

    private static JsonObject Redemption(string id, long fen, JsonObject? code) => new()
    {
        ["id"] = id,
        ["branch"] = "north",
        ["wanted"] = new JsonArray(new JsonObject
        {
            ["kind"] = "value",
            ["item"] = "class",
            ["times"] = 1,
            ["listFen"] = fen,
            ["priceFen"] = fen,
        }),
        ["code"] = code?.DeepClone(),
    };

    private Task<JsonObject> RedeemAsync(Guid card, string id, long fen, JsonObject? code, int status = 200) =>
        RunningPrepaid.SendAsync(
            _gym, HttpMethod.Post, $"cards/{card}/redemptions", Redemption(id, fen, code).ToJsonString(), status);

    private static JsonObject Code(ECDsa holder, Guid card, string nonce, int seconds)
    {
        long until = DateTimeOffset.UtcNow.ToUnixTimeSeconds() + seconds;
        byte[] signature = holder.SignData(
            Encoding.UTF8.GetBytes($"prepaid-code/1|{card}|{nonce}|{until}"), HashAlgorithmName.SHA256);
        return new JsonObject
        {
            ["card"] = card,
            ["nonce"] = nonce,
            ["until"] = until,
            ["signature"] = Base64Url.EncodeToString(signature),
        };
    }
}
