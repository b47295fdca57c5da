using EventStore;
using EventStore.Projections;
using Npgsql;
using Prepaid.Cards;
using Prepaid.Complaints;

namespace Prepaid.Risk;

/// <summary>Each merchant's movements by day, for the regulator's figures and the early warning.</summary>
internal sealed class TradeRows : IProjection
{
    /// <summary>Its name.</summary>
    public const string Projection = "trade";

    /// <summary>Its tables. Cards that were taken over are remembered, because their first lot is no sale.</summary>
    public const string Schema =
        """
        create table trade_days (
            merchant   text collate "C" not null,
            day        date   not null,
            sales_fen  bigint not null,
            gift_fen   bigint not null,
            other_fen  bigint not null,
            movements  int    not null,
            refusals   int    not null,
            complaints int    not null,
            primary key (merchant, day)
        );
        create table taken_over_cards (card uuid primary key);
        """;

    private const string Add =
        """
        insert into trade_days as t
        select merchant, day, sum(case when first and o.card is not null then 0 else paid end),
            sum(case when first and o.card is not null then 0 else gift end),
            sum(other + case when first and o.card is not null then paid else 0 end), sum(movements), sum(refusals),
            sum(complaints)
        from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            as m (card, merchant, day, first, paid, gift, other, movements, refusals, complaints)
            left join taken_over_cards o using (card)
        group by merchant, day
        on conflict (merchant, day) do update set sales_fen = t.sales_fen + excluded.sales_fen,
            gift_fen = t.gift_fen + excluded.gift_fen, other_fen = t.other_fen + excluded.other_fen,
            movements = t.movements + excluded.movements, refusals = t.refusals + excluded.refusals,
            complaints = t.complaints + excluded.complaints
        """;

    /// <inheritdoc/>
    public string Name => Projection;

    /// <inheritdoc/>
    public void Project(IReadOnlyList<StoredEvent> events, SqlBatch sql)
    {
        Guid[] taken = [.. events.Where(e => e.Data is CardEvent.Opened { StatedByMerchant: true })
            .Select(e => CardEvents.CardOf(e.Stream))];
        if (taken.Length > 0)
            sql.Add("insert into taken_over_cards select unnest($1) on conflict do nothing", taken);
        Line[] lines = [.. events.Select(Line.Of).OfType<Line>()];
        if (lines.Length == 0)
            return;
        sql.Add(Add, lines.Select(l => l.Card).ToArray(), lines.Select(l => l.Merchant).ToArray(),
            lines.Select(l => l.Day).ToArray(), lines.Select(l => l.First).ToArray(),
            lines.Select(l => l.PaidFen).ToArray(), lines.Select(l => l.GiftFen).ToArray(),
            lines.Select(l => l.OtherFen).ToArray(), lines.Select(l => l.Movements).ToArray(),
            lines.Select(l => l.Refusals).ToArray(), lines.Select(l => l.Complaints).ToArray());
    }

    /// <inheritdoc/>
    public void Reset(SqlBatch sql) => sql.Add("truncate trade_days, taken_over_cards");

    /// <summary>A merchant's movements by day.</summary>
    public static async Task<Dictionary<DateOnly, TradeDay>> ReadAsync(
        NpgsqlDataSource database, string merchant, DateOnly from, CancellationToken cancellation)
    {
        await using NpgsqlCommand query = database.CreateCommand(
            """
            select day, sales_fen, gift_fen, other_fen, movements, refusals, complaints from trade_days
            where merchant = $1 and day >= $2
            """);
        query.Parameters.Add(new() { Value = merchant });
        query.Parameters.Add(new() { Value = from });
        await using NpgsqlDataReader rows = await query.ExecuteReaderAsync(cancellation);
        Dictionary<DateOnly, TradeDay> days = [];
        while (await rows.ReadAsync(cancellation))
        {
            days.Add(rows.GetFieldValue<DateOnly>(0), new TradeDay(
                rows.GetInt64(1), rows.GetInt64(2), rows.GetInt64(3), rows.GetInt32(4), Refusals: rows.GetInt32(5),
                Complaints: rows.GetInt32(6)));
        }
        return days;
    }

    /// <summary>Adds refunds: asked for on a day, and open past their term at a day's end.</summary>
    public static async Task AddRefundsAsync(
        NpgsqlDataSource database, string merchant, DateOnly from, DateOnly through,
        Dictionary<DateOnly, TradeDay> days, CancellationToken cancellation)
    {
        await using NpgsqlCommand query = database.CreateCommand(
            "select asked_on, pay_by, closed_on from refund_cases where merchant = $1 and asked_on >= $2");
        query.Parameters.Add(new() { Value = merchant });
        query.Parameters.Add(new() { Value = from });
        await using NpgsqlDataReader rows = await query.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
        {
            DateOnly asked = rows.GetFieldValue<DateOnly>(0);
            TradeDay day = days.GetValueOrDefault(asked) ?? new TradeDay();
            days[asked] = day with { RefundsAsked = day.RefundsAsked + 1 };
            DateOnly closed = rows.IsDBNull(2) ? through.AddDays(1) : rows.GetFieldValue<DateOnly>(2);
            for (DateOnly on = rows.GetFieldValue<DateOnly>(1).AddDays(1); on < closed && on <= through; on = on.AddDays(1))
            {
                TradeDay late = days.GetValueOrDefault(on) ?? new TradeDay();
                days[on] = late with { RefundsOverdue = late.RefundsOverdue + 1 };
            }
        }
    }

    private sealed record Line(
        Guid Card, string Merchant, DateOnly Day, bool First = false, long PaidFen = 0, long GiftFen = 0,
        long OtherFen = 0, int Movements = 1, int Refusals = 0, int Complaints = 0)
    {
        /// <summary>What an event adds; null where it adds nothing.</summary>
        public static Line? Of(StoredEvent e)
        {
            DateOnly day = CardRun.Day(e.OccurredAt);
            return e.Data switch
            {
                CardEvent.Sold s => new Line(CardEvents.CardOf(e.Stream), e.Tenant, day, s.Receipt == 1,
                    s.Lot.PaidFen, s.Lot.GiftFen),
                CardEvent.DisputeEnded d => new Line(
                    CardEvents.CardOf(e.Stream), e.Tenant, day, OtherFen: d.Change.PrincipalFen),
                CardEvent.Refunded r => new Line(
                    CardEvents.CardOf(e.Stream), e.Tenant, day, OtherFen: -r.Ended.PrincipalFen),
                CardEvent.Redeemed or CardEvent.Reversed or CardEvent.LostByMerchant =>
                    new Line(CardEvents.CardOf(e.Stream), e.Tenant, day),
                ComplaintEvent.Made m => new Line(m.Card, e.Tenant, day, Movements: 0, Complaints: 1,
                    Refusals: m.Kind == ComplaintKind.RedemptionRefused ? 1 : 0),
                _ => null,
            };
        }
    }
}
