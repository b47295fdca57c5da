using System.Text.Json.Serialization;
using EventStore;
using EventStore.Projections;
using Npgsql;
using NpgsqlTypes;

namespace Prepaid.Complaints;

/// <summary>A complaint in lists.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Merchant">Against whom.</param>
/// <param name="Card">By whose card; a pseudonym.</param>
/// <param name="Kind">What it is about.</param>
/// <param name="Words">In the holder's words.</param>
/// <param name="MadeAt">When.</param>
/// <param name="Answer">What the merchant says.</param>
/// <param name="AnsweredAt">When it first did.</param>
/// <param name="Outcome">How it ended; null while it is open.</param>
/// <param name="ClosedAt">When.</param>
public sealed record ComplaintLine(
    Guid Id, string Merchant, Guid Card, string Kind, string Words, DateTimeOffset MadeAt, string? Answer,
    DateTimeOffset? AnsweredAt, string? Outcome, DateTimeOffset? ClosedAt);

/// <summary>A page of complaints, the newest first.</summary>
public sealed record ComplaintPage(IReadOnlyList<ComplaintLine> Complaints, Guid? Next);

/// <summary>How many complaints there are about a merchant.</summary>
/// <param name="Made">All.</param>
/// <param name="Answered">Those the merchant answered.</param>
/// <param name="Closed">Those that are over.</param>
public sealed record ComplaintCount(int Made, int Answered, int Closed);

/// <summary>Complaints by merchant and card.</summary>
internal sealed class ComplaintRows : IProjection
{
    public const string Schema =
        """
        create table complaints (
            id          uuid primary key,
            merchant    text collate "C" not null,
            card        uuid not null,
            kind        text not null,
            words       text not null,
            made_at     timestamptz not null,
            answer      text,
            answered_at timestamptz,
            outcome     text,
            closed_at   timestamptz
        );
        create index complaints_merchant on complaints (merchant, id desc);
        create index complaints_card on complaints (card);
        """;

    private const string Columns =
        "id, merchant, card, kind, words, made_at, answer, answered_at, outcome, closed_at";

    /// <inheritdoc/>
    public string Name => "complaints";

    /// <inheritdoc/>
    public void Project(IReadOnlyList<StoredEvent> events, SqlBatch sql)
    {
        foreach (StoredEvent e in events)
        {
            switch (e.Data)
            {
                case ComplaintEvent.Made m:
                    sql.Add("insert into complaints values ($1, $2, $3, $4, $5, $6)", ComplaintEvents.IdOf(e.Stream),
                        m.Merchant, m.Card, Kebab(m.Kind), m.Words, e.OccurredAt);
                    break;
                case ComplaintEvent.Answered a:
                    sql.Add(
                        "update complaints set answer = $2, answered_at = coalesce(answered_at, $3) where id = $1",
                        ComplaintEvents.IdOf(e.Stream), a.Words, e.OccurredAt);
                    break;
                case ComplaintEvent.Closed c:
                    sql.Add("update complaints set outcome = $2, closed_at = $3 where id = $1",
                        ComplaintEvents.IdOf(e.Stream), Kebab(c.Outcome), e.OccurredAt);
                    break;
                default:
                    break;
            }
        }
    }

    /// <inheritdoc/>
    public void Reset(SqlBatch sql) => sql.Add("truncate complaints");

    /// <summary>Complaints of a merchant, a card, or all; the newest first.</summary>
    public static async Task<ComplaintPage> ReadAsync(
        NpgsqlDataSource database, string? merchant, Guid? card, bool open, Guid? before, int limit,
        CancellationToken cancellation)
    {
        await using NpgsqlCommand query = database.CreateCommand(
            $"""
            select {Columns} from complaints where ($1 is null or merchant = $1) and ($2 is null or card = $2)
                and (not $3 or outcome is null) and ($4 is null or id < $4) order by id desc limit $5
            """);
        query.Parameters.Add(Typed(merchant, NpgsqlDbType.Text));
        query.Parameters.Add(Typed(card, NpgsqlDbType.Uuid));
        query.Parameters.Add(new() { Value = open });
        query.Parameters.Add(Typed(before, NpgsqlDbType.Uuid));
        query.Parameters.Add(new() { Value = limit + 1 });
        await using NpgsqlDataReader rows = await query.ExecuteReaderAsync(cancellation);
        List<ComplaintLine> lines = [];
        while (await rows.ReadAsync(cancellation))
        {
            lines.Add(new ComplaintLine(
                rows.GetGuid(0), rows.GetString(1), rows.GetGuid(2), rows.GetString(3), rows.GetString(4),
                rows.GetFieldValue<DateTimeOffset>(5), rows.IsDBNull(6) ? null : rows.GetString(6), Time(rows, 7),
                rows.IsDBNull(8) ? null : rows.GetString(8), Time(rows, 9)));
        }
        return new ComplaintPage([.. lines.Take(limit)], lines.Count > limit ? lines[limit - 1].Id : null);
    }

    /// <summary>How many there are about a merchant.</summary>
    public static async Task<ComplaintCount> CountAsync(
        NpgsqlDataSource database, string merchant, CancellationToken cancellation)
    {
        await using NpgsqlCommand query = database.CreateCommand(
            "select count(*)::int, count(answered_at)::int, count(closed_at)::int from complaints where merchant = $1");
        query.Parameters.Add(new() { Value = merchant });
        await using NpgsqlDataReader rows = await query.ExecuteReaderAsync(cancellation);
        await rows.ReadAsync(cancellation);
        return new ComplaintCount(rows.GetInt32(0), rows.GetInt32(1), rows.GetInt32(2));
    }

    private static NpgsqlParameter Typed(object? value, NpgsqlDbType type) =>
        new() { Value = value ?? DBNull.Value, NpgsqlDbType = type };

    private static DateTimeOffset? Time(NpgsqlDataReader rows, int column) =>
        rows.IsDBNull(column) ? null : rows.GetFieldValue<DateTimeOffset>(column);

    private static string Kebab<T>(T value) where T : struct, Enum =>
        System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());
}

/// <summary>The stable names and stored forms of complaints.</summary>
internal static class ComplaintEvents
{
    private const string Made = "prepaid.complaint-made.v1";
    private const string Answered = "prepaid.complaint-answered.v1";
    private const string Closed = "prepaid.complaint-closed.v1";
    private const string Prefix = "complaint-";

    public static string Stream(Guid id) => $"{Prefix}{id}";

    public static Guid IdOf(string stream) => Guid.Parse(stream.AsSpan(Prefix.Length));

    public static string NameOf(ComplaintEvent e) => e switch
    {
        ComplaintEvent.Made => Made,
        ComplaintEvent.Answered => Answered,
        ComplaintEvent.Closed => Closed,
        _ => throw new InvalidOperationException($"{e.GetType().Name} has no name."),
    };

    public static EventModel AddComplaintEvents(this EventModel model) => model
        .Event(Made, ComplaintJson.Default.Made)
        .Event(Answered, ComplaintJson.Default.Answered)
        .Event(Closed, ComplaintJson.Default.Closed)
        .Aggregate(Complaint.Initial, (complaint, e) => Complaint.Evolve(complaint, (ComplaintEvent)e))
        .Inline(new ComplaintRows())
        .Migrate("prepaid-complaints-0001", ComplaintRows.Schema);
}

/// <summary>Stored forms, requests and answers of complaints.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ComplaintEvent.Made))]
[JsonSerializable(typeof(ComplaintEvent.Answered))]
[JsonSerializable(typeof(ComplaintEvent.Closed))]
[JsonSerializable(typeof(ComplainRequest))]
[JsonSerializable(typeof(AnswerComplaintRequest))]
[JsonSerializable(typeof(CloseComplaintRequest))]
[JsonSerializable(typeof(ComplaintAnswer))]
[JsonSerializable(typeof(ComplaintPage))]
internal sealed partial class ComplaintJson : JsonSerializerContext;
