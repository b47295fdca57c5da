using System.Globalization;

namespace Traceability.Epcis.Documents;

/// <summary>Times with offset (xsd:dateTimeStamp, RFC 3339): <c>2026-01-31T08:00:00.123+08:00</c>.</summary>
internal static class EpcisTime
{
    /// <summary>Reads a time; fractions beyond 100 ns are cut.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out DateTimeOffset time)
    {
        time = default;
        if (text.Length < 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':'
            || text[16] != ':')
        {
            return false;
        }

        if (!Number(text[..4], 1, 9999, out int year) || !Number(text[5..7], 1, 12, out int month)
            || !Number(text[8..10], 1, DateTime.DaysInMonth(year, month), out int day)
            || !Number(text[11..13], 0, 23, out int hour) || !Number(text[14..16], 0, 59, out int minute)
            || !Number(text[17..19], 0, 59, out int second))
        {
            return false;
        }

        ReadOnlySpan<char> rest = text[19..];
        if (!TryFraction(ref rest, out long ticks) || !TryOffset(rest, out TimeSpan offset)) return false;
        long local = new DateTime(year, month, day, hour, minute, second).Ticks + ticks;
        long utc = local - offset.Ticks;
        if (utc < DateTime.MinValue.Ticks || utc > DateTime.MaxValue.Ticks) return false;
        time = new DateTimeOffset(local, offset);
        return true;
    }

    /// <summary>Whether the text is <c>±hh:mm</c> up to 14:00 (EPCIS 2.0 §7.4.1.2).</summary>
    public static bool IsOffset(ReadOnlySpan<char> text) => text is not "Z" && TryOffset(text, out _);

    /// <summary>UTC with milliseconds, half a millisecond rounded up (CBV 2.0 §8.9).</summary>
    public static string ToMilliseconds(DateTimeOffset time)
    {
        // Digits after the fourth decimal do not count, as in the reference algorithm.
        long ticks = time.UtcTicks / 1000 * 1000 + 5000;
        long rounded = Math.Min(ticks - ticks % TimeSpan.TicksPerMillisecond, DateTime.MaxValue.Ticks);
        return new DateTime(rounded).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
    }

    private static bool TryFraction(ref ReadOnlySpan<char> text, out long ticks)
    {
        ticks = 0;
        if (text.IsEmpty || text[0] != '.') return true;
        int digits = text[1..].IndexOfAnyExceptInRange('0', '9');
        if (digits <= 0) return false;
        long unit = TimeSpan.TicksPerSecond;
        foreach (char digit in text.Slice(1, Math.Min(digits, 7))) ticks += (digit - '0') * (unit /= 10);
        text = text[(digits + 1)..];
        return true;
    }

    private static bool TryOffset(ReadOnlySpan<char> text, out TimeSpan offset)
    {
        offset = default;
        if (text is "Z") return true;
        if (text.Length != 6 || text[0] is not ('+' or '-') || text[3] != ':') return false;
        if (!Number(text[1..3], 0, 14, out int hours) || !Number(text[4..], 0, hours == 14 ? 0 : 59, out int minutes))
        {
            return false;
        }

        offset = new TimeSpan(hours, minutes, 0);
        if (text[0] == '-') offset = -offset;
        return true;
    }

    private static bool Number(ReadOnlySpan<char> digits, int min, int max, out int value) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out value)
        && value >= min && value <= max;
}
