using ServiceDefaults;

namespace Receivables.Vouchers;

/// <content>Transfer, payment, pledge and sale: the holder reserves intervals for somebody.</content>
public static partial class Family
{
    /// <summary>From so many parts in one command on, small ones are looked at.</summary>
    private const int ManyParts = 20;

    /// <summary>A part is small when the face is more than so many times as large.</summary>
    private const int SmallPart = 100;

    private static Decision<VoucherEvent> DecideDisposal(
        FamilyState state, VoucherCommand command, string root, DateTimeOffset at, Patience patience)
    {
        if (command is VoucherCommand.PayFromMany pay && SumFault(pay) is { } differs)
            return Refuse(differs);
        List<Part> parts = [.. PartsOf(command).Where(p => p.Root == root)];
        bool changesHolder = command is not VoucherCommand.OfferPledge;
        Selection selection = new(state, command, changesHolder);
        foreach (Part part in parts)
        {
            if (selection.Take(part) is { } fault)
                return Refuse(fault);
        }
        if (selection.Left.Count > state.Terms.MaxFragments)
            return Refuse(Refusal.TooMany);
        VoucherEvent offered = command switch
        {
            VoucherCommand.OfferPledge c => new VoucherEvent.PledgeOffered(
                c.CommandId, c.Party, c.Pledgee, selection.Intervals, c.AgreementSha256,
                Until(state, at, patience.Finance)),
            VoucherCommand.Sell c => new VoucherEvent.SaleOffered(
                c.CommandId, c.Party, c.Buyer, selection.Intervals, c.WithRecourse, c.AgreementSha256,
                Until(state, at, patience.Finance))
            {
                Financing = c.Financing,
            },
            _ => new VoucherEvent.TransferOffered(
                command.CommandId, command.Party, selection.Taken, Until(state, at, patience.Accept))
            {
                Roots = command is VoucherCommand.PayFromMany && command.Roots.Count > 1 ? command.Roots : null,
            },
        };
        return AlarmOf(state, selection, parts, changesHolder) is { } reason
            ? Accept(offered, new VoucherEvent.SplittingAlarmed(
                command.CommandId, command.Party, reason, selection.Left.Count))
            : Accept(offered);
    }

    private static IEnumerable<Part> PartsOf(VoucherCommand command) => command switch
    {
        VoucherCommand.Transfer c => c.Parts,
        VoucherCommand.PayFromMany c => c.From.Select(s => new Part(s.Root, c.To, s.Fen, s.Start)),
        VoucherCommand.OfferPledge c => c.From.Select(s => new Part(s.Root, c.Pledgee, s.Fen, s.Start)),
        VoucherCommand.Sell c => c.From.Select(s => new Part(s.Root, c.Buyer, s.Fen, s.Start)),
        _ => throw new InvalidOperationException($"{command.GetType().Name} is not a command of a voucher."),
    };

    private static string? SumFault(VoucherCommand.PayFromMany pay)
    {
        // Fen of one source are bounded only by long, so the sum is made where it can't overflow.
        Int128 sum = pay.From.Aggregate(Int128.Zero, (all, s) => all + s.Fen);
        return sum == pay.Fen ? null : Refusal.SumDiffers;
    }

    private static string? AlarmOf(FamilyState state, Selection selection, List<Part> parts, bool changesHolder)
    {
        int half = state.Terms.MaxFragments / 2;
        if (state.Fragments.Count < half && selection.Left.Count >= half)
            return "many-fragments";
        if (parts.Count >= ManyParts && parts.All(p => p.Fen <= state.FaceFen / SmallPart))
            return "many-small-parts";
        return changesHolder && state.Terms.MaxDepth > 1 && selection.Depth + 1 == state.Terms.MaxDepth ? "deep" : null;
    }

    /// <summary>Takes the parts of one command one after the other, so that none takes what another has.</summary>
    private sealed class Selection(FamilyState state, VoucherCommand command, bool changesHolder)
    {
        public Fragments Left { get; private set; } = state.Fragments;

        public List<OfferedPart> Taken { get; } = [];

        public int Depth { get; private set; }

        public Interval[] Intervals => [.. Taken.Select(p => p.Interval)];

        /// <summary>Takes one part, or tells the rule against it.</summary>
        public string? Take(Part part)
        {
            if (part.To == command.Party)
                return Refusal.ToSelf;
            return part.Start is { } start ? TakeInterval(part, start) : TakeAmount(part);
        }

        private string? TakeInterval(Part part, long start)
        {
            if (start < 0 || start >= state.FaceFen || part.Fen > state.FaceFen - start)
                return Refusal.OutsideVoucher;
            Interval interval = new(start, start + part.Fen);
            foreach (Fragment f in Left.In(interval))
            {
                if (Fault(f.Claim) is { } fault)
                    return fault;
            }
            bool splits = !Left.IsBoundary(interval.Start) || !Left.IsBoundary(interval.End);
            if (splits && part.Fen < state.Terms.MinPartFen)
                return Refusal.BelowMinimum;
            Reserve(interval, part.To);
            return null;
        }

        private string? TakeAmount(Part part)
        {
            List<Interval> found = [];
            long missing = part.Fen, held = 0;
            bool splits = false;
            foreach (Fragment f in Left)
            {
                if (f.Claim.Holder != command.Party)
                    continue;
                held += f.Fen;
                if (Fault(f.Claim) is not null)
                    continue;
                splits = f.Fen > missing;
                found.Add(splits ? new Interval(f.Start, f.Start + missing) : f.Interval);
                missing -= found[^1].Fen;
                if (missing == 0)
                    break;
            }
            if (missing > 0)
            {
                return held == 0 ? Refusal.NotHolder
                    : held < part.Fen ? Refusal.AmountAboveHolding : Refusal.AmountNotFree;
            }
            if (splits && part.Fen < state.Terms.MinPartFen)
                return Refusal.BelowMinimum;
            foreach (Interval interval in found)
                Reserve(interval, part.To);
            return null;
        }

        private string? Fault(Claim claim) =>
            claim.Holder != command.Party ? Refusal.NotHolder
            : claim.Freeze is not null ? Refusal.Frozen
            : claim.Pledge is not null ? Refusal.Pledged
            : claim.Reserved is not null ? Refusal.Reserved
            : changesHolder && claim.Depth >= state.Terms.MaxDepth ? Refusal.TooDeep
            : null;

        private void Reserve(Interval interval, string to)
        {
            Depth = Left.In(interval).Aggregate(Depth, (depth, f) => Math.Max(depth, f.Claim.Depth));
            Left = Left.Change(interval, c => c with { Reserved = new Reservation(command.CommandId, to) });
            Taken.Add(new OfferedPart(interval.Start, interval.End, to));
        }
    }
}
