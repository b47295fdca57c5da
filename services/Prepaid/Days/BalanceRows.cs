using EventStore;
using EventStore.Projections;
using Prepaid.Cards;

namespace Prepaid.Days;

/// <summary>
/// Each card's balance at the end of each day on which it moved, so that a day can be closed while the next one is under
/// way. Lots that days use up stand apart: what is owed for them follows from their terms.
/// </summary>
internal sealed class BalanceRows : IProjection
{
    /// <summary>Its name.</summary>
    public const string Projection = "balances";

    /// <summary>Its tables.</summary>
    public const string Schema =
        """
        create table card_days (
            card          uuid   not null,
            day           date   not null,
            merchant      text collate "C" not null,
            principal_fen bigint not null,
            gift_fen      bigint not null,
            receipt       bigint not null,
            primary key (card, day)
        );
        create index card_days_merchant on card_days (merchant, day);
        create table timed_lots (
            card        uuid   not null,
            lot         text collate "C" not null,
            merchant    text collate "C" not null,
            paid_fen    bigint not null,
            gift_fen    bigint not null,
            units       bigint not null,
            starts      date   not null,
            ends        date   not null,
            sold_on     date   not null,
            refunded_on date,
            primary key (card, lot)
        );
        create index timed_lots_merchant on timed_lots (merchant);
        """;

    // A row that is new carries on from the card's last day; later days, if there are any, move along.
    private const string Move =
        """
        with moves as (
            select * from unnest($1, $2, $3, $4, $5, $6) as m (card, day, merchant, principal, gift, receipt)
        ), later as (
            update card_days c set principal_fen = c.principal_fen + m.principal, gift_fen = c.gift_fen + m.gift,
                receipt = greatest(c.receipt, m.receipt)
            from moves m where c.card = m.card and c.day > m.day
        )
        insert into card_days (card, day, merchant, principal_fen, gift_fen, receipt)
        select m.card, m.day, m.merchant, coalesce(b.principal_fen, 0) + m.principal,
            coalesce(b.gift_fen, 0) + m.gift, greatest(b.receipt, m.receipt)
        from moves m left join lateral (
            select principal_fen, gift_fen, receipt from card_days
            where card = m.card and day <= m.day order by day desc limit 1) b on true
        on conflict (card, day) do update set principal_fen = excluded.principal_fen,
            gift_fen = excluded.gift_fen, receipt = excluded.receipt
        """;

    /// <inheritdoc/>
    public string Name => Projection;

    /// <inheritdoc/>
    public void Project(IReadOnlyList<StoredEvent> events, SqlBatch sql)
    {
        Dictionary<(DateOnly Day, Guid Card), Movement> moved = [];
        foreach (StoredEvent stored in events)
        {
            if (stored.Data is not CardEvent e)
                continue;
            (Guid card, DateOnly day) = (CardEvents.CardOf(stored.Stream), CardRun.Day(stored.OccurredAt));
            Timed(e, card, day, stored.Tenant, sql);
            Movement change = Movement.Of(e) with { Merchant = stored.Tenant };
            moved[(day, card)] = moved.TryGetValue((day, card), out Movement before) ? before.Then(change) : change;
        }
        foreach (var day in moved.GroupBy(m => m.Key.Day).OrderBy(g => g.Key))
        {
            sql.Add(Move,
                day.Select(m => m.Key.Card).ToArray(), day.Select(m => m.Key.Day).ToArray(),
                day.Select(m => m.Value.Merchant).ToArray(), day.Select(m => m.Value.PrincipalFen).ToArray(),
                day.Select(m => m.Value.GiftFen).ToArray(), day.Select(m => m.Value.Receipt).ToArray());
        }
    }

    /// <inheritdoc/>
    public void Reset(SqlBatch sql) => sql.Add("truncate card_days, timed_lots");

    private static void Timed(CardEvent e, Guid card, DateOnly day, string merchant, SqlBatch sql)
    {
        switch (e)
        {
            case CardEvent.Sold { Lot: { Kind: LotKind.Timed } lot }:
                sql.Add("insert into timed_lots values ($1, $2, $3, $4, $5, $6, $7, $8, $9)", card, lot.Id, merchant,
                    lot.PaidFen, lot.GiftFen, lot.Units, lot.Starts!.Value, lot.Ends!.Value, day);
                break;
            case CardEvent.DisputeEnded { Lot: { Kind: LotKind.Timed } lot }:
                sql.Add(
                    """
                    update timed_lots set paid_fen = $3, gift_fen = $4, units = $5, starts = $6, ends = $7
                    where card = $1 and lot = $2
                    """, card, lot.Id, lot.PaidFen, lot.GiftFen, lot.Units, lot.Starts!.Value, lot.Ends!.Value);
                break;
            case CardEvent.Refunded r:
                sql.Add("update timed_lots set refunded_on = $3 where card = $1 and lot = $2", card, r.Lot, day);
                break;
            default:
                break;
        }
    }
}

/// <summary>What an event changes of a balance, lots that days use up left aside.</summary>
/// <param name="Merchant">Who owes it.</param>
/// <param name="PrincipalFen">Of what was paid.</param>
/// <param name="GiftFen">Of what was given.</param>
/// <param name="Receipt">The last receipt's number; 0 where there is none.</param>
internal readonly record struct Movement(string Merchant, long PrincipalFen, long GiftFen, long Receipt)
{
    /// <summary>An event's change. What a refund ended of a lot that days use up is not in these balances.</summary>
    public static Movement Of(CardEvent e)
    {
        Owed owed = e switch
        {
            CardEvent.Sold { Lot.Kind: not LotKind.Timed } s => new Owed(s.Lot.PaidFen, s.Lot.GiftFen),
            CardEvent.DisputeEnded { Lot.Kind: not LotKind.Timed } d => d.Change,
            CardEvent.Redeemed r => -Sum(r.Draws),
            CardEvent.Reversed r => Sum(r.Draws),
            CardEvent.Refunded { Timed: false } r => -r.Ended,
            _ => default,
        };
        return new Movement("", owed.PrincipalFen, owed.GiftFen, Receipts.Receipt.NumberOf(e) ?? 0);
    }

    /// <summary>This change and the next.</summary>
    public Movement Then(Movement next) => new(next.Merchant, PrincipalFen + next.PrincipalFen,
        GiftFen + next.GiftFen, Math.Max(Receipt, next.Receipt));

    private static Owed Sum(IReadOnlyList<Draw> draws) =>
        draws.Aggregate(default(Owed), (sum, draw) => sum + draw.Taken);
}
