using System.Globalization;
using System.Text.RegularExpressions;

namespace Portal.Components.Pages.Watch;

/// <summary>What a regulator asks: which code or lot, in which direction, as known when.</summary>
public static partial class GoodsQuestion
{
    /// <summary>
    /// The code as the service takes it: element strings in brackets become a Digital Link, everything else stays.
    /// </summary>
    public static string Id(string text)
    {
        text = text.Trim();
        var elements = Element().Matches(text);
        return elements.Count > 0 && elements.Sum(m => m.Length) == text.Length
            ? "https://id.gs1.org" + string.Concat(elements.Select(m => $"/{m.Groups[1].Value}/{Uri.EscapeDataString(m.Groups[2].Value)}"))
            : text.StartsWith('/') ? "https://id.gs1.org" + text : text;
    }

    /// <summary>A time as typed, Beijing time where it names no zone; null where it is none.</summary>
    public static DateTimeOffset? Time(string? text) =>
        text?.Trim() is { Length: > 0 } t
        && DateTime.TryParse(t, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out var utc)
            ? t.EndsWith('Z') || Zone().IsMatch(t) ? new DateTimeOffset(utc, TimeSpan.Zero) : new DateTimeOffset(DateTime.SpecifyKind(utc, DateTimeKind.Unspecified), TimeSpan.FromHours(8))
            : null;

    [GeneratedRegex(@"\G\(([0-9]{2,4})\)([^()]+)", RegexOptions.CultureInvariant)]
    private static partial Regex Element();

    [GeneratedRegex(@"[+-]\d{2}:\d{2}$", RegexOptions.CultureInvariant)]
    private static partial Regex Zone();
}
