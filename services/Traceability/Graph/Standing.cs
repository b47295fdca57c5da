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
    /// <param name="of">All steps of an item, a lot, or what held it, as far as they are known.</param>
    /// <param name="glnOwners">Organisations by their confirmed GLNs.</param>
    public static HashSet<string> Of(
        IReadOnlySet<string> begin, long item, Func<long, IReadOnlyList<Incidence>> of,
        IReadOnlyDictionary<string, string> glnOwners)
    {
        HashSet<string> chain = [.. begin];
        // Who joins may have packed the item into something else, so all is looked at again until nobody joins.
        for (int before = -1; before < chain.Count;)
        {
            before = chain.Count;
            HashSet<(long Item, DateTime From)> seen = [];
            Queue<(long Item, DateTime From, DateTime To, int Depth)> held = new([(item, DateTime.MinValue, DateTime.MaxValue, 0)]);
            while (held.TryDequeue(out (long Item, DateTime From, DateTime To, int Depth) at))
            {
                IReadOnlyList<Incidence> steps = of(at.Item);
                foreach (Incidence i in steps)
                {
                    if (i.Step.At < at.From || i.Step.At > at.To || !chain.Contains(i.Step.Tenant))
                        continue;
                    foreach (string gln in i.Step.Glns)
                    {
                        if (glnOwners.TryGetValue(gln, out string? named))
                            chain.Add(named);
                    }
                    if (at.Depth == 0 && i.Participant.Lot is var lot and not 0 && seen.Add((lot, DateTime.MinValue)))
                        held.Enqueue((lot, DateTime.MinValue, DateTime.MaxValue, 1));
                    if (at.Depth < LayersMax && Packs(i) && seen.Add((i.Step.Parent, i.Step.At)))
                        held.Enqueue((i.Step.Parent, i.Step.At, End(i, at.To, steps, of(i.Step.Parent), chain), at.Depth + 1));
                }
            }
        }
        return chain;
    }

    /// <summary>Who first recorded that something of no described product began; null where nobody did.</summary>
    public static string? FirstMaker(IEnumerable<Incidence> steps) => First(steps.Where(i => i.Role == ItemRole.Output
        || (i.Step.Action == StepAction.Add && i.Role is ItemRole.Item or ItemRole.Lot or ItemRole.Parent)));

    /// <summary>Who recorded anything first.</summary>
    public static string? First(IEnumerable<Incidence> steps) =>
        steps.Select(i => i.Step).MinBy(s => s.Number)?.Tenant;

    private static bool Packs(Incidence i) =>
        i.Role == ItemRole.Child && i.Step.IsContainment && i.Step.Action != StepAction.Delete && i.Step.Parent != 0;

    private static DateTime End(
        Incidence packed, DateTime to, IReadOnlyList<Incidence> child, IReadOnlyList<Incidence> parent, HashSet<string> chain)
    {
        foreach (Incidence i in child.Concat(parent))
        {
            bool unpacks = i.Step.IsContainment && i.Step.Action == StepAction.Delete && i.Step.Parent == packed.Step.Parent
                && (i.Role == ItemRole.Child || !i.Step.Has(ItemRole.Child));
            if (unpacks && i.Step.At >= packed.Step.At && i.Step.At < to && chain.Contains(i.Step.Tenant))
                to = i.Step.At;
        }
        return to;
    }
}
