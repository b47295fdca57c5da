using EventStore;
using EventStore.Projections;
using Npgsql;
using NpgsqlTypes;

namespace Prepaid.Refunds;

/// <summary>A refund in lists; amounts in fen.</summary>
/// <param name="Refund">Its number.</param>
/// <param name="Merchant">Who owes.</param>
/// <param name="Card">The card; a pseudonym.</param>
/// <param name="AskedOn">The day of the request.</param>
/// <param name="AnswerBy">The merchant's last day to answer.</param>
/// <param name="PayBy">The last day to pay.</param>
/// <param name="Stage">How far it has come.</param>
/// <param name="LowFen">The least on the holder's facts.</param>
/// <param name="HighFen">The most.</param>
/// <param name="OrderedFen">What stands; null before.</param>
/// <param name="Custody">The order to the custody bank; null where the merchant pays itself.</param>
/// <param name="ClosedOn">The day it was paid or withdrawn.</param>
public sealed record RefundLine(
    Guid Refund, string Merchant, Guid Card, DateOnly AskedOn, DateOnly AnswerBy, DateOnly PayBy, string Stage,
    long LowFen, long HighFen, long? OrderedFen, string? Custody, DateOnly? ClosedOn);

/// <summary>A page of refunds, the newest first.</summary>
public sealed record RefundPage(IReadOnlyList<RefundLine> Refunds, Guid? Next);

/// <summary>Refunds by merchant, card and stage.</summary>
internal sealed class RefundRows : IProjection
{
    public const string Schema =
        """
        create table refund_cases (
            id          uuid primary key,
            merchant    text collate "C" not null,
            card        uuid   not null,
            asked_on    date   not null,
            answer_by   date   not null,
            pay_by      date   not null,
            stage       text   not null,
            low_fen     bigint not null,
            high_fen    bigint not null,
            ordered_fen bigint,
            custody     text,
            closed_on   date
        );
        create index refund_cases_merchant on refund_cases (merchant, id desc);
        create index refund_cases_card on refund_cases (card);
        create index refund_cases_open on refund_cases (stage) where closed_on is null;
        """;

    private const string Columns =
        "id, merchant, card, asked_on, answer_by, pay_by, stage, low_fen, high_fen, ordered_fen, custody, closed_on";

    /// <inheritdoc/>
    public string Name => "refunds";

    /// <inheritdoc/>
    public void Project(IReadOnlyList<StoredEvent> events, SqlBatch sql)
    {
        foreach (StoredEvent e in events.Where(e => e.Data is RefundEvent))
        {
            Guid id = RefundEvents.IdOf(e.Stream);
            DateOnly day = Cards.CardRun.Day(e.OccurredAt);
            switch (e.Data)
            {
                case RefundEvent.Asked a:
                    sql.Add("insert into refund_cases values ($1, $2, $3, $4, $5, $6, 'asked', $7, $8)", id, a.Merchant,
                        a.Card, a.Facts.AskedOn, a.AnswerBy, a.PayBy, a.LowFen, a.HighFen);
                    break;
                case RefundEvent.Answered:
                    sql.Add("update refund_cases set stage = 'answered' where id = $1 and stage = 'asked'", id);
                    break;
                case RefundEvent.Escalated:
                    sql.Add("update refund_cases set stage = 'escalated' where id = $1", id);
                    break;
                case RefundEvent.Ordered o:
                    sql.Add("update refund_cases set stage = 'ordered', ordered_fen = $2, custody = $3 where id = $1",
                        id, o.Fen, Typed(o.Custody, NpgsqlDbType.Text));
                    break;
                case RefundEvent.Paid:
                    sql.Add("update refund_cases set stage = 'paid', closed_on = $2 where id = $1", id, day);
                    break;
                case RefundEvent.Withdrawn:
                    sql.Add("update refund_cases set stage = 'withdrawn', closed_on = $2 where id = $1", id, day);
                    break;
                default:
                    break;
            }
        }
    }

    /// <inheritdoc/>
    public void Reset(SqlBatch sql) => sql.Add("truncate refund_cases");

    /// <summary>Refunds of a merchant, a card, or all; the newest first.</summary>
    public static async Task<RefundPage> ReadAsync(
        NpgsqlDataSource database, string? merchant, Guid? card, bool open, Guid? before, int limit,
        CancellationToken cancellation)
    {
        await using NpgsqlCommand query = database.CreateCommand(
            $"""
            select {Columns} from refund_cases where ($1 is null or merchant = $1) and ($2 is null or card = $2)
                and (not $3 or closed_on is null) and ($4 is null or id < $4) order by id desc limit $5
            """);
        query.Parameters.Add(Typed(merchant, NpgsqlDbType.Text));
        query.Parameters.Add(Typed(card, NpgsqlDbType.Uuid));
        query.Parameters.Add(new() { Value = open });
        query.Parameters.Add(Typed(before, NpgsqlDbType.Uuid));
        query.Parameters.Add(new() { Value = limit + 1 });
        List<RefundLine> lines = await LinesAsync(query, cancellation);
        return new RefundPage([.. lines.Take(limit)], lines.Count > limit ? lines[limit - 1].Refund : null);
    }

    /// <summary>Refunds whose term has run out, or that a bank may have paid.</summary>
    public static async Task<IReadOnlyList<RefundLine>> DueAsync(
        NpgsqlDataSource database, DateOnly today, CancellationToken cancellation)
    {
        await using NpgsqlCommand query = database.CreateCommand(
            $"""
            select {Columns} from refund_cases where closed_on is null and (stage = 'asked' and answer_by < $1
                or stage = 'ordered' and pay_by < $1 or stage in ('ordered', 'escalated') and custody is not null)
            """);
        query.Parameters.Add(new() { Value = today });
        return await LinesAsync(query, cancellation);
    }

    private static async Task<List<RefundLine>> LinesAsync(NpgsqlCommand query, CancellationToken cancellation)
    {
        await using NpgsqlDataReader rows = await query.ExecuteReaderAsync(cancellation);
        List<RefundLine> lines = [];
        while (await rows.ReadAsync(cancellation))
        {
            lines.Add(new RefundLine(
                rows.GetGuid(0), rows.GetString(1), rows.GetGuid(2), rows.GetFieldValue<DateOnly>(3),
                rows.GetFieldValue<DateOnly>(4), rows.GetFieldValue<DateOnly>(5), rows.GetString(6), rows.GetInt64(7),
                rows.GetInt64(8), rows.IsDBNull(9) ? null : rows.GetInt64(9),
                rows.IsDBNull(10) ? null : rows.GetString(10),
                rows.IsDBNull(11) ? null : rows.GetFieldValue<DateOnly>(11)));
        }
        return lines;
    }

    private static NpgsqlParameter Typed(object? value, NpgsqlDbType type) =>
        new() { Value = value ?? DBNull.Value, NpgsqlDbType = type };
}

/// <summary>The stable names and stored forms of refunds.</summary>
internal static class RefundEvents
{
    private const string Asked = "prepaid.refund-asked.v1";
    private const string Answered = "prepaid.refund-answered.v1";
    private const string Escalated = "prepaid.refund-escalated.v1";
    private const string Decided = "prepaid.refund-decided.v1";
    private const string Ordered = "prepaid.refund-ordered.v1";
    private const string Paid = "prepaid.refund-paid.v1";
    private const string Withdrawn = "prepaid.refund-withdrawn.v1";
    private const string Prefix = "refund-";

    public static string Stream(Guid id) => $"{Prefix}{id}";

    public static Guid IdOf(string stream) => Guid.Parse(stream.AsSpan(Prefix.Length));

    /// <summary>The name of a refund's order to the custody bank.</summary>
    public static string OrderOf(Guid id) => $"{Prefix}{id}";

    public static string NameOf(RefundEvent e) => e switch
    {
        RefundEvent.Asked => Asked,
        RefundEvent.Answered => Answered,
        RefundEvent.Escalated => Escalated,
        RefundEvent.Decided => Decided,
        RefundEvent.Ordered => Ordered,
        RefundEvent.Paid => Paid,
        RefundEvent.Withdrawn => Withdrawn,
        _ => throw new InvalidOperationException($"{e.GetType().Name} has no name."),
    };

    public static EventModel AddRefundEvents(this EventModel model) => model
        .Event(Asked, RefundJson.Default.Asked)
        .Event(Answered, RefundJson.Default.Answered)
        .Event(Escalated, RefundJson.Default.Escalated)
        .Event(Decided, RefundJson.Default.Decided)
        .Event(Ordered, RefundJson.Default.Ordered)
        .Event(Paid, RefundJson.Default.Paid)
        .Event(Withdrawn, RefundJson.Default.Withdrawn)
        .Aggregate(RefundCase.Initial, (refund, e) => RefundCase.Evolve(refund, (RefundEvent)e))
        .Inline(new RefundRows())
        .Migrate("prepaid-refunds-0001", RefundRows.Schema);
}
