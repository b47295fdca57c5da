namespace Receivables.Maturity;

/// <summary>What is still due on a leaf, in fen.</summary>
/// <param name="Costs">Costs of enforcing it.</param>
/// <param name="Interest">Interest on its lateness.</param>
/// <param name="Principal">Its part of the face.</param>
public readonly record struct Owed(long Costs, long Interest, long Principal)
{
    /// <summary>All of it.</summary>
    public long Total => checked(Costs + Interest + Principal);

    /// <summary>
    /// What an amount of at most <see cref="Total"/> pays: costs, then interest, then principal (art. 561).
    /// </summary>
    public Owed Paid(long fen)
    {
        long costs = Math.Min(fen, Costs);
        long interest = Math.Min(fen - costs, Interest);
        return new Owed(costs, interest, fen - costs - interest);
    }

    /// <summary>What is left after a payment.</summary>
    public static Owed operator -(Owed owed, Owed paid) =>
        new(owed.Costs - paid.Costs, owed.Interest - paid.Interest, owed.Principal - paid.Principal);

    /// <summary>The sum of two.</summary>
    public static Owed operator +(Owed a, Owed b) =>
        new(checked(a.Costs + b.Costs), checked(a.Interest + b.Interest), checked(a.Principal + b.Principal));
}

/// <summary>An interval of a root with one payee, as the snapshot has it.</summary>
/// <param name="Start">First fen of [start, end).</param>
/// <param name="End">First fen after it.</param>
/// <param name="Payee">Who is paid.</param>
/// <param name="Due">What is still due on it.</param>
public sealed record Leaf(long Start, long End, string Payee, Owed Due);

/// <summary>What a receipt pays on a leaf.</summary>
/// <param name="Start">The leaf.</param>
/// <param name="Payee">Who gets it.</param>
/// <param name="Paid">By kind.</param>
public sealed record LeafAllocation(long Start, string Payee, Owed Paid);

/// <summary>A receipt spread over the leaves of a root.</summary>
/// <param name="Payments">What each leaf gets, by interval; leaves that get nothing are left out.</param>
/// <param name="Over">Fen that exceed all that is due; they stay in suspense.</param>
public sealed record Allocation(IReadOnlyList<LeafAllocation> Payments, long Over)
{
    /// <summary>
    /// Spreads a receipt over outstanding principal by largest remainder, ties to the lowest interval; no leaf gets
    /// more
    /// than is due on it, and what it can't take goes to the others in the same proportion.
    /// </summary>
    /// <param name="fen">The receipt; not negative.</param>
    /// <param name="leaves">Leaves of one root, in any order.</param>
    public static Allocation Of(long fen, IEnumerable<Leaf> leaves)
    {
        Leaf[] open = [.. leaves.Where(l => l.Due.Total > 0).OrderBy(l => l.Start)];
        long[] shares = new long[open.Length];
        // Principal first; leaves on which only costs or interest are left follow, in proportion to these.
        long left = Fill(fen, open, shares, l => l.Due.Principal);
        left = Fill(left, open, shares, l => l.Due.Principal > 0 ? 0 : l.Due.Total);
        List<LeafAllocation> payments = [];
        for (int i = 0; i < open.Length; i++)
        {
            if (shares[i] > 0)
                payments.Add(new LeafAllocation(open[i].Start, open[i].Payee, open[i].Due.Paid(shares[i])));
        }
        return new Allocation(payments, left);
    }

    /// <summary>
    /// Fills leaves in proportion to a weight up to what is due on each. Leaves that reach their limit first are
    /// found by
    /// the quotient of limit and weight, so that one pass in that order is enough.
    /// </summary>
    /// <returns>What nobody could take.</returns>
    private static long Fill(long fen, Leaf[] leaves, long[] shares, Func<Leaf, long> weightOf)
    {
        int[] order = [.. Enumerable.Range(0, leaves.Length).Where(i => weightOf(leaves[i]) > 0)];
        if (fen == 0 || order.Length == 0)
            return fen;
        Int128 total = 0;
        foreach (int i in order)
            total += weightOf(leaves[i]);
        Array.Sort(order, (a, b) => ((Int128)leaves[a].Due.Total * weightOf(leaves[b]))
            .CompareTo((Int128)leaves[b].Due.Total * weightOf(leaves[a])) is not 0 and var by ? by : a.CompareTo(b));
        int full = 0;
        for (; full < order.Length; full++)
        {
            Leaf leaf = leaves[order[full]];
            if (leaf.Due.Total * total > (Int128)fen * weightOf(leaf))
                break;
            shares[order[full]] = leaf.Due.Total;
            fen -= leaf.Due.Total;
            total -= weightOf(leaf);
        }
        if (full == order.Length)
            return fen;
        int[] rest = [.. order.Skip(full).Order()];
        long[] parts = LargestRemainder.Allocate(fen, [.. rest.Select(i => weightOf(leaves[i]))]);
        for (int i = 0; i < rest.Length; i++)
            shares[rest[i]] = parts[i];
        return 0;
    }
}
