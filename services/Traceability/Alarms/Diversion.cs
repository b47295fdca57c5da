using Traceability.Scanning;

namespace Traceability.Alarms;

/// <summary>The check that stands for an item of a dealer.</summary>
/// <param name="Item">The item.</param>
/// <param name="At">To the minute.</param>
/// <param name="Region">Code of a city-level region.</param>
/// <param name="Device">The day's tag of its network, or of the device of a reported check; null once deleted.</param>
/// <param name="Shared">Whether the region follows from a position that its holder shared.</param>
/// <param name="Reported">Whether the owner's own application reported it.</param>
public sealed record Observation(
    string Item, DateTimeOffset At, string Region, string? Device = null, bool Shared = false, bool Reported = false);

/// <summary>An observation that was counted.</summary>
public sealed record Counted(Observation Observation, bool Outside);

/// <summary>What the observations of a carton or dealer come to.</summary>
/// <param name="Grade">Nothing, watched or an alarm.</param>
/// <param name="Sign">The sign of the formula, or null.</param>
/// <param name="Counted">What was counted, in order of time.</param>
/// <param name="LeftOut">How many observations did not count of their own.</param>
/// <param name="Concentration">Share of those outside that the most frequent province has.</param>
/// <param name="Province">That province: two digits.</param>
public sealed record DiversionAssessment(
    SuspicionGrade Grade, Sign? Sign, IReadOnlyList<Counted> Counted, int LeftOut, double Concentration, string? Province)
{
    /// <summary>How many of those counted lie outside of the territory.</summary>
    public int Outside => Counted.Count(c => c.Outside);
}

/// <summary>
/// Whether a dealer's goods are sold outside of the dealer's territory (窜货); pure. Each item counts once, where it was
/// first seen: a bottle sent to a friend was seen at home before. Each device counts once a day: a traveller with a case
/// of samples is one person. Single gifts and proxies lie scattered; goods that were diverted go to a market.
/// </summary>
public static class Diversion
{
    /// <summary>Name of the formula as alarms state it; a change of its rules takes a new number.</summary>
    public const string Formula = "out-of-area/1";

    private const int ProvinceDigits = 2;

    /// <summary>Counts and compares.</summary>
    /// <param name="observations">All that is known of the items, in any order.</param>
    /// <param name="territory">Codes of regions; a code includes all that begin with it. Empty: there is none to leave.</param>
    /// <param name="limits">The limits.</param>
    public static DiversionAssessment Assess(
        IReadOnlyCollection<Observation> observations, IReadOnlyCollection<string> territory, SuspicionLimits limits)
    {
        List<Counted> counted = Count(observations, territory);
        Sign? sign = territory.Count == 0
            ? null
            : Suspicion.OutOfArea(counted.Select(c => c.Observation.Region), territory, limits);
        IGrouping<string, Counted>? market = counted.Where(c => c.Outside).GroupBy(c => Province(c.Observation.Region))
            .OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).FirstOrDefault();
        int outside = counted.Count(c => c.Outside);
        double concentration = market is null ? 0 : (double)market.Count() / outside;
        SuspicionGrade grade = sign is null ? SuspicionGrade.None
            : concentration >= limits.ConcentrationMin ? SuspicionGrade.Alarm
            : SuspicionGrade.Watch;
        return new DiversionAssessment(
            grade, sign, counted, observations.Count - counted.Count, concentration, market?.Key);
    }

    private static List<Counted> Count(IEnumerable<Observation> observations, IReadOnlyCollection<string> territory)
    {
        HashSet<string> items = new(StringComparer.Ordinal);
        HashSet<(DateOnly, string)> devices = [];
        List<Counted> counted = [];
        foreach (Observation o in observations.OrderBy(o => o.At).ThenBy(o => o.Item, StringComparer.Ordinal)
                     .ThenBy(o => o.Region, StringComparer.Ordinal).ThenBy(o => o.Device, StringComparer.Ordinal))
        {
            if (items.Add(o.Item) && (o.Device is null
                    || devices.Add((DateOnly.FromDateTime(o.At.UtcDateTime), o.Device))))
                counted.Add(new Counted(o, IsOutside(o.Region, territory)));
        }
        return counted;
    }

    private static bool IsOutside(string region, IReadOnlyCollection<string> territory) =>
        territory.Count > 0 && !territory.Any(t => region.StartsWith(t, StringComparison.Ordinal));

    private static string Province(string region) => region.Length <= ProvinceDigits ? region : region[..ProvinceDigits];
}
