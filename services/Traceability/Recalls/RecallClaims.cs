using Traceability.Graph;
using Traceability.Visibility;

namespace Traceability.Recalls;

/// <summary>What else is told of an item, by itself or by what held it then.</summary>
/// <param name="Claimants">
/// Who outside of the item's chain recorded something of it. That moves no figure, but whoever says that it has recalled goods
/// must be warned.
/// </param>
/// <param name="Sent">The recalling organisation's own last step that sent it to somebody.</param>
internal sealed record ToldOfItem(IReadOnlyCollection<string> Claimants, Step? Sent);

/// <summary>Finds it, item by item; items in one pallet share what is told of that.</summary>
/// <param name="near">The graph with the items and all that ever held them.</param>
/// <param name="viewer">The recalling organisation.</param>
internal sealed class RecallClaims(Neighbourhood near, Viewer viewer)
{
    private const int LayersMax = 16;
    private static readonly ToldOfItem Nothing = new([], null);
    private readonly Dictionary<(long Item, Window Window, IReadOnlySet<string>? Chain), ToldOfItem> _carriers = [];
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    /// <summary>Claimants of which the recalling organisation may know by an event that it sees.</summary>
    public IReadOnlySet<string> Known => _known;

    /// <summary>What is told of an item.</summary>
    public ToldOfItem Of(long item) => Of(item, Window.Since(DateTime.MinValue), near.ChainOf(item), 0);

    private ToldOfItem Of(long item, Window window, IReadOnlySet<string>? chain, int layer)
    {
        HashSet<string>? claimants = null;
        Step? sent = null;
        foreach (Incidence i in near.ToldOf(item))
        {
            Step step = i.Step;
            if (i.Role == ItemRole.Lot || !(window.Contains(step) || step.At == window.To))
                continue;
            if (step.Destination != 0 && step.Tenant == viewer.Tenant)
                sent = Later(sent, step);
            if (chain?.Contains(step.Tenant) != false)
                continue;
            (claimants ??= new(StringComparer.Ordinal)).Add(step.Tenant);
            if (VisibilityRule.RelationTo(viewer, step.Tenant, step.Glns) is not null)
                _known.Add(step.Tenant);
        }
        foreach (Stay stay in layer == LayersMax ? [] : near.StaysOf(item))
        {
            Window both = window.And(stay.Window);
            if (both.IsEmpty)
                continue;
            if (!_carriers.TryGetValue((stay.Parent, both, chain), out ToldOfItem? held))
                _carriers.Add((stay.Parent, both, chain), held = Of(stay.Parent, both, chain, layer + 1));
            sent = Later(sent, held.Sent);
            if (held.Claimants.Count > 0)
                (claimants ??= new(StringComparer.Ordinal)).UnionWith(held.Claimants);
        }
        return claimants is null && sent is null ? Nothing : new ToldOfItem(claimants ?? [], sent);
    }

    private static Step? Later(Step? a, Step? b) => a is null || (b is not null && Step.Compare(b, a) > 0) ? b : a;
}
