namespace PrepaidSimulation;

/// <summary>What becomes of a merchant, and what hard thing a good one goes through.</summary>
public enum Fate
{
    /// <summary>Trades on, with ordinary promotions and ordinary slips.</summary>
    Ordinary,

    /// <summary>Sells a large part of the year's cards in one or two months, at a discount.</summary>
    Season,

    /// <summary>Shuts for weeks and opens again; four of five file it before.</summary>
    Renovation,

    /// <summary>Moves to another address when the lease ends.</summary>
    Move,

    /// <summary>Is taken over by a new owner who honours the cards.</summary>
    NewOwner,

    /// <summary>A big and honest sale.</summary>
    BigSale,

    /// <summary>Its feed stops for days; the days come later.</summary>
    FeedFailure,

    /// <summary>Lives from its customers' money for months, then shuts.</summary>
    SlowDrain,

    /// <summary>Sells as much as it can for weeks, then vanishes (职业闭店).</summary>
    PromotionThenFlight,

    /// <summary>Shuts from one day to the next without a sign before.</summary>
    Sudden,
}

/// <summary>What a filing says.</summary>
public enum FilingKind
{
    /// <summary>The day on which the lease ends is <see cref="Filing.Until"/>.</summary>
    LeaseEnds,
    LegalRepresentativeChanged,

    /// <summary>A takeover whose new owner declares that all cards stay good.</summary>
    TakeoverFiled,
    AddressChanged,

    /// <summary>Shut for works until <see cref="Filing.Until"/>.</summary>
    ClosureFiled,
    BranchClosed,
    LawsuitOpened,
    TaxArrears,
}

/// <summary>An entry of a public register or a filing of the merchant.</summary>
/// <param name="Day">The day it is known.</param>
/// <param name="Kind">What it says.</param>
/// <param name="Until">A day that it names.</param>
public sealed record Filing(int Day, FilingKind Kind, int? Until = null);

/// <summary>One day as merchant and bank report it. Amounts in fen.</summary>
/// <param name="Day">Days since the beginning.</param>
/// <param name="ReceivedOn">The day the report arrives; later than <see cref="Day"/> where a feed failed.</param>
/// <param name="SalesFen">Cash paid for cards.</param>
/// <param name="GiftFen">Credit given on top.</param>
/// <param name="CardsSold">Cards sold or topped up.</param>
/// <param name="RedeemedFen">Principal redeemed.</param>
/// <param name="OwedFen">Principal owed at the day's end.</param>
/// <param name="Cards">Cards with a balance.</param>
/// <param name="CustodyFen">The custody account at the bank, by the bank's statement.</param>
/// <param name="RequiredFen">What the rule asks for; null where no rule is known.</param>
/// <param name="RefundsAsked">Refunds asked for.</param>
/// <param name="RefundsPaid">Refunds paid.</param>
/// <param name="RefundsOverdue">Refunds open for more than 15 days.</param>
/// <param name="Refusals">Redemptions that holders say were refused.</param>
/// <param name="Complaints">Complaints received.</param>
/// <param name="ReconciledLate">The day's reconciliation was handed in late.</param>
public sealed record ReportedDay(
    int Day, int ReceivedOn, long SalesFen, long GiftFen, int CardsSold, long RedeemedFen, long OwedFen, int Cards,
    long CustodyFen, long? RequiredFen, int RefundsAsked, int RefundsPaid, int RefundsOverdue, int Refusals,
    int Complaints, bool ReconciledLate);

/// <summary>A simulated merchant over two years.</summary>
/// <param name="Id">Its name in the simulation.</param>
/// <param name="Fate">What becomes of it; no detector is told.</param>
/// <param name="Opened">Its first day.</param>
/// <param name="Flight">The day it shut for good; null for a good one.</param>
/// <param name="Days">Its reports, in order of their days.</param>
/// <param name="Filings">What registers say of it, in order of their days.</param>
public sealed record MerchantHistory(
    string Id, Fate Fate, int Opened, int? Flight, IReadOnlyList<ReportedDay> Days, IReadOnlyList<Filing> Filings);
