namespace Traceability;

/// <summary>Terms in working days: Monday to Friday; public holidays are not taken out.</summary>
internal static class WorkingDays
{
    private static readonly TimeSpan ChinaOffset = TimeSpan.FromHours(8);

    /// <summary>The end of a term of whole days in Beijing time: the last one is used up at its midnight.</summary>
    public static DateTimeOffset After(DateTimeOffset from, int days)
    {
        DateTimeOffset day = new(from.ToOffset(ChinaOffset).Date, ChinaOffset);
        for (int left = days; left > 0;)
        {
            day = day.AddDays(1);
            if (day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday))
                left--;
        }
        return day.AddDays(1);
    }
}
