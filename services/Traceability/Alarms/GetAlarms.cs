using System.Globalization;
using System.Text.Json.Serialization;
using EventStore;
using Npgsql;
using NpgsqlTypes;
using ServiceDefaults.Auth;
using ServiceDefaults.Problems;
using Traceability.MasterData;
using Traceability.Scanning;

namespace Traceability.Alarms;

/// <summary>One line of the list.</summary>
/// <param name="Id">The alarm.</param>
/// <param name="Kind">What is suspected.</param>
/// <param name="State"><c>open</c>, <c>put</c>, <c>answered</c> or <c>closed</c>.</param>
/// <param name="Owner">Whose goods it is about.</param>
/// <param name="Subject">Canonical identifier of item, lot, carton or product.</param>
/// <param name="Product">What the goods are called.</param>
/// <param name="Dealer">To whom they had gone.</param>
/// <param name="Reason">In words.</param>
/// <param name="RaisedAt">When.</param>
/// <param name="AnswerBy">Until when the one it was put to may answer.</param>
/// <param name="Outcome">How it was closed.</param>
public sealed record AlarmLine(
    Guid Id, AlarmKind Kind, AlarmStage State, string Owner, string Subject, Wording? Product, AlarmLineDealer? Dealer,
    Wording Reason, DateTimeOffset RaisedAt, DateTimeOffset? AnswerBy, AlarmOutcome? Outcome);

/// <summary>The dealer of a line.</summary>
public sealed record AlarmLineDealer(string Code, Wording? Name, string? Organisation);

/// <summary>A page of alarms, the newest first, and how many there are in each state.</summary>
public sealed record AlarmPage(
    IReadOnlyList<AlarmLine> Items, IReadOnlyDictionary<string, int> Counts, string? Cursor);

/// <summary>Signs too weak for an alarm.</summary>
public sealed record WatchLine(AlarmKind Kind, string Subject, string? Dealer, Wording Reason, DateTimeOffset At);

/// <summary>All of those of an organisation, the newest first, at most 500, and how many there are.</summary>
public sealed record WatchPage(IReadOnlyList<WatchLine> Items, int Count);

/// <summary>An alarm with its evidence and history.</summary>
/// <param name="Id">The alarm.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Owner">Whose goods it is about.</param>
/// <param name="PutTo">To which organisation it was put.</param>
/// <param name="AnswerBy">Until when that may answer.</param>
/// <param name="Outcome">How it was closed.</param>
/// <param name="Product">What the goods are called.</param>
/// <param name="Finding">What the formula found.</param>
/// <param name="Evidence">What that stands on.</param>
/// <param name="Places">The checks by city.</param>
/// <param name="History">Every entry is an event with a proof.</param>
/// <param name="May">What the caller may do: <c>put</c>, <c>answer</c>, <c>comment</c>, <c>close</c>.</param>
public sealed record AlarmDetails(
    Guid Id, AlarmStage State, string Owner, string? PutTo, DateTimeOffset? AnswerBy, AlarmOutcome? Outcome,
    Wording? Product, AlarmFinding Finding, AlarmEvidence Evidence, IReadOnlyList<AlarmPlace> Places,
    IReadOnlyList<AlarmEntry> History, IReadOnlyList<string> May);

/// <summary>A city among the checks.</summary>
public sealed record AlarmPlace(
    string? Region, int Checks, int Items, bool? Outside, DateTimeOffset First, DateTimeOffset Last);

/// <summary>An entry of the history.</summary>
/// <param name="EventId">Its event.</param>
/// <param name="Kind"><c>raised</c>, <c>evidence</c>, <c>put</c>, <c>answer</c>, <c>comment</c> or <c>close</c>.</param>
/// <param name="At">When.</param>
/// <param name="By"><c>formula</c>, <c>owner</c>, <c>addressee</c> or <c>regulator</c>.</param>
/// <param name="Organisation">The organisation.</param>
/// <param name="Text">What was written.</param>
/// <param name="Attachments">Files that belong to an answer.</param>
/// <param name="Sha256">Digest of the event.</param>
public sealed record AlarmEntry(
    Guid EventId, string Kind, DateTimeOffset At, string By, string Organisation, string? Text,
    IReadOnlyList<AlarmAttachment>? Attachments, string Sha256);

/// <summary>Reads alarms: their owner, the organisation that one was put to, and the regulator.</summary>
internal static class GetAlarms
{
    private const int PageSize = 50;
    private const int WatchesMax = 500;

    public static void Map(IEndpointRouteBuilder alarms)
    {
        alarms.MapGet("", ListAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin, Role.Regulator)
            .WithName("ListSuspicions").WithSummary("Alarms of the organisation, and those put to it.");
        alarms.MapGet("/watched", WatchedAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin)
            .WithName("ListWatches").WithSummary("Signs that are too weak for an alarm; nobody else is told.");
        alarms.MapGet("/{id:guid}", DetailsAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin, Role.Regulator)
            .WithName("GetAlarm").WithSummary("An alarm with its figures, evidence and history.");
    }

    /// <summary>An alarm's events, where the caller may know of it.</summary>
    /// <exception cref="ProblemException">It does not exist for the caller.</exception>
    public static async Task<(IReadOnlyList<StoredEvent> Events, AlarmState State)> FindAsync(
        Guid id, Caller caller, Store store, CancellationToken cancellation)
    {
        IReadOnlyList<StoredEvent> events = await store.FetchStreamAsync(AlarmEvents.Stream(id), cancellation);
        AlarmState state = StateOf(events);
        return state.IsSeenBy(caller.Tenant, caller.Is(Role.Regulator))
            ? (events, state)
            : throw new ProblemException(Problem.Of(Alarm.Missing));
    }

    public static AlarmState StateOf(IEnumerable<StoredEvent> events) => events.Aggregate(
        AlarmState.Initial, (state, e) => AlarmState.Evolve(state, e.Tenant, (AlarmEvent)e.Data));

    private static async Task<IResult> ListAsync(
        Caller caller, AlarmReading reading, CancellationToken cancellationToken, string? state = null,
        string? kind = null, string? cursor = null)
    {
        if (!TryName(state, out AlarmStage? stage) || stage == AlarmStage.None || !TryName(kind, out AlarmKind? of)
            || cursor is not null && !Guid.TryParse(cursor, out _))
            return Problem.Of("alarm-query", ("field", cursor is null ? "state, kind" : "cursor"));
        const string Seen = "($1 or a.owner = $2 or a.put_to = $2) and ($3::smallint is null or a.kind = $3)";
        Dictionary<string, int> counts = Enum.GetValues<AlarmStage>().Where(s => s != AlarmStage.None)
            .ToDictionary(Named, _ => 0);
        await using (NpgsqlCommand count = Command(reading,
            $"select stage, count(*)::int from alarms a where {Seen} group by stage", caller, of))
        await using (NpgsqlDataReader rows = await count.ExecuteReaderAsync(cancellationToken))
        {
            while (await rows.ReadAsync(cancellationToken))
                counts[Named((AlarmStage)rows.GetInt16(0))] = rows.GetInt32(1);
        }
        await using NpgsqlCommand command = Command(reading,
            $"""
             select a.id, a.kind, a.stage, a.owner, a.subject, p.name_zh, p.name_en, a.dealer, a.dealer_zh, a.dealer_en,
                 a.organisation, a.reason_zh, a.reason_en, a.raised_at, a.answer_by, a.outcome
             from alarms a left join products p on p.gtin = a.gtin
             where {Seen} and ($4::smallint is null or a.stage = $4)
                 and ($5::uuid is null or (a.raised_at, a.id) < (select raised_at, id from alarms where id = $5))
             order by a.raised_at desc, a.id desc limit {PageSize + 1}
             """, caller, of);
        command.Parameters.Add(new() { Value = Or((short?)stage), NpgsqlDbType = NpgsqlDbType.Smallint });
        command.Parameters.Add(new() { Value = cursor is null ? DBNull.Value : Guid.Parse(cursor), NpgsqlDbType = NpgsqlDbType.Uuid });
        List<AlarmLine> lines = [];
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            lines.Add(Line(reader));
        bool more = lines.Count > PageSize;
        return TypedResults.Json(
            new AlarmPage(more ? lines[..PageSize] : lines, counts, more ? lines[PageSize - 1].Id.ToString() : null),
            AlarmJson.Default.AlarmPage);
    }

    private static AlarmLine Line(NpgsqlDataReader r) => new(
        r.GetGuid(0), (AlarmKind)r.GetInt16(1), (AlarmStage)r.GetInt16(2), r.GetString(3), r.GetString(4), r.Words(5),
        r.Text(7) is { } dealer ? new AlarmLineDealer(dealer, r.Words(8), r.Text(10)) : null, r.Words(11)!,
        r.GetFieldValue<DateTimeOffset>(13), r.IsDBNull(14) ? null : r.GetFieldValue<DateTimeOffset>(14),
        r.IsDBNull(15) ? null : (AlarmOutcome)r.GetInt16(15));

    private static async Task<IResult> WatchedAsync(
        Caller caller, AlarmReading reading, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = reading.Command(
            $"""
             select kind, subject, dealer, reason_zh, reason_en, at, count(*) over ()::int from alarm_watches
             where owner = $1 order by at desc, subject limit {WatchesMax}
             """, caller.Tenant);
        List<WatchLine> lines = [];
        int count = 0;
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            count = reader.GetInt32(6);
            lines.Add(new WatchLine((AlarmKind)reader.GetInt16(0), reader.GetString(1),
                reader.GetString(2) is { Length: > 0 } dealer ? dealer : null, reader.Words(3)!,
                reader.GetFieldValue<DateTimeOffset>(5)));
        }
        return TypedResults.Json(new WatchPage(lines, count), AlarmJson.Default.WatchPage);
    }

    private static async Task<IResult> DetailsAsync(
        Guid id, Caller caller, Store store, AlarmReading reading, TimeProvider time, CancellationToken cancellationToken)
    {
        (IReadOnlyList<StoredEvent> events, AlarmState state) = await FindAsync(id, caller, store, cancellationToken);
        AlarmFinding finding = ((AlarmEvent.Raised)events[0].Data).Finding;
        AlarmEvidence evidence = events.Select(e => e.Data).OfType<AlarmEvent.EvidenceFixed>().First().Evidence;
        await using NpgsqlCommand command = reading.Command(
            "select name_zh, name_en from products where gtin = $1", finding.Subject.Gtin);
        await using NpgsqlDataReader row = await command.ExecuteReaderAsync(cancellationToken);
        Wording? product = await row.ReadAsync(cancellationToken) ? row.Words(0) : null;
        return TypedResults.Json(new AlarmDetails(
            id, state.Stage, state.Owner, state.PutTo, state.AnswerBy,
            events.Select(e => e.Data).OfType<AlarmEvent.Closed>().FirstOrDefault()?.Outcome, product, finding, evidence,
            Places(evidence), [.. events.Select(e => Entry(e, state))],
            [.. ActOnAlarm.Allowed(state, caller, finding.Kind, time.GetUtcNow())]), AlarmJson.Default.AlarmDetails);
    }

    /// <summary>The checks by city, the most frequent first.</summary>
    public static IReadOnlyList<AlarmPlace> Places(AlarmEvidence evidence) =>
    [
        .. evidence.Checks.GroupBy(c => c.Region).Select(g => new AlarmPlace(
                g.Key, g.Count(), g.Select(c => c.Item).Distinct().Count(), g.First().Outside, g.Min(c => c.At),
                g.Max(c => c.At)))
            .OrderByDescending(p => p.Checks).ThenBy(p => p.Region, StringComparer.Ordinal),
    ];

    public static AlarmEntry Entry(StoredEvent e, AlarmState state)
    {
        (string kind, string? text, IReadOnlyList<AlarmAttachment>? files) = (AlarmEvent)e.Data switch
        {
            AlarmEvent.Raised => ("raised", null, null),
            AlarmEvent.EvidenceFixed => ("evidence", null, null),
            AlarmEvent.Put p => ("put", p.Note, (IReadOnlyList<AlarmAttachment>?)null),
            AlarmEvent.Answered a => ("answer", a.Text, a.Attachments),
            AlarmEvent.Commented c => ("comment", c.Text, null),
            AlarmEvent.Closed c => ("close", c.Grounds, null),
            var other => throw new InvalidOperationException($"{other.GetType().Name} is no entry of an alarm."),
        };
        string by = e.Actor == AlarmRecorder.Actor ? "formula"
            : e.Tenant == state.Owner ? "owner" : e.Tenant == state.PutTo ? "addressee" : "regulator";
        return new AlarmEntry(
            e.Id, kind, e.OccurredAt, by, e.Tenant, text, files, Convert.ToHexStringLower(e.Digest.Span));
    }

    private static string Named(AlarmStage stage) => stage.ToString().ToLower(CultureInfo.InvariantCulture);

    private static bool TryName<T>(string? text, out T? value) where T : struct, Enum
    {
        value = null;
        if (text is null or "")
            return true;
        if (!text.All(c => c is '-' or >= 'a' and <= 'z')
            || !Enum.TryParse(text.Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out T parsed))
            return false;
        value = parsed;
        return true;
    }

    private static NpgsqlCommand Command(AlarmReading reading, string sql, Caller caller, AlarmKind? kind)
    {
        NpgsqlCommand command = reading.Command(sql, caller.Is(Role.Regulator), caller.Tenant);
        command.Parameters.Add(new() { Value = Or((short?)kind), NpgsqlDbType = NpgsqlDbType.Smallint });
        return command;
    }

    private static object Or(short? value) => value is { } number ? number : DBNull.Value;
}

/// <summary>Names of stages: <c>open</c>, <c>put</c>, <c>answered</c>, <c>closed</c>.</summary>
internal sealed class StageConverter() : JsonStringEnumConverter<AlarmStage>(
    System.Text.Json.JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false);

/// <summary>Requests and answers.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(InstantConverter), typeof(OutcomeConverter), typeof(KindConverter), typeof(StageConverter)])]
[JsonSerializable(typeof(AlarmPage))]
[JsonSerializable(typeof(WatchPage))]
[JsonSerializable(typeof(AlarmDetails))]
[JsonSerializable(typeof(AlarmAnswer))]
[JsonSerializable(typeof(RunAnswer))]
[JsonSerializable(typeof(ReportAnswer))]
[JsonSerializable(typeof(SuspicionLimits))]
internal sealed partial class AlarmJson : JsonSerializerContext;
