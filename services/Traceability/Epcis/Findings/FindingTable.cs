using EventStore;
using Npgsql;

namespace Traceability.Epcis.Findings;

/// <summary>Facts about items, read from the event tables, and what was found in them.</summary>
internal sealed class FindingTable(Store store)
{
    public const string Schema =
        """
        create table epcis_findings (
            seq     bigint not null,
            other   bigint,
            subject text collate "C" not null,
            code    text collate "C" not null,
            primary key (subject, code, seq)
        );
        create index epcis_findings_seq on epcis_findings (seq);
        """;

    /// <summary>Most facts of one item that are weighed.</summary>
    private const int FactsMax = 1000;

    private const int LevelsMax = 8;

    /// <summary>
    /// Facts about items, without declarations of error and without the events that they declare wrong. Laterals with an
    /// offset are looked up by key one by one; joined, a planner without statistics reads the whole table.
    /// </summary>
    public async Task<Dictionary<string, List<ItemFact>>> FactsAsync(
        IEnumerable<string> items, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            """
            with named as materialized (
                select i.uri, x.seq, x.role, false as counted from unnest($1) as i (uri)
                cross join lateral (
                    select seq, role from epcis_epcs where uri = i.uri collate "C" order by seq desc limit $2) x
                union all
                select i.uri, x.seq, x.role, true from unnest($1) as i (uri)
                cross join lateral (
                    select seq, role from epcis_quantities where class_uri = i.uri collate "C" order by seq desc limit $2) x),
            known as materialized (
                select e.seq, e.event_time, e.record_time, e.type, e.action,
                    case when e.type in ('AggregationEvent', 'AssociationEvent', 'TransactionEvent') then
                        (select p.uri from epcis_epcs p where p.seq = e.seq and p.role = 1 limit 1) end as parent,
                    e.type <> 'TransformationEvent'
                        or exists (select 1 from epcis_epcs n where n.seq = e.seq and n.role = 3)
                        or exists (select 1 from epcis_quantities n where n.seq = e.seq and n.role = 3)
                        or e.transformation_id is not null as has_inputs
                from (select distinct seq from named) n
                cross join lateral (select * from epcis_events where seq = n.seq offset 0) e
                where e.error_time is null and (
                    select true from epcis_events d
                    where d.hash = e.hash and d.tenant = e.tenant and d.error_time is not null limit 1) is null)
            select n.uri, n.role, k.seq, k.event_time, k.record_time, k.type, k.action, k.parent, k.has_inputs,
                n.counted
            from named n join known k using (seq)
            """);
        command.Parameters.Add(new() { Value = items.Distinct().ToArray() });
        command.Parameters.Add(new() { Value = FactsMax });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        Dictionary<string, List<ItemFact>> facts = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            string item = reader.GetString(0);
            if (!facts.TryGetValue(item, out List<ItemFact>? known))
                facts.Add(item, known = []);
            known.Add(new ItemFact(
                reader.GetInt64(2), reader.GetFieldValue<DateTimeOffset>(3), reader.GetFieldValue<DateTimeOffset>(4),
                reader.GetString(5), reader.IsDBNull(6) ? null : reader.GetString(6), (EpcRole)reader.GetInt16(1),
                reader.IsDBNull(7) ? null : reader.GetString(7), reader.GetBoolean(8),
                reader.GetBoolean(9)));
        }
        return facts;
    }

    /// <summary>Where the parents of items were packed themselves, level by level.</summary>
    public async Task<Dictionary<string, IReadOnlyList<Stay>>> ParentsAsync(
        IReadOnlyDictionary<string, List<ItemFact>> facts, CancellationToken cancellationToken)
    {
        Dictionary<string, IReadOnlyList<Stay>> stays =
            facts.ToDictionary(f => f.Key, f => Contradictions.Stays(f.Value));
        for (int level = 0; level < LevelsMax; level++)
        {
            string[] next = [.. stays.Values.SelectMany(s => s).Select(s => s.Parent).Distinct()
                .Where(p => !stays.ContainsKey(p))];
            if (next.Length == 0)
                break;
            Dictionary<string, List<ItemFact>> further = await FactsAsync(next, cancellationToken);
            foreach (string parent in next)
                stays.Add(parent, further.TryGetValue(parent, out List<ItemFact>? f) ? Contradictions.Stays(f) : []);
        }
        return stays;
    }

    /// <summary>Puts what is found now in the place of what was found before.</summary>
    public async Task ReplaceAsync(
        IReadOnlyCollection<string> items, IReadOnlyCollection<Finding> findings, CancellationToken cancellationToken)
    {
        await using NpgsqlConnection connection = await store.DataSource.OpenConnectionAsync(cancellationToken);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using NpgsqlBatch batch = new(connection, transaction);
        // What is found can be found again, so the commit need not wait for the disk.
        batch.BatchCommands.Add(new NpgsqlBatchCommand("set local synchronous_commit = off"));
        NpgsqlBatchCommand delete = new("delete from epcis_findings where subject = any($1)");
        delete.Parameters.Add(new() { Value = items.ToArray() });
        batch.BatchCommands.Add(delete);
        NpgsqlBatchCommand insert = new(
            """
            insert into epcis_findings (seq, other, subject, code)
            select u.seq, nullif(u.other, 0), u.subject, u.code
            from unnest($1, $2, $3, $4) as u (seq, other, subject, code)
            on conflict do nothing
            """);
        insert.Parameters.Add(new() { Value = findings.Select(f => f.Seq).ToArray() });
        insert.Parameters.Add(new() { Value = findings.Select(f => f.Other ?? 0).ToArray() });
        insert.Parameters.Add(new() { Value = findings.Select(f => f.Subject).ToArray() });
        insert.Parameters.Add(new() { Value = findings.Select(f => f.Code).ToArray() });
        batch.BatchCommands.Add(insert);
        await batch.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Items that events in a range of positions name, and the last position of the range.</summary>
    public async Task<(IReadOnlyList<string> Items, long Through)> ItemsAsync(
        long after, int events, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            """
            with newest as materialized (select seq from epcis_events where seq > $1 order by seq limit $2)
            select distinct x.uri, (select max(seq) from newest)
            from newest n cross join lateral (
                select uri from epcis_epcs where seq = n.seq
                union all select class_uri from epcis_quantities where seq = n.seq offset 0) x
            """);
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = events });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        List<string> items = [];
        long through = after;
        while (await reader.ReadAsync(cancellationToken))
        {
            items.Add(reader.GetString(0));
            through = reader.GetInt64(1);
        }
        return (items, through);
    }
}
