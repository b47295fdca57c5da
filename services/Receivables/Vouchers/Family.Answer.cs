using ServiceDefaults;

namespace Receivables.Vouchers;

/// <content>What becomes of offers.</content>
public static partial class Family
{
    private const string RejectedReason = "rejected";
    private const string WithdrawnReason = "withdrawn";
    private const string LapsedReason = "lapsed";

    /// <summary>Lets every offer lapse whose time is over; a voucher that was never accepted becomes void.</summary>
    public static IReadOnlyList<VoucherEvent> Lapse(FamilyState state, DateTimeOffset at) =>
        [.. state.Offers.Values.Where(o => o.Expires <= at)
            .OrderBy(o => o.Id, StringComparer.Ordinal)
            .SelectMany(o => Lapsed(state, o))];

    private static IEnumerable<VoucherEvent> Lapsed(FamilyState state, Offer offer)
    {
        string run = $"lapse:{offer.Id}";
        Interval[] open = [.. Open(offer).Where(i => !state.Fragments.In(i).Any(f => f.Claim.Disputed))];
        if (open.Length == 0)
            yield break;
        yield return new VoucherEvent.OfferLapsed(run, offer.Id, open);
        if (offer.Kind == OfferKind.Issue)
            yield return new VoucherEvent.Voided(run, LapsedReason);
    }

    private static Decision<VoucherEvent> DecideAccept(FamilyState state, VoucherCommand.Accept c, DateTimeOffset at)
    {
        if (AnswerFault(state, c.Offer, c.Party, at, OfferKind.Issue, OfferKind.Transfer,
            OfferKind.Return, OfferKind.Statement) is { } fault)
            return Refuse(fault);
        Offer offer = state.Offers[c.Offer];
        // All of a payment passes or none of it: a crash, a lapse or a receiver must not leave it in part.
        if (offer.Roots is { } roots && !roots.SequenceEqual(c.Roots))
            return Refuse(Refusal.PartOfPayment);
        return offer.Kind switch
        {
            OfferKind.Issue => Accept(new VoucherEvent.Accepted(c.CommandId, offer.Id, c.Party)),
            OfferKind.Return => Accept(new VoucherEvent.Returned(c.CommandId, offer.Id)),
            OfferKind.Statement => Accept(
                new VoucherEvent.StatementConfirmed(c.CommandId, offer.Id, c.Party, Open(offer, c.Party))),
            _ => Accept(new VoucherEvent.Transferred(c.CommandId, offer.Id, offer.From, c.Party, Open(offer, c.Party))),
        };
    }

    private static Decision<VoucherEvent> DecideConfirmPledge(
        FamilyState state, VoucherCommand.ConfirmPledge c, DateTimeOffset at)
    {
        if (AnswerFault(state, c.Pledge, c.Party, at, OfferKind.Pledge) is { } fault)
            return Refuse(fault);
        Offer offer = state.Offers[c.Pledge];
        return Accept(new VoucherEvent.Pledged(c.CommandId, offer.Id, offer.From, c.Party, Open(offer, c.Party)));
    }

    private static Decision<VoucherEvent> DecideConfirmSale(
        FamilyState state, VoucherCommand.ConfirmSale c, DateTimeOffset at)
    {
        if (AnswerFault(state, c.Sale, c.Party, at, OfferKind.Sale) is { } fault)
            return Refuse(fault);
        Offer offer = state.Offers[c.Sale];
        return Accept(new VoucherEvent.Sold(
            c.CommandId, offer.Id, offer.From, c.Party, Open(offer, c.Party), offer.WithRecourse)
        {
            Financing = offer.Financing,
        });
    }

    private static Decision<VoucherEvent> DecideReject(FamilyState state, VoucherCommand.Reject c)
    {
        if (!state.Offers.TryGetValue(c.Offer, out Offer? offer))
            return Refuse(Refusal.OfferNotFound);
        if (offer.Kind == OfferKind.Statement)
            return DecideDispute(state, c);
        Interval[] mine = Open(offer, c.Party);
        if (mine.Length == 0)
            return Refuse(Refusal.NotOffered);
        VoucherEvent rejected = new VoucherEvent.OfferRejected(c.CommandId, offer.Id, c.Party, mine);
        return offer.Kind == OfferKind.Issue
            ? Accept(rejected, new VoucherEvent.Voided(c.CommandId, RejectedReason))
            : Accept(rejected);
    }

    private static Decision<VoucherEvent> DecideWithdraw(FamilyState state, VoucherCommand.Withdraw c)
    {
        if (!state.Offers.TryGetValue(c.Offer, out Offer? offer))
            return Refuse(Refusal.OfferNotFound);
        if (offer.From != c.Party)
            return Refuse(Refusal.NotOfferer);
        if (offer.Kind == OfferKind.Statement)
            return Refuse(Refusal.OtherKind);
        VoucherEvent withdrawn = new VoucherEvent.OfferWithdrawn(c.CommandId, offer.Id, Open(offer));
        return offer.Kind == OfferKind.Issue
            ? Accept(withdrawn, new VoucherEvent.Voided(c.CommandId, WithdrawnReason))
            : Accept(withdrawn);
    }

    private static string? AnswerFault(
        FamilyState state, string id, string party, DateTimeOffset at, params ReadOnlySpan<OfferKind> kinds)
    {
        if (!state.Offers.TryGetValue(id, out Offer? offer))
            return Refusal.OfferNotFound;
        if (!kinds.Contains(offer.Kind))
            return Refusal.OtherKind;
        Interval[] mine = Open(offer, party);
        if (mine.Length == 0)
            return Refusal.NotOffered;
        if (offer.Expires <= at)
            return Refusal.OfferLapsed;
        // A freeze may have come after the offer; nothing frozen changes hands.
        return mine.SelectMany(state.Fragments.In).Any(f => f.Claim.Freeze is not null) ? Refusal.Frozen : null;
    }

    private static Interval[] Open(Offer offer, string? to = null) =>
        [.. offer.Open.Where(p => to is null || p.To == to).Select(p => p.Interval)];
}
