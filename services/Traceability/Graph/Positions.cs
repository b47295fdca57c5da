namespace Traceability.Graph;

/// <summary>What became of an item, as far as is recorded.</summary>
public enum ItemState
{
    /// <summary>Nothing is recorded of it.</summary>
    Unknown,

    /// <summary>At a place, or with whoever saw it last.</summary>
    Held,

    /// <summary>Sent and not yet received.</summary>
    InTransit,

    /// <summary>Sold to a consumer.</summary>
    Sold,

    /// <summary>Used up in a transformation.</summary>
    Used,

    /// <summary>Destroyed or decommissioned.</summary>
    Destroyed,
}

/// <summary>Where an item was last seen, itself or in what held it.</summary>
/// <param name="State">What became of it.</param>
/// <param name="Last">The last step that bears on it, or null.</param>
/// <param name="Located">The last step that names its place, or null.</param>
public sealed record Position(ItemState State, Step? Last, Step? Located);

/// <summary>Finds where items are.</summary>
internal sealed class Positions
{
    private const int LayersMax = 16;
    private readonly Dictionary<(long Item, Window Window, IReadOnlySet<string>? Chain), (Step? Last, Step? Located)> _carriers = [];
    private readonly Neighbourhood _near;

    private Positions(Neighbourhood near) => _near = near;

    /// <summary>Loads the items and all that ever held them, layer by layer.</summary>
    public static async Task<Positions> LoadAsync(
        Neighbourhood near, IEnumerable<long> items, CancellationToken cancellation)
    {
        HashSet<long> seen = [.. items];
        for (long[] layer = [.. seen]; layer.Length > 0;)
        {
            await near.LoadAllAsync(layer, cancellation);
            layer = [.. layer.SelectMany(near.ParentsOf).Where(seen.Add)];
        }
        return new Positions(near);
    }

    public Position Of(long item)
    {
        (Step? last, Step? located) = LastOf(item, Window.Since(DateTime.MinValue), _near.ChainOf(item), 0);
        return new Position(StateOf(item, last), last, located);
    }

    private ItemState StateOf(long item, Step? last)
    {
        if (last is null)
            return ItemState.Unknown;
        Incidence? own = null;
        foreach (Incidence i in _near.Of(item))
        {
            if (i.Step == last)
                own = i;
        }
        bool counted = own?.Participant.Counted == true;
        return last switch
        {
            { Kind: StepKind.Transformation } when own?.Role is not ItemRole.Output && !counted => ItemState.Used,
            { BizStep: "destroying" or "decommissioning" } or { Disposition: "destroyed" } => ItemState.Destroyed,
            { BizStep: "retail_selling" } or { Disposition: "retail_sold" or "dispensed" } => ItemState.Sold,
            { Kind: StepKind.Object, Action: StepAction.Delete } when !counted => ItemState.Destroyed,
            { BizStep: "shipping" or "departing" } or { Disposition: "in_transit" } => ItemState.InTransit,
            _ => ItemState.Held,
        };
    }

    private (Step? Last, Step? Located) LastOf(long item, Window window, IReadOnlySet<string>? chain, int layer)
    {
        Step? last = null, located = null;
        foreach (Incidence i in _near.ToldOf(item))
        {
            // What held the item is told by those whose word counts for the item. The step that ends a stay still tells where it ended.
            if (i.Step.At >= window.From && i.Step.At <= window.To && i.Role != ItemRole.Lot
                && chain?.Contains(i.Step.Tenant) != false)
                Take(i.Step, i.Step.Place != 0 ? i.Step : null);
        }
        if (layer == LayersMax)
            return (last, located);
        foreach (Stay stay in _near.StaysOf(item))
        {
            Window both = window.And(stay.Window);
            if (both.IsEmpty)
                continue;
            if (!_carriers.TryGetValue((stay.Parent, both, chain), out (Step? Last, Step? Located) held))
            {
                held = LastOf(stay.Parent, both, chain, layer + 1);
                _carriers[(stay.Parent, both, chain)] = held;
            }
            Take(held.Last, held.Located);
        }
        return (last, located);

        void Take(Step? newer, Step? place)
        {
            if (newer is not null && (last is null || Step.Compare(newer, last) > 0))
                last = newer;
            if (place is not null && (located is null || Step.Compare(place, located) > 0))
                located = place;
        }
    }
}
