using Traceability.Graph;

namespace Traceability.Sensors;

/// <summary>A time outside the range.</summary>
/// <param name="From">First reading outside.</param>
/// <param name="To">First reading inside again, or the last of the series.</param>
/// <param name="Peak">The value farthest outside.</param>
/// <param name="High">Whether above the range.</param>
/// <param name="Count">Readings outside.</param>
/// <param name="Alarm">Whether it lasted longer than is put up with.</param>
public sealed record Excursion(DateTime From, DateTime To, decimal Peak, bool High, int Count, bool Alarm);

/// <summary>What a product stands.</summary>
/// <param name="Min">Lowest value, in the unit.</param>
/// <param name="Max">Highest value.</param>
/// <param name="Tolerated">How long it may be left at a time.</param>
public sealed record ValueRange(decimal? Min, decimal? Max, TimeSpan Tolerated);

/// <summary>Figures of a series; pure.</summary>
public static class ColdChain
{
    /// <summary>Activation energy that stands for common products, in J/mol (USP ⟨1079.2⟩).</summary>
    public const double ActivationEnergy = 83_144;

    /// <summary>
    /// Gas constant as that chapter rounds it, in J/(mol·K), which makes the quotient about 10 000 K.
    /// </summary>
    public const double GasConstant = 8.314;

    private const double ZeroCelsius = 273.15;

    /// <summary>
    /// Mean kinetic temperature in °C: the constant temperature that would do as much as the series did,
    /// T = (ΔH/R) / −ln(Σ tᵢ·e^(−ΔH/(R·Tᵢ)) / Σ tᵢ) (J. D. Haynes, 1971). Each reading holds until the next; the last
    /// one,
    /// and all of a series of one, weighs as much as the mean of the others.
    /// </summary>
    /// <param name="celsius">In order of time.</param>
    /// <param name="gaps">Times of which nothing is known: the reading before one does not hold through it.</param>
    /// <remarks>A mean for products kept above freezing: for frozen ones a warm hour must not be offset by cold
    /// ones.</remarks>
    public static double MeanKinetic(IReadOnlyList<Reading> celsius, IReadOnlyList<Window>? gaps = null)
    {
        List<DateTime> times = [.. celsius.Select(r => r.At)];
        HashSet<int> broken = [.. (gaps ?? []).Select(g => BlockGaps.LastUpTo(times, g.From))];
        double?[] steps =
        [
            .. times.Zip(times.Skip(1)).Select((pair, i) =>
                broken.Contains(i) ? (double?)null : (pair.Second - pair.First).TotalSeconds),
        ];
        double last = steps.Average() ?? 1;
        double total = 0, sum = 0;
        for (int i = 0; i < celsius.Count; i++)
        {
            double weight = (i < steps.Length ? steps[i] : null) ?? last;
            total += weight;
            sum += weight * Math.Exp(-ActivationEnergy / (GasConstant * ((double)celsius[i].Value + ZeroCelsius)));
        }
        return (ActivationEnergy / GasConstant / -Math.Log(sum / total)) - ZeroCelsius;
    }

    /// <summary>The times outside a range, in order.</summary>
    /// <param name="readings">In order of time.</param>
    /// <param name="range">The range.</param>
    /// <param name="open">One that the readings before these ended in, which goes on here or ends with the first
    /// reading.</param>
    public static IReadOnlyList<Excursion> Excursions(
        IReadOnlyList<Reading> readings, ValueRange range, Excursion? open = null)
    {
        List<Excursion> excursions = [];
        foreach (Reading reading in readings)
        {
            int side = Side(reading.Value, range);
            if (open is not null && side != (open.High ? 1 : -1))
            {
                excursions.Add(Close(open, reading.At, range));
                open = null;
            }
            if (side == 0)
                continue;
            open ??= new Excursion(reading.At, reading.At, reading.Value, side > 0, 0, false);
            open = open with
            {
                To = Later(open.To, reading.At),
                Count = open.Count + 1,
                Peak = side > 0 ? Math.Max(open.Peak, reading.Value) : Math.Min(open.Peak, reading.Value),
            };
        }
        if (open is not null)
            excursions.Add(Close(open, open.To, range));
        return excursions;
    }

    /// <summary>1 above the range, -1 below, 0 within.</summary>
    public static int Side(decimal value, ValueRange range) => value > range.Max ? 1 : value < range.Min ? -1 : 0;

    /// <summary>The longest time between two readings that follow each other.</summary>
    public static TimeSpan LongestStep(IReadOnlyList<Reading> readings)
    {
        TimeSpan longest = TimeSpan.Zero;
        for (int i = 1; i < readings.Count; i++)
        {
            TimeSpan step = readings[i].At - readings[i - 1].At;
            longest = step > longest ? step : longest;
        }
        return longest;
    }

    private static DateTime Later(DateTime a, DateTime b) => a > b ? a : b;

    private static Excursion Close(Excursion open, DateTime to, ValueRange range) =>
        open with { To = Later(to, open.To), Alarm = Later(to, open.To) - open.From >= range.Tolerated };
}
