using System.Runtime.InteropServices;
using EventStore;
using Npgsql;

namespace Traceability.Graph;

/// <summary>What master data says of whose word counts.</summary>
internal interface IChainNames
{
    /// <summary>The owner of each item's described product with its partners and sellers; others are left out.</summary>
    Task<IReadOnlyDictionary<long, IReadOnlySet<string>>> OwnersAsync(
        IReadOnlyCollection<long> items, CancellationToken cancellation);

    /// <summary>Each organisation with the partners that it named.</summary>
    Task<IReadOnlyDictionary<string, IReadOnlySet<string>>> PartnersAsync(
        IReadOnlyCollection<string> tenants, CancellationToken cancellation);

    /// <summary>The organisations to which confirmed GLNs belong.</summary>
    Task<IReadOnlyDictionary<string, string>> GlnOwnersAsync(
        IReadOnlyCollection<string> glns, CancellationToken cancellation);
}

/// <summary>
/// Learns the chain of each item whose rows pass. Most items have steps of their owner and those that it named alone;
/// only for the others all steps of what held them are read. The chain rests on all events, whatever the viewer sees.
/// </summary>
internal sealed class Chains(IGraphRows rows, IChainNames names, Func<Step, bool> known) : IGraphRows
{
    private const int LayersMax = 6;
    private readonly Dictionary<long, IReadOnlySet<string>> _of = [];
    private readonly Dictionary<string, IReadOnlySet<string>> _sets = new(StringComparer.Ordinal);
    private readonly Dictionary<long, List<Incidence>> _whole = [];
    private readonly Dictionary<string, string> _glns = new(StringComparer.Ordinal);

    /// <summary>The organisations whose word counts for an item that was asked for.</summary>
    public IReadOnlySet<string> Of(long item) => _of[item];

    /// <summary>What others recorded of an item that was asked for with its sightings.</summary>
    public IEnumerable<Step> OutsidersOf(long item) => _whole.TryGetValue(item, out List<Incidence>? told)
        ? told.Select(i => i.Step).Where(s => !_of[item].Contains(s.Tenant)).Distinct() : [];

    public async ValueTask<IReadOnlyList<Step>> StepsOfAsync(
        IReadOnlyCollection<long> items, bool structuralOnly, CancellationToken cancellation)
    {
        IReadOnlyList<Step> steps = await rows.StepsOfAsync(items, structuralOnly, cancellation);
        Dictionary<long, List<Incidence>> of = ByItem(items, steps);
        IReadOnlyDictionary<long, IReadOnlySet<string>> owners = await names.OwnersAsync(items, cancellation);
        List<long> doubtful = [];
        foreach (long item in items)
        {
            IReadOnlySet<string> begin = owners.TryGetValue(item, out IReadOnlySet<string>? described)
                ? described : One(Beginner(of[item]));
            _of[item] = begin;
            if (of[item].Exists(i => !begin.Contains(i.Step.Tenant)))
                doubtful.Add(item);
        }
        if (doubtful.Count > 0)
            await ResolveAsync(doubtful, owners, cancellation);
        return steps;
    }

    private async Task ResolveAsync(
        List<long> doubtful, IReadOnlyDictionary<long, IReadOnlySet<string>> owners, CancellationToken cancellation)
    {
        HashSet<long> layer = [.. doubtful];
        for (int depth = 0; depth <= LayersMax && layer.Count > 0; depth++)
        {
            long[] missing = [.. layer.Where(i => !_whole.ContainsKey(i))];
            if (missing.Length > 0)
            {
                IReadOnlyList<Step> steps = await rows.StepsOfAsync(missing, structuralOnly: false, cancellation);
                foreach ((long item, List<Incidence> list) in ByItem(missing, steps))
                    _whole[item] = list;
            }
            layer = [.. layer.SelectMany(i => _whole[i]).SelectMany(Above).Where(i => i != 0)];
        }
        await LearnGlnsAsync(cancellation);
        Dictionary<long, string?> makers = doubtful.Where(i => !owners.ContainsKey(i))
            .ToDictionary(i => i, i => Beginner(_whole[i]));
        IReadOnlyDictionary<string, IReadOnlySet<string>> partners = await names.PartnersAsync(
            [.. makers.Values.OfType<string>().Distinct()], cancellation);
        Dictionary<long, Telling> told = [];
        foreach (long item in doubtful)
        {
            cancellation.ThrowIfCancellationRequested();
            IReadOnlySet<string> begin = owners.TryGetValue(item, out IReadOnlySet<string>? described) ? described
                : makers[item] is { } maker ? partners[maker] : One(null);
            _of[item] = Shared(Standing.Of(begin, item, TellingOf));
        }

        Telling TellingOf(long item)
        {
            if (!told.TryGetValue(item, out Telling? telling))
                told.Add(item, telling = _whole.TryGetValue(item, out List<Incidence>? steps) ? new Telling(steps, _glns) : Telling.None);
            return telling;
        }
    }

    private static string? Beginner(List<Incidence> steps) => Standing.FirstMaker(steps) ?? Standing.First(steps);

    private static IEnumerable<long> Above(Incidence i) =>
        [i.Participant.Lot, i.Role == ItemRole.Child ? i.Step.Parent : 0];

    private async Task LearnGlnsAsync(CancellationToken cancellation)
    {
        string[] missing = [.. _whole.Values.SelectMany(l => l).SelectMany(i => i.Step.Glns).Distinct()
            .Where(g => !_glns.ContainsKey(g))];
        if (missing.Length == 0)
            return;
        foreach ((string gln, string tenant) in await names.GlnOwnersAsync(missing, cancellation))
            _glns[gln] = tenant;
    }

    private Dictionary<long, List<Incidence>> ByItem(IEnumerable<long> items, IReadOnlyList<Step> steps)
    {
        Dictionary<long, List<Incidence>> of = items.Distinct().ToDictionary(i => i, _ => new List<Incidence>());
        foreach (Step step in steps.Where(known))
        {
            for (int n = 0; n < step.Items.Length; n++)
            {
                if (of.TryGetValue(step.Items[n].Item, out List<Incidence>? list))
                    list.Add(new Incidence(step, n));
            }
        }
        return of;
    }

    private IReadOnlySet<string> One(string? tenant) => Shared(tenant is null ? [] : [tenant]);

    /// <summary>Equal chains are one object: few organisations handle many items.</summary>
    private IReadOnlySet<string> Shared(HashSet<string> chain)
    {
        string key = chain.Count == 1 ? chain.First() : string.Join('\n', chain.Order(StringComparer.Ordinal));
        ref IReadOnlySet<string>? known = ref CollectionsMarshal.GetValueRefOrAddDefault(_sets, key, out _);
        return known ??= chain;
    }
}

/// <summary>Reads whose word counts from the master data.</summary>
internal sealed class ChainNames(Store store, Func<IEnumerable<long>, CancellationToken, Task<Dictionary<long, string>>> uris)
    : IChainNames
{
    private readonly Dictionary<string, IReadOnlySet<string>?> _owners = new(StringComparer.Ordinal);

    public async Task<IReadOnlyDictionary<long, IReadOnlySet<string>>> OwnersAsync(
        IReadOnlyCollection<long> items, CancellationToken cancellation)
    {
        Dictionary<long, string> gtins = [];
        foreach ((long item, string uri) in await uris(items, cancellation))
        {
            if (GraphItem.GtinOf(uri) is { } gtin)
                gtins.Add(item, gtin);
        }
        string[] missing = [.. gtins.Values.Distinct().Where(g => !_owners.ContainsKey(g))];
        if (missing.Length > 0)
        {
            IReadOnlyDictionary<string, IReadOnlySet<string>> read = await OwnersAsync(store, missing, cancellation);
            foreach (string gtin in missing)
                _owners[gtin] = read.GetValueOrDefault(gtin);
        }
        Dictionary<long, IReadOnlySet<string>> found = [];
        foreach ((long item, string gtin) in gtins)
        {
            if (_owners[gtin] is { } owners)
                found.Add(item, owners);
        }
        return found;
    }

    /// <summary>The owners of described products, by GTIN, with their partners and sellers.</summary>
    public static async Task<IReadOnlyDictionary<string, IReadOnlySet<string>>> OwnersAsync(
        Store store, IReadOnlyCollection<string> gtins, CancellationToken cancellation) =>
        await PairsAsync(
            store,
            """
            with own as (select gtin, tenant from products where gtin = any($1))
            select gtin, tenant from own
            union select o.gtin, f.tenant from own o join product_former_owners f on f.gtin = o.gtin
            union select o.gtin, t.partner from own o join trace_partners t on t.tenant = o.tenant
            union select s.gtin, s.seller from own o join sellers s on s.gtin = o.gtin
            """, gtins, cancellation);

    public async Task<IReadOnlyDictionary<string, IReadOnlySet<string>>> PartnersAsync(
        IReadOnlyCollection<string> tenants, CancellationToken cancellation) =>
        await PairsAsync(
            store,
            """
            select t, t from unnest($1) u (t)
            union all select tenant, partner from trace_partners where tenant = any($1)
            """, tenants, cancellation);

    public async Task<IReadOnlyDictionary<string, string>> GlnOwnersAsync(
        IReadOnlyCollection<string> glns, CancellationToken cancellation) =>
        (await PairsAsync(store, "select gln, tenant from trace_gln_owners where gln = any($1)", glns, cancellation))
            .ToDictionary(p => p.Key, p => p.Value.First());

    private static async Task<Dictionary<string, IReadOnlySet<string>>> PairsAsync(
        Store store, string sql, IReadOnlyCollection<string> keys, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(sql);
        command.Parameters.Add(new() { Value = keys.ToArray() });
        Dictionary<string, IReadOnlySet<string>> pairs = new(StringComparer.Ordinal);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            if (!pairs.TryGetValue(reader.GetString(0), out IReadOnlySet<string>? set))
                pairs.Add(reader.GetString(0), set = new HashSet<string>(StringComparer.Ordinal));
            ((HashSet<string>)set).Add(reader.GetString(1));
        }
        return pairs;
    }
}
