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
/// <param name="Shared">
/// Whether the holder shared the position; otherwise it is the middle of the region of the address, which a proxy moves.
/// </param>
/// <param name="Reported">Whether the owner's own application reported it, not this service's page.</param>
/// <param name="OtherLot">Whether the scanned label names another lot than its code was bound to; which is not kept.</param>
/// <param name="AddressRegion">Region of the address alone, which no shared position changes; null where unknown.</param>
/// <param name="Network">The day's tag of the network that it came from; null for what an owner reported, and once deleted.</param>
public sealed record Check(
    DateTimeOffset At, string? Region = null, string? Device = null, Position? Position = null, bool Shared = false,
    bool Reported = false, bool OtherLot = false, string? AddressRegion = null, string? Network = null)
{
    /// <summary>
    /// Whom a check counts for: its network, for anybody can name a new browser with each request; the device only where
    /// the owner's application vouches for it.
    /// </summary>
    public string? Source => Network ?? Device;
}

/// <summary>One recorded sale of an item.</summary>
/// <param name="At">When.</param>
/// <param name="Seller">The organisation that reported it; null where it is not known.</param>
public sealed record SaleMark(DateTimeOffset At, string? Seller = null);

/// <summary>A sign that something may be wrong, with its reason in words. Never a verdict.</summary>
/// <param name="Code">
/// Stable: <c>many-checks</c>, <c>spread</c>, <c>too-fast</c>, <c>sold-twice</c>, <c>other-lot</c>,
/// <c>clone-lot</c>, <c>out-of-area</c>.
/// </param>
/// <param name="Reason">What was seen, with its numbers.</param>
/// <param name="Measure">The figure that was compared with the limit.</param>
/// <param name="Weight">How much it says by itself: 1 happens to honest people too, 3 hardly does.</param>
public sealed record Sign(string Code, Wording Reason, double Measure, int Weight = 1);

/// <summary>Limits of the formulas.</summary>
/// <param name="ChecksMax">N₀: more checks than this within a day are a sign.</param>
/// <param name="DevicesMin">And only from at least as many sources (<see cref="Check.Source"/>).</param>
/// <param name="SpeedMax">Kilometres an hour between two checks.</param>
/// <param name="UnsoldSpeedMax">The same for goods that are not sold yet, which travel by lorry.</param>
/// <param name="CloneChance">How unlikely a lot's suspected clones must be by chance.</param>
/// <param name="OutOfAreaShare">Lower bound of the share of scans outside of the territory.</param>
/// <param name="OutOfAreaScansMin">And only from at least as many scans.</param>
/// <param name="SpreadDevicesMin">Sources within a day from which a code is looked at by the public at large.</param>
/// <param name="SpreadRegionsMin">And only from at least as many cities.</param>
/// <param name="ProxyShare">Share of honest checks whose city is wrong, because a proxy stands in between.</param>
/// <param name="SpreadChance">How unlikely so many other cities must be by proxies alone.</param>
/// <param name="ConcentrationMin">Share of the scans outside that one province must have: diverted goods go to a market.</param>
/// <param name="AlarmWeight">Sum of the signs' weights from which an alarm is raised; below it is only watched.</param>
/// <param name="UsualCloneRate">Share of suspected items that is assumed before anything is known.</param>
/// <param name="UsualCloneItems">As many checked items that assumption weighs.</param>
/// <param name="WindowDays">How far back scans are looked at.</param>
public sealed record SuspicionLimits(
    int ChecksMax = 5, int DevicesMin = 2, double SpeedMax = 900, double UnsoldSpeedMax = 150, double CloneChance = 0.001,
    double OutOfAreaShare = 0.2, int OutOfAreaScansMin = 10, int SpreadDevicesMin = 6, int SpreadRegionsMin = 4,
    double ProxyShare = 0.1, double SpreadChance = 0.001, double ConcentrationMin = 0.5, int AlarmWeight = 3, double UsualCloneRate = 0.001, int UsualCloneItems = 500,
    int WindowDays = 30)
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

    private const int OtherLotSources = 3;

    private static readonly TimeSpan Day = TimeSpan.FromHours(24);

    // Times are kept to the minute, so two checks in neighbouring minutes would give any speed.
    private static readonly TimeSpan LeastInterval = TimeSpan.FromMinutes(5);

    /// <summary>More checks than N₀ within some 24 hours, from several sources. One person may look often.</summary>
    public static Sign? ManyChecks(IReadOnlyList<Check> checks, SuspicionLimits limits)
    {
        (int Count, int Devices) most = (0, 0);
        foreach (ArraySegment<Check> day in Days(checks))
        {
            int devices = Sources(day);
            if (day.Count > limits.ChecksMax && devices >= limits.DevicesMin
                && (day.Count, devices).CompareTo(most) > 0)
                most = (day.Count, devices);
        }
        return most.Count == 0 ? null : new Sign("many-checks", new Wording(
            $"24小时内从{most.Devices}处网络或设备查询{most.Count}次（超过{limits.ChecksMax}次）",
            $"Checked {most.Count} times within 24 hours from {most.Devices} networks or devices (more than {limits.ChecksMax})"),
            most.Count);
    }

    /// <summary>
    /// So many devices in so many cities within some 24 hours that neither a household or party explains it, nor a journey
    /// from one city to another with some of the lookers behind proxies: what lies outside of the two most frequent cities
    /// would hardly be as much by proxies alone (binomial).
    /// </summary>
    public static Sign? Spread(IReadOnlyList<Check> checks, SuspicionLimits limits)
    {
        (double Chance, int Devices, int Regions) most = (limits.SpreadChance, 0, 0);
        foreach (ArraySegment<Check> day in Days(checks))
        {
            // A source counts in the city where it looked first.
            int[] cities = [.. day.Where(c => c is { Source: not null, Region: not null }).DistinctBy(c => c.Source)
                .GroupBy(c => c.Region).Select(g => g.Count()).OrderDescending()];
            int devices = cities.Sum();
            if (devices < limits.SpreadDevicesMin || cities.Length < limits.SpreadRegionsMin)
                continue;
            double chance = BinomialAtLeast(devices - cities[0] - cities[1], devices, limits.ProxyShare);
            if (chance < most.Chance || chance == most.Chance && (devices, cities.Length).CompareTo((most.Devices, most.Regions)) > 0)
                most = (chance, devices, cities.Length);
        }
        return most.Devices == 0 || most.Chance >= limits.SpreadChance ? null : new Sign("spread", new Wording(
            $"24小时内有{most.Devices}处网络或设备在{most.Regions}个城市查询同一件商品，出行和网络代理难以解释",
            $"Checked from {most.Devices} networks or devices in {most.Regions} cities within 24 hours, though it is one item; a journey and proxies hardly explain it"),
            most.Chance, Weight: 2);
    }

    /// <summary>
    /// Two checks farther apart than one item can travel meanwhile, by the distance that is left when both positions are
    /// as far off as they may be. Where a position follows from an address a proxy may have moved it, so that this says
    /// little, and one source is never at two places; where both were shared, and the addresses lie in different cities too, it says much: a position is what a
    /// browser claims, so that one person alone could claim two.
    /// </summary>
    public static Sign? TooFast(IReadOnlyList<Check> checks, bool sold, SuspicionLimits limits)
    {
        (double Speed, double Kilometres, TimeSpan Between) shared = default, fastest = default;
        Check[] located = [.. Ordered(checks).Where(c => c.Position is not null)];
        double limit = sold ? limits.SpeedMax : limits.UnsoldSpeedMax;
        for (int j = 1; j < located.Length; j++)
        {
            for (int i = 0; i < j; i++)
            {
                (Check a, Check b) = (located[i], located[j]);
                if (a.Network is not null && a.Network == b.Network)
                    continue;
                double kilometres = Kilometres(a.Position!, b.Position!);
                TimeSpan between = b.At - a.At;
                double hours = (between > LeastInterval ? between : LeastInterval).TotalHours;
                if ((kilometres - a.Position!.AccuracyKm - b.Position!.AccuracyKm) / hours <= limit)
                    continue;
                var pair = (kilometres / hours, kilometres, between);
                bool apart = a.AddressRegion is { } one && b.AddressRegion is { } other && one != other;
                if (a.Shared && b.Shared && apart && pair.CompareTo(shared) > 0)
                    shared = pair;
                if (pair.CompareTo(fastest) > 0)
                    fastest = pair;
            }
        }
        return shared.Speed > 0 ? Fast(shared.Kilometres, shared.Between, shared.Speed, sold, weight: 3)
            : fastest.Speed > 0 ? Fast(fastest.Kilometres, fastest.Between, fastest.Speed, sold, weight: 1)
            : null;
    }

    /// <summary>
    /// One item was sold or activated more than once. One seller may have taken it back and sold it again, two have not.
    /// </summary>
    public static Sign? SoldTwice(IReadOnlyList<SaleMark> sales) => sales.Count < 2 ? null : new Sign(
        "sold-twice",
        sales.Select(s => s.Seller).OfType<string>().Distinct().Count() is > 1 and var sellers
            ? new Wording($"由{sellers}家机构登记了{sales.Count}次售出或激活，而一件商品只能有一次",
                $"Recorded as sold or activated {sales.Count} times by {sellers} organisations; one item can be so only once")
            : new Wording($"登记了{sales.Count}次售出或激活，而一件商品只能有一次（退货后再售也会这样）",
                $"Recorded as sold or activated {sales.Count} times; one item can be so only once (or was returned and sold again)"),
        sales.Count, Weight: sales.Select(s => s.Seller).OfType<string>().Distinct().Count() > 1 ? 3 : 2);

    /// <summary>
    /// The label that was scanned names another lot than the code was bound to: a serial was copied onto other goods, or a
    /// link was typed with another lot. One or two networks may be somebody who tries, at home and on the way, so that it
    /// says little. What the label said is not repeated: anybody can write anything into a link.
    /// </summary>
    public static Sign? OtherLot(IReadOnlyList<Check> checks)
    {
        Check[] other = [.. checks.Where(c => c.OtherLot)];
        if (other.Length == 0)
            return null;
        int sources = Sources(other);
        return new Sign("other-lot", new Wording(
            $"{other.Length}次查询的标签写着别的批次，与这个码绑定的批次不同",
            $"{other.Length} {(other.Length == 1 ? "check was of a label" : "checks were of labels")} with another lot than the code is bound to"),
            other.Length, Weight: sources >= OtherLotSources ? 2 : 1);
    }

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
            chance, Weight: 3);
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
            bound, Weight: 3);
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

    /// <summary>The chance of at least k of n where each has the given one.</summary>
    public static double BinomialAtLeast(int k, int n, double share)
    {
        double sum = 0;
        for (int i = Math.Max(k, 0); i <= n; i++)
        {
            sum += Math.Exp(LogFactorial(n) - LogFactorial(i) - LogFactorial(n - i)
                + i * Math.Log(share) + (n - i) * Math.Log(1 - share));
        }
        return k <= 0 ? 1 : Math.Min(1, sum);
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

    /// <summary>For each check the checks of the 24 hours before it, so that every busiest day is among them.</summary>
    private static IEnumerable<ArraySegment<Check>> Days(IReadOnlyList<Check> checks)
    {
        Check[] inOrder = [.. Ordered(checks)];
        for (int first = 0, last = 0; last < inOrder.Length; last++)
        {
            while (inOrder[last].At - inOrder[first].At > Day)
                first++;
            yield return new ArraySegment<Check>(inOrder, first, last + 1 - first);
        }
    }

    /// <summary>In one order, however they came; checks of one minute by what else is known of them.</summary>
    private static IOrderedEnumerable<Check> Ordered(IEnumerable<Check> checks) => checks.OrderBy(c => c.At)
        .ThenBy(c => c.Region, StringComparer.Ordinal).ThenBy(c => c.Device, StringComparer.Ordinal)
        .ThenBy(c => c.Network, StringComparer.Ordinal)
        .ThenBy(c => c.Position?.Latitude).ThenBy(c => c.Position?.Longitude).ThenBy(c => c.Position?.AccuracyKm);

    private static int Sources(IEnumerable<Check> checks) =>
        checks.Select(c => c.Source).OfType<string>().Distinct().Count();

    private static Sign Fast(double kilometres, TimeSpan between, double speed, bool sold, int weight)
    {
        // The words name the interval that the speed is computed over.
        double minutes = (between > LeastInterval ? between : LeastInterval).TotalMinutes;
        string distance = kilometres.ToString("N0", CultureInfo.InvariantCulture);
        string per = speed.ToString("N0", CultureInfo.InvariantCulture);
        return new Sign("too-fast", new Wording(
            $"{minutes:0}分钟内在相距{distance}公里的两处被查询（每小时{per}公里{(sold ? "" : "，且尚未售出")}），存疑",
            $"Checked at two places {distance} km apart within {minutes:0} minutes ({per} km/h{(sold ? "" : ", and not sold yet")}), which is doubtful"),
            speed, weight);
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
