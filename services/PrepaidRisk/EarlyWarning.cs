using System.Collections.Immutable;
using System.Text.Json;

namespace PrepaidRisk;

/// <summary>Why a warning is given: a signal, its strength and what it adds to the score.</summary>
public sealed record Reason(Signal Signal, double Strength, double Points);

/// <summary>What the signals of a day say together.</summary>
/// <param name="Score">Logarithm of the odds that the merchant is in trouble, by the simulated streets it was tuned
/// on.</param>
/// <param name="Raised">The score is at the threshold or above.</param>
/// <param name="Reasons">What speaks for it, the strongest first.</param>
public sealed record Warning(double Score, bool Raised, ImmutableArray<Reason> Reasons);

/// <summary>
/// Early warning: a weighted sum of signals over a threshold. The weights are data, tuned on simulated merchants
/// (services/docs/prepaid-risk.md); they say nothing about real shops until real ones are measured.
/// </summary>
public sealed class EarlyWarning
{
    private readonly double[] _weights;

    /// <summary>A warning of given weights, by <see cref="Signal"/>.</summary>
    public EarlyWarning(double[] weights, double intercept, double threshold)
    {
        if (weights.Length != Signals.Count) throw new ArgumentException("one weight for each signal", nameof(weights));
        (_weights, Intercept, Threshold) = (weights, intercept, threshold);
    }

    /// <summary>The weights in force.</summary>
    public static EarlyWarning Frozen { get; } = Read();

    /// <summary>The score of a merchant without a signal.</summary>
    public double Intercept { get; }

    /// <summary>The least score that raises a warning.</summary>
    public double Threshold { get; }

    /// <summary>The warning of a day.</summary>
    /// <param name="signals">Strengths by <see cref="Signal"/>, of <see cref="Signals.Of"/>.</param>
    public Warning Of(double[] signals)
    {
        double score = Score(signals);
        ImmutableArray<Reason> reasons =
        [
            .. Enum.GetValues<Signal>().Select(s => new Reason(s, signals[(int)s], signals[(int)s] * _weights[(int)s]))
                .Where(r => r.Points > 0).OrderByDescending(r => r.Points),
        ];
        return new Warning(score, score >= Threshold, reasons);
    }

    /// <summary>The score alone.</summary>
    public double Score(double[] signals)
    {
        double score = Intercept;
        for (int i = 0; i < _weights.Length; i++) score += _weights[i] * signals[i];
        return score;
    }

    private static double Number(JsonElement of, string name) => of.GetProperty(name).GetDouble();

    private static EarlyWarning Read()
    {
        using Stream file = typeof(EarlyWarning).Assembly.GetManifestResourceStream("PrepaidRisk.Weights.json")!;
        using JsonDocument json = JsonDocument.Parse(file);
        JsonElement weights = json.RootElement.GetProperty("weights");
        return new EarlyWarning(
            [.. Enum.GetNames<Signal>().Select(n => Number(weights, JsonNamingPolicy.CamelCase.ConvertName(n)))],
            Number(json.RootElement, "intercept"), Number(json.RootElement, "threshold"));
    }
}
