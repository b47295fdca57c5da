using System.Globalization;

namespace Traceability.Gs1;

/// <summary>Checks of dates and times.</summary>
internal static class TimeLinters
{
    public static Lint Part(ReadOnlySpan<char> data, string name, int max)
    {
        if (data.Length != 2)
            return Linters.Whole($"{name}-too-{(data.Length < 2 ? "short" : "long")}", data);
        Lint digits = CharacterLinters.Digits(data, Linters.AnyPrefix);
        return !digits.IsNone || Number(data) <= max ? digits : Linters.Whole($"illegal-{name}", data);
    }

    public static Lint HourMinute(ReadOnlySpan<char> data, CompanyPrefixes prefixes)
    {
        if (data.Length != 4)
            return Linters.Whole($"hour-with-minute-too-{(data.Length < 4 ? "short" : "long")}", data);
        Lint hour = Part(data[..2], "hour", 23);
        if (!hour.IsNone)
            return hour;
        Lint minute = Part(data[2..], "minute", 59);
        return minute.IsNone ? minute : minute with { Start = minute.Start + 2 };
    }

    public static Lint Date(ReadOnlySpan<char> data, int yearDigits, bool dayMayBeZero)
    {
        int length = yearDigits + 4;
        if (data.Length != length)
            return Linters.Whole(data.Length < length ? "date-too-short" : "date-too-long", data);
        Lint digits = CharacterLinters.Digits(data, Linters.AnyPrefix);
        if (!digits.IsNone)
            return digits;
        int month = Number(data.Slice(yearDigits, 2));
        if (month is < 1 or > 12)
            return new Lint("illegal-month", yearDigits, 2);
        int day = Number(data[^2..]);
        // A year of two digits lies within fifty years of now; every century in reach has its leap years divisible by
        // four.
        int year = yearDigits == 2 ? 2000 + Number(data[..2]) : Math.Max(1, Number(data[..4]));
        return day <= DateTime.DaysInMonth(year, month) && (day > 0 || dayMayBeZero)
            ? Lint.None
            : new Lint("illegal-day", yearDigits + 2, 2);
    }

    private static int Number(ReadOnlySpan<char> digits) => int.Parse(digits, CultureInfo.InvariantCulture);
}
