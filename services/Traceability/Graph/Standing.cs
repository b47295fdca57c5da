namespace Traceability.Graph;

/// <summary>
/// Whose word counts for an item; pure. Anybody can record an event about anything, so a record alone gives no standing:
/// the product's owner has it with those that it named, and whoever a confirmed GLN belongs to that one on the chain names
/// as source, destination or place of the item, its lot, or what held it at that time.
/// </summary>
internal static class Standing
{
    private const int LayersMax = 6;

    /// <summary>The organisations whose steps of an item count.</summary>
    /// <param name="begin">The product's owner, its partners and sellers.</param>
    /// <param name="item">The item.</param>
    /// <param name="of">What is told of an item, a lot, or what held it, as far as it is known.</param>
    public static HashSet<string> Of(IReadOnlySet<string> begin, long item, Func<long, Telling> of)
    {
        HashSet<string> chain = [.. begin];
        // Who joins may have packed the item into something else, so all is looked at again until nobody joins.
        for (int before = -1; before < chain.Count;)
        {
            before = chain.Count;
            foreach (Held at in Walk(chain, item, of, withLots: true, _ => true))
                of(at.Item).AddNamed(chain, at.From, at.To);
        }
        return chain;
    }

    /// <summary>The item for ever, and what held it while it did, through all layers, by the steps of its chain.</summary>
    /// <param name="chain">The organisations whose steps count.</param>
    /// <param name="item">The item.</param>
    /// <param name="of">What is told of it and of what held it.</param>
    /// <param name="tells">Whether an organisation's packing may be told.</param>
    public static IEnumerable<Held> HeldBy(
        HashSet<string> chain, long item, Func<long, Telling> of, Func<string, bool> tells) =>
        Walk(chain, item, of, withLots: false, tells);

    // The chain may grow while it is walked.
    private static IEnumerable<Held> Walk(
        HashSet<string> chain, long item, Func<long, Telling> of, bool withLots, Func<string, bool> tells)
    {
        HashSet<(long Item, DateTime From)> seen = [];
        Queue<Held> held = new([new Held(item, DateTime.MinValue, DateTime.MaxValue, 0)]);
        while (held.TryDequeue(out Held at))
        {
            yield return at;
            Telling told = of(at.Item);
            if (withLots && at.Depth == 0)
            {
                foreach ((long lot, string tenant) in told.Lots)
                {
                    if (chain.Contains(tenant) && seen.Add((lot, DateTime.MinValue)))
                        held.Enqueue(new Held(lot, DateTime.MinValue, DateTime.MaxValue, 1));
                }
            }
            if (at.Depth >= LayersMax)
                continue;
            foreach (Step packed in told.Packings)
            {
                if (packed.At >= at.From && packed.At <= at.To && chain.Contains(packed.Tenant) && tells(packed.Tenant)
                    && seen.Add((packed.Parent, packed.At)))
                    held.Enqueue(new Held(
                        packed.Parent, packed.At, End(packed, at.To, told, of(packed.Parent), chain), at.Depth + 1));
            }
        }
    }

    /// <summary>Who first recorded that something of no described product began; null where nobody did.</summary>
    public static string? FirstMaker(IEnumerable<Incidence> steps) => First(steps.Where(i => i.Role == ItemRole.Output
        || (i.Step.Action == StepAction.Add && i.Role is ItemRole.Item or ItemRole.Lot or ItemRole.Parent)));

    /// <summary>Who recorded anything first.</summary>
    public static string? First(IEnumerable<Incidence> steps) =>
        steps.Select(i => i.Step).MinBy(s => s.Number)?.Tenant;

    private static DateTime End(Step packed, DateTime to, Telling child, Telling parent, HashSet<string> chain)
    {
        foreach (Step step in child.Unpackings.Concat(parent.Emptyings))
        {
            if (step.Parent == packed.Parent && step.At >= packed.At && step.At < to && chain.Contains(step.Tenant))
                to = step.At;
        }
        return to;
    }
}

/// <summary>What an item, its lot, or a thing that held it was to it.</summary>
/// <param name="Item">The item, its lot, or what held it.</param>
/// <param name="From">Since when it held the item; the beginning of time for itself.</param>
/// <param name="To">Until when.</param>
/// <param name="Depth">Zero for the item itself; one for the box that held it, two for the pallet that held the box.</param>
internal readonly record struct Held(long Item, DateTime From, DateTime To, int Depth);

/// <summary>
/// What is told of one item as far as standing hangs on it. Many items share a lot or a pallet that thousands of steps name,
/// so it is summed up once.
/// </summary>
internal sealed class Telling
{
    /// <summary>Nothing is told.</summary>
    public static readonly Telling None = new([], new Dictionary<string, string>());

    private readonly Dictionary<string, List<(string Named, DateTime[] At)>> _named = new(StringComparer.Ordinal);

    /// <param name="steps">All steps of the item.</param>
    /// <param name="glnOwners">Organisations by their confirmed GLNs.</param>
    public Telling(IReadOnlyList<Incidence> steps, IReadOnlyDictionary<string, string> glnOwners)
    {
        Lots = [.. steps.Where(i => i.Participant.Lot != 0).Select(i => (i.Participant.Lot, i.Step.Tenant)).Distinct()];
        Packings = [.. Contained(StepAction.Add).Concat(Contained(StepAction.Observe)).Select(i => i.Step).Where(s => s.Parent != 0)];
        Unpackings = [.. Contained(StepAction.Delete).Select(i => i.Step)];
        Emptyings =
        [
            .. steps.Where(i => i is { Role: ItemRole.Parent, Step: { IsContainment: true, Action: StepAction.Delete } })
                .Select(i => i.Step).Where(s => !s.Has(ItemRole.Child)),
        ];
        foreach (var pair in steps.SelectMany(i => i.Step.Glns.Where(glnOwners.ContainsKey)
                         .Select(g => (i.Step.Tenant, Named: glnOwners[g], i.Step.At)))
                     .GroupBy(n => (n.Tenant, n.Named), n => n.At))
        {
            if (!_named.TryGetValue(pair.Key.Tenant, out List<(string, DateTime[])>? named))
                _named.Add(pair.Key.Tenant, named = []);
            named.Add((pair.Key.Named, [.. pair.Order()]));
        }

        IEnumerable<Incidence> Contained(StepAction action) =>
            steps.Where(i => i.Role == ItemRole.Child && i.Step.IsContainment && i.Step.Action == action);
    }

    /// <summary>Lots that it is said to belong to, and by whom.</summary>
    public IReadOnlyList<(long Lot, string Tenant)> Lots { get; }

    /// <summary>Steps that put it into something.</summary>
    public IReadOnlyList<Step> Packings { get; }

    /// <summary>Steps that took it out of something.</summary>
    public IReadOnlyList<Step> Unpackings { get; }

    /// <summary>Steps that took everything out of it.</summary>
    public IReadOnlyList<Step> Emptyings { get; }

    /// <summary>Adds whom those on the chain name within a time, its ends included.</summary>
    public void AddNamed(HashSet<string> chain, DateTime from, DateTime to)
    {
        foreach ((string tenant, List<(string Named, DateTime[] At)> named) in _named)
        {
            if (!chain.Contains(tenant))
                continue;
            foreach ((string other, DateTime[] at) in named)
            {
                int first = Array.BinarySearch(at, from);
                if (first < 0)
                    first = ~first;
                if (first < at.Length && at[first] <= to)
                    chain.Add(other);
            }
        }
    }
}
