using Receivables.Vouchers;
using ServiceDefaults;

namespace Receivables.Maturity;

/// <summary>Decides on the payment of a voucher; pure.</summary>
public static class Clearing
{
    /// <summary>The payees are not fixed yet.</summary>
    public const string Missing = "clearing-not-open";

    /// <summary>The receipt, or return, was recorded before.</summary>
    public const string Repeated = "clearing-receipt-repeated";

    /// <summary>A payee, or the debtor, has no account registered.</summary>
    public const string NoAccount = "clearing-account-missing";

    /// <summary>The instructions were given.</summary>
    public const string Given = "clearing-instructed";

    /// <summary>No leaf begins there.</summary>
    public const string NoLeaf = "clearing-leaf-unknown";

    /// <summary>More than the payee was paid, or than the line holds.</summary>
    public const string TooMuch = "clearing-too-much";

    /// <summary>
    /// Instructions for the bank: one for each leaf that is not paid, from the debtor's own account to the payee's own.
    /// They are given once, and anew when payees have changed.
    /// </summary>
    /// <param name="state">The payment.</param>
    /// <param name="accounts">Confirmed accounts by party.</param>
    public static Decision<ClearingEvent> Instruct(
        ClearingState state, IReadOnlyDictionary<string, OwnAccount> accounts)
    {
        if (!state.Exists)
            return Refuse(Missing);
        if (state.Instructed)
            return Refuse(Given);
        if (!accounts.TryGetValue(state.Debtor, out OwnAccount? from))
            return Refuse(NoAccount);
        List<Instruction> instructions = [];
        string round = state.Changes == 0 ? "" : $":{state.Changes}";
        foreach (ClearingLeaf leaf in state.Leaves.Values.Where(l => l.Payable.Principal > 0))
        {
            string payee = leaf.Leaf.Payee;
            OwnAccount? own = accounts.GetValueOrDefault(payee);
            if (!leaf.Leaf.Court && own?.Party != payee)
                return Refuse(NoAccount);
            PayeeAccount to = leaf.Leaf.Court ? new CourtAccount(payee) : own!;
            instructions.Add(new Instruction(
                $"{state.Root}:{leaf.Leaf.Start}{round}", leaf.Leaf.Start, from, to, leaf.Due.Principal));
        }
        return Accept(new ClearingEvent.Instructed(instructions));
    }

    /// <summary>
    /// Who is paid otherwise since the cut-off: fragments whose unpaid fen the clearing has with another payee.
    /// </summary>
    /// <param name="state">The payment.</param>
    /// <param name="command">The command that changed it.</param>
    /// <param name="fragments">Fragments that it changed, as they are now.</param>
    /// <param name="today">When: what was held back is to be paid the day after.</param>
    public static IReadOnlyList<ClearingEvent> Redirect(
        ClearingState state, string command, IEnumerable<Fragment> fragments, DateOnly today)
    {
        if (!state.Exists)
            return [];
        List<PayeeLeaf> changed = [];
        ClearingLeaf[] leaves = [.. state.Leaves.Values];
        foreach (Fragment f in fragments.Where(f => f.Unpaid.Fen > 0))
        {
            PayeeLeaf now = Of(f) with { Start = f.Unpaid.Start };
            PayeeLeaf[] before = [.. Meeting(leaves, now).Select(l => l.Leaf)];
            bool differs = before.Any(l => (l.Payee, l.Court, l.Held) != (now.Payee, now.Court, now.Held));
            if (now.Held is null)
            {
                now = now with
                {
                    PayBy = before.Any(l => l.Held == true) ? today.AddDays(1) : before.Max(l => l.PayBy),
                };
            }
            if (differs && changed.Count > 0 && changed[^1] is var last && last.End == now.Start
                && last == now with { Start = last.Start, End = last.End })
                changed[^1] = last with { End = now.End };
            else if (differs)
                changed.Add(now);
        }
        return changed.Count == 0 ? [] : [new ClearingEvent.PayeesChanged(command, changed)];
    }

    /// <summary>A fragment as it is paid.</summary>
    internal static PayeeLeaf Of(Fragment f) => new(f.Start, f.End, f.Claim.Payee, f.Claim.Freeze is not null)
    {
        Held = f.Claim.IsHeld ? true : null,
    };

    private static IEnumerable<ClearingLeaf> Meeting(ClearingLeaf[] leaves, PayeeLeaf now)
    {
        int low = 0, high = leaves.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (leaves[middle].Leaf.End <= now.Start)
                low = middle + 1;
            else
                high = middle;
        }
        for (; low < leaves.Length && leaves[low].Leaf.Start < now.End; low++)
            yield return leaves[low];
    }

    /// <summary>
    /// Allocates a receipt, with the interest up to its day charged before. It is never done again. Nothing goes to what is
    /// held back; what comes for it is in suspense.
    /// </summary>
    public static Decision<ClearingEvent> Receive(
        ClearingState state, string receipt, long fen, DateOnly valueDate, string sha256)
    {
        if (!state.Exists)
            return Refuse(Missing);
        if (state.Receipts.Contains(receipt))
            return Refuse(Repeated);
        List<ClearingEvent> events = [];
        if (valueDate > state.ChargedThrough && state.Due.Principal > 0)
        {
            events.Add(ChargeThrough(state, valueDate));
            state = ClearingState.Evolve(state, events[0]);
        }
        Allocation allocation = Allocation.Of(fen, state.Leaves.Values.Select(l =>
            new Leaf(l.Leaf.Start, l.Leaf.End, l.Leaf.Payee, l.Payable)));
        events.Add(new ClearingEvent.ReceiptAllocated(receipt, fen, valueDate, sha256,
            [.. allocation.Payments.Select(p =>
                new LeafShare(p.Start, p.Paid.Costs, p.Paid.Interest, p.Paid.Principal))],
            allocation.Over));
        return new Decision<ClearingEvent>.Accepted(events);
    }

    /// <summary>Records costs of enforcing a leaf.</summary>
    public static Decision<ClearingEvent> ChargeCosts(
        ClearingState state, long start, long fen, string reason, string sha256) =>
        !state.Exists ? Refuse(Missing)
        : !state.Leaves.ContainsKey(start) ? Refuse(NoLeaf)
        : Accept(new ClearingEvent.CostsCharged(start, fen, reason, sha256));

    /// <summary>
    /// Settles the terms of late interest, where the rate could not be told; what it comes to for days that were only
    /// counted is charged at once, for no receipt may follow.
    /// </summary>
    public static Decision<ClearingEvent> SettleTerms(ClearingState state, LateTerms terms, string sha256)
    {
        if (!state.Exists)
            return Refuse(Missing);
        ClearingEvent settled = new ClearingEvent.TermsSettled(terms, sha256);
        state = ClearingState.Evolve(state, settled);
        ClearingEvent.InterestCharged charged = ChargeThrough(state, state.ChargedThrough);
        return new Decision<ClearingEvent>.Accepted(charged.Lines.Count > 0 ? [settled, charged] : [settled]);
    }

    /// <summary>Money came back from a payee's bank: into suspense, no paid total falls.</summary>
    public static Decision<ClearingEvent> Return(ClearingState state, string id, long start, long fen, string sha256)
    {
        if (!state.Exists)
            return Refuse(Missing);
        if (state.Receipts.Contains(id))
            return Refuse(Repeated);
        if (!state.Leaves.TryGetValue(start, out ClearingLeaf? leaf))
            return Refuse(NoLeaf);
        return fen > leaf.Paid.Total ? Refuse(TooMuch)
            : Accept(new ClearingEvent.PayoutReturned(id, start, fen, sha256));
    }

    /// <summary>Takes money out of suspense against a bank's receipt.</summary>
    public static Decision<ClearingEvent> Settle(
        ClearingState state, string line, long fen, string how, string sha256) =>
        !state.Exists ? Refuse(Missing)
        : !state.Suspense.TryGetValue(line, out SuspenseLine? open) || fen > open.Fen ? Refuse(TooMuch)
        : Accept(new ClearingEvent.SuspenseSettled(line, fen, how, sha256));

    /// <summary>After the day of payment, what is unpaid is overdue; once.</summary>
    public static IReadOnlyList<ClearingEvent> FallOverdue(ClearingState state, DateOnly today) =>
        state is { Exists: true, Overdue: false } && state.LateFen(today) is > 0 and var late
            ? [new ClearingEvent.FellOverdue(today, late)]
            : [];

    /// <summary>
    /// Interest through a day: the whole interest on all fen-days so far, rounded once, less what was charged before.
    /// While no rate can be told nothing is charged, but days are counted: once terms are settled, the next charge
    /// has all.
    /// </summary>
    internal static ClearingEvent.InterestCharged ChargeThrough(ClearingState state, DateOnly day)
    {
        LateRate rate = LateRate.Of(state.Terms!, day);
        List<LeafFen> lines = [];
        foreach (ClearingLeaf leaf in state.LateThrough(day))
        {
            long more = (rate.On(leaf.LateFenDays) ?? 0) - leaf.Charged.Interest;
            if (more > 0)
                lines.Add(new LeafFen(leaf.Leaf.Start, more));
        }
        return new ClearingEvent.InterestCharged(day, rate.Basis, rate.Finding?.Article, lines);
    }

    private static Decision<ClearingEvent> Accept(ClearingEvent e) => new Decision<ClearingEvent>.Accepted([e]);

    private static Decision<ClearingEvent> Refuse(string rule) => new Decision<ClearingEvent>.Refused(rule);
}
