using Receivables.Rules;
using Receivables.Vouchers;
using ServiceDefaults;

namespace Receivables.Financing;

/// <summary>Decides on a financing; pure. Who acts is compared here, for the parties see different things.</summary>
public static class FinancingDecider
{
    /// <summary>There is none, or not for this party.</summary>
    public const string Missing = "financing-not-found";

    /// <summary>An offer was chosen, or the money was paid: it is too late.</summary>
    public const string Late = "financing-too-late";

    /// <summary>No such offer, or it is valid no longer.</summary>
    public const string NoOffer = "financing-offer-invalid";

    /// <summary>The offer leaves nothing for the seller, or no day to finance.</summary>
    public const string Worthless = "financing-offer-worthless";

    /// <summary>Its day and its validity have passed: the offer lapsed, and the seller chooses anew.</summary>
    public const string Lapsed = "financing-offer-lapsed";

    /// <summary>What was paid is not what the day of payment comes to.</summary>
    public const string Differs = "financing-payment-differs";

    /// <summary>No search of the register after the choice.</summary>
    public const string NoSearch = "financing-search-missing";

    /// <summary>No receipt of registration.</summary>
    public const string NoRegistration = "financing-registration-missing";

    /// <summary>Another application of the seller is open for some of the same fen.</summary>
    public const string Overlaps = "financing-overlaps";

    /// <summary>The financier has not confirmed the sale of what it finances.</summary>
    public const string NotBought = "financing-not-sold";

    /// <summary>A sale names the application that it closes.</summary>
    public const string NotNamed = "sale-without-financing";

    /// <summary>A sale is of other fen, to another, or with other recourse than what was chosen.</summary>
    public const string SaleDiffers = "sale-differs-from-financing";

    /// <summary>A rule stands against paying out; its article is told.</summary>
    public const string Ruled = "financing-rule";

    /// <summary>A financier that was invited offers.</summary>
    public static Decision<FinancingEvent> Offer(FinancingState state, string by, FinancingEvent.Offered offered) =>
        state.Application is not { } asked || !asked.Invited.Contains(by) || offered.Offer.Financier != by
            ? Refuse(Missing)
        : state.Chosen is not null || state.Withdrawn ? Refuse(Late)
        : offered.Offer.Fen != asked.Fen || Price(offered.Offer, asked) is null ? Refuse(Worthless)
        : Accept(offered);

    /// <summary>The seller chooses; every figure that was shown is recorded with the choice.</summary>
    public static Decision<FinancingEvent> Choose(FinancingState state, string by, string offer, DateOnly today)
    {
        if (state.Application is not { } asked || asked.Seller != by)
            return Refuse(Missing);
        if (state.Chosen is not null || state.Withdrawn)
            return Refuse(Late);
        return state.Offers.TryGetValue(offer, out FinancingEvent.Offered? offered) && today <= offered.ValidUntil
            ? Accept(new FinancingEvent.Chosen(offer, Price(offered.Offer, asked)!))
            : Refuse(NoOffer);
    }

    /// <summary>The seller takes the application back, until the financier has bought.</summary>
    public static Decision<FinancingEvent> Withdraw(FinancingState state, string by) =>
        state.Application?.Seller != by ? Refuse(Missing)
        : state.Withdrawn ? new Decision<FinancingEvent>.Accepted([])
        : state.Sale is not null || state.Disbursed ? Refuse(Late)
        : Accept(new FinancingEvent.Withdrawn());

    /// <summary>The rule against offering a sale that closes the application; null where none stands.</summary>
    public static string? AgainstSale(FinancingState state, string root, VoucherEvent.SaleOffered sale)
    {
        if (state.Application is not { } asked || asked.Seller != sale.Seller)
            return Missing;
        if (state.Sale is not null || state.Withdrawn || state.ChosenOffer is not { } offer)
            return Late;
        bool same = asked.Root == root && offer.Financier == sale.Buyer && offer.Recourse == sale.WithRecourse
            && sale.Intervals.Sum(i => i.Fen) == asked.Fen
            && sale.Intervals.All(i => i.Start >= asked.Start && i.End <= asked.Start + asked.Fen);
        return same ? null : SaleDiffers;
    }

    /// <summary>
    /// The financier confirms the sale: after a search made since the choice, after registration, and as the rules
    /// allow (77号 arts. 11, 13; Civil Code arts. 763, 768).
    /// </summary>
    public static (Decision<FinancingEvent> Decision, Judgement? Judgement) Buy(
        FinancingState state, string sale, DateTimeOffset at)
    {
        if (state.ChosenOffer is null || state.Sale is not null || state.Withdrawn)
            return (Refuse(Late), null);
        if (state.SearchedAt is not { } searched || searched < state.ChosenAt)
            return (Refuse(NoSearch), null);
        if (state.Receipt is null)
            return (Refuse(NoRegistration), null);
        Judgement judgement = Judge(state, at);
        return judgement.Allowed
            ? (Accept(new FinancingEvent.Bought(sale, Outcomes(judgement))), judgement)
            : (Refuse(Ruled), judgement);
    }

    /// <summary>The chosen financier adds to the record: draft, search, registration, what it examined.</summary>
    public static Decision<FinancingEvent> Record(FinancingState state, string by, FinancingEvent e) =>
        state.ChosenOffer?.Financier != by ? Refuse(Missing) : state.Disbursed ? Refuse(Late) : Accept(e);

    /// <summary>
    /// It paid out: exactly the proceeds of the day on which it did, after a search made since the choice, and as the
    /// rules allow (77号 arts. 11, 13; Civil Code art. 763).
    /// </summary>
    public static (Decision<FinancingEvent> Decision, Judgement? Judgement) Disburse(
        FinancingState state, string by, string receipt, long fen, DateTimeOffset paidAt, string sha256)
    {
        if (state.ChosenOffer is not { } offer || offer.Financier != by)
            return (Refuse(Missing), null);
        if (state.Disbursed)
            return (Refuse(Late), null);
        if (Paid(state, offer, RuleBook.Day(paidAt)) is not { } cost)
            return (Refuse(Lapsed), null);
        if (fen != cost.Proceeds)
            return (Refuse(Differs), null);
        if (state.SearchedAt is not { } searched || searched < state.ChosenAt || searched > paidAt)
            return (Refuse(NoSearch), null);
        Judgement judgement = Judge(state, paidAt);
        if (!judgement.Allowed)
            return (Refuse(Ruled), judgement);
        return state.Sale is null
            ? (Refuse(NotBought), judgement)
            : (Accept(new FinancingEvent.Disbursed(
                receipt, fen, paidAt, sha256, Outcomes(judgement), cost)), judgement);
    }

    // A voucher carries its debtor's own confirmation: it was issued by the debtor and accepted.
    private static Judgement Judge(FinancingState state, DateTimeOffset at) => RuleBook.Judge(
        new Facts.Finance(
            state.Application!.Issued, state.Application.Due, state.Receipt?.RegisteredAt, at, DebtorConfirmed: true,
            KnownFabricated: false)
        {
            Grounds = state.Examined,
        }, RuleBook.Day(at));

    private static string[] Outcomes(Judgement judgement) =>
        [.. judgement.Findings.Select(f => $"{f.Rule.Id}={f.Outcome}")];

    /// <summary>
    /// What the chosen offer costs when it is paid out on a day; null where it has lapsed. Later than agreed there is
    /// interest for fewer days; earlier the seller bears what it signed and no more.
    /// </summary>
    internal static TrueCost? Paid(FinancingState state, Offer offer, DateOnly day)
    {
        TrueCost shown = state.Chosen!.Shown;
        int days = state.Application!.Due.DayNumber - day.DayNumber;
        DateOnly until = state.Offers[offer.Id].ValidUntil;
        if (days <= 0 || day > offer.PaysOut && day > until)
            return null;
        TrueCost? cost = day <= offer.PaysOut
            ? Discount.Over(shown, days) : Discount.Cost(offer.Fen, days, offer.Price);
        return cost?.Cost <= shown.Cost ? cost : null;
    }

    private static TrueCost? Price(Offer offer, FinancingEvent.Applied asked) =>
        Discount.Cost(offer.Fen, asked.Due.DayNumber - offer.PaysOut.DayNumber, offer.Price);

    private static Decision<FinancingEvent> Accept(FinancingEvent e) => new Decision<FinancingEvent>.Accepted([e]);

    private static Decision<FinancingEvent> Refuse(string rule) => new Decision<FinancingEvent>.Refused(rule);
}
