namespace Traceability.Scanning;

/// <summary>How grave signs are together.</summary>
public enum SuspicionGrade
{
    /// <summary>There are none.</summary>
    None = 0,

    /// <summary>What also happens to honest people: kept in view and told to nobody else.</summary>
    Watch = 1,

    /// <summary>What is put on record.</summary>
    Alarm = 2,
}

/// <summary>What the signs about a code come to.</summary>
/// <param name="Grade">Nothing, watched or an alarm.</param>
/// <param name="Score">Sum of the weights.</param>
/// <param name="Signs">The signs, the gravest first.</param>
public sealed record CloneAssessment(SuspicionGrade Grade, int Score, IReadOnlyList<Sign> Signs);

/// <summary>Whether a code was copied; pure, and the same in whatever order scans come.</summary>
public static class CloneSuspicion
{
    /// <summary>Name of the formula as alarms state it; a change of its rules takes a new number.</summary>
    public const string Formula = "clone-suspicion/3";

    /// <summary>
    /// Adds up what the signs say. One that happens to honest people too, as a proxy that moves an address to another
    /// province, is never enough by itself.
    /// </summary>
    /// <param name="checks">Checks of the item within the window.</param>
    /// <param name="sales">Its recorded sales.</param>
    /// <param name="unsold">Whether it is known not to be sold yet, from complete reports.</param>
    /// <param name="limits">The limits.</param>
    public static CloneAssessment Assess(
        IReadOnlyList<Check> checks, IReadOnlyList<SaleMark> sales, bool unsold, SuspicionLimits limits)
    {
        Sign[] signs =
        [
            .. new[]
            {
                Suspicion.SoldTwice(sales), Suspicion.TooFast(checks, sold: !unsold, limits),
                Suspicion.Spread(checks, limits), Suspicion.ManyChecks(checks, limits), Suspicion.OtherLot(checks),
            }.OfType<Sign>().OrderByDescending(s => s.Weight),
        ];
        int score = signs.Sum(s => s.Weight);
        return new CloneAssessment(
            score >= limits.AlarmWeight ? SuspicionGrade.Alarm : score > 0 ? SuspicionGrade.Watch : SuspicionGrade.None,
            score, signs);
    }
}
