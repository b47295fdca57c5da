using System.Globalization;

namespace Traceability.Scanning.Page;

/// <summary>Times as the page writes them.</summary>
internal static class PageTime
{
    private static readonly TimeSpan China = TimeSpan.FromHours(8);

    /// <summary>Beijing time to the minute.</summary>
    public static string Minute(DateTimeOffset at) =>
        at.ToOffset(China).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    /// <summary>UTC as events write it.</summary>
    public static string Iso(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
