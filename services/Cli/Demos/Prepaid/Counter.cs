using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Cli.Demos.Trace;

namespace Cli.Demos.Prepaid;

/// <summary>A day at the counter of one merchant, through the same interface as its tills and its customers' phones.</summary>
public sealed class Counter(PrepaidCast cast, PrepaidSet set, TimeProvider time, Narration tell)
{
    private static readonly string s_contract = new('d', 64);
    private readonly Shop _shop = cast.Shops[0];

    private Api Till => cast[_shop.Id];

    /// <summary>The link of the card that is left for whoever tries the pages.</summary>
    public string Link { get; private set; } = "";

    /// <summary>Sells a card and redeems it in every way.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var holder = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (card, secret) = await SellAsync("phone", holder, 800_00, 200_00, cancel);
        Link = $"{Till.Origin}/my/cards/{card}#{secret}";
        await CodesAsync(card, holder, cancel);
        await OfflineAsync(card, cancel);
        await ObjectionAsync(card, secret, cancel);
        await PrintedAsync(cancel);
        await SignAsync(card, cancel);
        var own = await OpenAsync(card, secret, cancel);
        Narration.Expect(own["balance"]!["principalFen"]!.GetValue<long>() == 800_00 - 80_00 - 160_00, "CNY 560.00 of what was paid left", own["balance"]!.ToJsonString());
        tell.Say("800 paid and 200 given: after 100 by code and 200 offline, 560.00 paid and 140.00 given are left");
    }

    /// <summary>Cards of before from a list: stated by the merchant until each holder says so.</summary>
    public async Task TakeOverAsync(CancellationToken cancel)
    {
        var shop = cast.Shops[1];
        var list = new StringBuilder("name,branch,kind,units,principal,gift,item,starts,ends\n");
        for (var i = 1; i <= 200; i++) list.Append(CultureInfo.InvariantCulture, $"old-{set.Number}-{i:D3},main,value,,{100 + i}.00,20.00,,,\n");
        using var content = new StringContent(list.ToString(), Encoding.UTF8, "text/csv");
        var taken = await Api.ReadAsync(await cast[shop.Id].SendAsync(HttpMethod.Post, "/api/prepaid/cards/take-over", content, cancel), cancel);
        var cards = taken["cards"]!.AsArray();
        Narration.Expect(cards.Count == 200, "200 cards taken over", cards.Count);
        // Of a list that was taken before no secret is told again.
        if (cards[0]!["secret"] is null) return;
        var first = cards[0]!["card"]!.GetValue<string>();
        await Narration.RefusedAsync(await RedeemAsync(cast[shop.Id], first, "early", 10_00, null, cancel), HttpStatusCode.Conflict, "card-unconfirmed", cancel);
        await HolderAsync(first, cards[0]!["secret"]!.GetValue<string>(), "confirmation", null, cancel);
        await Api.ReadAsync(await RedeemAsync(cast[shop.Id], first, "late", 10_00, null, cancel), cancel);
        await HolderAsync(cards[1]!["card"]!.GetValue<string>(), cards[1]!["secret"]!.GetValue<string>(), "dispute",
            new JsonObject { ["principalFen"] = 500_00, ["giftFen"] = 0, ["words"] = "I paid 500 in May and never used it." }, cancel);
        tell.Say("200 cards of before taken over from a list; one holder confirmed and was served, one says that more is owed");
    }

    private async Task CodesAsync(string card, ECDsa holder, CancellationToken cancel)
    {
        var code = Code(card, holder, 50);
        var done = await Api.ReadAsync(await RedeemAsync(Till, card, $"code-{set.Number}", 100_00, code, cancel), cancel);
        Narration.Expect(done["redemption"]!["proof"]!.GetValue<string>() == "page-key", "redeemed by the holder's code", done.ToJsonString());
        await Narration.RefusedAsync(await RedeemAsync(Till, card, "replay", 100_00, code, cancel), HttpStatusCode.Conflict, "code-used", cancel);
        await Narration.RefusedAsync(await RedeemAsync(Till, card, "old", 100_00, Code(card, holder, -5), cancel), HttpStatusCode.UnprocessableEntity, "payment-code-expired", cancel);
        using var thief = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await Narration.RefusedAsync(await RedeemAsync(Till, card, "forged", 100_00, Code(card, thief, 50), cancel), HttpStatusCode.UnprocessableEntity, "payment-code-wrong", cancel);
        tell.Say("a holder's code redeems once; replayed, run out and forged it takes nothing");
    }

    /// <summary>Two tills without a network give out more than the card holds: the first report wins.</summary>
    private async Task OfflineAsync(string card, CancellationToken cancel)
    {
        var outcomes = new List<string>();
        foreach (var (id, fen) in new[] { ("offline-1", 200_00L), ("offline-2", 400_00L), ("offline-3", 400_00L) })
        {
            var body = Redemption($"{id}-{set.Number}", fen);
            body["takenAt"] = time.GetUtcNow().AddMinutes(-20).ToString("O", CultureInfo.InvariantCulture);
            if (id == "offline-3") body["wanted"]!.AsArray().Add(Wanted(300_00));
            var answer = await Till.PostAsync($"/api/prepaid/cards/{card}/queued-redemptions", body, cancel);
            outcomes.Add($"{answer["outcome"]} {answer["reason"]}".TrimEnd());
            if (id != "offline-2" || outcomes[^1] != "redeemed") continue;
            // Given back, so that the card goes on.
            await Till.PostAsync($"/api/prepaid/cards/{card}/redemptions/{id}-{set.Number}/reversal", new JsonObject { ["reason"] = "demo" }, cancel);
        }

        Narration.Expect(outcomes.SequenceEqual(["redeemed", "redeemed", "loss queue-limit"]), "two taken, one the merchant's loss", string.Join(", ", outcomes));
        tell.Say("an offline till reports later: within its limit it is taken, above it the merchant bears it");
    }

    private async Task ObjectionAsync(string card, string secret, CancellationToken cancel)
    {
        var entered = await Api.ReadAsync(await RedeemAsync(Till, card, $"clerk-{set.Number}", 50_00, null, cancel), cancel);
        Narration.Expect(entered["redemption"]!["objectBy"] is not null, "a clerk's entry that can be objected to", entered.ToJsonString());
        await HolderAsync(card, secret, $"redemptions/clerk-{set.Number}/objection", null, cancel);
        tell.Say("the holder objects to what a clerk entered, and it is back on the card");
    }

    private async Task PrintedAsync(CancellationToken cancel)
    {
        var (card, _) = await SellAsync("printed", null, 300_00, 0, cancel);
        var pin = (await Till.PostAsync($"/api/prepaid/cards/{card}/pin", new JsonObject(), cancel))["pin"]!.GetValue<string>();
        var wrong = pin == "123456" ? "654321" : "123456";
        await Narration.RefusedAsync(await PinAsync(card, "wrong", wrong, cancel), HttpStatusCode.UnprocessableEntity, "pin-wrong", cancel);
        var done = await Api.ReadAsync(await PinAsync(card, $"pin-{set.Number}", pin, cancel), cancel);
        Narration.Expect(done["redemption"]!["proof"]!.GetValue<string>() == "card-and-pin", "redeemed by card and PIN", done.ToJsonString());
        tell.Say("a printed card is redeemed by its PIN, and not by a wrong one");
    }

    /// <summary>The till's own key signs the first receipt; nobody but the till has it.</summary>
    private async Task SignAsync(string card, CancellationToken cancel)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var spki = Convert.ToBase64String(key.ExportSubjectPublicKeyInfo());
        await Till.PostAsync("/api/prepaid/merchants/own/keys", new JsonObject { ["key"] = spki, ["till"] = "demo" }, cancel);
        var note = Encoding.UTF8.GetString(await Till.GetBytesAsync($"/api/prepaid/cards/{card}/receipts/1", cancel));
        var text = note[..(note.LastIndexOf("\n\n", StringComparison.Ordinal) + 1)];
        using var signed = await Till.SendAsync(HttpMethod.Post, $"/api/prepaid/cards/{card}/receipts/1/signature", Api.Json(new JsonObject
        {
            ["key"] = spki,
            ["signature"] = Convert.ToBase64String(key.SignData(Encoding.UTF8.GetBytes(text), HashAlgorithmName.SHA256)),
        }), cancel);
        var both = await signed.Content.ReadAsStringAsync(cancel);
        Narration.Expect(signed.IsSuccessStatusCode && both.Split("\n— ").Length == 3, "a receipt with two signatures", both);
        tell.Say("the till signs a receipt with a key of its own: platform and merchant both stand under it");
    }

    private async Task<(string Card, string Secret)> SellAsync(string name, ECDsa? holder, long paid, long gift, CancellationToken cancel)
    {
        var opened = await Till.PostAsync("/api/prepaid/cards", new JsonObject
        {
            ["branch"] = "main",
            ["named"] = true,
            ["key"] = holder is null ? null : Base64Url.EncodeToString(holder.ExportSubjectPublicKeyInfo()),
            ["lot"] = new JsonObject { ["id"] = "1", ["kind"] = "value", ["paidFen"] = paid, ["giftFen"] = gift, ["contract"] = s_contract },
        }, cancel, holder is null ? set.Once("sell-" + name) : null);
        return (opened["card"]!.GetValue<string>(), opened["secret"]!.GetValue<string>());
    }

    private static Task<HttpResponseMessage> RedeemAsync(Api till, string card, string id, long fen, JsonObject? code, CancellationToken cancel)
    {
        var body = Redemption(id, fen);
        if (code is not null) body["code"] = code.DeepClone();
        return till.SendAsync(HttpMethod.Post, $"/api/prepaid/cards/{card}/redemptions", Api.Json(body), cancel);
    }

    private Task<HttpResponseMessage> PinAsync(string card, string id, string pin, CancellationToken cancel)
    {
        var content = Api.Json(Redemption(id, 100_00));
        content.Headers.TryAddWithoutValidation("Card-Pin", pin);
        return Till.SendAsync(HttpMethod.Post, $"/api/prepaid/cards/{card}/redemptions", content, cancel);
    }

    private Task<JsonObject> OpenAsync(string card, string secret, CancellationToken cancel) => HolderAsync(card, secret, "", null, cancel, HttpMethod.Get);

    /// <summary>What a holder's page asks for: without an account, with the secret of the link.</summary>
    private async Task<JsonObject> HolderAsync(
        string card, string secret, string what, JsonObject? body, CancellationToken cancel, HttpMethod? method = null)
    {
        using HttpContent content = body is null ? new ByteArrayContent([]) : Api.Json(body);
        content.Headers.TryAddWithoutValidation("Card-Secret", secret);
        return await Api.ReadAsync(await Till.SendAsync(
            method ?? HttpMethod.Post, $"/api/prepaid/open/cards/{card}{(what.Length == 0 ? "" : "/" + what)}", content, cancel, open: true), cancel);
    }

    private static JsonObject Redemption(string id, long fen) => new()
    {
        ["id"] = id,
        ["branch"] = "main",
        ["wanted"] = new JsonArray(Wanted(fen)),
    };

    private static JsonObject Wanted(long fen) => new()
    {
        ["kind"] = "value",
        ["item"] = "service",
        ["times"] = 1,
        ["listFen"] = fen,
        ["priceFen"] = fen,
    };

    private JsonObject Code(string card, ECDsa key, int seconds)
    {
        var nonce = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12));
        var until = time.GetUtcNow().ToUnixTimeSeconds() + seconds;
        var signed = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"prepaid-code/1|{card}|{nonce}|{until}"));
        return new JsonObject
        {
            ["card"] = card,
            ["nonce"] = nonce,
            ["until"] = until,
            ["signature"] = Base64Url.EncodeToString(key.SignData(signed, HashAlgorithmName.SHA256)),
        };
    }
}
