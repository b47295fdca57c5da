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

    /// <summary>What is due and can be paid: nothing while it is held back.</summary>
    public Owed Payable => Leaf.Held == true ? default : Due;

    /// <summary>
    /// The leaf in parts that begin at some fen. Its first fen are those that were paid, as its family has it; what was
    /// accrued goes with one part.
    /// </summary>
    /// <param name="parts">The parts, end to end, in their order.</param>
    /// <param name="carrier">Start of the part that takes costs, interest and late days.</param>
    internal IEnumerable<ClearingLeaf> Split(IReadOnlyList<PayeeLeaf> parts, long carrier)
    {
        long paid = Leaf.Start + Paid.Principal;
        foreach (PayeeLeaf part in parts)
        {
            long fen = part.End - part.Start;
            Owed all = new(0, 0, fen), done = new(0, 0, Math.Clamp(paid - part.Start, 0, fen));
            yield return part.Start == carrier
                ? new ClearingLeaf(part, all with { Costs = Charged.Costs, Interest = Charged.Interest },
                    done with { Costs = Paid.Costs, Interest = Paid.Interest }, LateFenDays)
                : new ClearingLeaf(part, all, done, 0);
        }
    }
}

/// <summary>Money that belongs to no leaf.</summary>
/// <param name="Kind"><c>over</c> or <c>returned</c>.</param>
/// <param name="Fen">How much is left.</param>
public sealed record SuspenseLine(string Kind, long Fen);

/// <summary>The payment of a voucher, folded.</summary>
/// <param name="Exists">Whether the payees were fixed.</param>
/// <param name="Root">The voucher.</param>
/// <param name="Debtor">Who pays.</param>
/// <param name="PayDay">The day of payment.</param>
/// <param name="Terms">For interest on late payment.</param>
/// <param name="Leaves">Leaves by their first fen.</param>
/// <param name="ChargedThrough">The day through which interest is charged.</param>
/// <param name="Instructed">Whether the bank was told who is paid now.</param>
/// <param name="Overdue">Whether the day passed unpaid.</param>
/// <param name="Receipts">Receipts and returns that were recorded.</param>
/// <param name="Suspense">Money that belongs to no leaf.</param>
/// <param name="ReceivedFen">All that came.</param>
public sealed record ClearingState(
    bool Exists, string Root, string Debtor, DateOnly PayDay, LateTerms? Terms,
    ImmutableSortedDictionary<long, ClearingLeaf> Leaves, DateOnly ChargedThrough, bool Instructed, bool Overdue,
    ImmutableHashSet<string> Receipts, ImmutableSortedDictionary<string, SuspenseLine> Suspense, long ReceivedFen)
{
    /// <summary>Before the cut-off.</summary>
    public static readonly ClearingState Initial = new(
        false, "", "", default, null, ImmutableSortedDictionary<long, ClearingLeaf>.Empty, default, false, false, [],
        ImmutableSortedDictionary.Create<string, SuspenseLine>(StringComparer.Ordinal), 0);

    /// <summary>How often payees changed since the cut-off: names of instructions differ by it.</summary>
    public int Changes { get; init; }

    /// <summary>Whether any receipt has a value date after the day of payment.</summary>
    public bool PaidLate { get; init; }

    /// <summary>
    /// Whether it was judged overdue though all its principal came with a value date of the day or before: the bank's
    /// word came late, not the money.
    /// </summary>
    public bool WasOnTime => Overdue && !PaidLate && Due.Principal == 0;

    /// <summary>All that is still due.</summary>
    public Owed Due => Leaves.Values.Aggregate(default(Owed), (sum, l) => sum + l.Due);

    /// <summary>All that is due and can be paid.</summary>
    public Owed Payable => Leaves.Values.Aggregate(default(Owed), (sum, l) => sum + l.Payable);

    /// <summary>Principal that can be paid and that should have been before a day.</summary>
    public long LateFen(DateOnly today) =>
        Leaves.Values.Where(l => (l.Leaf.PayBy ?? PayDay) < today).Sum(l => l.Payable.Principal);

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
        ClearingEvent.PayeesChanged c => Redirect(state, c),
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
        return Leaves.Values.Select(l =>
        {
            DateOnly from = l.Leaf.PayBy is { } payBy && payBy > ChargedThrough ? payBy : ChargedThrough;
            int days = Math.Max(0, day.DayNumber - from.DayNumber);
            return l with { LateFenDays = l.LateFenDays + (Int128)l.Payable.Principal * days };
        });
    }

    private static ClearingState Redirect(ClearingState state, ClearingEvent.PayeesChanged changed)
    {
        var leaves = state.Leaves.ToBuilder();
        foreach (PayeeLeaf now in changed.Leaves)
        {
            ClearingLeaf[] meets = [.. leaves.Values.Where(l => l.Leaf.Start < now.End && now.Start < l.Leaf.End)];
            foreach (ClearingLeaf leaf in meets)
            {
                List<PayeeLeaf> parts = Parts(leaf.Leaf, now);
                long carrier = (parts.Find(p => p.Payee == leaf.Leaf.Payee) ?? parts[0]).Start;
                foreach (ClearingLeaf part in leaf.Split(parts, carrier))
                    leaves[part.Leaf.Start] = part;
            }
        }
        return state with { Leaves = leaves.ToImmutable(), Instructed = false, Changes = state.Changes + 1 };
    }

    private static List<PayeeLeaf> Parts(PayeeLeaf leaf, PayeeLeaf now)
    {
        long start = Math.Max(leaf.Start, now.Start), end = Math.Min(leaf.End, now.End);
        List<PayeeLeaf> parts = [];
        if (leaf.Start < start)
            parts.Add(leaf with { End = start });
        parts.Add(now with { Start = start, End = end });
        if (end < leaf.End)
            parts.Add(leaf with { Start = end });
        return parts;
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
        var leaves = state.Leaves.ToBuilder();
        foreach (LeafShare share in receipt.Shares)
        {
            ClearingLeaf leaf = leaves[share.Start];
            DateOnly since = leaf.Leaf.PayBy is { } payBy && payBy > from ? payBy : from;
            int counted = Math.Max(0, state.ChargedThrough.DayNumber - since.DayNumber);
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
            PaidLate = state.PaidLate || receipt.ValueDate > state.PayDay,
            ReceivedFen = checked(state.ReceivedFen + receipt.Fen),
            Suspense = receipt.OverFen == 0 ? state.Suspense
                : state.Suspense.Add($"over:{receipt.Receipt}", new SuspenseLine("over", receipt.OverFen)),
        };
    }
}
