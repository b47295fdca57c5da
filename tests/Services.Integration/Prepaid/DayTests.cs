using System.Text;
using System.Text.Json.Nodes;
using Chain.Core;
using EventStore;
using Npgsql;
using Prepaid.Cards;
using Prepaid.Days;
using Proofs;
using Proofs.Liabilities;
using Shouldly;
using TestKit;
using Xunit;

namespace Services.Integration.Prepaid;

/// <summary>The close of a day on our own chain, from the cards to the holder's check, and who cheats with it.</summary>
public sealed class DayTests : IAsyncLifetime
{
    private static readonly DateOnly Day = CardRun.Day(DateTimeOffset.UtcNow).AddDays(-2);
    private readonly ManualTimeProvider _then = new(new DateTimeOffset(Day, new TimeOnly(4, 0), TimeSpan.Zero));
    private PrepaidChain _chain = null!;
    private RunningPrepaid _prepaid = null!;

    public async Task InitializeAsync()
    {
        _chain = await PrepaidChain.StartAsync();
        _prepaid = await RunningPrepaid.StartAsync(_chain);
        await _chain.AdmitAsync(_prepaid.Publisher);
    }

    public async Task DisposeAsync()
    {
        await _prepaid.DisposeAsync();
        await _chain.DisposeAsync();
    }

    [Fact]
    public async Task A_day_is_closed_checked_by_its_holders_and_replayed_by_the_regulator()
    {
        Guid card = await SellAsync("gym", 500_00, 100_00);
        await SellAsync("gym", 300_00, 0, year: true);
        _then.Advance(TimeSpan.FromDays(1));
        await SellAsync("gym", 999_00, 0); // The next day's, which is under way.
        JsonObject closed = await CloseAsync();
        JsonNode gym = closed["merchants"]!.AsArray().ShouldHaveSingleItem()!;
        ((string)gym["state"]!).ShouldBe("recorded");
        ((long)gym["principal"]!, (long)gym["gift"]!, (int)gym["cards"]!).ShouldBe((800_00, 100_00, 2));
        ((string)(await CloseAsync())["merchants"]![0]!["root"]!).ShouldBe((string)gym["root"]!);

        LiabilityResult check = await CheckAsync(card, "gym");
        check.Verdict.ShouldBe(Verdict.Proven, check.Reason);
        check.Root!.Total.ShouldBe(new Liability(800_00, 100_00));
        JsonObject day = await OpenAsync($"open/liabilities/gym/{Day:yyyy-MM-dd}");
        ((int)day["checked"]!).ShouldBe(1);
        ((double)day["detection"]![1]!["chance"]!).ShouldBe(1 - Math.Pow(0.5, 5), 0.0001);

        JsonObject replay = await ReplayAsync("gym");
        ((bool)replay["agrees"]!).ShouldBeTrue(replay.ToJsonString());
        ((long)replay["principal"]!, (long)replay["chainPrincipal"]!).ShouldBe((800_00, 800_00));

        // A draw that is announced before its seed is known finds every card counted.
        (string Card, string Said)[] drawn = await DrawAsync(2);
        drawn.Select(d => d.Said).ShouldBe(["proven ok", "proven ok"]);
        drawn.Select(d => d.Card).ShouldContain(card.ToString());

        // Two roots: the publisher's own account is refused a second one of the same day.
        (await RecordAsync("gym", [.. Enumerable.Repeat((byte)7, 32)], 1)).ShouldBeFalse();
        (await RecordAsync("spa", [.. Enumerable.Repeat((byte)7, 32)], 1)).ShouldBeTrue();
        ((string)(await OpenAsync($"open/cards/{card}/liability?day={Day.AddDays(-1):yyyy-MM-dd}", 404, "s"))["code"]!)
            .ShouldBe("day-not-closed");
        DateOnly today = CardRun.Day(DateTimeOffset.UtcNow);
        ((string)(await RunningPrepaid.SendAsync(await _prepaid.AsAsync("house", "operator"), HttpMethod.Post,
            $"days/{today:yyyy-MM-dd}/close", null, 409))["code"]!).ShouldBe("day-not-over");
    }

    [Fact]
    public async Task A_service_that_understates_hides_or_shows_two_trees_is_found()
    {
        Guid card = await SellAsync("gym", 500_00, 0);
        Guid hidden = await SellAsync("gym", 200_00, 0);
        await SellAsync("spa", 100_00, 0);
        await _prepaid.Store.Projections.CatchUpAsync(BalanceRows.Projection);
        await ExecuteAsync("update card_days set principal_fen = 40000 where card = $1", card);
        await ExecuteAsync("delete from card_days where card = $1", hidden);
        await CloseAsync();

        // Understated: the holder's receipt says another balance. Hidden: the holder gets no proof.
        (await CheckAsync(card, "gym")).Reason.ShouldBe("other-balance");
        ((string)(await OpenAsync($"open/cards/{hidden}/liability?day={Day:yyyy-MM-dd}", 404, "s"))["code"]!)
            .ShouldBe("card-not-counted");
        // Nor does the feed come to the root's total.
        JsonObject replay = await ReplayAsync("gym");
        ((bool)replay["agrees"]!).ShouldBeFalse();
        ((long)replay["principal"]! - (long)replay["chainPrincipal"]!).ShouldBe(300_00);
        ((bool)(await ReplayAsync("spa"))["agrees"]!).ShouldBeTrue();
        (string Card, string Said)[] drawn = await DrawAsync(3);
        drawn.Single(d => d.Card == card.ToString()).Said.ShouldBe("refuted other-balance");
        drawn.Single(d => d.Card == hidden.ToString()).Said.ShouldBe("refuted not-counted");
        drawn.Select(d => d.Said).ShouldContain("proven ok");

        // A second tree that counts rightly does not lead to the root that the chain has.
        byte[] root = await BytesAsync($"open/liabilities/gym/{Day:yyyy-MM-dd}/root");
        await ExecuteAsync("update card_days set principal_fen = 50000 where card = $1", card);
        await ExecuteAsync("delete from liability_days where merchant = 'gym'");
        await ExecuteAsync("delete from liability_blocks where merchant = 'gym'");
        await ExecuteAsync("delete from liability_places where merchant = 'gym'");
        JsonObject again = await CloseAsync();
        ((string)again["merchants"]![0]!["state"]!).ShouldBe("another");
        (await CheckAsync(card, "gym", root)).Reason.ShouldBe("other-root");
    }

    private async Task<(string Card, string Said)[]> DrawAsync(int count)
    {
        HttpClient authority = await _prepaid.AsAsync("authority", "regulator");
        JsonObject draw = await RunningPrepaid.SendAsync(authority, HttpMethod.Post, "draws",
            $$"""{"day":"{{Day:yyyy-MM-dd}}","count":{{count}}}""", 201);
        string result = $"draws/{(string)draw["draw"]!}/result";
        ((string)(await RunningPrepaid.SendAsync(authority, HttpMethod.Post, result, null, 409))["code"]!)
            .ShouldBe("draw-waits");
        (await RecordAsync($"block-{count}", [.. Enumerable.Repeat((byte)9, 32)], 1)).ShouldBeTrue();
        JsonArray cards = (await RunningPrepaid.SendAsync(authority, HttpMethod.Post, result, null))["result"]!["cards"]!.AsArray();
        JsonObject files = await RunningPrepaid.SendAsync(
            authority, HttpMethod.Get, $"draws/{(string)draw["draw"]!}/cards/{(string)cards[0]!["card"]!}", null);
        ((string)files["receipt"]!).ShouldStartWith("prepaid-receipt/1");
        return [.. cards.Select(c => ((string)c!["card"]!, $"{(string)c["verdict"]!} {(string)c["reason"]!}"))];
    }

    private async Task<LiabilityResult> CheckAsync(Guid card, string merchant, byte[]? root = null)
    {
        string receipt = Encoding.UTF8.GetString(await BytesAsync($"open/cards/{card}/receipts/1"));
        byte[] proof = await BytesAsync($"open/cards/{card}/liability?day={Day:yyyy-MM-dd}");
        root ??= await BytesAsync($"open/liabilities/{merchant}/{Day:yyyy-MM-dd}/root");
        return LiabilityAudit.Check(receipt, proof, root, _chain.Trust);
    }

    /// <summary>Sells a card on the day, whose link's secret is <c>s</c>.</summary>
    private async Task<Guid> SellAsync(string merchant, long paid, long gift, bool year = false)
    {
        Guid id = Guid.CreateVersion7();
        DateOnly today = CardRun.Day(_then.GetUtcNow());
        Lot lot = year
            ? new Lot("1", LotKind.Timed, today, paid, gift, 365, null, today, today.AddDays(365), DrawOrder.InProportion, "c")
            : new Lot("1", LotKind.Value, today, paid, gift, paid + gift, null, null, null, DrawOrder.InProportion, "c");
        await using Session session = _prepaid.Store.OpenSession(new EventContext(_then, "till", merchant));
        session.StartStream($"card-{id}", new CardEvent.Opened(merchant, "north", null, true,
            Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("s"u8)), false),
            new CardEvent.Sold(1, lot, "north"));
        await session.SaveChangesAsync();
        return id;
    }

    private async Task<JsonObject> CloseAsync() => await RunningPrepaid.SendAsync(
        await _prepaid.AsAsync("house", "operator"), HttpMethod.Post, $"days/{Day:yyyy-MM-dd}/close", null);

    private async Task<JsonObject> ReplayAsync(string merchant) => await RunningPrepaid.SendAsync(
        await _prepaid.AsAsync("authority", "regulator"), HttpMethod.Get, $"days/{Day:yyyy-MM-dd}/replay/{merchant}", null);

    private Task<JsonObject> OpenAsync(string path, int status = 200, string? secret = null) =>
        RunningPrepaid.SendAsync(_prepaid.Open, HttpMethod.Get, path, null, status, secret);

    private async Task<byte[]> BytesAsync(string path)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, path);
        request.Headers.Add("Card-Secret", "s");
        using HttpResponseMessage response = await _prepaid.Open.SendAsync(request);
        byte[] bytes = await response.Content.ReadAsByteArrayAsync();
        ((int)response.StatusCode).ShouldBe(200, Encoding.UTF8.GetString(bytes));
        return bytes;
    }

    private Task<bool> RecordAsync(string merchant, byte[] root, long principal) => _chain.SendAsync(
        _prepaid.Publisher, AbiFunction.Parse("record(uint32,(bytes32,bytes32,uint64,uint64,uint8)[])").Encode(
            (UInt256)(ulong)LiabilityRootFile.Number(Day), new object[]
            {
                new object[]
                {
                    new Hash32(LiabilityLeaf.MerchantHash(merchant)), new Hash32(root), (UInt256)(ulong)principal,
                    UInt256.Zero, UInt256.One,
                },
            }));

    private async Task ExecuteAsync(string sql, params object[] parameters)
    {
        await using NpgsqlCommand command = _prepaid.Store.DataSource.CreateCommand(sql);
        foreach (object value in parameters)
            command.Parameters.Add(new() { Value = value });
        await command.ExecuteNonQueryAsync();
    }
}
