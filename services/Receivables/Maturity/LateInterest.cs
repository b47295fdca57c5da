using Receivables.Financing;
using Receivables.Rules;

namespace Receivables.Maturity;

/// <summary>Where a rate comes from.</summary>
public enum LateBasis
{
    /// <summary>0.05 % a day: the Regulations cover the debt and no rate was agreed (art. 17).</summary>
    Statutory,

    /// <summary>The agreed rate.</summary>
    Agreed,

    /// <summary>Nothing was agreed and the Regulations do not cover the debt: a court decides.</summary>
    None,

    /// <summary>The agreed rate is below the LPR, or that LPR is not known: it must be settled first.</summary>
    Unsettled,
}

/// <summary>Interest on a late payment.</summary>
/// <param name="Fen">How much; null where no rate can be told.</param>
/// <param name="Basis">Why.</param>
/// <param name="Finding">What art. 17 says of it; null where it does not cover the debt.</param>
public sealed record LateInterest(long? Fen, LateBasis Basis, Finding? Finding)
{
    private const string Rule = "802-17-interest";

    /// <summary>Interest on <paramref name="fen"/> for the days from the day after it was due.</summary>
    /// <param name="fen">Overdue principal.</param>
    /// <param name="due">The day it was due, after any move to a working day.</param>
    /// <param name="until">The day of payment, which counts.</param>
    /// <param name="debtor">What the debtor is.</param>
    /// <param name="creditor">What the creditor is.</param>
    /// <param name="agreedPpm">The agreed yearly rate in millionths; null where none was agreed.</param>
    /// <param name="lprPpm">The one-year LPR when the contract was made; null where it is not known.</param>
    /// <param name="basis">The days of the agreed rate's year.</param>
    public static LateInterest Of(
        long fen, DateOnly due, DateOnly until, PartyClass debtor, PartyClass creditor, int? agreedPpm, int? lprPpm,
        DayCount basis = DayCount.Act365)
    {
        int days = Math.Max(0, until.DayNumber - due.DayNumber);
        Finding? finding = RuleBook.Judge(new Facts.Lateness(debtor, creditor, agreedPpm, lprPpm), until).Of(Rule);
        if (finding?.Outcome == RuleOutcome.Refuse)
            return new LateInterest(null, LateBasis.Unsettled, finding);
        if (agreedPpm is { } agreed)
            return new LateInterest(Discount.Interest(fen, agreed, days, basis), LateBasis.Agreed, finding);
        return finding is null
            ? new LateInterest(null, LateBasis.None, null)
            : new LateInterest(
                Discount.HalfUp((Int128)fen * finding.Rule.Number("dailyPpm") * days, 1_000_000),
                LateBasis.Statutory, finding);
    }
}
