using System.Globalization;
using Traceability.MasterData;

namespace Traceability.Scanning;

/// <summary>A point on the ground with how far off it may be.</summary>
/// <param name="Latitude">Degrees north.</param>
/// <param name="Longitude">Degrees east.</param>
/// <param name="AccuracyKm">Radius in kilometres.</param>
public sealed record Position(double Latitude, double Longitude, double AccuracyKm);

/// <summary>One look of a consumer at a code.</summary>
/// <param name="At">To the minute.</param>
/// <param name="Region">Code of a city-level region; null where unknown.</param>
/// <param name="Device">The day's tag of the device; null once deleted.</param>
/// <param name="Position">Where, where it is known.</param>
public sealed record Check(DateTimeOffset At, string? Region = null, string? Device = null, Position? Position = null);

/// <summary>A sign that something may be wrong, with its reason in words. Never a verdict.</summary>
/// <param name="Code">Stable: <c>many-checks</c>, <c>too-fast</c>, <c>sold-twice</c>, <c>clone-lot</c>, <c>out-of-area</c>.</param>
/// <param name="Reason">What was seen, with its numbers.</param>
/// <param name="Measure">The figure that was compared with the limit.</param>
public sealed record Sign(string Code, Wording Reason, double Measure);

/// <summary>Limits of the formulas.</summary>
/// <param name="ChecksMax">N₀: more checks than this within a day are a sign.</param>
/// <param name="DevicesMin">And only from at least as many devices.</param>
/// <param name="SpeedMax">Kilometres an hour between two checks.</param>
/// <param name="UnsoldSpeedMax">The same for goods that are not sold yet, which travel by lorry.</param>
/// <param name="CloneChance">How unlikely a lot's suspected clones must be by chance.</param>
/// <param name="OutOfAreaShare">Lower bound of the share of scans outside of the territory.</param>
/// <param name="OutOfAreaScansMin">And only from at least as many scans.</param>
public sealed record SuspicionLimits(
    int ChecksMax = 5, int DevicesMin = 2, double SpeedMax = 900, double UnsoldSpeedMax = 150, double CloneChance = 0.001,
    double OutOfAreaShare = 0.2, int OutOfAreaScansMin = 10)
{
    /// <summary>The limits where an organisation sets none.</summary>
    public static readonly SuspicionLimits Default = new();
}

/// <summary>Signs of copied or diverted goods in scans; pure.</summary>
public static class Suspicion
{
    private const double EarthRadiusKm = 6371.0088;

    // The 97.5 % point of the standard normal distribution: two-sided 95 %.
    private const double Z = 1.959963984540054;

    private static readonly TimeSpan Day = TimeSpan.FromHours(24);

    // Times are kept to the minute, so two checks in neighbouring minutes would give any speed.
    private static readonly TimeSpan LeastInterval = TimeSpan.FromMinutes(5);

    /// <summary>More checks than N₀ within some 24 hours, from several devices. One person may look often.</summary>
    public static Sign? ManyChecks(IReadOnlyList<Check> checks, SuspicionLimits limits)
    {
        Check[] inOrder = [.. checks.OrderBy(c => c.At)];
        (int Count, int Devices) most = (0, 0);
        for (int first = 0, last = 0; last < inOrder.Length; last++)
        {
            while (inOrder[last].At - inOrder[first].At > Day)
                first++;
            int count = last - first + 1;
            int devices = inOrder[first..(last + 1)].Select(c => c.Device).OfType<string>().Distinct().Count();
            if (count > limits.ChecksMax && devices >= limits.DevicesMin && count > most.Count)
                most = (count, devices);
        }
        return most.Count == 0 ? null : new Sign("many-checks", new Wording(
            $"24小时内被{most.Devices}台设备查询{most.Count}次（超过{limits.ChecksMax}次）",
            $"Checked {most.Count} times within 24 hours from {most.Devices} devices (more than {limits.ChecksMax})"),
            most.Count);
    }

    /// <summary>
    /// Two checks farther apart than one item can travel meanwhile. The distance counts only as far as the two
    /// positions' accuracies leave no doubt of it.
    /// </summary>
    public static Sign? TooFast(IReadOnlyList<Check> checks, bool sold, SuspicionLimits limits)
    {
        Sign? fastest = null;
        Check[] located = [.. checks.Where(c => c.Position is not null).OrderBy(c => c.At)];
        double limit = sold ? limits.SpeedMax : limits.UnsoldSpeedMax;
        for (int i = 1; i < located.Length; i++)
        {
            (Check a, Check b) = (located[i - 1], located[i]);
            double kilometres = Kilometres(a.Position!, b.Position!);
            if (Math.Max(a.Position!.AccuracyKm, b.Position!.AccuracyKm) > kilometres)
                continue;
            TimeSpan between = b.At - a.At;
            double speed = kilometres / (between > LeastInterval ? between : LeastInterval).TotalHours;
            if (speed > limit && speed > (fastest?.Measure ?? 0))
                fastest = Fast(kilometres, between, speed, sold);
        }
        return fastest;
    }

    /// <summary>One item was sold or activated more than once.</summary>
    public static Sign? SoldTwice(IReadOnlyList<DateTimeOffset> sales) => sales.Count < 2 ? null : new Sign(
        "sold-twice",
        new Wording($"登记了{sales.Count}次售出或激活，而一件商品只能有一次",
            $"Recorded as sold or activated {sales.Count} times; one item can be so only once"),
        sales.Count);

    /// <summary>
    /// So many items of a lot with signs of cloning that chance, at the rate of all lots, would hardly give as many.
    /// </summary>
    /// <param name="suspected">Items of the lot with such signs, k.</param>
    /// <param name="checkedItems">Items of the lot that were checked at all.</param>
    /// <param name="usualRate">Share of suspected items among all that were checked, from 0 to 1.</param>
    /// <param name="limits">The limit of the chance.</param>
    public static Sign? ClonedLot(int suspected, int checkedItems, double usualRate, SuspicionLimits limits)
    {
        double expected = checkedItems * usualRate;
        double chance = PoissonAtLeast(suspected, expected);
        return suspected < 2 || chance >= limits.CloneChance ? null : new Sign("clone-lot", new Wording(
            $"本批次查询过的{checkedItems}件中有{suspected}件有仿冒嫌疑，按平常比例约为{Number(expected)}件，偶然的可能为{Percent(chance)}",
            $"{suspected} of the {checkedItems} items of this lot that were checked are suspected clones where {Number(expected)} are usual; the chance of that is {Percent(chance)}"),
            chance);
    }

    /// <summary>Goods of a dealer that are scanned outside of the dealer's territory (窜货).</summary>
    /// <param name="regions">Region of each scan; unknown ones say nothing and are left out.</param>
    /// <param name="territory">Codes of regions; a code includes all that begin with it.</param>
    /// <param name="limits">Share and number from which it is a sign.</param>
    public static Sign? OutOfArea(
        IEnumerable<string?> regions, IReadOnlyCollection<string> territory, SuspicionLimits limits)
    {
        string[] known = [.. regions.OfType<string>()];
        string[] outside =
            [.. known.Where(r => !territory.Any(t => r.StartsWith(t, StringComparison.Ordinal)))];
        if (known.Length < limits.OutOfAreaScansMin)
            return null;
        double bound = WilsonLowerBound(outside.Length, known.Length);
        return bound <= limits.OutOfAreaShare ? null : new Sign("out-of-area", new Wording(
            $"{known.Length}次扫码中有{outside.Length}次在约定区域之外，比例下限{Percent(bound)}（95%置信，超过{Percent(limits.OutOfAreaShare)}）",
            $"{outside.Length} of {known.Length} scans are outside of the agreed area: at least {Percent(bound)} of all (95 % confidence; more than {Percent(limits.OutOfAreaShare)})"),
            bound);
    }

    /// <summary>Great-circle distance by the haversine formula, in kilometres.</summary>
    public static double Kilometres(Position a, Position b)
    {
        double latitude = Math.Sin(Radians(b.Latitude - a.Latitude) / 2);
        double longitude = Math.Sin(Radians(b.Longitude - a.Longitude) / 2);
        double h = latitude * latitude
            + Math.Cos(Radians(a.Latitude)) * Math.Cos(Radians(b.Latitude)) * longitude * longitude;
        return 2 * EarthRadiusKm * Math.Asin(Math.Min(1, Math.Sqrt(h)));
    }

    /// <summary>Lower end of Wilson's score interval for a share, at 95 % (E. B. Wilson, 1927).</summary>
    public static double WilsonLowerBound(int hits, int n)
    {
        // Exactly zero, which rounding would miss by a little.
        if (hits == 0)
            return 0;
        double share = (double)hits / n;
        double centre = share + Z * Z / (2 * n);
        double spread = Z * Math.Sqrt(share * (1 - share) / n + Z * Z / (4.0 * n * n));
        return Math.Max(0, (centre - spread) / (1 + Z * Z / n));
    }

    /// <summary>The chance of at least k where a Poisson distribution has the given mean.</summary>
    public static double PoissonAtLeast(int k, double mean)
    {
        if (k <= 0)
            return 1;
        if (mean <= 0)
            return 0;
        // From k upwards, because 1 minus the sum below k leaves nothing of a small chance.
        double term = Math.Exp(k * Math.Log(mean) - mean - LogFactorial(k));
        double sum = 0;
        for (int i = k; term > sum * 1e-17; i++)
        {
            sum += term;
            term *= mean / (i + 1);
            if (term == 0)
                break;
        }
        return Math.Min(1, sum);
    }

    private static Sign Fast(double kilometres, TimeSpan between, double speed, bool sold)
    {
        double minutes = Math.Max(between.TotalMinutes, 0);
        string distance = kilometres.ToString("N0", CultureInfo.InvariantCulture);
        string per = speed.ToString("N0", CultureInfo.InvariantCulture);
        return new Sign("too-fast", new Wording(
            $"{minutes:0}分钟内在相距{distance}公里的两处被查询（每小时{per}公里{(sold ? "" : "，且尚未售出")}），存疑",
            $"Checked at two places {distance} km apart within {minutes:0} minutes ({per} km/h{(sold ? "" : ", and not sold yet")}), which is doubtful"),
            speed);
    }

    private static double LogFactorial(int n)
    {
        double sum = 0;
        for (int i = 2; i <= n; i++)
            sum += Math.Log(i);
        return sum;
    }

    private static double Radians(double degrees) => degrees * Math.PI / 180;

    private static string Number(double n) => n.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Percent(double share) =>
        (share * 100).ToString(share < 0.001 ? "0.0000" : "0.0", CultureInfo.InvariantCulture) + "%";
}
