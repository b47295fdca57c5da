namespace PrepaidRisk;

/// <summary>
/// One day of a merchant as the regulator received it from the merchant's feed and the bank. Amounts in fen.
/// </summary>
/// <param name="Day">The day.</param>
/// <param name="SalesFen">Cash paid for cards and top-ups.</param>
/// <param name="GiftFen">Credit given on top of cash.</param>
/// <param name="RedeemedFen">Principal redeemed.</param>
/// <param name="OwedFen">Principal owed at the day's end.</param>
/// <param name="Cards">Cards with a balance.</param>
/// <param name="CustodyFen">Custody account by the bank's statement.</param>
/// <param name="OffsetFen">Insurance and guarantees in force.</param>
/// <param name="RequiredFen">What the rule of the day asks for; null where no rule is known.</param>
/// <param name="RefundsAsked">Refunds asked for that day.</param>
/// <param name="RefundsOverdue">Refunds open past their term at the day's end.</param>
/// <param name="Refusals">Redemptions that holders reported as refused.</param>
/// <param name="Complaints">Complaints received.</param>
/// <param name="ReconciledLate">The day's reconciliation came late.</param>
public sealed record ObservedDay(
    DateOnly Day, long SalesFen, long GiftFen, long RedeemedFen, long OwedFen, int Cards, long CustodyFen,
    long OffsetFen, long? RequiredFen, int RefundsAsked, int RefundsOverdue, int Refusals, int Complaints,
    bool ReconciledLate)
{
    /// <summary>What is missing of what is required, as a share of it; 0 where nothing is required.</summary>
    public double Shortfall =>
        RequiredFen is > 0 and { } required ? Math.Max(0, 1 - ((CustodyFen + OffsetFen) / (double)required)) : 0;
}

/// <summary>What a register or a filing says of a merchant.</summary>
public enum EntryKind
{
    /// <summary>The lease ends on <see cref="RegisterEntry.Until"/>; the last such entry counts.</summary>
    LeaseEnds,
    LegalRepresentativeChanged,

    /// <summary>A takeover whose new owner has declared that all cards stay good.</summary>
    TakeoverFiled,
    AddressChanged,

    /// <summary>Shut for works until <see cref="RegisterEntry.Until"/>.</summary>
    ClosureFiled,
    BranchClosed,
    LawsuitOpened,
    TaxArrears,
}

/// <summary>An entry of a register, or a filing.</summary>
/// <param name="Day">The day it became known.</param>
/// <param name="Kind">What it says.</param>
/// <param name="Until">A day it names.</param>
public sealed record RegisterEntry(DateOnly Day, EntryKind Kind, DateOnly? Until = null);
