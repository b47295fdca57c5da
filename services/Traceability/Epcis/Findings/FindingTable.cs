using EventStore;
using Npgsql;
using Traceability.Epcis.Storage;
using Traceability.Graph;
using Traceability.Visibility;

namespace Traceability.Epcis.Findings;

/// <summary>Facts about items, read from the event tables, and what was found in them.</summary>
internal sealed class FindingTable(Store store, GraphViews views)
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

    /// <summary>Finds the other events of a process.</summary>
    public const string Processes =
        "create index epcis_events_transformation on epcis_events (transformation_id) where transformation_id is not null";

    /// <summary>Most facts of one item that are weighed.</summary>
    private const int FactsMax = 1000;

    private const int LevelsMax = 8;

    /// <summary>That an event <c>e</c> is no declaration of error, and none names it.</summary>
    private static readonly string Stands = $"e.error_time is null and {Declared.NotWrong("e")}";

    /// <summary>
    /// Facts about items of organisations on each item's chain, without declarations of error and without the events that
    /// they declare wrong: anybody can record an event about anything.
    /// </summary>
    /// <param name="items">Canonical ids.</param>
    /// <param name="own">An organisation whose own word counts too, so that it does not contradict itself.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Dictionary<string, List<ItemFact>>> FactsAsync(
        IEnumerable<string> items, string? own, CancellationToken cancellationToken)
    {
        string[] asked = [.. items.Distinct()];
        Dictionary<string, List<ItemFact>> facts = await ToldAsync(asked, null, cancellationToken);
        Dictionary<string, HashSet<string>> chains = await OwnersAsync(facts.Keys, cancellationToken);
        List<string> doubtful = [];
        foreach ((string item, List<ItemFact> told) in facts)
        {
            HashSet<string> tenants = [.. told.Select(f => f.Tenant)];
            if (!chains.TryAdd(item, tenants) ? !tenants.IsSubsetOf(chains[item]) : tenants.Count > 1 || told.Count >= FactsMax)
                doubtful.Add(item);
        }
        foreach ((string item, IReadOnlySet<string> chain) in await ChainsAsync(doubtful, cancellationToken))
            chains[item] = [.. chain];
        if (own is not null)
            chains.Values.ToList().ForEach(c => c.Add(own));
        Dictionary<string, List<ItemFact>> counted = await ToldAsync(doubtful, chains, cancellationToken);
        foreach (string item in doubtful)
            facts[item] = counted.GetValueOrDefault(item, []);
        await AddEndsAsync(facts, chains, cancellationToken);
        return facts;
    }

    /// <summary>
    /// The newest facts about items, of whomever or of each item's chain. Laterals with an offset are looked up by key one
    /// by one; joined, a planner without statistics reads the whole table.
    /// </summary>
    private async Task<Dictionary<string, List<ItemFact>>> ToldAsync(
        IReadOnlyCollection<string> items, Dictionary<string, HashSet<string>>? chains, CancellationToken cancellationToken)
    {
        if (items.Count == 0)
            return [];
        string of = chains is null ? Stands : $"{Stands} and e.tenant = any(string_to_array(i.chain, chr(10)))";
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            $"""
            with named as materialized (
                select i.uri, x.seq, x.role, false as counted from unnest($1, $3) as i (uri, chain)
                cross join lateral (
                    select t.seq, t.role from epcis_epcs t
                    cross join lateral (select * from epcis_events where seq = t.seq offset 0) e
                    where t.uri = i.uri collate "C" and {of} order by t.seq desc limit $2) x
                union all
                select i.uri, x.seq, x.role, true from unnest($1, $3) as i (uri, chain)
                cross join lateral (
                    select t.seq, t.role from epcis_quantities t
                    cross join lateral (select * from epcis_events where seq = t.seq offset 0) e
                    where t.class_uri = i.uri collate "C" and {of} order by t.seq desc limit $2) x),
            known as materialized (
                select e.seq, e.event_time, e.record_time, e.type, e.action, e.tenant,
                    case when e.type in ('AggregationEvent', 'AssociationEvent', 'TransactionEvent') then
                        (select p.uri from epcis_epcs p where p.seq = e.seq and p.role = 1 limit 1) end as parent,
                    e.type <> 'TransformationEvent'
                        or exists (select 1 from epcis_epcs n where n.seq = e.seq and n.role = 3)
                        or exists (select 1 from epcis_quantities n where n.seq = e.seq and n.role = 3)
                        or exists (
                            select 1 from (select seq, hash, tenant from epcis_events
                                where transformation_id = e.transformation_id and error_time is null offset 0) t
                            where t.tenant = e.tenant
                              and (exists (select 1 from epcis_epcs n where n.seq = t.seq and n.role = 3)
                                or exists (select 1 from epcis_quantities n where n.seq = t.seq and n.role = 3))
                              and {Declared.NotWrong("t")}) as has_inputs
                from (select distinct seq from named) n
                cross join lateral (select * from epcis_events where seq = n.seq offset 0) e)
            select n.uri, n.role, k.seq, k.event_time, k.record_time, k.type, k.action, k.parent, k.has_inputs,
                n.counted, k.tenant
            from named n join known k using (seq)
            """);
        command.Parameters.Add(new() { Value = items.ToArray() });
        command.Parameters.Add(new() { Value = FactsMax });
        command.Parameters.Add(new() { Value = items.Select(i => chains is null ? "" : string.Join('\n', chains[i])).ToArray() });
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
                reader.GetBoolean(9), reader.GetString(10)));
        }
        return facts;
    }

    /// <summary>The owner of each item's described product with its partners and sellers; others are left out.</summary>
    private async Task<Dictionary<string, HashSet<string>>> OwnersAsync(
        IEnumerable<string> items, CancellationToken cancellationToken)
    {
        ILookup<string, string> byGtin = items.Where(i => GraphItem.GtinOf(i) is not null).ToLookup(i => GraphItem.GtinOf(i)!);
        IReadOnlyDictionary<string, IReadOnlySet<string>> read =
            await ChainNames.OwnersAsync(store, [.. byGtin.Select(g => g.Key)], cancellationToken);
        return read.SelectMany(o => byGtin[o.Key].Select(item => (item, o.Value)))
            .ToDictionary(o => o.item, o => o.Value.ToHashSet());
    }

    /// <summary>Whose word counts for items of which not only owner or first maker tell.</summary>
    private async Task<Dictionary<string, IReadOnlySet<string>>> ChainsAsync(
        List<string> items, CancellationToken cancellationToken)
    {
        if (items.Count == 0)
            return [];
        GraphView view = await views.OpenAsync(Viewer.Public, null, cancellationToken);
        Dictionary<long, string> numbers = await view.FindAsync(items, cancellationToken);
        await view.Chains.StepsOfAsync(numbers.Keys, structuralOnly: false, cancellationToken);
        return numbers.ToDictionary(n => n.Value, n => view.Chains.Of(n.Key));
    }

    /// <summary>
    /// Adds what ended all stays in the parents of items: emptied, used up or taken out of use by somebody on the item's
    /// chain.
    /// </summary>
    private async Task AddEndsAsync(
        Dictionary<string, List<ItemFact>> facts, Dictionary<string, HashSet<string>> chains,
        CancellationToken cancellationToken)
    {
        ILookup<string, string> inside = facts
            .SelectMany(f => f.Value.Where(x => x is { Role: EpcRole.Child, Counted: false, Parent: not null })
                .Select(x => (Item: f.Key, x.Parent)).Distinct())
            .ToLookup(x => x.Parent!, x => x.Item);
        if (inside.Count == 0)
            return;
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            $"""
            select p.uri, e.seq, e.event_time, e.record_time, e.type, e.action, e.tenant from unnest($1) as p (uri)
            cross join lateral (
                select e.* from (select seq, role from epcis_epcs where uri = p.uri collate "C" and role in (0, 1, 3)) x
                cross join lateral (select * from epcis_events where seq = x.seq offset 0) e
                where e.tenant = any($3) and {Stands} and case x.role
                    when 1 then e.action = 'DELETE' and e.type in ('AggregationEvent', 'AssociationEvent')
                        and (select true from epcis_epcs where seq = x.seq and role = 2 limit 1) is null
                        and (select true from epcis_quantities where seq = x.seq and role = 2 limit 1) is null
                    when 0 then e.action = 'DELETE' and e.type = 'ObjectEvent' else true end
                order by e.seq desc limit $2) e
            """);
        command.Parameters.Add(new() { Value = inside.Select(p => p.Key).ToArray() });
        command.Parameters.Add(new() { Value = FactsMax });
        command.Parameters.Add(new() { Value = chains.Values.SelectMany(c => c).Distinct().ToArray() });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            string parent = reader.GetString(0);
            ItemFact end = new(
                reader.GetInt64(1), reader.GetFieldValue<DateTimeOffset>(2), reader.GetFieldValue<DateTimeOffset>(3),
                reader.GetString(4), reader.IsDBNull(5) ? null : reader.GetString(5), EpcRole.Child, parent, true,
                Tenant: reader.GetString(6), OfParent: true);
            foreach (string item in inside[parent].Where(i => chains[i].Contains(end.Tenant)))
                facts[item].Add(end);
        }
    }

    /// <summary>Where the parents of items were packed themselves, level by level.</summary>
    public async Task<Dictionary<string, IReadOnlyList<Stay>>> ParentsAsync(
        IReadOnlyDictionary<string, List<ItemFact>> facts, string? own, CancellationToken cancellationToken)
    {
        Dictionary<string, IReadOnlyList<Stay>> stays =
            facts.ToDictionary(f => f.Key, f => Contradictions.Stays(f.Value));
        for (int level = 0; level < LevelsMax; level++)
        {
            string[] next = [.. stays.Values.SelectMany(s => s).Select(s => s.Parent).Distinct()
                .Where(p => !stays.ContainsKey(p))];
            if (next.Length == 0)
                break;
            Dictionary<string, List<ItemFact>> further = await FactsAsync(next, own, cancellationToken);
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

    /// <summary>
    /// Items that events in a range of positions name, and the last position of the range. All transformation events of one
    /// process are one transformation (EPCIS 2.0 §7.4.6), so what the others of it name is weighed anew too.
    /// </summary>
    public async Task<(IReadOnlyList<string> Items, long Through)> ItemsAsync(
        long after, int events, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            """
            with newest as materialized (
                select seq, tenant, transformation_id from epcis_events where seq > $1 order by seq limit $2)
            select distinct x.uri, (select max(seq) from newest)
            from (
                select seq from newest
                union select o.seq from newest n cross join lateral (
                    select seq from epcis_events where transformation_id = n.transformation_id and tenant = n.tenant
                    order by seq desc limit $3) o) n
            cross join lateral (
                select uri from epcis_epcs where seq = n.seq
                union all select class_uri from epcis_quantities where seq = n.seq offset 0) x
            """);
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = events });
        command.Parameters.Add(new() { Value = FactsMax });
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
