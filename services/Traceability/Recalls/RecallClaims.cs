using Traceability.Graph;
using Traceability.Visibility;

namespace Traceability.Recalls;

/// <summary>
/// Who outside of an item's chain recorded something of it, or of what held it then. That moves no figure, but whoever says
/// that it has recalled goods must be warned.
/// </summary>
/// <param name="near">The graph with the items and all that ever held them.</param>
/// <param name="viewer">The recalling organisation.</param>
internal sealed class RecallClaims(Neighbourhood near, Viewer viewer)
{
    private const int LayersMax = 16;
    private static readonly HashSet<string> Nobody = [];
    private readonly Dictionary<(long Item, Window Window, IReadOnlySet<string> Chain), HashSet<string>> _carriers = [];
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    /// <summary>Claimants of which the recalling organisation may know by an event that it sees.</summary>
    public IReadOnlySet<string> Known => _known;

    /// <summary>The claimants of an item; none where everybody's word counts.</summary>
    public IReadOnlyCollection<string> Of(long item) => near.ChainOf(item) is { } chain
        ? Of(item, Window.Since(DateTime.MinValue), chain, 0) : Nobody;

    private HashSet<string> Of(long item, Window window, IReadOnlySet<string> chain, int layer)
    {
        HashSet<string>? claimants = null;
        foreach (Incidence i in near.ToldOf(item))
        {
            if (chain.Contains(i.Step.Tenant) || !(window.Contains(i.Step) || i.Step.At == window.To))
                continue;
            (claimants ??= new(StringComparer.Ordinal)).Add(i.Step.Tenant);
            if (VisibilityRule.RelationTo(viewer, i.Step.Tenant, i.Step.Glns) is not null)
                _known.Add(i.Step.Tenant);
        }
        if (layer == LayersMax)
            return claimants ?? Nobody;
        foreach (Stay stay in near.StaysOf(item))
        {
            Window both = window.And(stay.Window);
            if (both.IsEmpty)
                continue;
            if (!_carriers.TryGetValue((stay.Parent, both, chain), out HashSet<string>? held))
                _carriers.Add((stay.Parent, both, chain), held = Of(stay.Parent, both, chain, layer + 1));
            if (held.Count > 0)
                (claimants ??= new(StringComparer.Ordinal)).UnionWith(held);
        }
        return claimants ?? Nobody;
    }
}
