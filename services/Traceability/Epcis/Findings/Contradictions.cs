namespace Traceability.Epcis.Findings;

/// <summary>One thing that an event says about an item.</summary>
/// <param name="Seq">Position of the event.</param>
/// <param name="EventTime">When it happened.</param>
/// <param name="RecordTime">When it was captured.</param>
/// <param name="Type">Type of the event.</param>
/// <param name="Action">ADD, OBSERVE or DELETE; null for a transformation.</param>
/// <param name="Role">The item's role in it.</param>
/// <param name="Parent">The event's parent, where the item is a child.</param>
/// <param name="HasInputs">Whether a transformation, with all events of its transformationID, names anything that went in.</param>
/// <param name="Counted">Whether it is named by class and quantity: some of a lot may be here and the rest there.</param>
/// <param name="Tenant">Who says it.</param>
/// <param name="OfParent">Whether the event names only what the item is in, and ends that: it takes the item out.</param>
internal sealed record ItemFact(
    long Seq, DateTimeOffset EventTime, DateTimeOffset RecordTime, string Type, string? Action, EpcRole Role,
    string? Parent, bool HasInputs, bool Counted = false, string Tenant = "", bool OfParent = false)
{
    /// <summary>Whether it ties children to a parent or loosens them.</summary>
    public bool IsContainment => Type is "AggregationEvent" or "AssociationEvent";

    /// <summary>Whether the item itself is no more afterwards.</summary>
    public bool Ends => !OfParent && !Counted
        && this is { Role: EpcRole.Input } or { Type: "ObjectEvent", Action: "DELETE", Role: EpcRole.Epc };
}

/// <summary>A contradiction between events, as far as they are known.</summary>
/// <param name="Subject">The item.</param>
/// <param name="Code">Which rule it is.</param>
/// <param name="Seq">The event in which it shows.</param>
/// <param name="Other">The event that it contradicts, where there is one.</param>
internal sealed record Finding(string Subject, string Code, long Seq, long? Other = null)
{
    /// <summary>Packed while it is still in another parent.</summary>
    public const string TwoParents = "two-parents";

    /// <summary>Packed into something that lies within itself.</summary>
    public const string Cycle = "aggregation-cycle";

    /// <summary>A transformation puts out what nothing went into.</summary>
    public const string FromNothing = "mass-from-nothing";

    /// <summary>Handled without ever having been commissioned or made.</summary>
    public const string NeverCommissioned = "never-commissioned";

    /// <summary>Its product's codes are issued here, and this one never was.</summary>
    public const string NeverIssued = "never-issued";

    /// <summary>Passed on before it was given its code or made.</summary>
    public const string BeforeBirth = "before-birth";

    /// <summary>Commissioned once more although it was, and nobody took it out of use since.</summary>
    public const string AlreadyCommissioned = "already-commissioned";

    /// <summary>Recorded by an organisation that is not on the item's chain: it changes nothing of what is known.</summary>
    public const string ByOutsider = "recorded-by-outsider";

    /// <summary>Happens more than five minutes after it was captured.</summary>
    public const string Future = "in-the-future";
}

/// <summary>
/// Business rules that events are held against: pure, over everything that is known of an item, so that a late event
/// or a
/// declaration of error changes what was found before. Nothing is refused for them but under a strict profile.
/// </summary>
internal static class Contradictions
{
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);
    private const int DepthMax = 16;

    /// <summary>All contradictions in what is known of one item.</summary>
    /// <param name="item">Its canonical URI.</param>
    /// <param name="facts">All facts about it, in any order, without events that were declared wrong.</param>
    /// <param name="parents">Parents of other items over time, as far up as is known; for cycles.</param>
    public static IEnumerable<Finding> Of(
        string item, IEnumerable<ItemFact> facts, IReadOnlyDictionary<string, IReadOnlyList<Stay>> parents)
    {
        ItemFact[] all = [.. facts];
        ItemFact[] known = [.. all.Where(f => !f.OfParent).OrderBy(f => f.EventTime).ThenBy(f => f.Seq)];
        if (known.Length == 0)
            yield break;
        if (IsInstance(item) && !known.Any(IsBirth))
            yield return new Finding(item, Finding.NeverCommissioned, known[0].Seq);
        if (IsInstance(item) && Early(item, known) is { } early)
            yield return early;
        foreach (Finding again in Rebirths(item, known))
            yield return again;
        foreach (ItemFact fact in known)
        {
            if (fact.EventTime > fact.RecordTime + ClockTolerance)
                yield return new Finding(item, Finding.Future, fact.Seq);
            if (fact is { Role: EpcRole.Output, HasInputs: false })
                yield return new Finding(item, Finding.FromNothing, fact.Seq);
        }
        foreach (Stay stay in Stays(all))
        {
            if (stay.Ousted is { } by)
                yield return new Finding(item, Finding.TwoParents, by, stay.Seq);
            if (LiesWithin(stay.Parent, item, stay.From, parents, 0))
                yield return new Finding(item, Finding.Cycle, stay.Seq);
        }
    }

    /// <summary>
    /// Where an item was packed and for how long, from its facts: until it is taken out, packed into something else, used
    /// up or taken out of use, or the same happens to what it is in. Being tied to something (association) and being
    /// packed (aggregation) are two things.
    /// </summary>
    public static IReadOnlyList<Stay> Stays(IEnumerable<ItemFact> facts)
    {
        List<Stay> stays = [];
        Dictionary<string, int> open = new(StringComparer.Ordinal);
        foreach (ItemFact fact in facts.Where(f => !f.Counted).OrderBy(f => f.EventTime).ThenBy(f => f.Seq))
        {
            bool packs = fact is { IsContainment: true, Role: EpcRole.Child, Action: "ADD", Parent: not null };
            bool unpacks = fact.OfParent || fact is { IsContainment: true, Role: EpcRole.Child, Action: "DELETE" };
            if (!packs && !unpacks && !fact.Ends)
                continue;
            foreach ((string kind, int at) in open.ToArray())
            {
                Stay stay = stays[at];
                if ((fact.IsContainment && fact.Type != kind) || (unpacks && (fact.Parent ?? stay.Parent) != stay.Parent))
                    continue;
                stays[at] = stay with
                {
                    Until = fact.EventTime,
                    Ousted = packs && fact.Parent != stay.Parent ? fact.Seq : null,
                };
                open.Remove(kind);
            }
            if (packs)
            {
                open[fact.Type] = stays.Count;
                stays.Add(new Stay(fact.Parent!, fact.Seq, fact.EventTime, null));
            }
        }
        return stays;
    }

    /// <summary>The first thing that happened to an item before it came to be, from the birth that makes it earliest.</summary>
    private static Finding? Early(string item, ItemFact[] known) =>
        known.FirstOrDefault(IsBirth) is { } birth && known[0] is { Counted: false } first && first.EventTime < birth.EventTime
            ? new Finding(item, Finding.BeforeBirth, first.Seq, birth.Seq)
            : null;

    /// <summary>
    /// Of two births of one item, with no end between, the one that was captured later contradicts. Commissioning its
    /// label and the transformation that yields it are two records of one birth.
    /// </summary>
    private static IEnumerable<Finding> Rebirths(string item, ItemFact[] known) =>
        Rebirths(item, known, "ObjectEvent").Concat(Rebirths(item, known, "TransformationEvent"));

    private static IEnumerable<Finding> Rebirths(string item, ItemFact[] known, string type)
    {
        ItemFact? born = null;
        foreach (ItemFact fact in known.Where(f => IsInstance(item) && !f.Counted))
        {
            if (fact is { Type: "ObjectEvent", Action: "DELETE", Role: EpcRole.Epc })
                born = null;
            if (fact.Type != type || !IsBirth(fact))
                continue;
            if (born is not null)
                yield return new Finding(
                    item, Finding.AlreadyCommissioned, Math.Max(born.Seq, fact.Seq), Math.Min(born.Seq, fact.Seq));
            born = born is null || fact.Seq < born.Seq ? fact : born;
        }
    }

    private static bool LiesWithin(
        string place, string item, DateTimeOffset at, IReadOnlyDictionary<string, IReadOnlyList<Stay>> parents,
        int depth) =>
        place == item || depth < DepthMax && parents.TryGetValue(place, out IReadOnlyList<Stay>? stays)
        && stays.Any(s => s.From <= at && (s.Until is null || s.Until > at)
            && LiesWithin(s.Parent, item, at, parents, depth + 1));

    private static bool IsBirth(ItemFact fact) =>
        fact is { Type: "ObjectEvent", Action: "ADD", Role: EpcRole.Epc } or { Role: EpcRole.Output };

    /// <summary>Only items with a serial are commissioned one by one; pallets and crates often are not.</summary>
    private static bool IsInstance(string item) =>
        item.StartsWith("https://id.gs1.org/01/", StringComparison.Ordinal)
        && item.Contains("/21/", StringComparison.Ordinal);
}

/// <summary>Time inside a parent.</summary>
/// <param name="Parent">What it is in.</param>
/// <param name="Seq">The event that put it there.</param>
/// <param name="From">Begin.</param>
/// <param name="Until">End; null while it lasts.</param>
/// <param name="Ousted">The event that put it into something else meanwhile.</param>
internal sealed record Stay(
    string Parent, long Seq, DateTimeOffset From, DateTimeOffset? Until, long? Ousted = null);
