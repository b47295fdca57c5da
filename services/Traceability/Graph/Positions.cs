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

    // Seen on the way, or a reading: goods that were sent stay in transit until somebody has them.
    private static readonly HashSet<string> Passing = new(StringComparer.Ordinal)
    {
        "sensor_reporting", "inspecting", "sampling", "loading",
    };

    private readonly Dictionary<(long Item, Window Window, IReadOnlySet<string>? Chain), Seen> _carriers = [];
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

    /// <summary>Where an item is, or was at a time.</summary>
    public Position Of(long item, DateTime? until = null)
    {
        Seen seen = LastOf(item, Window.Until(until ?? DateTime.MaxValue), _near.ChainOf(item), 0);
        return new Position(StateOf(item, seen.Telling ?? seen.Last), seen.Last, seen.Located);
    }

    /// <summary>Whether a step says nothing of where goods are but that they were seen.</summary>
    private static bool Passes(Step step) =>
        step is { Kind: StepKind.Object or StepKind.Transaction, Action: StepAction.Observe }
        && (step.BizStep is null ? step.Disposition is null
            : Passing.Contains(step.BizStep) && step.Disposition is (null or "conformant" or "non_conformant"));

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
            { BizStep: "shipping" or "departing" or "transporting" } or { Disposition: "in_transit" } => ItemState.InTransit,
            _ => ItemState.Held,
        };
    }

    private Seen LastOf(long item, Window window, IReadOnlySet<string>? chain, int layer)
    {
        Step? last = null, located = null, telling = null;
        HashSet<Step>? again = Rebirths(item, chain);
        foreach (Incidence i in _near.ToldOf(item))
        {
            // What held the item is told by those whose word counts for the item. The step that ends a stay still tells where it ended.
            if (i.Step.At >= window.From && i.Step.At <= window.To && i.Role != ItemRole.Lot
                && chain?.Contains(i.Step.Tenant) != false && again?.Contains(i.Step) != true)
                Take(new Seen(i.Step, i.Step.Place != 0 ? i.Step : null, Passes(i.Step) ? null : i.Step));
        }
        if (layer == LayersMax)
            return new Seen(last, located, telling);
        foreach (Stay stay in _near.StaysOf(item))
        {
            Window both = window.And(stay.Window);
            if (both.IsEmpty)
                continue;
            if (!_carriers.TryGetValue((stay.Parent, both, chain), out Seen held))
            {
                held = LastOf(stay.Parent, both, chain, layer + 1);
                _carriers[(stay.Parent, both, chain)] = held;
            }
            Take(held);
        }
        return new Seen(last, located, telling);

        void Take(Seen newer)
        {
            last = Newer(last, newer.Last);
            located = Newer(located, newer.Located);
            telling = Newer(telling, newer.Telling);
        }
    }

    /// <summary>
    /// Commissionings of what was commissioned before and not taken out of use since: of several the first that was
    /// recorded counts, and the others don't move what exists. Null where there are none, as for nearly every item.
    /// </summary>
    private HashSet<Step>? Rebirths(long item, IReadOnlySet<string>? chain)
    {
        HashSet<Step>? again = null;
        Step? born = null;
        foreach (Incidence i in _near.ToldOf(item))
        {
            if (i.Participant.Counted || chain?.Contains(i.Step.Tenant) == false)
                continue;
            if (i is { Role: ItemRole.Item, Step: { Kind: StepKind.Object, Action: StepAction.Delete } })
                born = null;
            if (!(i is { Role: ItemRole.Output } or { Role: ItemRole.Item, Step: { Kind: StepKind.Object, Action: StepAction.Add } }))
                continue;
            if (born is not null)
                (again ??= []).Add(born.Number < i.Step.Number ? i.Step : born);
            born = born is null || i.Step.Number < born.Number ? i.Step : born;
        }
        return again;
    }

    private static Step? Newer(Step? known, Step? other) =>
        other is not null && (known is null || Step.Compare(other, known) > 0) ? other : known;

    /// <summary>The last step of all, the last with a place, and the last that says what became of the goods.</summary>
    private readonly record struct Seen(Step? Last, Step? Located, Step? Telling);
}
