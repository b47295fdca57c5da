using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using PrepaidRisk;
using PrepaidSimulation;

namespace Benchmarks.Risk;

/// <summary>
/// What a detector found of simulated merchants: recall by kind and lead, and the good ones it flagged.
/// </summary>
internal static class RiskReport
{
    /// <summary>Days before a flight in which a warning counts as given for it.</summary>
    private const int Horizon = 180;

    private static readonly int[] Leads = [1, 7, 14, 21, 30, 45, 60, 90];

    /// <summary>Measures the frozen weights, next to "custody below required for four weeks of eight" alone.</summary>
    /// <param name="from">First street.</param>
    /// <param name="to">Last street.</param>
    /// <param name="json">One object a line instead of a text.</param>
    public static void Run(int from, int to, bool json)
    {
        IReadOnlyList<RiskTrial.Seen> seen = Look(from, to);
        EarlyWarning warning = EarlyWarning.Frozen;
        List<JsonObject> rows =
        [
            .. Rows("early warning", seen, s => warning.Score(s) >= warning.Threshold),
            .. Rows("coverage alone", seen, s => s[(int)Signal.ShortfallDays] > 0.5),
            .. Curve(seen, warning),
        ];
        if (json)
        {
            foreach (JsonObject row in rows) Console.WriteLine(row.ToJsonString());
            return;
        }

        Console.WriteLine($"streets {from} to {to}: simulated merchants, no evidence about real shops");
        foreach (JsonObject row in rows)
        {
            string interval = $"95 % {(double)row["low"]!,6:P1} to {(double)row["high"]!,6:P1}";
            string line = $"{row["detector"],-15} {row["what"],-55} {(double)row["share"]!,7:P1}  {interval}  of {row["of"],5}";
            Console.WriteLine(line);
        }
    }

    /// <summary>Prints weights that are tuned on streets, in the form of <c>Weights.json</c>.</summary>
    public static void Tune(int from, int to)
    {
        EarlyWarning fit = RiskFit.Fit(Look(from, to), 0.03);
        JsonObject weights = [];
        foreach (Signal signal in Enum.GetValues<Signal>())
        {
            double[] one = new double[Signals.Count];
            one[(int)signal] = 1;
            weights[JsonNamingPolicy.CamelCase.ConvertName(signal.ToString())] =
                Math.Round(fit.Score(one) - fit.Intercept, 2);
        }

        JsonObject file = new()
        {
            ["tunedOn"] = $"simulated streets {from} to {to}",
            ["intercept"] = fit.Intercept,
            ["threshold"] = fit.Threshold,
            ["weights"] = weights,
        };
        Console.WriteLine(file.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
    }

    private static IReadOnlyList<RiskTrial.Seen> Look(int from, int to) =>
        [.. Enumerable.Range(from, to - from + 1).AsParallel().AsOrdered().SelectMany(RiskTrial.Look)];

    private static IEnumerable<JsonObject> Rows(
        string detector, IReadOnlyList<RiskTrial.Seen> seen, Func<double[], bool> raised)
    {
        foreach (IGrouping<Fate, RiskTrial.Seen> kind in Fates(seen, bad: true))
        {
            int[] leads = [.. kind.Select(s => Lead(s, raised)).Order()];
            foreach (int days in Leads)
            {
                yield return Share(detector, $"{kind.Key}: warned {days} days before or more",
                    leads.Count(l => l >= days), leads.Length);
            }
        }

        foreach (IGrouping<Fate, RiskTrial.Seen> kind in Fates(seen, bad: false))
            yield return Share(detector, $"good, {kind.Key}: flagged in the year", Flagged(kind, raised), kind.Count());
        List<RiskTrial.Seen> good = [.. seen.Where(s => s.Merchant.Flight is null)];
        yield return Share(detector, "good, all: flagged in the year", Flagged(good, raised), good.Count);
    }

    /// <summary>The whole curve of a detector: what is found at 21 days for what is flagged wrongly.</summary>
    private static IEnumerable<JsonObject> Curve(IReadOnlyList<RiskTrial.Seen> seen, EarlyWarning warning)
    {
        List<RiskTrial.Seen> good = [.. seen.Where(s => s.Merchant.Flight is null)];
        List<RiskTrial.Seen> bad = [.. seen.Where(s => s.Merchant.Fate is Fate.SlowDrain or Fate.PromotionThenFlight)];
        foreach (double shift in (double[])[-1.5, -1, -0.5, 0, 0.5, 1, 1.5])
        {
            bool Raised(double[] s) => warning.Score(s) >= warning.Threshold + shift;
            double flagged = Flagged(good, Raised) / (double)good.Count;
            yield return Share("curve", string.Create(CultureInfo.InvariantCulture,
                    $"warned 21 days before, at {flagged:P1} flagged"),
                bad.Count(s => Lead(s, Raised) >= 21), bad.Count);
        }
    }

    private static IEnumerable<IGrouping<Fate, RiskTrial.Seen>> Fates(IReadOnlyList<RiskTrial.Seen> seen, bool bad) =>
        seen.Where(s => s.Merchant.Flight is not null == bad).GroupBy(s => s.Merchant.Fate).OrderBy(g => g.Key);

    private static int Flagged(IEnumerable<RiskTrial.Seen> seen, Func<double[], bool> raised) =>
        seen.Count(s => s.Weeks.Any(w => raised(w.Signals)));

    /// <summary>Days from the first warning within the horizon to the flight; 0 without one.</summary>
    private static int Lead(RiskTrial.Seen seen, Func<double[], bool> raised) =>
        seen.Weeks.Where(w => w.Day >= seen.Merchant.Flight - Horizon && raised(w.Signals))
            .Select(w => seen.Merchant.Flight!.Value - w.Day).DefaultIfEmpty(0).Max();

    /// <summary>A share with its interval by Wilson (1927).</summary>
    private static JsonObject Share(string detector, string what, int found, int of)
    {
        const double z = 1.96;
        double p = of == 0 ? 0 : found / (double)of;
        double n = Math.Max(1, of);
        double middle = (p + (z * z / (2 * n))) / (1 + (z * z / n));
        double half = z * Math.Sqrt((p * (1 - p) / n) + (z * z / (4 * n * n))) / (1 + (z * z / n));
        return new JsonObject
        {
            ["detector"] = detector,
            ["what"] = what,
            ["share"] = Math.Round(p, 4),
            ["low"] = Math.Round(middle - half, 4),
            ["high"] = Math.Round(middle + half, 4),
            ["of"] = of,
        };
    }
}
