using System.Globalization;

namespace Traceability.Scanning.Page;

/// <summary>The temperature of a cold chain over time, with its limits; a gap in the readings is a gap in the line.</summary>
internal static class CurveSketch
{
    private const double Width = 340;
    private const double Height = 160;
    private const double Left = 36;
    private const double Bottom = 140;
    private static readonly TimeSpan GapFrom = TimeSpan.FromHours(2);

    /// <summary>The curve; null where there are fewer than two readings.</summary>
    public static Markup? Draw(PageCurve curve, bool chinese)
    {
        if (curve.Readings.Count < 2)
            return null;
        double least = Math.Min(curve.Readings.Min(r => r.Celsius), curve.Least ?? double.MaxValue) - 1;
        double most = Math.Max(curve.Readings.Max(r => r.Celsius), curve.Most ?? double.MinValue) + 1;
        DateTimeOffset begin = curve.Readings[0].At;
        double span = Math.Max(1, (curve.Readings[^1].At - begin).TotalSeconds);

        Html svg = new();
        svg.Add($"""<svg class="sketch" viewBox="0 0 {Width} {Height}" role="img" aria-labelledby="ct cd"><title id="ct">{(chinese ? "温度曲线" : "Temperature")}</title><desc id="cd">{curve.Finding.In(chinese)}</desc>""");
        foreach (double limit in new[] { curve.Least, curve.Most }.OfType<double>())
            svg.Add($"""<path class="limit" d="M{Left} {F(Y(limit))}H{Width}"/><text class="km" x="2" y="{Y(limit) + 5}">{limit}°</text>""");
        // A drawing has fewer points than there were readings: a gap is what is long beside their usual distance.
        TimeSpan[] steps = [.. curve.Readings.Zip(curve.Readings.Skip(1), (a, b) => b.At - a.At).Order()];
        TimeSpan usual = steps[(steps.Length - 1) / 2] * 3;
        TimeSpan gap = usual > GapFrom ? usual : GapFrom;
        string path = "";
        for (int i = 0; i < curve.Readings.Count; i++)
        {
            (DateTimeOffset at, double celsius) = curve.Readings[i];
            bool broken = i == 0 || at - curve.Readings[i - 1].At > gap
                || curve.Gaps?.Any(g => curve.Readings[i - 1].At <= g.From && g.To <= at) == true;
            path += $"{(broken ? "M" : "L")}{F(Left + (at - begin).TotalSeconds / span * (Width - Left - 4))} {F(Y(celsius))}";
        }
        svg.Add($"""<path class="way" fill="none" d="{path}"/><text class="km" x="{Left}" y="156">{Day(begin)}</text><text class="km" x="{Width - 2}" y="156" text-anchor="end">{Day(curve.Readings[^1].At)}</text></svg>""");
        return new Markup(svg.ToString());

        double Y(double celsius) => 12 + (most - celsius) / (most - least) * (Bottom - 12);
    }

    private static string F(double number) => number.ToString("0.#", CultureInfo.InvariantCulture);

    private static string Day(DateTimeOffset at) =>
        at.ToOffset(TimeSpan.FromHours(8)).ToString("MM-dd HH:mm", CultureInfo.InvariantCulture);
}
