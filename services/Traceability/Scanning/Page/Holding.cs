using EventStore;
using Npgsql;
using Traceability.Epcis.Storage;
using Traceability.Graph;
using Traceability.MasterData;

namespace Traceability.Scanning.Page;

/// <summary>Whose word counts for an item, and what held it when, as the queries of the page take it.</summary>
internal sealed class Holding
{
    /// <summary>Nothing is asked of any item.</summary>
    public static readonly Holding None = new([], []);

    private readonly HashSet<string> _chain;
    private readonly IReadOnlyCollection<(string Uri, Held Held)> _held;

    /// <summary>
    /// What held the item, as a table expression over <c>$2</c> to <c>$5</c>; <see cref="Parameters"/> has the values.
    /// </summary>
    public const string Held =
        """
        with held (uri, from_at, to_at, depth) as materialized (
            select * from unnest($2::text[], $3::timestamptz[], $4::timestamptz[], $5::int[]))
        """;

    /// <summary>Organisations whose events the page shows, for <c>= any (…)</c>.</summary>
    public const string Chain = "$1::text[]";

    /// <param name="chain">The organisations whose word counts.</param>
    /// <param name="held">The item and what held it, by canonical id.</param>
    public Holding(IEnumerable<string> chain, IReadOnlyCollection<(string Uri, Held Held)> held)
    {
        (_chain, _held) = ([.. chain], held);
        Parameters =
        [
            _chain.ToArray(), held.Select(h => h.Uri).ToArray(), held.Select(h => Utc(h.Held.From)).ToArray(),
            held.Select(h => Utc(h.Held.To)).ToArray(), held.Select(h => h.Held.Depth).ToArray(),
        ];
    }

    /// <summary>Whether an organisation's word counts.</summary>
    public bool IsOnChain(string tenant) => _chain.Contains(tenant);

    /// <summary>Whether the item was in something at any time, or is it itself.</summary>
    public bool HasHeld(string uri) => _held.Any(h => h.Uri == uri);

    /// <summary>Whether the item was in something, or is it itself, at a time.</summary>
    public bool Holds(string uri, DateTime at) => _held.Any(h => h.Uri == uri && h.Held.From <= at && at <= h.Held.To);

    /// <summary>The first five parameters of a statement.</summary>
    public object[] Parameters { get; }

    private static DateTime Utc(DateTime at) => DateTime.SpecifyKind(at, DateTimeKind.Utc);
}

/// <summary>
/// Reads, in one statement, what is told of an item, its lot, and whatever may have held it, and applies the rule of
/// <see cref="Standing"/> to it, which graph and alarms apply too. Anybody can capture an event about any item, so only
/// events of organisations that can be on a chain at all are read: those named by the product's owner, and owners of a
/// confirmed GLN.
/// </summary>
internal sealed class HoldingReader(Store store)
{
    private static readonly string NotVoided = Declared.NotWrong("e");

    private const string Mentions =
        """
        (select seq, role from epcis_epcs where uri = r.uri
         union all select seq, role from epcis_quantities where class_uri = r.uri)
        """;

    // An item left a box at the latest when the product's owner or whoever packed it says so: they are on the chain, or
    // the packing does not count. Lots that events tell of are in the graph's tables, which follow within moments.
    private static readonly string Told =
        $"""
        with recursive owners (tenant) as materialized (
            select tenant from products where gtin = $3
            union select tenant from product_former_owners where gtin = $3
            union select t.partner from products p join trace_partners t on t.tenant = p.tenant where p.gtin = $3
            union select seller from sellers where gtin = $3
        ), known (tenants) as materialized (
            select array(select tenant from owners union select tenant from trace_gln_owners)
        ), lots (uri, tenant) as materialized (
            select $2, tenant from products where gtin = $3 and $2 <> ''
            union select l.uri, w.word
            from (select id from graph_items where uri = $1) i
            cross join lateral (select number from graph_links where item = i.id offset 0) k
            cross join lateral (select * from graph_steps where number = k.number and voided is null and lots is not null
                offset 0) s
            cross join lateral (select lot from unnest(s.items, s.lots) u (item, lot) where item = i.id and lot <> 0) u
            cross join lateral (select uri from graph_items where id = u.lot) l
            cross join lateral (select word from graph_words where id = s.tenant) w
        ), reach (uri, from_at, to_at, depth) as (
            select * from (
                select $1::text collate "C", '-infinity'::timestamptz, 'infinity'::timestamptz, 0
                union select uri, '-infinity', 'infinity', 1 from lots) b
            union
            select s.parent, s.from_at, least(s.to_at, r.to_at), r.depth + 1
            from reach r cross join lateral (
                select p.uri as parent, e.event_time as from_at, coalesce((
                    select min(d.event_time)
                    from (select seq from epcis_epcs where uri = r.uri and role = 2 offset 0) x
                    cross join lateral (select * from epcis_events where seq = x.seq and error_time is null offset 0) d
                    where d.type in ('AggregationEvent', 'AssociationEvent') and d.action = 'DELETE'
                      and d.event_time >= e.event_time
                      and (d.tenant = e.tenant or d.tenant in (select tenant from owners))
                      and {Declared.NotWrong("d")}
                      and (select true from epcis_epcs where seq = x.seq and role = 1 and uri = p.uri limit 1)),
                    'infinity') as to_at
                from {Mentions} c
                cross join lateral (select * from epcis_events where seq = c.seq and error_time is null offset 0) e
                cross join lateral (select uri from epcis_epcs where seq = c.seq and role = 1 limit 1) p
                where c.role = 2 and e.type in ('AggregationEvent', 'AssociationEvent') and e.action <> 'DELETE'
                  and e.tenant = any ((select tenants from known)::text[])
                  and e.event_time between r.from_at and r.to_at and {NotVoided}) s
            where r.depth < 6
        )
        """;

    private static readonly string Steps =
        $"""
        {Told}
        select r.uri, c.seq, c.role, e.type, e.action, e.event_time, e.tenant, n.named, p.uri, h.children
        from (select distinct uri from reach) r
        cross join lateral {Mentions} c
        cross join lateral (select * from epcis_events where seq = c.seq and error_time is null
            and tenant = any ((select tenants from known)::text[]) offset 0) e
        cross join lateral (
            select array_agg(distinct g.gln || ' ' || g.tenant) as named
            from (select gln from epcis_parties where seq = c.seq and gln is not null offset 0) pa
            cross join lateral (select gln, tenant from trace_gln_owners where gln = pa.gln limit 1) g) n
        left join lateral (select uri from epcis_epcs where seq = c.seq and role = 1
            and e.type in ('AggregationEvent', 'AssociationEvent') limit 1) p on true
        left join lateral (select true as children where
            exists (select from epcis_epcs where seq = c.seq and role = 2 limit 1)
            or exists (select from epcis_quantities where seq = c.seq and role = 2 limit 1)) h on c.role = 1
        where (n.named is not null or p.uri is not null) and {NotVoided}
        """;

    private static readonly string Begin =
        $"""
        {Told}
        select 0, tenant, null from owners union all select 1, tenant, uri from lots
        union all select 2, tenant, null from trace_policies where withheld && array['/parentID', '/childEPCs']
            and tenant = any ((select tenants from known)::text[])
        """;

    /// <summary>What held an item, or a lot, and whose word counts for it.</summary>
    public async Task<Holding> ReadAsync(ItemKey key, CancellationToken cancellation)
    {
        if (key.Serial is null && key.Lot is null)
            return Holding.None;
        string item = key.Serial is null ? key.LotUri : key.ItemUri;
        string lot = key.Serial is null || key.Lot is null ? "" : key.LotUri;
        await using NpgsqlBatch batch = store.DataSource.CreateBatch();
        batch.BatchCommands.Add(Sql.Command(Begin, item, lot, key.Gtin));
        batch.BatchCommands.Add(Sql.Command(Steps, item, lot, key.Gtin));
        await using NpgsqlDataReader rows = await batch.ExecuteReaderAsync(cancellation);
        HashSet<string> begin = new(StringComparer.Ordinal), silent = new(StringComparer.Ordinal);
        Mentioned mentioned = new();
        long number = mentioned.NumberOf(item);
        while (await rows.ReadAsync(cancellation))
        {
            string tenant = rows.GetString(1);
            switch (rows.GetInt32(0))
            {
                case 0:
                    begin.Add(tenant);
                    break;
                case 1:
                    mentioned.AddLot(item, rows.GetString(2), tenant);
                    break;
                default:
                    silent.Add(tenant);
                    break;
            }
        }
        await rows.NextResultAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
            mentioned.Add(rows);
        HashSet<string> chain = Standing.Of(begin, number, mentioned.Telling);
        return new Holding(chain, key.Serial is null ? [] :
            [.. Standing.HeldBy(chain, number, mentioned.Telling, t => !silent.Contains(t))
                .Select(h => (mentioned.UriOf(h.Item), h))]);
    }

    /// <summary>The rows as steps between numbered items.</summary>
    private sealed class Mentioned
    {
        private readonly Dictionary<string, long> _numbers = new(StringComparer.Ordinal);
        private readonly List<string> _uris = [];
        private readonly Dictionary<long, List<Incidence>> _steps = [];
        private readonly Dictionary<string, string> _glnOwners = new(StringComparer.Ordinal);
        private readonly Dictionary<long, Telling> _told = [];

        public long NumberOf(string uri)
        {
            if (_numbers.TryGetValue(uri, out long number))
                return number;
            _uris.Add(uri);
            _numbers.Add(uri, _uris.Count);
            return _uris.Count;
        }

        public string UriOf(long number) => _uris[(int)number - 1];

        public Telling Telling(long item)
        {
            if (!_told.TryGetValue(item, out Telling? told))
                _told.Add(item, told = new Telling(_steps.GetValueOrDefault(item) ?? [], _glnOwners));
            return told;
        }

        /// <summary>An organisation says to which lot an item belongs.</summary>
        public void AddLot(string item, string lot, string tenant) => Add(NumberOf(item), new Step
        {
            Number = 0,
            Kind = StepKind.Object,
            At = DateTime.MinValue,
            Tenant = tenant,
            Items = [new Participant(NumberOf(item), ItemRole.Item, NumberOf(lot))],
        });

        public void Add(NpgsqlDataReader row)
        {
            long item = NumberOf(row.GetString(0));
            List<Participant> items = [new(item, (ItemRole)row.GetInt16(2))];
            if (row.Text(8) is { } parent && items[0].Role != ItemRole.Parent)
                items.Add(new Participant(NumberOf(parent), ItemRole.Parent));
            if (!row.IsDBNull(9))
                items.Add(new Participant(0, ItemRole.Child));
            string[] named = row.IsDBNull(7) ? [] : row.GetFieldValue<string[]>(7);
            foreach (string[] pair in named.Select(n => n.Split(' ', 2)))
                _glnOwners[pair[0]] = pair[1];
            Add(item, new Step
            {
                Number = row.GetInt64(1),
                Kind = row.GetString(3) switch
                {
                    "AggregationEvent" => StepKind.Aggregation,
                    "AssociationEvent" => StepKind.Association,
                    _ => StepKind.Object,
                },
                Action = row.Text(4) switch
                {
                    "ADD" => StepAction.Add,
                    "OBSERVE" => StepAction.Observe,
                    "DELETE" => StepAction.Delete,
                    _ => StepAction.None,
                },
                At = row.GetDateTime(5),
                Tenant = row.GetString(6),
                Glns = [.. named.Select(n => n.Split(' ', 2)[0])],
                Items = [.. items],
            });
        }

        private void Add(long item, Step step)
        {
            if (!_steps.TryGetValue(item, out List<Incidence>? steps))
                _steps.Add(item, steps = []);
            steps.Add(new Incidence(step, 0));
        }
    }
}
