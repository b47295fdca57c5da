using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using EventStore;
using Npgsql;
using Proofs;
using ServiceDefaults.Problems;
using Traceability.Epcis.Storage;
using Traceability.Visibility;

namespace Traceability.Epcis.Queries;

/// <summary>An event that a query found, as its viewer may see it.</summary>
/// <param name="Seq">Position in the feed.</param>
/// <param name="Id">Id of the recording event.</param>
/// <param name="EventId">The EPCIS event's id, as the viewer may know it.</param>
/// <param name="Tenant">Who recorded it.</param>
/// <param name="Time">Event time.</param>
/// <param name="Json">The event as a JSON object.</param>
/// <param name="Shows">Whether the viewer may see the statement with a pointer.</param>
internal sealed record FoundEvent(
    long Seq, Guid Id, string EventId, string Tenant, DateTimeOffset Time, ReadOnlyMemory<byte> Json, Func<string, bool> Shows)
{
    /// <summary>A place in record order.</summary>
    public static string After(long seq) => seq.ToString(CultureInfo.InvariantCulture);

    /// <summary>The position that a place in record order stands for.</summary>
    public static long Position(string place) => long.Parse(place, CultureInfo.InvariantCulture);

    /// <summary>Where a page that ends with this event ends.</summary>
    public string Place(EventOrder order) => Place(order, Seq, Time);

    /// <summary>The place of an event in an order.</summary>
    public static string Place(EventOrder order, long seq, DateTimeOffset time) => order == EventOrder.RecordTime
        ? seq.ToString(CultureInfo.InvariantCulture)
        : $"{time.UtcTicks.ToString(CultureInfo.InvariantCulture)}.{seq.ToString(CultureInfo.InvariantCulture)}";
}

/// <summary>One page of a search.</summary>
/// <param name="Events">Events found.</param>
/// <param name="After">Where the next page begins; null when there is none.</param>
internal sealed record EventPage(IReadOnlyList<FoundEvent> Events, string? After);

/// <summary>Finds events in the tables and in their bodies, under the rule of who may see what.</summary>
internal sealed class EventSearch(Store store, Viewers viewers)
{
    private const int RowsMax = 1000;

    /// <summary>Most rows read for one page where only bodies can answer; the page then ends early.</summary>
    private const int ScannedMax = 20_000;

    /// <summary>Most events that are sorted by a member of their bodies.</summary>
    private const int SortedMax = 5_000;

    /// <summary>Bodies of one page, and of one reading of rows: beyond it, it ends with the event it has.</summary>
    public const int BytesMax = 32 << 20;

    /// <summary>Most bytes of bodies read for one page where only bodies can answer; the page then ends early.</summary>
    private const long ScannedBytesMax = 16L * BytesMax;

    /// <summary>The newest event that is there now: what a first page sees as the end.</summary>
    public Task<long> HeadAsync(CancellationToken cancellationToken) => store.FeedHeadAsync(cancellationToken);

    /// <summary>Finds one page in the query's order.</summary>
    /// <param name="query">What is looked for.</param>
    /// <param name="viewer">Who looks.</param>
    /// <param name="after">Where the page before ended; null for the first.</param>
    /// <param name="through">No event beyond this position.</param>
    /// <param name="size">Most events of the page.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="ProblemException">Too many events would have to be sorted.</exception>
    public Task<EventPage> PageAsync(
        EventQuery query, Viewer viewer, string? after, long through, int size, CancellationToken cancellationToken) =>
        query.OrderField is { } field
            ? SortedAsync(query, field, viewer, after, through, size, cancellationToken)
            : StoredOrderAsync(query, viewer, after, through, size, cancellationToken);

    /// <summary>The answer where more would have to be held than a page may.</summary>
    public static Problem TooComplex() =>
        Problem.Of("query-too-complex", ("max", SortedMax), ("size", BytesMax >> 20))
            .With("exception", "epcisException:QueryTooComplexException");

    /// <summary>By a member of the body, as its viewer sees it: all that is found is sorted for each page.</summary>
    private async Task<EventPage> SortedAsync(
        EventQuery query, BodyField field, Viewer viewer, string? after, long through, int size,
        CancellationToken cancellationToken)
    {
        EventQuery stored = query with { OrderField = null, Order = EventOrder.RecordTime, Descending = false };
        EventPage all = await StoredOrderAsync(stored, viewer, null, through, SortedMax, cancellationToken);
        if (all.After is not null)
            throw new ProblemException(TooComplex());
        Comparer<string?> order = Comparer<string?>.Create(BodyParameters.Order);
        var keyed = all.Events.Select(e => (Event: e, Key: Value(e, field))).ToArray();
        var sorted = query.Descending
            ? keyed.OrderBy(e => e.Key is null).ThenByDescending(e => e.Key, order)
            : keyed.OrderBy(e => e.Key, order);
        int from = after is null ? 0 : int.Parse(after, CultureInfo.InvariantCulture);
        FoundEvent[] page = [.. sorted.Skip(from).Take(size).Select(e => e.Event)];
        return new EventPage(
            page, from + page.Length < keyed.Length ? $"{from + page.Length}" : null);

        static string? Value(FoundEvent e, BodyField field)
        {
            using JsonDocument json = JsonDocument.Parse(e.Json);
            return field.Value(json.RootElement);
        }
    }

    /// <summary>Finds one page in an order that the tables have.</summary>
    /// <param name="query">What is looked for.</param>
    /// <param name="viewer">Who looks.</param>
    /// <param name="after">Where the page before ended; null for the first.</param>
    /// <param name="through">No event beyond this position.</param>
    /// <param name="size">Most events of the page.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    private async Task<EventPage> StoredOrderAsync(
        EventQuery query, Viewer viewer, string? after, long through, int size, CancellationToken cancellationToken)
    {
        List<FoundEvent> found = [];
        // Bodies and withheld members can turn rows down, so more are read than are needed.
        int rows = query.Body.Count > 0 ? RowsMax : Math.Min(RowsMax, size + 1);
        long bytes = 0, read = 0;
        for (int scanned = 0; scanned < ScannedMax && read < ScannedBytesMax;)
        {
            (List<Row> page, bool whole) = await RowsAsync(query, viewer, after, through, rows, cancellationToken);
            IReadOnlyDictionary<string, DisclosurePolicy> policies =
                await viewers.PoliciesAsync(page.Select(r => r.Tenant), cancellationToken);
            foreach (Row row in page)
            {
                DisclosurePolicy policy = policies.GetValueOrDefault(row.Tenant, DisclosurePolicy.Default);
                if (Show(query, viewer, row, policy) is { } shown)
                {
                    bytes += row.Body.Length;
                    if (found.Count == size || (bytes > BytesMax && found.Count > 0))
                        return new EventPage(found, found[^1].Place(query.Order));
                    found.Add(shown);
                }
                read += row.Body.Length;
                after = FoundEvent.Place(query.Order, row.Seq, row.Time);
            }
            if (whole && page.Count < rows)
                return new EventPage(found, null);
            scanned += page.Count;
        }
        return new EventPage(found, after);
    }

    /// <summary>
    /// The statements of an event that its viewer may see, as a file that verifies against its proof.
    /// </summary>
    public async Task<byte[]> DiscloseAsync(FoundEvent found, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command =
            store.DataSource.CreateCommand(
                """
                select b.secret, e.hash, b.body, b.counts from epcis_bodies b, epcis_events e
                where b.event_id = $1 and e.seq = $2
                """);
        command.Parameters.Add(new() { Value = found.Id });
        command.Parameters.Add(new() { Value = found.Seq });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        IReadOnlyList<Statement> statements = EventStatements.Of(
            EventRows.HashText(reader.GetFieldValue<byte[]>(1)), reader.GetFieldValue<byte[]>(2),
            reader.IsDBNull(3) ? null : reader.GetFieldValue<byte[]>(3));
        int[] shown = [.. Enumerable.Range(0, statements.Count).Where(i => found.Shows(statements[i].Pointer))];
        return StatementTree.Scattered(reader.GetFieldValue<byte[]>(0), statements).Disclose(shown);
    }

    /// <summary>
    /// The event as the viewer may see it, or null when it may not, or the query asks for what it may not see.
    /// </summary>
    private static FoundEvent? Show(EventQuery query, Viewer viewer, Row row, DisclosurePolicy policy)
    {
        if (VisibilityRule.RelationTo(viewer, row.Tenant, row.Glns) is not { } relation
            || query.Criteria.Any(c => !c.MayBeAskedBy(relation, policy)))
            return null;
        Sight sight = new(relation, policy, new StoredBody(row.Id, row.EventId, row.Hash, row.Body));
        if (query.EventIds.Any(ids => !sight.IsNamed(ids)))
            return null;
        MatchCriterion[] unsure = [.. query.Matches.Where(m => m.Members.Any(member => !sight.MaySee(member)))];
        ArrayBufferWriter<byte> json = new(row.Body.Length + 200);
        using (Utf8JsonWriter writer = new(json))
            EventView.Write(writer, row.Body, sight, row.RecordTime);
        if (query.Body.Count + unsure.Length > 0)
        {
            using JsonDocument document = JsonDocument.Parse(json.WrittenMemory);
            if (!query.Body.All(c => c.Matches(document.RootElement))
                || !unsure.All(m => m.Finds(document.RootElement)))
                return null;
        }
        return new FoundEvent(row.Seq, row.Id, sight.EventId, row.Tenant, row.Time, json.WrittenMemory, sight.Shows);
    }

    /// <summary>The next rows, and whether none was left because of the bytes before it.</summary>
    private async Task<(List<Row> Rows, bool Whole)> RowsAsync(
        EventQuery query, Viewer viewer, string? after, long through, int limit, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand();
        command.CommandText = new EventSql(command.Parameters).Select(query, viewer, after, through, limit);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        List<Row> rows = [];
        long there = 0;
        while (await reader.ReadAsync(cancellationToken))
        {
            there = reader.GetInt64(9);
            rows.Add(new Row(
                reader.GetInt64(0), reader.GetGuid(1), reader.GetString(2), reader.GetString(3),
                reader.GetFieldValue<DateTimeOffset>(4), reader.GetFieldValue<DateTimeOffset>(5),
                reader.GetFieldValue<string[]>(6), reader.GetFieldValue<byte[]>(7), reader.GetFieldValue<byte[]>(8)));
        }
        return (rows, rows.Count == there);
    }

    private sealed record Row(
        long Seq, Guid Id, string Tenant, string EventId, DateTimeOffset Time, DateTimeOffset RecordTime,
        string[] Glns, byte[] Hash, byte[] Body);
}

/// <summary>Writes the statement of a search: one branch for each way in which an event may be visible.</summary>
internal sealed class EventSql(NpgsqlParameterCollection parameters)
{
    private readonly StringBuilder _with = new();

    public string Select(EventQuery query, Viewer viewer, string? after, long through, int limit)
    {
        string where = Where(query, after, through);
        string order = query switch
        {
            { Order: EventOrder.EventTime, Descending: true } => "e.event_time desc, e.seq desc",
            { Order: EventOrder.EventTime } => "e.event_time, e.seq",
            { Descending: true } => "e.seq desc",
            _ => "e.seq",
        };
        string top = Add(limit);
        IEnumerable<string> branches = Branches(viewer).Select(branch =>
            $"(select e.seq from epcis_events e where {branch}{where} order by {order} limit {top})");
        return
            $"""
            {(_with.Length > 0 ? "with " + _with : "")}
            select e.seq, e.id, e.tenant, e.event_id, e.event_time, e.record_time,
                array(select distinct p.gln from epcis_parties p where p.seq = e.seq and p.gln is not null),
                e.hash, b.body, e.there
            from (
                select e.*, count(*) over () as there, coalesce(sum(octet_length(b.body))
                    over (order by {order} rows between unbounded preceding and 1 preceding), 0) as bytes_before
                from (
                    select e.* from epcis_events e
                    where e.seq in (select h.seq from ({string.Join(" union ", branches)}) h)
                    order by {order} limit {top}) e
                join epcis_bodies b on b.event_id = e.id) e
            join epcis_bodies b on b.event_id = e.id
            where e.bytes_before < {Add((long)EventSearch.BytesMax)}
            order by {order}
            """;
    }

    private IEnumerable<string> Branches(Viewer viewer)
    {
        if (viewer.IsRegulator)
        {
            yield return "true";
            yield break;
        }
        foreach (string tenant in viewer.Sharing.Prepend(viewer.Tenant ?? ""))
            yield return $"e.tenant = {Add(tenant)}";
        if (viewer.Glns.Count > 0)
        {
            string glns = Add(viewer.Glns.ToArray());
            yield return $"e.seq in (select p.seq from epcis_parties p where p.gln = any({glns}))";
        }
    }

    private string Where(EventQuery query, string? after, long through)
    {
        StringBuilder where = new($" and e.seq <= {Add(through)}");
        foreach (Criterion criterion in query.Criteria)
        {
            object[] places = [.. criterion.Values.Select(Add)];
            where.Append(" and ").AppendFormat(CultureInfo.InvariantCulture, criterion.Sql, places);
        }
        for (int i = 0; i < query.Matches.Count; i++)
        {
            _with.Append(i == 0 ? "" : ", ").Append(CultureInfo.InvariantCulture,
                $"m{i} as materialized ({Matching(query.Matches[i])})");
            where.Append(CultureInfo.InvariantCulture, $" and e.seq in (select seq from m{i})");
        }
        if (after is not null)
            where.Append(After(query, after));
        return where.ToString();
    }

    private string Matching(MatchCriterion match)
    {
        string roles = Add(match.Roles.ToArray());
        string from = $"select seq from {match.Table} where role = any({roles}) and ";
        List<string> parts = [];
        string[] exact = [.. match.Patterns.Select(p => p.Exact).OfType<string>()];
        if (exact.Length > 0)
            parts.Add($"{from}{match.Column} = any({Add(exact)})");
        foreach (string prefix in match.Patterns.SelectMany(p => p.Prefixes))
        {
            // A range of the index in "C" order; every id is ASCII, so nothing sorts behind U+007F.
            parts.Add($"{from}{match.Column} >= {Add(prefix)} and {match.Column} < {Add(prefix + '\u007f')}");
        }
        return parts.Count == 0 ? "select 0::bigint as seq where false" : string.Join(" union ", parts);
    }

    private string After(EventQuery query, string after)
    {
        string comparison = query.Descending ? "<" : ">";
        if (query.Order == EventOrder.RecordTime)
            return $" and e.seq {comparison} {Add(long.Parse(after, CultureInfo.InvariantCulture))}";
        string[] parts = after.Split('.');
        DateTime time = new(long.Parse(parts[0], CultureInfo.InvariantCulture), DateTimeKind.Utc);
        return $" and (e.event_time, e.seq) {comparison} "
            + $"({Add(time)}, {Add(long.Parse(parts[1], CultureInfo.InvariantCulture))})";
    }

    private string Add(object value)
    {
        parameters.Add(new NpgsqlParameter { Value = value });
        return $"${parameters.Count}";
    }
}
