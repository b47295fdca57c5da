using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Traceability.Epcis.Subscriptions;

/// <summary>
/// When a scheduled query runs (EPCIS 2.0 §8.2.5.3): numbers, ranges <c>[1-5]</c> and lists of them for each unit, in
/// UTC.
/// A unit that is left out is any, except below the finest one given, where it is the first.
/// </summary>
internal sealed class QuerySchedule
{
    private static readonly (string Name, int Min, int Max)[] Units =
    [
        ("second", 0, 59), ("minute", 0, 59), ("hour", 0, 23), ("dayOfMonth", 1, 31), ("month", 1, 12),
        ("dayOfWeek", 1, 7),
    ];

    private static readonly TimeSpan Horizon = TimeSpan.FromDays(366 * 8);
    private readonly HashSet<int>[] _values;

    private QuerySchedule(HashSet<int>[] values) => _values = values;

    /// <summary>Reads a schedule; false where a unit is unknown or can't be understood.</summary>
    public static bool TryParse(JsonObject json, [NotNullWhen(true)] out QuerySchedule? schedule)
    {
        schedule = null;
        if (json.Count == 0 || json.Any(p => Units.All(u => u.Name != p.Key)))
            return false;
        int finest = Array.FindIndex(Units, u => json.ContainsKey(u.Name));
        HashSet<int>[] values = new HashSet<int>[Units.Length];
        for (int i = 0; i < Units.Length; i++)
        {
            (string name, int min, int max) = Units[i];
            if (json.TryGetPropertyValue(name, out JsonNode? node))
            {
                if (Read(node?.ToString() ?? "", min, max) is not { } read)
                    return false;
                values[i] = read;
            }
            else
            {
                values[i] = [.. i < Math.Min(finest, 3) ? [min] : Enumerable.Range(min, max - min + 1)];
            }
        }
        schedule = new QuerySchedule(values);
        return true;
    }

    /// <summary>
    /// The next time strictly after <paramref name="after"/>; null where there is none in eight years.
    /// </summary>
    public DateTimeOffset? Next(DateTimeOffset after)
    {
        DateTime utc = after.UtcDateTime;
        DateTime at = new DateTime(utc.Ticks - utc.Ticks % TimeSpan.TicksPerSecond, DateTimeKind.Utc).AddSeconds(1);
        DateTime end = at + Horizon;
        while (at < end)
        {
            if (!_values[4].Contains(at.Month))
                at = new DateTime(at.Year, at.Month, 1, 0, 0, 0, DateTimeKind.Utc).AddMonths(1);
            else if (!_values[3].Contains(at.Day) || !_values[5].Contains(IsoDay(at)))
                at = at.Date.AddDays(1);
            else if (!_values[2].Contains(at.Hour))
                at = at.Date.AddHours(at.Hour + 1);
            else if (!_values[1].Contains(at.Minute))
                at = at.Date.AddHours(at.Hour).AddMinutes(at.Minute + 1);
            else if (!_values[0].Contains(at.Second))
                at = at.AddSeconds(1);
            else
                return new DateTimeOffset(at, TimeSpan.Zero);
        }
        return null;
    }

    private static int IsoDay(DateTime at) => at.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)at.DayOfWeek;

    private static HashSet<int>? Read(string text, int min, int max)
    {
        HashSet<int> values = [];
        foreach (string part in text.Split(','))
        {
            string[] ends = part.StartsWith('[') && part.EndsWith(']') ? part[1..^1].Split('-') : [part, part];
            if (ends.Length != 2 || Number(ends[0]) is not { } from || Number(ends[1]) is not { } to
                || from < min || to > max || from > to)
                return null;
            values.UnionWith(Enumerable.Range(from, to - from + 1));
        }
        return values;
    }

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
}
