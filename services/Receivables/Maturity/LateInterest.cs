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

/// <summary>What is agreed and what the law looks at for a debt that may be paid late.</summary>
/// <param name="Debtor">What the debtor is.</param>
/// <param name="Creditor">What the creditor of the contract is.</param>
/// <param name="AgreedPpm">The agreed yearly rate in millionths; null where none was agreed.</param>
/// <param name="LprPpm">The one-year LPR when the contract was made; null where it is not known.</param>
/// <param name="YearDays">The days of the agreed rate's year: 360 or 365.</param>
public sealed record LateTerms(
    PartyClass Debtor, PartyClass Creditor, int? AgreedPpm, int? LprPpm, int YearDays = 365);

/// <summary>A rate by the day, as a fraction so that nothing is rounded before the end.</summary>
/// <param name="Basis">Where it comes from.</param>
/// <param name="Numerator">Of what one fen bears in one day; 0 where no rate can be told.</param>
/// <param name="Denominator">Below it.</param>
/// <param name="Finding">What art. 17 says of it; null where it does not cover the debt.</param>
public sealed record LateRate(LateBasis Basis, long Numerator, long Denominator, Finding? Finding)
{
    private const string Rule = "802-17-interest";
    private const int Million = 1_000_000;

    /// <summary>The rate of a debt as the rules stand on a day.</summary>
    public static LateRate Of(LateTerms terms, DateOnly day)
    {
        Finding? finding = RuleBook.Judge(
            new Facts.Lateness(terms.Debtor, terms.Creditor, terms.AgreedPpm, terms.LprPpm), day).Of(Rule);
        if (finding?.Outcome == RuleOutcome.Refuse)
            return new LateRate(LateBasis.Unsettled, 0, 1, finding);
        if (terms.AgreedPpm is { } agreed)
            return new LateRate(LateBasis.Agreed, agreed, (long)terms.YearDays * Million, finding);
        return finding is null
            ? new LateRate(LateBasis.None, 0, 1, null)
            : new LateRate(LateBasis.Statutory, finding.Rule.Number("dailyPpm"), Million, finding);
    }

    /// <summary>Interest on fen-days, half up once; null where no rate can be told.</summary>
    /// <param name="fenDays">Overdue principal times days, summed over all days.</param>
    public long? On(Int128 fenDays) =>
        Basis is LateBasis.Agreed or LateBasis.Statutory ? Discount.HalfUp(fenDays * Numerator, Denominator) : null;
}
