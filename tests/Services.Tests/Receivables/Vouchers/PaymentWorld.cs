using Receivables.Maturity;
using Receivables.Rules;
using Receivables.Vouchers;
using ServiceDefaults;
using Shouldly;

namespace Services.Tests.Receivables.Vouchers;

/// <summary>
/// The payment of the world's vouchers: receipts that come once, twice and for other vouchers, payees that courts
/// change after the cut-off, accounts that are changed and confirmed; and after every step what must hold between a
/// voucher and its clearing (I8), fen by fen.
/// </summary>
internal sealed class PaymentWorld(Random random)
{
    private static readonly LateTerms Terms = new(PartyClass.LargeEnterprise, PartyClass.Sme, null, null);
    private readonly Dictionary<string, ClearingState> _clearings = [];
    private readonly Dictionary<string, PaymentState> _receipts = [];
    private readonly Dictionary<string, PayoutState> _accounts = [];
    private int _numbers;

    /// <summary>Payees changed after the cut-off.</summary>
    public int Redirected { get; private set; }

    /// <summary>Receipts that were delivered again and not credited again.</summary>
    public int Repeated { get; private set; }

    /// <summary>Instructions that were given.</summary>
    public int Instructed { get; private set; }

    /// <summary>What the clearing follows of a voucher, in its transaction.</summary>
    public void Follow(string root, IReadOnlyList<VoucherEvent> events, FamilyState after, DateOnly day)
    {
        foreach (VoucherEvent e in events)
        {
            if (e is VoucherEvent.SnapshotTaken)
            {
                PayeeLeaf[] leaves = [.. after.Fragments.Select(Clearing.Of)];
                _clearings[root] = ClearingState.Evolve(ClearingState.Initial, new ClearingEvent.Opened(
                    root, after.Debtor, after.DueDate, day, [], Terms, leaves, ""));
            }
            else if (after.IsPresented && Changed(e) is { Count: > 0 } intervals)
            {
                foreach (ClearingEvent told in Clearing.Redirect(
                    _clearings[root], e.Command, intervals.OrderBy(i => i.Start).SelectMany(after.Fragments.In),
                    after.DueDate))
                {
                    _clearings[root] = ClearingState.Evolve(_clearings[root], told);
                    Redirected++;
                }
            }
        }
        if (_clearings.TryGetValue(root, out ClearingState? clearing) && after.IsPresented)
            Check(clearing, after);
    }

    /// <summary>A receipt for a voucher: what its leaves get; nothing where it was credited before.</summary>
    public (string Receipt, LeafPayment[] Payments)? Receive(string root, DateOnly day)
    {
        ClearingState clearing = _clearings[root];
        bool again = _receipts.Count > 0 && random.Next(3) == 0;
        string id = again ? $"102/R{random.Next(_numbers) + 1}" : $"102/R{++_numbers}";
        PaymentState known = _receipts.GetValueOrDefault(id, PaymentState.Initial);
        PaymentEvent.Received received = known.Arrived
            ?? new PaymentEvent.Received(id, random.Next(1, 900), day, "", root);
        if (Payment.ReceiveFor(known, received, root, clearing.Debtor)
            is not Decision<PaymentEvent>.Accepted { Events.Count: > 0 } accepted)
        {
            known.Arrived.ShouldNotBeNull();
            Repeated++;
            return null;
        }
        IReadOnlyList<ClearingEvent> events = Clearing.Receive(clearing, id, received.Fen, day, "").EventsOrProblem();
        LeafPayment[] payments = [.. ((ClearingEvent.ReceiptAllocated)events[^1]).Shares.Where(s => s.Principal > 0)
            .Select(s => new LeafPayment(s.Start, clearing.Leaves[s.Start].Leaf.End, s.Principal))];
        _receipts[id] = accepted.Events.Aggregate(known, PaymentState.Evolve);
        _clearings[root] = events.Aggregate(clearing, ClearingState.Evolve);
        return (id, payments);
    }

    /// <summary>A party signs for an account, its bank confirms one, or the bank is told whom to pay.</summary>
    public void Step(string root, string party)
    {
        PayoutState account = _accounts.GetValueOrDefault(party, PayoutState.Initial);
        AccountNumber number = new("102", $"{party}-{random.Next(2)}");
        if (random.Next(2) == 0)
            account = PayoutState.Set(account, new AccountSet("c", party, number.Bank, number.Number))
                .EventsOrProblem().Aggregate(account, PayoutState.Evolve);
        if (random.Next(3) > 0 && account.Wanted is { } wanted)
            account = PayoutState.Confirm(account, new AccountConfirmed(party, wanted.Bank, wanted.Number, ""))
                .EventsOrProblem().Aggregate(account, PayoutState.Evolve);
        _accounts[party] = account;
        if (_clearings.TryGetValue(root, out ClearingState? clearing))
            Instruct(root, clearing);
    }

    /// <summary>Every receipt is credited once, in all vouchers together.</summary>
    public void CheckReceipts() =>
        _clearings.Values.Sum(c => c.ReceivedFen).ShouldBe(_receipts.Values.Sum(r => r.Arrived!.Fen));

    private void Instruct(string root, ClearingState clearing)
    {
        Dictionary<string, OwnAccount> confirmed = _accounts.Where(a => a.Value.Present is not null)
            .ToDictionary(a => a.Key, a => new OwnAccount(a.Key, a.Value.Present!.Bank, a.Value.Present.Number));
        if (Clearing.Instruct(clearing, confirmed) is not Decision<ClearingEvent>.Accepted accepted)
            return;
        var told = (ClearingEvent.Instructed)accepted.Events[0];
        told.Instructions.Sum(i => i.Fen).ShouldBe(clearing.Due.Principal);
        foreach (Instruction i in told.Instructions)
        {
            PayeeLeaf leaf = clearing.Leaves[i.Start].Leaf;
            i.To.ShouldBe(leaf.Court ? new CourtAccount(leaf.Payee) : (PayeeAccount)confirmed[leaf.Payee]);
        }
        _clearings[root] = ClearingState.Evolve(clearing, told);
        Instructed++;
    }

    private static void Check(ClearingState clearing, FamilyState family)
    {
        long at = 0, over = clearing.Suspense.Values.Sum(s => s.Fen);
        foreach (ClearingLeaf leaf in clearing.Leaves.Values)
        {
            leaf.Leaf.Start.ShouldBe(at);
            at = leaf.Leaf.End;
            Interval unpaid = new(leaf.Leaf.Start + leaf.Paid.Principal, leaf.Leaf.End);
            foreach (Fragment f in family.Fragments.In(new Interval(leaf.Leaf.Start, leaf.Leaf.End)))
            {
                f.Unpaid.Start.ShouldBe(Math.Clamp(unpaid.Start, f.Start, f.End), $"{f} in {leaf}");
                if (f.Unpaid.Fen > 0)
                    (f.Claim.Payee, f.Claim.Freeze is not null).ShouldBe((leaf.Leaf.Payee, leaf.Leaf.Court));
            }
        }
        at.ShouldBe(family.FaceFen);
        clearing.Leaves.Values.Sum(l => l.Paid.Principal).ShouldBe(family.Fragments.PaidFen);
        (clearing.Leaves.Values.Sum(l => l.Paid.Total) + over).ShouldBe(clearing.ReceivedFen);
    }

    private static IReadOnlyList<Interval> Changed(VoucherEvent e) => e switch
    {
        VoucherEvent.Frozen x => x.Intervals,
        VoucherEvent.Unfrozen x => x.Intervals,
        VoucherEvent.PledgeReleased x => x.Intervals,
        VoucherEvent.Repurchased x => x.Intervals,
        _ => [],
    };
}
