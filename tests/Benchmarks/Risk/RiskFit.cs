using PrepaidRisk;
using PrepaidSimulation;

namespace Benchmarks.Risk;

/// <summary>
/// Finds weights on streets that are for tuning: logistic regression over weeks, and the threshold at which a given
/// share of good merchants is flagged in a year.
/// </summary>
internal static class RiskFit
{
    private const int Rounds = 1500;
    private const double Step = 0.05;
    private const double Shrink = 1e-3;

    /// <summary>Fits weights that are never negative: no sign of trouble may speak for a merchant.</summary>
    /// <param name="seen">Merchants of the tuning streets.</param>
    /// <param name="flagged">Share of good merchants that may be flagged in a year.</param>
    public static EarlyWarning Fit(IReadOnlyList<RiskTrial.Seen> seen, double flagged)
    {
        List<(double[] X, bool Trouble, double Weight)> weeks = [.. seen.SelectMany(Weeks)];
        double good = weeks.Where(w => !w.Trouble).Sum(w => w.Weight);
        double bad = weeks.Where(w => w.Trouble).Sum(w => w.Weight);
        double[] weights = new double[Signals.Count];
        double[] speed = new double[Signals.Count + 1];
        double intercept = -3;
        for (int round = 0; round < Rounds; round++)
        {
            double[] slope = new double[Signals.Count + 1];
            foreach ((double[] x, bool trouble, double weight) in weeks)
            {
                double z = intercept;
                for (int i = 0; i < x.Length; i++) z += weights[i] * x[i];
                double error = ((trouble ? 1 : 0) - (1 / (1 + Math.Exp(-z)))) * weight / (trouble ? bad : good * 0.25);
                for (int i = 0; i < x.Length; i++) slope[i] += error * x[i];
                slope[^1] += error;
            }

            for (int i = 0; i < weights.Length; i++)
            {
                speed[i] = (0.9 * speed[i]) + slope[i] - (Shrink * weights[i]);
                weights[i] = Math.Max(0, weights[i] + (Step * speed[i]));
            }

            speed[^1] = (0.9 * speed[^1]) + slope[^1];
            intercept += Step * speed[^1];
        }

        weights = [.. weights.Select(w => Math.Round(w, 2))];
        EarlyWarning open = new(weights, Math.Round(intercept, 2), 0);
        double[] most = [.. seen.Where(s => s.Merchant.Flight is null)
            .Select(s => s.Weeks.Max(w => open.Score(w.Signals))).OrderDescending()];
        double threshold = Math.Round(most[(int)(most.Length * flagged)] + 0.005, 2);
        return new EarlyWarning(weights, open.Intercept, threshold);
    }

    /// <summary>
    /// Trouble is what a regulator could still act on: from the beginning of the story to three weeks before its end.
    /// </summary>
    private static IEnumerable<(double[] X, bool Trouble, double Weight)> Weeks(RiskTrial.Seen seen)
    {
        (int from, int until) = (seen.Merchant.Fate, seen.Merchant.Flight) switch
        {
            (Fate.SlowDrain, { } flight) => (flight - 90, flight - 14),
            (Fate.PromotionThenFlight, { } flight) => (flight - 42, flight - 14),
            _ => (int.MaxValue, int.MaxValue),
        };
        if (seen.Merchant.Fate == Fate.Sudden) yield break;
        int inside = seen.Weeks.Count(w => w.Day >= from && w.Day < until);
        foreach ((int day, double[] signals) in seen.Weeks)
        {
            bool trouble = day >= from && day < until;
            // Every merchant in trouble weighs the same, however long its trouble lasts.
            if (trouble) yield return (signals, true, 1.0 / inside);
            else if (seen.Merchant.Flight is null && day % 21 == 0) yield return (signals, false, 1);
        }
    }
}
