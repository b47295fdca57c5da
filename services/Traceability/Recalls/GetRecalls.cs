using System.Text.Json.Serialization;
using EventStore;
using Npgsql;
using ServiceDefaults.Auth;
using ServiceDefaults.Problems;
using Traceability.Graph;
using Traceability.MasterData;

namespace Traceability.Recalls;

/// <summary>
/// One line of a list of recalls. <c>Mine</c> is how many items of it the caller holds, where it is another's recall;
/// <c>Held</c> and <c>Returned</c> how many it said to hold apart or to have sent back.
/// </summary>
public sealed record RecallSummary(
    Guid Id, string Tenant, Wording Title, string Domain, int Class, bool Drill, DateTime OpenedAt, DateTime? NoticeAt,
    Wording? Notice, DateTime? EndedAt, int? Mine,
    long? Held = null, long? Returned = null);

/// <summary>What a holder said to have done with its pieces.</summary>
public sealed record RecallConfirmation(string Holder, string Kind, long Pieces, DateTime At);

/// <summary>
/// All of a recall, which is also the timed report of a drill: every entry is an event with a proof. <c>Places</c> counts
/// where items were last seen, <c>Claims</c> how many items organisations outside of their chains say they have and
/// <c>OtherClaims</c> how many such organisations the caller may not know, <c>Own</c> says whether the caller may record its steps, <c>Findings</c> are contradictions
/// in the events about what it reaches, as far as the caller sees them.
/// </summary>
public sealed record RecallDetails(
    Guid Id, RecallEvent.Opened Recall, RecallEvent.ScopeFound? Scope, double? LocatedShare,
    IReadOnlyList<RecallDeadline> Deadlines, IReadOnlyList<RecallEntry> Entries,
    IReadOnlyDictionary<string, int> Holders, IReadOnlyDictionary<string, int> Claims, int OtherClaims, int Places, bool Own,
    IReadOnlyList<TracedFinding> Findings, IReadOnlyList<RecallConfirmation> Confirmations);

/// <summary>One entry of its history; a notice has <c>Words</c> in its languages, others a <c>Text</c>.</summary>
public sealed record RecallEntry(
    Guid EventId, string Kind, DateTimeOffset At, double MinutesSinceLearned, string? Text, long? Count,
    Wording? Words = null);

/// <summary>A page of what a recall reaches.</summary>
public sealed record RecallItemPage(IReadOnlyList<RecalledItem> Items, int? Next);

/// <summary>Reads recalls: their organisation, those who hold something, and the regulator.</summary>
internal static class GetRecalls
{
    private const int PageMax = 10_000;
    private const int PageOtherwise = 200;
    private const int ListMax = 500;

    public static void Map(IEndpointRouteBuilder recalls)
    {
        recalls.MapGet("", ListAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin, Role.Regulator)
            .WithName("ListRecalls").WithSummary("Recalls of the organisation, and those that reach it.");
        recalls.MapGet("/rules", () => TypedResults.Json(RecallRules.All, RecallJson.Default.IReadOnlyListRecallRule))
            .RequireRoles(Role.Member, Role.Reader, Role.Admin, Role.Regulator)
            .WithName("RecallRules").WithSummary("The dated rules that give a recall's deadlines.");
        recalls.MapGet("/{id:guid}", DetailsAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin, Role.Regulator)
            .WithName("GetRecall")
            .WithSummary("A recall with its history, deadlines and figures; the report of a drill.");
        recalls.MapGet("/{id:guid}/items", ItemsAsync)
            .RequireRoles(Role.Member, Role.Reader, Role.Admin, Role.Regulator)
            .WithName("GetRecallItems").WithSummary("What a recall reaches, page by page.");
    }

    private static async Task<IResult> ListAsync(Caller caller, Store store, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            $"""
             select r.id, r.tenant, r.title_zh, r.title_en, r.domain, r.class, r.drill, r.opened_at, r.notice_at, r.notice_zh,
                 r.notice_en, r.ended_at, coalesce(h.items + h.claimed, case when c.recall is not null then 0 end), c.held, c.returned
             from recalls r left join recall_holders h on h.recall = r.id and h.holder = $1 and r.tenant <> $1
             left join (select recall, max(pieces) filter (where kind = 'held') as held,
                 max(pieces) filter (where kind = 'returned') as returned
                 from recall_confirmations where holder = $1 group by recall) c on c.recall = r.id
             where $2 or r.tenant = $1 or ((h.holder is not null or c.recall is not null) and r.notice_at is not null and not r.drill)
             order by r.opened_at desc limit {ListMax}
             """);
        command.Parameters.Add(new() { Value = caller.Tenant });
        command.Parameters.Add(new() { Value = caller.Is(Role.Regulator) });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        List<RecallSummary> recalls = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            recalls.Add(new RecallSummary(
                reader.GetGuid(0), reader.GetString(1), reader.Words(2)!, reader.GetString(4), reader.GetInt32(5),
                reader.GetBoolean(6), reader.GetDateTime(7), reader.IsDBNull(8) ? null : reader.GetDateTime(8),
                reader.Words(9), reader.IsDBNull(11) ? null : reader.GetDateTime(11),
                reader.IsDBNull(12) ? null : reader.GetInt32(12), reader.IsDBNull(13) ? null : reader.GetInt64(13),
                reader.IsDBNull(14) ? null : reader.GetInt64(14)));
        }
        return TypedResults.Json(recalls, RecallJson.Default.ListRecallSummary);
    }

    private static async Task<IResult> DetailsAsync(
        Guid id, Caller caller, Store store, RecallFindings findings, TimeProvider time,
        CancellationToken cancellationToken)
    {
        IReadOnlyList<StoredEvent> events = await store.FetchStreamAsync(RecallEvents.Stream(id), cancellationToken);
        if (events.Count == 0 || (events[0].Tenant != caller.Tenant && !caller.Is(Role.Regulator)))
            return Problem.Of(Recall.Missing);
        Dictionary<string, int> holders = await CountsAsync(store, id, "items", "items > 0", cancellationToken);
        // Who buys from one's customers stays theirs to tell.
        if (!caller.Is(Role.Regulator))
            holders = await KnownAsync(store, id, holders, cancellationToken);
        Dictionary<string, int> claims = await CountsAsync(store, id, "claimed", "claimed > 0", cancellationToken);
        Dictionary<string, int> known = caller.Is(Role.Regulator)
            ? claims : await CountsAsync(store, id, "claimed", "claimed > 0 and known", cancellationToken);
        RecallState state = events.Aggregate(RecallState.Initial, RecallEvents.Evolve);
        RecallEvent.Opened opened = (RecallEvent.Opened)events[0].Data;
        RecallEvent.ScopeFound? scope = events.Select(e => e.Data).OfType<RecallEvent.ScopeFound>().LastOrDefault();
        return TypedResults.Json(new RecallDetails(
            id, opened, scope,
            scope?.LocatedShare(),
            RecallRules.Deadlines(state, time.GetUtcNow()), [.. events.Select(e => Entry(e, opened.LearnedAt))],
            holders, known, claims.Count - known.Count,
            await PlacesAsync(store, id, caller.Is(Role.Regulator), cancellationToken),
            events[0].Tenant == caller.Tenant, await findings.OfAsync(id, caller, cancellationToken),
            await ConfirmationsAsync(store, id, cancellationToken)),
            RecallJson.Default.RecallDetails);
    }

    private static async Task<List<RecallConfirmation>> ConfirmationsAsync(
        Store store, Guid id, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            "select holder, kind, pieces, at from recall_confirmations where recall = $1 order by at desc limit 1000");
        command.Parameters.Add(new() { Value = id });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        List<RecallConfirmation> confirmations = [];
        while (await reader.ReadAsync(cancellation))
            confirmations.Add(new(reader.GetString(0), reader.GetString(1), reader.GetInt64(2), reader.GetDateTime(3)));
        return confirmations;
    }

    private static async Task<Dictionary<string, int>> CountsAsync(
        Store store, Guid id, string column, string condition, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            $"select holder, {column} from recall_holders where recall = $1 and {condition} order by 2 desc, 1");
        command.Parameters.Add(new() { Value = id });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        Dictionary<string, int> counts = [];
        while (await reader.ReadAsync(cancellation))
            counts.Add(reader.GetString(0), reader.GetInt32(1));
        return counts;
    }

    /// <summary>At how many places items were last seen, as far as the caller may know them.</summary>
    private static async Task<int> PlacesAsync(Store store, Guid id, bool all, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            "select count(distinct place)::int from recall_items where recall = $1 and (shown or $2)");
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = all });
        return (int)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private static async Task<Dictionary<string, int>> KnownAsync(
        Store store, Guid id, Dictionary<string, int> holders, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            "select distinct holder from recall_items where recall = $1 and shown and holder is not null");
        command.Parameters.Add(new() { Value = id });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        HashSet<string> known = [];
        while (await reader.ReadAsync(cancellation))
            known.Add(reader.GetString(0));
        return holders.Where(h => known.Contains(h.Key)).ToDictionary();
    }

    private static RecallEntry Entry(StoredEvent e, DateTimeOffset learned)
    {
        (string kind, string? text, long? count) = (RecallEvent)e.Data switch
        {
            RecallEvent.Opened o => ("opened", o.Reason, (long?)null),
            RecallEvent.ScopeFound s => ("scope", null, s.Items),
            RecallEvent.PlanFiled p => ("plan", p.Text, null),
            RecallEvent.NoticeGiven => ("notice", null, null),
            RecallEvent.ProgressReported p => ("progress", p.Text, p.Recovered),
            RecallEvent.Disposed d => ("disposal", d.Text, d.Pieces),
            RecallEvent.HolderConfirmed c => (c.Kind, c.Text, c.Pieces),
            RecallEvent.Ended d => ("end", d.Text, null),
            var other => throw new InvalidOperationException($"{other.GetType().Name} is no entry of a recall."),
        };
        return new RecallEntry(e.Id, kind, e.OccurredAt, Math.Round((e.OccurredAt - learned).TotalMinutes, 2), text,
            count, (e.Data as RecallEvent.NoticeGiven)?.Text);
    }

    /// <summary>
    /// A holder is told what it recorded itself: that it holds an item, and the place where its own event names one. Who
    /// only says so is told that the item is recalled, and nothing else of it.
    /// </summary>
    private static async Task<IResult> ItemsAsync(
        Guid id, HttpContext http, Caller caller, Store store, CancellationToken cancellationToken)
    {
        int after = GraphRequest.Number(http, "after", 0, int.MaxValue);
        int limit = GraphRequest.Number(http, "limit", PageOtherwise, PageMax);
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            """
            select i.n, i.uri, i.relation,
                case when k.known or p.tenant = $2 then i.state else 0 end, i.event_id,
                case when k.whole or i.place in (e.biz_location, e.read_point) then i.place end, i.holder, k.known,
                i.seen_at, case when $3 then i.claimed when r.tenant = $2 then nullif(array(
                    select h.holder from recall_holders h
                    where h.recall = i.recall and h.known and h.holder = any (i.claimed) order by 1), '{}') end,
                case when $3 or r.tenant = $2 then i.sent_to end
            from recall_items i join recalls r on r.id = i.recall
            left join store.events s on i.holder = $2 and s.id = i.event_id
            left join epcis_events e on e.seq = s.position
            left join products p on p.gtin = substring(i.uri from '/01/([0-9]{14})')
            cross join lateral (select $3 or (r.tenant = $2 and i.shown) as whole) w
            cross join lateral (select w.whole, w.whole or coalesce(i.holder = $2, false) as known) k
            where i.recall = $1 and i.n > $4 and ($3 or (r.tenant = $2 and (i.shown or p.tenant = $2))
                or ((i.holder = $2 or $2 = any (i.claimed)) and r.notice_at is not null and not r.drill))
            order by i.n limit $5
            """);
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = caller.Tenant });
        command.Parameters.Add(new() { Value = caller.Is(Role.Regulator) });
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = limit });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        List<RecalledItem> items = [];
        int? last = null;
        while (await reader.ReadAsync(cancellationToken))
        {
            last = reader.GetInt32(0);
            bool shown = reader.GetBoolean(7);
            items.Add(new RecalledItem(
                reader.GetString(1), (TraceRelation)reader.GetInt16(2), (ItemState)reader.GetInt16(3),
                reader.IsDBNull(4) || !shown ? null : reader.GetGuid(4), shown && !reader.IsDBNull(5)
                ? reader.GetString(5) : null,
                shown && !reader.IsDBNull(6) ? reader.GetString(6) : null, shown,
                reader.IsDBNull(8) || !shown ? null : reader.GetDateTime(8),
                reader.IsDBNull(9) ? null : reader.GetFieldValue<string[]>(9),
                reader.IsDBNull(10) ? null : reader.GetString(10)));
        }
        return TypedResults.Json(
            new RecallItemPage(items, items.Count == limit ? last : null), RecallJson.Default.RecallItemPage);
    }
}

/// <summary>Requests and answers of recalls.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(RelationConverter), typeof(StateConverter)])]
[JsonSerializable(typeof(RecallOpenedAnswer))]
[JsonSerializable(typeof(RecallStepAnswer))]
[JsonSerializable(typeof(RecallConfirmedAnswer))]
[JsonSerializable(typeof(List<RecallSummary>))]
[JsonSerializable(typeof(RecallDetails))]
[JsonSerializable(typeof(RecallItemPage))]
[JsonSerializable(typeof(IReadOnlyList<RecallRule>))]
internal sealed partial class RecallJson : JsonSerializerContext;
