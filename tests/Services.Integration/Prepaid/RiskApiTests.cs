using System.Text;
using System.Text.Json.Nodes;
using EventStore;
using Microsoft.Extensions.Logging;
using Prepaid.Cards;
using Prepaid.Custody;
using Prepaid.Days;
using Shouldly;
using TestKit;
using Xunit;

namespace Services.Integration.Prepaid;

/// <summary>The regulator's grades from what the service holds, and what everybody may know of a merchant.</summary>
public sealed class RiskApiTests : IAsyncLifetime
{
    private const int Weeks = 5;
    private static readonly DateOnly Today = CardRun.Day(DateTimeOffset.UtcNow.AddMinutes(-6));
    private RunningPrepaid _prepaid = null!;
    private HttpClient _authority = null!;

    public async Task InitializeAsync()
    {
        _prepaid = await RunningPrepaid.StartAsync();
        _authority = await _prepaid.AsAsync("authority", "regulator");
        foreach (string merchant in (string[])["gym", "barber"])
        {
            await SendAsync(await _prepaid.AsAsync(merchant, "admin"), HttpMethod.Put, "merchants/own",
                $$"""{"name":"{{merchant}}","jurisdiction":"110000","industry":"tutoring","startedOn":"2015-01-01"}""");
        }
    }

    public async Task DisposeAsync() => await _prepaid.DisposeAsync();

    [Fact]
    public async Task Merchants_are_graded_listed_by_coverage_and_appeal()
    {
        Guid card = await SellAsync("gym");
        await SellAsync("barber");
        await CustodyAsync("barber", 500_00);
        await CloseAllAsync();
        JsonObject run = await SendAsync(_authority, HttpMethod.Post, "risk/grades");
        ((int)run["graded"]!).ShouldBe(2);
        ((int)(await SendAsync(_authority, HttpMethod.Post, "risk/grades"))["graded"]!).ShouldBe(0, "once a day");

        JsonObject first = await SendAsync(_authority, HttpMethod.Get, "risk/merchants?limit=1");
        JsonNode worst = first["merchants"]!.AsArray().ShouldHaveSingleItem()!;
        ((string)worst["merchant"]!, (string)worst["letter"]!, (long)worst["coveragePpm"]!).ShouldBe(("gym", "C", 0L));
        JsonObject next = await SendAsync(_authority, HttpMethod.Get, $"risk/merchants?limit=1&cursor={(string)first["next"]!}");
        ((string)next["merchants"]![0]!["merchant"]!).ShouldBe("barber");
        ((long)next["merchants"]![0]!["coveragePpm"]!).ShouldBe(500_00_000_000 / (500_00 - 7 * Weeks + 1));
        next["next"].ShouldBeNull();

        string day = (string)run["day"]!;
        HttpClient gym = await _prepaid.AsAsync("gym", "admin");
        await SendAsync(gym, HttpMethod.Post, "risk/own/appeals", $$"""{"day":"{{day}}","words":"the bank is late"}""");
        JsonObject decided = await SendAsync(_authority, HttpMethod.Post, "risk/merchants/gym/appeal-decisions",
            $$"""{"day":"{{day}}","granted":true,"letter":"B","until":"{{Today.AddDays(20):yyyy-MM-dd}}","reason":"seen"}""");
        ((string)decided["letter"]!).ShouldBe("B");
        JsonObject seen = await SendAsync(gym, HttpMethod.Get, "risk/merchants/gym");
        seen["history"]!.AsArray().Select(s => (string)s!["what"]!).ShouldBe(["decided", "appealed", "graded"]);
        ((string)seen["history"]![2]!["graded"]!["letter"]!).ShouldBe("C", "what was graded stays");
        await SendAsync(await _prepaid.AsAsync("barber", "admin"), HttpMethod.Get, "risk/merchants/gym", status: 403);
        JsonArray days = (await SendAsync(_authority, HttpMethod.Get, "risk/merchants/gym/days"))["days"]!.AsArray();
        days.Count.ShouldBe(7 * Weeks);
        ((long)days[^1]!["owedFen"]!, (long)days[^1]!["requiredFen"]!).ShouldBe((500_00 - 7 * Weeks + 1, 500_00 - 7 * Weeks + 1));
        ((long)days[1]!["redeemedFen"]!).ShouldBe(1);

        // A holder complains, the merchant answers, and the public sees that, but no letter.
        JsonObject complaint = await RunningPrepaid.SendAsync(_prepaid.Open, HttpMethod.Post,
            $"open/cards/{card}/complaints", """{"kind":"redemption-refused","words":"closed at noon"}""", 201, "s");
        await SendAsync(gym, HttpMethod.Post, $"complaints/{(string)complaint["complaint"]!}/answers", """{"words":"sorry"}""");
        JsonObject known = await SendAsync(_prepaid.Open, HttpMethod.Get, "open/merchants/gym");
        known["letter"].ShouldBeNull();
        ((int)known["complaints"]!["made"]!, (int)known["complaints"]!["answered"]!).ShouldBe((1, 1));
        ((long)(await SendAsync(_prepaid.Open, HttpMethod.Get, "open/merchants/barber"))["heldFen"]!).ShouldBe(500_00);
        await SendAsync(await _prepaid.AsAsync("barber", "admin"), HttpMethod.Post,
            $"complaints/{(string)complaint["complaint"]!}/answers", """{"words":"mine"}""", 404);
    }

    [Fact]
    public async Task A_listed_merchant_sells_nothing_where_a_rule_says_so_and_a_close_is_told_once()
    {
        await SendAsync(_authority, HttpMethod.Post, "merchants/gym/bans", """{"list":"经营异常名录 1","power":"条例"}""");
        HttpClient till = await _prepaid.AsAsync("gym");
        string card = $$$"""
            {"branch":"north","named":true,"lot":{"id":"1","kind":"value","paidFen":100,"contract":"{{{new string('a', 64)}}}"}}
            """;
        ((string)(await SendAsync(till, HttpMethod.Post, "cards", card, 409))["code"]!).ShouldBe("sale-banned");
        await SendAsync(_authority, HttpMethod.Post, "merchants/gym/bans",
            """{"listed":false,"list":"经营异常名录 1","power":"mended"}""");
        await SendAsync(till, HttpMethod.Post, "cards", card, 201);

        Lines lines = new();
        using DayClosing closing = new(_prepaid.Store, new TreeRows(_prepaid.Store.DataSource), TimeProvider.System, lines);
        await closing.CloseAsync(Today.AddDays(-1), default);
        lines.Written.ShouldBeEmpty("there was no card on that day");
        await SellAsync("barber");
        await closing.CloseAsync(Today.AddDays(-1), default);
        await closing.CloseAsync(Today.AddDays(-1), default);
        lines.Written.ShouldHaveSingleItem().ShouldContain("for 1 merchants");

        // A day without a statement is reconciled too, once its statement was due, and the merchant's silence is on record.
        await CustodyAsync("barber", 500_00);
        await closing.CloseAsync(Today.AddDays(-2), default);
        DailyReconciliation daily = new(_prepaid.Store, new TreeRows(_prepaid.Store.DataSource), TimeProvider.System);
        (await daily.RunAsync(default)).ShouldBe(1);
        (await daily.RunAsync(default)).ShouldBe(0, "each day once");
        JsonObject known = await SendAsync(_prepaid.Open, HttpMethod.Get, "open/merchants/barber");
        ((string)known["reconciledOn"]!).ShouldBe($"{Today.AddDays(-2):yyyy-MM-dd}");
        known["heldFen"].ShouldBeNull("no statement says it");
    }

    /// <summary>Sells a card weeks ago and redeems a fen of it each day, until yesterday.</summary>
    private async Task<Guid> SellAsync(string merchant)
    {
        ManualTimeProvider then = new(new DateTimeOffset(Today.AddDays(-7 * Weeks), new TimeOnly(4, 0), TimeSpan.Zero));
        Guid id = Guid.CreateVersion7();
        Lot lot = new("1", LotKind.Value, Today.AddDays(-7 * Weeks), 500_00, 0, 500_00, null, null, null, default, "c");
        for (int day = 0; day < 7 * Weeks; day++, then.Advance(TimeSpan.FromDays(1)))
        {
            await using Session session = _prepaid.Store.OpenSession(new EventContext(then, "till", merchant));
            if (day == 0)
            {
                session.StartStream($"card-{id}", new CardEvent.Opened(merchant, "north", null, true,
                    Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("s"u8)), false),
                    new CardEvent.Sold(1, lot, "north"));
            }
            else
            {
                session.Append($"card-{id}", day + 1, new CardEvent.Redeemed(day + 1, $"r{day}", "north",
                    HolderProof.Clerk, [new Draw("1", 1, 1, 1, new Owed(1, 0))], null, null));
            }
            await session.SaveChangesAsync();
        }
        return id;
    }

    private async Task CloseAllAsync()
    {
        HttpClient house = await _prepaid.AsAsync("house", "operator");
        for (DateOnly day = Today.AddDays(-7 * Weeks); day < Today; day = day.AddDays(1))
            await SendAsync(house, HttpMethod.Post, $"days/{day:yyyy-MM-dd}/close");
    }

    /// <summary>An account whose bank states a balance for the first day; the bank is the gym, which is another tenant.</summary>
    private async Task CustodyAsync(string merchant, long fen)
    {
        await SendAsync(await _prepaid.AsAsync(merchant, "admin"), HttpMethod.Put, "custody/own/account",
            """{"account":"622","bank":"gym"}""");
        string day = Today.AddDays(-7 * Weeks).ToString("yyyy-MM-dd");
        string yuan = (fen / 100).ToString();
        string csv = string.Join('\n', "statement,account,day,kind,yuan,reference,order", $"s1,622,{day},opening,0,,",
            $"s1,622,{day},credit,{yuan},r1,", $"s1,622,{day},closing,{yuan},,", "");
        HttpClient house = await _prepaid.AsAsync("house", "operator");
        await SendAsync(house, HttpMethod.Post, $"days/{day}/close");
        using HttpResponseMessage response = await (await _prepaid.AsAsync("gym")).PostAsync(
            $"custody/{merchant}/statements", new StringContent(csv, Encoding.UTF8, "text/csv"));
        ((int)response.StatusCode).ShouldBe(200, await response.Content.ReadAsStringAsync());
    }

    private static Task<JsonObject> SendAsync(
        HttpClient client, HttpMethod method, string path, string? json = null, int status = 200) =>
        RunningPrepaid.SendAsync(client, method, path, json, status);

    private sealed class Lines : ILogger<DayClosing>
    {
        public List<string> Written { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) => Written.Add(formatter(state, exception));
    }
}
