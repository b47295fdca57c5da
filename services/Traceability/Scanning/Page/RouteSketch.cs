using System.Globalization;
using System.Text;

namespace Traceability.Scanning.Page;

/// <summary>
/// The journey's places as numbered points in true proportion on a plain grid with a scale bar. No country or coast line
/// is drawn: a public map needs an approved base map.
/// </summary>
internal static class RouteSketch
{
    private const double Width = 340;
    private const double Height = 220;
    private const double Margin = 28;
    private const double KmPerDegree = 111.195;

    /// <summary>The sketch; null where fewer than two different places have a position.</summary>
    /// <param name="journey">Steps; a point carries the numbers of its steps, from 1.</param>
    /// <param name="chinese">Language of its words.</param>
    public static Markup? Draw(IReadOnlyList<PageStep> journey, bool chinese)
    {
        List<Stop> stops = Stops(journey);
        if (stops.Count < 2)
            return null;
        double middle = (stops.Min(s => s.Latitude) + stops.Max(s => s.Latitude)) / 2 * Math.PI / 180;
        double kmPerLongitude = KmPerDegree * Math.Cos(middle);
        double west = stops.Min(s => s.Longitude), north = stops.Max(s => s.Latitude);
        double wide = (stops.Max(s => s.Longitude) - west) * kmPerLongitude;
        double high = (north - stops.Min(s => s.Latitude)) * KmPerDegree;
        double scale = Math.Min((Width - 2 * Margin) / Math.Max(wide, 0.001), (Height - 2 * Margin - 18) / Math.Max(high, 0.001));
        double left = (Width - wide * scale) / 2, top = (Height - 18 - high * scale) / 2;
        List<(double X, double Y)> points = [.. stops.Select(s =>
            (left + (s.Longitude - west) * kmPerLongitude * scale, top + (north - s.Latitude) * KmPerDegree * scale))];
        double bar = Nice(Width / 3 / scale);

        Html svg = new();
        svg.Add($"""<svg class="sketch" viewBox="0 0 {Width} {Height}" role="img" aria-labelledby="rt rd"><title id="rt">{Title(chinese)}</title><desc id="rd">{Description(stops, chinese)}</desc>""");
        Grid(svg, bar * scale);
        svg.Add($"""<polyline class="way" fill="none" points="{Path(points, journey, stops)}"/>""");
        for (int i = 0; i < stops.Count; i++)
        {
            string at = string.Join(',', stops[i].Numbers);
            double half = Math.Max(11, at.Length * 4.5 + 6);
            svg.Add($"""<rect class="stop" x="{points[i].X - half}" y="{points[i].Y - 11}" width="{2 * half}" height="22" rx="11"/><text x="{points[i].X}" y="{points[i].Y + 5}" text-anchor="middle">{at}</text>""");
        }
        svg.Add($"""<path class="bar" d="M{Margin} {Height - 10}v-6h{F(bar * scale)}v6"/><text class="km" x="{Margin + bar * scale + 6}" y="{Height - 8}">{bar.ToString("0.##", CultureInfo.InvariantCulture)} km</text></svg>""");
        return new Markup(svg.ToString());
    }

    private static List<Stop> Stops(IReadOnlyList<PageStep> journey)
    {
        List<Stop> stops = [];
        for (int i = 0; i < journey.Count; i++)
        {
            if (journey[i].Place is not { Latitude: { } latitude, Longitude: { } longitude } place)
                continue;
            Stop? known = stops.Find(s => s.Gln == place.Gln);
            if (known is null)
                stops.Add(known = new Stop(place.Gln, latitude, longitude, place, []));
            known.Numbers.Add(i + 1);
        }
        return stops;
    }

    private static void Grid(Html svg, double step)
    {
        StringBuilder lines = new();
        for (double x = Width / 2 % step; x < Width; x += step)
            lines.Append(CultureInfo.InvariantCulture, $"M{F(x)} 0V{Height}");
        for (double y = Height / 2 % step; y < Height; y += step)
            lines.Append(CultureInfo.InvariantCulture, $"M0 {F(y)}H{Width}");
        svg.Add($"""<path class="grid" d="{lines.ToString()}"/>""");
    }

    // In the order of the steps, so that a way back is drawn too.
    private static string Path(
        List<(double X, double Y)> points, IReadOnlyList<PageStep> journey, List<Stop> stops) =>
        string.Join(' ', journey.Select(s => stops.FindIndex(stop => stop.Gln == s.Place?.Gln)).Where(i => i >= 0)
            .Select(i => $"{F(points[i].X)},{F(points[i].Y)}"));

    private static string Title(bool chinese) => chinese ? "路线示意图" : "Sketch of the route";

    private static string Description(List<Stop> stops, bool chinese)
    {
        string names = string.Join(chinese ? "，" : ", ",
            stops.Select(s => $"{string.Join(',', s.Numbers)} {s.Place.Name.In(chinese)}"));
        double km = stops.Zip(stops.Skip(1), (a, b) => Suspicion.Kilometres(
            new Position(a.Latitude, a.Longitude, 0), new Position(b.Latitude, b.Longitude, 0))).Sum();
        return chinese
            ? $"{names}；直线距离合计约{km.ToString("N0", CultureInfo.InvariantCulture)}公里。"
            : $"{names}; about {km.ToString("N0", CultureInfo.InvariantCulture)} km in straight lines.";
    }

    /// <summary>The largest of 1, 2 and 5 times a power of ten that is not above.</summary>
    private static double Nice(double most)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(most)));
        return (most / power) switch { >= 5 => 5 * power, >= 2 => 2 * power, _ => power };
    }

    private static string F(double number) => number.ToString("0.#", CultureInfo.InvariantCulture);

    private sealed record Stop(string Gln, double Latitude, double Longitude, PagePlace Place, List<int> Numbers);
}
