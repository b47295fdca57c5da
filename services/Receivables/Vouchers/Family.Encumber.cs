using ServiceDefaults;

namespace Receivables.Vouchers;

/// <content>Pledges released, freezes, recourse and merging.</content>
public static partial class Family
{
    private static Decision<VoucherEvent> DecideRelease(FamilyState state, VoucherCommand.ReleasePledge c)
    {
        List<Fragment> pledged = [.. state.Fragments.Where(f => f.Claim.Pledge?.Id == c.Pledge)];
        if (pledged.Count == 0)
            return Refuse(Refusal.PledgeNotFound);
        return pledged[0].Claim.Pledge!.Pledgee == c.Party
            ? Accept(new VoucherEvent.PledgeReleased(c.CommandId, c.Pledge, Intervals(pledged)))
            : Refuse(Refusal.NotPledgee);
    }

    /// <summary>
    /// Takes what is free before what is pledged, that before what is reserved, and what is frozen already last; there
    /// the new order waits its turn. Of a fragment that is paid in part it takes of the rest.
    /// </summary>
    private static Decision<VoucherEvent> DecideFreeze(FamilyState state, VoucherCommand.Freeze c)
    {
        List<Interval> taken = [];
        long missing = c.Fen;
        IEnumerable<Fragment> held = state.Fragments
            .Where(f => f.Claim.Holder == c.Holder && f.Unpaid.Fen > 0)
            .OrderBy(f => FreezeRank(f.Claim)).ThenBy(f => f.Start);
        foreach (Fragment f in held)
        {
            taken.Add(new Interval(f.Unpaid.Start, f.Unpaid.Start + Math.Min(f.Unpaid.Fen, missing)));
            missing -= taken[^1].Fen;
            if (missing == 0)
                break;
        }
        if (missing > 0)
            return Refuse(taken.Count == 0 ? Refusal.NotHolder : Refusal.AmountAboveHolding);
        return Accept(new VoucherEvent.Frozen(
            c.CommandId, c.Party, c.Holder, taken, c.LegalBasis, c.CaseNumber, c.Account));
    }

    private static int FreezeRank(Claim claim) =>
        claim.Freeze is not null ? 3 : claim.Reserved is not null ? 2 : claim.Pledge is not null ? 1 : 0;

    private static Decision<VoucherEvent> DecideUnfreeze(FamilyState state, VoucherCommand.Unfreeze c)
    {
        if (!state.Orders.TryGetValue(c.Order, out Order? order))
            return Refuse(Refusal.OrderNotFound);
        if (order.By != c.Party)
            return Refuse(Refusal.OtherOrder);
        List<Fragment> frozen = [.. state.Fragments.Where(f => f.Claim.Freeze?.Has(order.Id) == true)];
        return Accept(new VoucherEvent.Unfrozen(
            c.CommandId, order.Id, Intervals(frozen), c.LegalBasis, c.CaseNumber));
    }

    private static Decision<VoucherEvent> DecideClaim(FamilyState state, VoucherCommand.ClaimRecourse c)
    {
        List<Fragment> sold =
            [.. state.Fragments.Where(f => f.Claim.Recourse?.Sale == c.Sale && f.Claim.PaidFen < f.Fen)];
        if (sold.Count == 0)
            return Refuse(Refusal.NoRecourse);
        if (sold.Any(f => f.Claim.Holder != c.Party))
            return Refuse(Refusal.NotHolder);
        if (EncumbranceFault(sold) is { } fault)
            return Refuse(fault);
        return Accept(new VoucherEvent.RecourseClaimed(
            c.CommandId, c.Sale, c.Party, sold[0].Claim.Recourse!.Seller, Intervals(sold)));
    }

    private static Decision<VoucherEvent> DecideRepurchase(FamilyState state, VoucherCommand.Repurchase c)
    {
        List<Fragment> claimed =
        [
            .. state.Fragments.Where(f => f.Claim is { Recourse: { } r, Reserved: { } reserved } && r.Sale == c.Sale
                && state.Offers[reserved.Offer].Kind == OfferKind.Recourse),
        ];
        if (claimed.Count == 0)
            return Refuse(Refusal.NoRecourse);
        if (claimed[0].Claim.Recourse!.Seller != c.Party)
            return Refuse(Refusal.NotOffered);
        if (claimed.Any(f => f.Claim.Freeze is not null))
            return Refuse(Refusal.Frozen);
        return Accept(new VoucherEvent.Repurchased(c.CommandId, c.Sale, c.Party, claimed[0].Claim.Holder,
            Open(state.Offers[claimed[0].Claim.Reserved!.Offer])));
    }

    private static Decision<VoucherEvent> DecideMerge(FamilyState state, VoucherCommand.Merge c)
    {
        if (c.Start < 0 || c.End > state.FaceFen || c.Start >= c.End)
            return Refuse(Refusal.OutsideVoucher);
        List<Fragment> joined = [.. state.Fragments.In(new Interval(c.Start, c.End))];
        if (joined.Any(f => f.Claim.Holder != c.Party))
            return Refuse(Refusal.NotHolder);
        if (EncumbranceFault(joined) is { } fault)
            return Refuse(fault);
        bool mergeable = joined.Count > 1 && state.Fragments.IsBoundary(c.Start) && state.Fragments.IsBoundary(c.End)
            && joined.All(f => f.Claim.Recourse == joined[0].Claim.Recourse);
        return mergeable
            ? Accept(new VoucherEvent.Merged(c.CommandId, c.Party, c.Start, c.End))
            : Refuse(Refusal.NotAdjacent);
    }

    private static string? EncumbranceFault(List<Fragment> fragments) =>
        fragments.Any(f => f.Claim.Freeze is not null) ? Refusal.Frozen
        : fragments.Any(f => f.Claim.Pledge is not null) ? Refusal.Pledged
        : fragments.Any(f => f.Claim.Reserved is not null) ? Refusal.Reserved
        : null;

    private static Interval[] Intervals(IEnumerable<Fragment> fragments) => [.. fragments.Select(f => f.Interval)];
}
