using System.Text;
using EventStore;
using Proofs.Merkle;
using Traceability.Graph;
using Traceability.MasterData;
using Traceability.Visibility;

namespace Traceability.Recalls;

/// <summary>An item that a recall reaches.</summary>
/// <param name="Uri">Canonical identifier.</param>
/// <param name="Relation">Why.</param>
/// <param name="State">What became of it.</param>
/// <param name="EventId">The last event that bears on it.</param>
/// <param name="Place">Where it was last seen.</param>
/// <param name="Holder">Who saw it last.</param>
/// <param name="Shown">Whether the recalling organisation may know place and holder by itself.</param>
/// <param name="SeenAt">When it was last seen.</param>
/// <param name="Claimed">
/// Organisations outside of the item's chain that recorded something of it. That moves no figure, but whoever says that
/// it has recalled goods must be warned.
/// </param>
/// <param name="SentTo">The organisation's GLN, canonical, to which the recalling organisation itself sent it last.</param>
public sealed record RecalledItem(
    string Uri, TraceRelation Relation, ItemState State, Guid? EventId, string? Place, string? Holder, bool Shown,
    DateTime? SeenAt, IReadOnlyList<string>? Claimed = null, string? SentTo = null);

/// <summary>All that a recall reaches.</summary>
/// <param name="Items">Items and lots, the targets among them.</param>
/// <param name="Holders">Organisations that hold some, with how many.</param>
/// <param name="Claims">Organisations outside of the items' chains that say so of some, with how many.</param>
/// <param name="Known">Those of them of which the recalling organisation may know.</param>
/// <param name="Found">The figures as they are recorded.</param>
internal sealed record RecallScope(
    IReadOnlyList<RecalledItem> Items, IReadOnlyDictionary<string, int> Holders, IReadOnlyDictionary<string, int> Claims,
    IReadOnlySet<string> Known, RecallEvent.ScopeFound Found);

/// <summary>
/// Finds what a recall reaches. The whole graph is followed, because goods don't stop where the caller's sight does;
/// what it may be told of each item stays the rule of visibility.
/// </summary>
internal sealed class RecallScopes(GraphViews views, Viewers viewers, Store store, TimeProvider time)
{
    private static readonly Viewer Everything = new("", new HashSet<string>(), new HashSet<string>(),
        IsRegulator: true);

    /// <summary>Null where the tenant may call none of the targets back, nor anything that it made of them.</summary>
    /// <param name="tenant">Who recalls.</param>
    /// <param name="isRegulator">Whether it is an authority.</param>
    /// <param name="targets">What is called back.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <param name="opened">
    /// Where in the feed it was opened: whoever owned the products then goes on with it; null for one that begins now.
    /// </param>
    public async Task<RecallScope?> FindAsync(
        string tenant, bool isRegulator, IReadOnlyList<string> targets, CancellationToken cancellation, long? opened = null)
    {
        long begun = time.GetTimestamp();
        GraphView view = await views.OpenAsync(Everything, null, cancellation);
        List<long> start = await StartAsync(view, tenant, isRegulator, targets, opened, cancellation);
        if (start.Count == 0)
            return null;
        TraceResult trace = await new Trace(view.Near, TraceDirection.Down, GetTrace.ItemsMax)
            .RunAsync(start, null, cancellation);
        Viewer viewer = await viewers.OfAsync(tenant, isRegulator, cancellation);
        return await DescribeAsync(view, trace, viewer, begun, cancellation);
    }

    /// <summary>
    /// Where the recall begins. Anybody can record an event about anything, so a record alone gives no standing: it is
    /// the product's owner, for goods of no described product whoever made them first, and the authority. Another's
    /// ingredient begins a recall at what the tenant made of it, and a pallet at the tenant's own goods in it.
    /// </summary>
    private async Task<List<long>> StartAsync(
        GraphView view, string tenant, bool isRegulator, IReadOnlyList<string> targets, long? opened,
        CancellationToken cancellation)
    {
        IReadOnlyDictionary<string, string> owners = await OwnersAsync(
            targets.Select(GraphItem.GtinOf).OfType<string>(), opened, cancellation);
        HashSet<long> start = [];
        foreach (string target in targets)
        {
            if (await view.FindAsync(target, cancellation) is not { } item)
                continue;
            await view.Near.LoadAllAsync([item], cancellation);
            string? gtin = GraphItem.GtinOf(target);
            if (isRegulator || gtin is not null && OwnerOf(view, item, gtin, owners) == tenant)
            {
                start.Add(item);
                continue;
            }
            start.UnionWith(await MadeOfAsync(view, item, tenant, cancellation));
            if (gtin is null)
                start.UnionWith(await OwnInAsync(view, item, tenant, opened, cancellation));
        }
        return [.. start];
    }

    private static string? OwnerOf(GraphView view, long item, string gtin, IReadOnlyDictionary<string, string> owners) =>
        owners.TryGetValue(gtin, out string? described) ? described : Standing.FirstMaker(view.Near.ToldOf(item));

    /// <summary>
    /// The tenant's own goods that were ever in a carrier, through all layers. A carrier is nobody's goods: its number can
    /// be named by anybody before its owner uses it, and what others put into it is theirs.
    /// </summary>
    private async Task<IEnumerable<long>> OwnInAsync(
        GraphView view, long carrier, string tenant, long? opened, CancellationToken cancellation)
    {
        HashSet<long> seen = [carrier], own = [];
        for (long[] layer = [carrier]; layer.Length > 0 && seen.Count <= GetTrace.ItemsMax;)
        {
            await view.Near.LoadAllAsync(layer, cancellation);
            await view.Near.LoadAllAsync(layer.SelectMany(view.Near.ChildrenOf).ToArray(), cancellation);
            long[] inside =
            [
                .. layer.SelectMany(view.Near.StaysIn).Where(s => !s.Window.IsEmpty).Select(s => s.Child).Distinct()
                    .Where(seen.Add),
            ];
            Dictionary<long, string> uris = await view.UrisAsync(inside, cancellation);
            ILookup<bool, (long Item, string? Gtin)> goods =
                inside.Select(i => (Item: i, Gtin: GraphItem.GtinOf(uris[i]))).ToLookup(i => i.Gtin is not null);
            IReadOnlyDictionary<string, string> owners =
                await OwnersAsync(goods[true].Select(g => g.Gtin!), opened, cancellation);
            own.UnionWith(goods[true].Where(g => OwnerOf(view, g.Item, g.Gtin!, owners) == tenant).Select(g => g.Item));
            layer = [.. goods[false].Select(g => g.Item)];
        }
        return own;
    }

    private Task<IReadOnlyDictionary<string, string>> OwnersAsync(
        IEnumerable<string> gtins, long? opened, CancellationToken cancellation) => opened is { } then
            ? ProductOwners.ThenAsync(store, gtins, then, cancellation)
            : ProductOwners.OfAsync(store, gtins, cancellation);

    private static async Task<IEnumerable<long>> MadeOfAsync(
        GraphView view, long item, string tenant, CancellationToken cancellation)
    {
        Step[] own = [.. view.Near.ToldOf(item).Where(i => i.Role == ItemRole.Input && i.Step.Tenant == tenant)
            .Select(i => i.Step)];
        long[] processes = [.. own.Select(s => s.Process).Where(p => p != 0).Distinct()];
        await view.Near.LoadAllAsync(processes, cancellation);
        long[] made = [.. own.Concat(processes.SelectMany(view.Near.ToldOf).Select(i => i.Step).Where(s => s.Tenant == tenant))
            .SelectMany(s => s.Items).Where(p => p.Role == ItemRole.Output).Select(p => p.Item).Distinct()];
        // Anybody can say to have made another's goods of something.
        await view.Near.LoadAllAsync(made, cancellation);
        return made.Where(m => view.Chains.Of(m).Contains(tenant));
    }

    private async Task<RecallScope> DescribeAsync(
        GraphView view, TraceResult trace, Viewer viewer, long begun, CancellationToken cancellation)
    {
        Positions positions = await Positions.LoadAsync(view.Near, trace.Nodes.Select(n => n.Item), cancellation);
        Position[] where = [.. trace.Nodes.Select(n => positions.Of(n.Item))];
        RecallClaims claimed = new(view.Near, viewer);
        ToldOfItem[] told = [.. trace.Nodes.Select(n => claimed.Of(n.Item))];
        Dictionary<long, string> uris = await view.UrisAsync(
            trace.Nodes.Select(n => n.Item).Concat(where.Select(p => p.Located?.Place ?? 0))
                .Concat(told.Select(t => t.Sent?.Destination ?? 0)), cancellation);
        List<RecalledItem> items = new(where.Length);
        Dictionary<string, int> holders = new(StringComparer.Ordinal), claims = new(StringComparer.Ordinal);
        int located = 0, outstanding = 0, sold = 0;
        for (int i = 0; i < where.Length; i++)
        {
            (TraceNode node, Position position) = (trace.Nodes[i], where[i]);
            string uri = uris[node.Item];
            (IReadOnlyCollection<string> claimants, Step? sent) = told[i];
            foreach (string claimant in claimants)
                claims[claimant] = claims.GetValueOrDefault(claimant) + 1;
            items.Add(new RecalledItem(
                uri, node.Relation, position.State, position.Last?.EventId,
                position.Located is { } step ? uris.GetValueOrDefault(step.Place) : null, position.Last?.Tenant,
                position.Last is { } last && VisibilityRule.RelationTo(viewer, last.Tenant, last.Glns) is not null,
                position.Last?.At, claimants.Count > 0 ? [.. claimants] : null,
                sent is null ? null : uris.GetValueOrDefault(sent.Destination)));
            if (GraphItem.KindOf(uri) != GraphItemKind.Instance
                || position.State is ItemState.Used or ItemState.Destroyed)
                continue;
            outstanding++;
            if (position.State == ItemState.Sold)
                sold++;
            if (position is { State: ItemState.Held, Located: not null })
                located++;
            if (position is { State: not ItemState.Sold, Last: { } held })
                holders[held.Tenant] = holders.GetValueOrDefault(held.Tenant) + 1;
        }
        byte[] root = Root(items.Select(i => i.Uri));
        long milliseconds = (long)time.GetElapsedTime(begun).TotalMilliseconds;
        return new RecallScope(items, holders, claims, claimed.Known, new RecallEvent.ScopeFound(
            items.Count, located, outstanding, sold, holders.Count, milliseconds, Convert.ToHexStringLower(root)));
    }

    /// <summary>
    /// RFC 6962 root over the identifiers in ordinal order, so that each can be shown to have been in the recall.
    /// </summary>
    internal static byte[] Root(IEnumerable<string> uris)
    {
        List<byte[]> level = [.. uris.Order(StringComparer.Ordinal)
            .Select(u => MerkleTree.LeafHash(Encoding.UTF8.GetBytes(u)))];
        if (level.Count == 0)
            return MerkleTree.EmptyRoot();
        // Joining neighbours and carrying a lone last one up gives the tree of RFC 6962 for every size.
        while (level.Count > 1)
        {
            List<byte[]> above = new((level.Count + 1) / 2);
            for (int i = 0; i + 1 < level.Count; i += 2)
                above.Add(MerkleTree.NodeHash(level[i], level[i + 1]));
            if (level.Count % 2 == 1)
                above.Add(level[^1]);
            level = above;
        }
        return level[0];
    }
}
