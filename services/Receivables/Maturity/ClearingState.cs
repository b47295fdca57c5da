using System.Collections.Immutable;

namespace Receivables.Maturity;

/// <summary>A leaf while it is paid.</summary>
/// <param name="Leaf">What and whom.</param>
/// <param name="Charged">What was ever due: costs, interest, principal.</param>
/// <param name="Paid">What was ever paid of it; it never falls.</param>
/// <param name="LateFenDays">Overdue principal times days, up to the day through which interest is charged.</param>
public sealed record ClearingLeaf(PayeeLeaf Leaf, Owed Charged, Owed Paid, Int128 LateFenDays)
{
    /// <summary>What is still due.</summary>
    public Owed Due => Charged - Paid;
}

/// <summary>Money that belongs to no leaf.</summary>
/// <param name="Kind"><c>over</c> or <c>returned</c>.</param>
/// <param name="Fen">How much is left.</param>
public sealed record SuspenseLine(string Kind, long Fen);

/// <summary>The payment of a voucher, folded.</summary>
public sealed record ClearingState(
    bool Exists, string Root, string Debtor, DateOnly PayDay, LateTerms? Terms,
    ImmutableSortedDictionary<long, ClearingLeaf> Leaves, DateOnly ChargedThrough, bool Instructed, bool Overdue,
    ImmutableHashSet<string> Receipts, ImmutableSortedDictionary<string, SuspenseLine> Suspense, long ReceivedFen)
{
    /// <summary>Before the cut-off.</summary>
    public static readonly ClearingState Initial = new(
        false, "", "", default, null, ImmutableSortedDictionary<long, ClearingLeaf>.Empty, default, false, false, [],
        ImmutableSortedDictionary.Create<string, SuspenseLine>(StringComparer.Ordinal), 0);

    /// <summary>All that is still due.</summary>
    public Owed Due => Leaves.Values.Aggregate(default(Owed), (sum, l) => sum + l.Due);

    /// <summary>Folds one event.</summary>
    public static ClearingState Evolve(ClearingState state, ClearingEvent e) => e switch
    {
        ClearingEvent.Opened o => Initial with
        {
            Exists = true,
            Root = o.Root,
            Debtor = o.Debtor,
            PayDay = o.PayDay,
            Terms = o.Terms,
            ChargedThrough = o.PayDay,
            Leaves = o.Leaves.ToImmutableSortedDictionary(
                l => l.Start, l => new ClearingLeaf(l, new Owed(0, 0, l.End - l.Start), default, 0)),
        },
        ClearingEvent.Instructed => state with { Instructed = true },
        ClearingEvent.InterestCharged c => Charge(state, c),
        ClearingEvent.CostsCharged c => state with
        {
            Leaves = state.Leaves.SetItem(c.Start, state.Leaves[c.Start] with
            {
                Charged = state.Leaves[c.Start].Charged + new Owed(c.Fen, 0, 0),
            }),
        },
        ClearingEvent.TermsSettled t => state with { Terms = t.Terms },
        ClearingEvent.ReceiptAllocated r => Allocate(state, r),
        ClearingEvent.PayoutReturned r => state with
        {
            Receipts = state.Receipts.Add(r.Return),
            Suspense = state.Suspense.Add($"returned:{r.Return}", new SuspenseLine("returned", r.Fen)),
        },
        ClearingEvent.SuspenseSettled s => state with
        {
            Suspense = state.Suspense.SetItem(s.Line, state.Suspense[s.Line] with
            {
                Fen = state.Suspense[s.Line].Fen - s.Fen,
            }),
        },
        ClearingEvent.FellOverdue => state with { Overdue = true },
        _ => throw new InvalidOperationException($"{e.GetType().Name} is no event of a payment."),
    };

    /// <summary>The leaves with fen-days up to and with a day.</summary>
    internal IEnumerable<ClearingLeaf> LateThrough(DateOnly day)
    {
        int days = Math.Max(0, day.DayNumber - ChargedThrough.DayNumber);
        return Leaves.Values.Select(l => l with { LateFenDays = l.LateFenDays + (Int128)l.Due.Principal * days });
    }

    private static ClearingState Charge(ClearingState state, ClearingEvent.InterestCharged charged)
    {
        var leaves = state.LateThrough(charged.Through)
            .ToImmutableSortedDictionary(l => l.Leaf.Start, l => l).ToBuilder();
        foreach (LeafFen line in charged.Lines)
        {
            ClearingLeaf leaf = leaves[line.Start];
            leaves[line.Start] = leaf with { Charged = leaf.Charged + new Owed(0, line.Fen, 0) };
        }
        return state with { Leaves = leaves.ToImmutable(), ChargedThrough = charged.Through };
    }

    private static ClearingState Allocate(ClearingState state, ClearingEvent.ReceiptAllocated receipt)
    {
        // A receipt that comes late for an earlier day takes back days that were counted: later charges are less.
        DateOnly from = receipt.ValueDate > state.PayDay ? receipt.ValueDate : state.PayDay;
        int counted = Math.Max(0, state.ChargedThrough.DayNumber - from.DayNumber);
        var leaves = state.Leaves.ToBuilder();
        foreach (LeafShare share in receipt.Shares)
        {
            ClearingLeaf leaf = leaves[share.Start];
            leaves[share.Start] = leaf with
            {
                Paid = leaf.Paid + new Owed(share.Costs, share.Interest, share.Principal),
                LateFenDays = leaf.LateFenDays - (Int128)share.Principal * counted,
            };
        }
        return state with
        {
            Leaves = leaves.ToImmutable(),
            Receipts = state.Receipts.Add(receipt.Receipt),
            ReceivedFen = checked(state.ReceivedFen + receipt.Fen),
            Suspense = receipt.OverFen == 0 ? state.Suspense
                : state.Suspense.Add($"over:{receipt.Receipt}", new SuspenseLine("over", receipt.OverFen)),
        };
    }
}
