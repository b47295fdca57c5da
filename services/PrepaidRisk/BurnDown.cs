namespace PrepaidRisk;

/// <summary>If sales stop today and use goes on as in the last four weeks.</summary>
/// <param name="DailyFen">Principal used a day.</param>
/// <param name="CustodyUntil">The last day on which custody and offsets pay for the use; null where nothing is
/// used.</param>
/// <param name="OwedUntil">The last day on which anything is owed; null where nothing is used.</param>
/// <param name="UncoveredFen">What is owed when custody has run dry.</param>
public sealed record BurnDown(long DailyFen, DateOnly? CustodyUntil, DateOnly? OwedUntil, long UncoveredFen)
{
    private const int Weeks = 4;

    /// <summary>The burn-down from the last day reported.</summary>
    /// <param name="file">What has arrived.</param>
    /// <returns>It; null before the first report.</returns>
    public static BurnDown? Of(MerchantFile file)
    {
        if (file.Latest is not { } latest) return null;
        List<ObservedDay> days = [.. file.Between(latest.Day.AddDays(1 - (7 * Weeks)), latest.Day)];
        long daily = days.Sum(d => d.RedeemedFen) / days.Count;
        long funds = Math.Min(latest.OwedFen, latest.CustodyFen + latest.OffsetFen);
        return new BurnDown(daily, After(latest.Day, funds, daily), After(latest.Day, latest.OwedFen, daily),
            latest.OwedFen - funds);
    }

    private static DateOnly? After(DateOnly day, long fen, long daily) =>
        daily == 0 ? null : fen / daily > DateOnly.MaxValue.DayNumber - day.DayNumber ? DateOnly.MaxValue
        : day.AddDays((int)(fen / daily));
}
