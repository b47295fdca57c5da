using PrepaidRisk;
using PrepaidSimulation;

namespace Benchmarks.Risk;

/// <summary>
/// Shows a detector what the regulator's API held, day by day, and looks once a week. It alone knows both sides: the
/// detector is not told a merchant's fate, the simulation knows no detector.
/// </summary>
internal static class RiskTrial
{
    /// <summary>Days of history before a merchant is judged.</summary>
    public const int JudgedFrom = 365;

    private const int Week = 7;

    /// <summary>A merchant as it was seen: the signals of every week that is judged.</summary>
    /// <param name="Merchant">What really happened.</param>
    /// <param name="Weeks">The day of each look, and the strengths of its signals.</param>
    public sealed record Seen(MerchantHistory Merchant, IReadOnlyList<(int Day, double[] Signals)> Weeks);

    /// <summary>The merchants of a street, seen week by week.</summary>
    public static IReadOnlyList<Seen> Look(int seed) => [.. Street.Of(seed).Select(Look)];

    /// <summary>One merchant, seen week by week until it shuts or the two years end.</summary>
    public static Seen Look(MerchantHistory merchant)
    {
        MerchantFile file = new();
        List<(int, double[])> weeks = [];
        Queue<ReportedDay> reports = new(merchant.Days.OrderBy(d => d.ReceivedOn).ThenBy(d => d.Day));
        Queue<Filing> filings = new(merchant.Filings);
        for (int today = 0; today < (merchant.Flight ?? Street.Days); today++)
        {
            while (reports.TryPeek(out ReportedDay? day) && day.ReceivedOn <= today)
                file.Receive(Observed(reports.Dequeue()));
            while (filings.TryPeek(out Filing? filing) && filing.Day <= today)
                file.Record(Entry(filings.Dequeue()));
            if (today >= JudgedFrom && today % Week == 0) weeks.Add((today, Signals.Of(file, Date(today))));
        }

        return new Seen(merchant, weeks);
    }

    private static DateOnly Date(int day) => new DateOnly(2027, 1, 4).AddDays(day);

    private static ObservedDay Observed(ReportedDay d) => new(
        Date(d.Day), d.SalesFen, d.GiftFen, d.RedeemedFen, d.OwedFen, d.Cards, d.CustodyFen, 0, d.RequiredFen,
        d.RefundsAsked, d.RefundsOverdue, d.Refusals, d.Complaints, d.ReconciledLate);

    private static RegisterEntry Entry(Filing f) =>
        new(Date(f.Day), Enum.Parse<EntryKind>(f.Kind.ToString()), f.Until is { } until ? Date(until) : null);
}
