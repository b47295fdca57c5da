using EventStore;
using EventStore.Projections;
using Npgsql;
using NpgsqlTypes;
using Prepaid.Cards;
using Proofs.Liabilities;
using ServiceDefaults.Auth;

namespace Prepaid.Days;

/// <summary>What a merchant sold and gave for it on a day, and what is owed now; amounts in fen.</summary>
/// <param name="Day">Today in China.</param>
/// <param name="Sold">Lots sold.</param>
/// <param name="PaidFen">What was paid for them.</param>
/// <param name="GiftFen">What was given on top.</param>
/// <param name="Redeemed">Redemptions, less those taken back.</param>
/// <param name="RedeemedFen">Principal that they took.</param>
/// <param name="RefundedFen">What was paid back.</param>
/// <param name="Cards">Cards.</param>
/// <param name="PrincipalFen">What is owed of what holders paid.</param>
/// <param name="BalanceGiftFen">And of what was given on top.</param>
/// <param name="QuarterEndFen">
/// Principal at the end of last quarter, by that day's root; null where the day was not closed.
/// </param>
public sealed record MerchantFigures(
    DateOnly Day, int Sold, long PaidFen, long GiftFen, int Redeemed, long RedeemedFen, long RefundedFen, int Cards,
    long PrincipalFen, long BalanceGiftFen, long? QuarterEndFen);

/// <summary>What each merchant sold, gave and paid back on each day. Cards taken over were sold before and don't count.</summary>
internal sealed class Takings : IProjection
{
    /// <summary>Its name.</summary>
    public const string Projection = "takings";

    /// <summary>Its table.</summary>
    public const string Schema =
        """
        create table merchant_takings (
            merchant     text collate "C" not null,
            day          date   not null,
            sold         int    not null,
            paid_fen     bigint not null,
            gift_fen     bigint not null,
            redeemed     int    not null,
            redeemed_fen bigint not null,
            refunded_fen bigint not null,
            primary key (merchant, day)
        );
        """;

    private const string Add =
        """
        insert into merchant_takings as t values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict (merchant, day) do update set sold = t.sold + excluded.sold,
            paid_fen = t.paid_fen + excluded.paid_fen, gift_fen = t.gift_fen + excluded.gift_fen,
            redeemed = t.redeemed + excluded.redeemed, redeemed_fen = t.redeemed_fen + excluded.redeemed_fen,
            refunded_fen = t.refunded_fen + excluded.refunded_fen
        """;

    /// <inheritdoc/>
    public string Name => Projection;

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/merchants/own/figures", GetAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin)
            .WithName("GetOwnFigures").WithSummary("Today's sales and use, and what is owed now.");

    /// <inheritdoc/>
    public void Project(IReadOnlyList<StoredEvent> events, SqlBatch sql)
    {
        Dictionary<(string Merchant, DateOnly Day), Taking> days = [];
        foreach (StoredEvent stored in events)
        {
            if (stored.Data is not CardEvent e || Taking.Of(e) is not { } taking)
                continue;
            (string, DateOnly) key = (stored.Tenant, CardRun.Day(stored.OccurredAt));
            days[key] = days.GetValueOrDefault(key) + taking;
        }
        foreach (((string merchant, DateOnly day), Taking t) in days)
            sql.Add(Add, merchant, day, t.Sold, t.PaidFen, t.GiftFen, t.Redeemed, t.RedeemedFen, t.RefundedFen);
    }

    /// <inheritdoc/>
    public void Reset(SqlBatch sql) => sql.Add("truncate merchant_takings");

    private static async Task<IResult> GetAsync(
        Caller caller, Store store, TreeRows trees, TimeProvider time, CancellationToken token)
    {
        DateOnly today = CardRun.Day(time.GetUtcNow());
        Taking t = await FindAsync(store.DataSource, caller.Tenant, today, token);
        CardBalance[] cards = await DayBalances.ReadAsync(store.DataSource, caller.Tenant, today, token);
        DateOnly quarterEnd = new DateOnly(today.Year, (today.Month - 1) / 3 * 3 + 1, 1).AddDays(-1);
        DayRow? then = await trees.FindAsync(caller.Tenant, quarterEnd, token);
        return TypedResults.Json(new MerchantFigures(
            today, t.Sold, t.PaidFen, t.GiftFen, t.Redeemed, t.RedeemedFen, t.RefundedFen, cards.Length,
            cards.Sum(c => c.Owed.PrincipalFen), cards.Sum(c => c.Owed.GiftFen), then?.Root.Total.PrincipalFen),
            PrepaidJson.Default.MerchantFigures);
    }

    private static async Task<Taking> FindAsync(
        NpgsqlDataSource database, string merchant, DateOnly day, CancellationToken token)
    {
        await using NpgsqlCommand query = database.CreateCommand(
            """
            select sold, paid_fen, gift_fen, redeemed, redeemed_fen, refunded_fen from merchant_takings
            where merchant = $1 and day = $2
            """);
        query.Parameters.Add(new() { Value = merchant });
        query.Parameters.Add(new() { Value = day, NpgsqlDbType = NpgsqlDbType.Date });
        await using NpgsqlDataReader row = await query.ExecuteReaderAsync(token);
        return await row.ReadAsync(token)
            ? new Taking(row.GetInt32(0), row.GetInt64(1), row.GetInt64(2), row.GetInt32(3), row.GetInt64(4), row.GetInt64(5))
            : default;
    }
}

/// <summary>What an event adds to a merchant's day; amounts in fen.</summary>
internal readonly record struct Taking(
    int Sold, long PaidFen, long GiftFen, int Redeemed, long RedeemedFen, long RefundedFen)
{
    /// <summary>An event's part; null where it has none.</summary>
    public static Taking? Of(CardEvent e) => e switch
    {
        CardEvent.Sold { Lot.Id: TakeOver.LotId } => null,
        CardEvent.Sold s => new Taking(1, s.Lot.PaidFen, s.Lot.GiftFen, 0, 0, 0),
        CardEvent.Redeemed r => new Taking(0, 0, 0, 1, Principal(r.Draws), 0),
        CardEvent.Reversed r => new Taking(0, 0, 0, -1, -Principal(r.Draws), 0),
        CardEvent.Refunded r => new Taking(0, 0, 0, 0, 0, r.PaidFen),
        _ => null,
    };

    public static Taking operator +(Taking a, Taking b) => new(
        a.Sold + b.Sold, a.PaidFen + b.PaidFen, a.GiftFen + b.GiftFen, a.Redeemed + b.Redeemed,
        a.RedeemedFen + b.RedeemedFen, a.RefundedFen + b.RefundedFen);

    private static long Principal(IReadOnlyList<Draw> draws) => draws.Sum(d => d.Taken.PrincipalFen);
}
