using Traceability.MasterData;
using Traceability.Sensors;

namespace Traceability.Scanning.Page;

/// <summary>What is not known of the temperatures that an item went through, so that nothing is said of it; pure.</summary>
/// <param name="blocks">The signed blocks.</param>
/// <param name="stated">Readings that events state.</param>
/// <param name="cut">Whether there is more than was read.</param>
internal sealed class CurveGaps(IReadOnlyList<PageBlock> blocks, IReadOnlyList<Reading> stated, bool cut)
{
    /// <summary>Readings this far apart follow each other closely, however short an excursion may be.</summary>
    private static readonly TimeSpan Close = TimeSpan.FromMinutes(15);

    /// <summary>What is to be said of it; nothing where readings are complete from the first to the last.</summary>
    public IEnumerable<Wording> Words()
    {
        if (cut)
            yield return new("记录太多，这里没有全部读取。", "There are more records than were read here.");
        if (MissingNumbers() is > 0 and long missing)
            yield return new($"设备的记录缺{missing}段。", $"{missing} of the devices' records {(missing == 1 ? "is" : "are")} missing.");
        if (blocks.Any(b => b.Range is null || b.LongestStep is null))
            yield return new("部分记录没有保存当时的要求。", "What some records were held against was not kept.");
        else if (blocks.Select(b => (b.Range!.Min, b.Range.Max)).Distinct().Count() > 1)
            yield return new("各段记录的要求不同。", "Not all records were held against the same range.");
        TimeSpan longest = Longest();
        if (longest > Allowed())
        {
            double minutes = Math.Ceiling(longest.TotalMinutes);
            yield return new($"两次读数之间最长有{minutes:0}分钟，其间的温度不明。",
                $"Readings are up to {minutes:0} minutes apart; what it was between them is not known.");
        }
    }

    /// <summary>A gap in which an excursion that matters finds room.</summary>
    private TimeSpan Allowed()
    {
        TimeSpan tolerated = blocks.Where(b => b.Range is not null).Select(b => b.Range!.Tolerated)
            .DefaultIfEmpty(TimeSpan.Zero).Min();
        return tolerated > Close ? tolerated : Close;
    }

    private long MissingNumbers() => blocks.GroupBy(b => (b.Tenant, b.Device, b.Subject)).Sum(series =>
    {
        long[] numbers = [.. series.Select(b => b.Sequence).Distinct().Order()];
        return numbers[^1] - numbers[0] + 1 - numbers.Length;
    });

    /// <summary>The longest time that no reading covers, from the first reading to the last.</summary>
    private TimeSpan Longest()
    {
        (DateTime From, DateTime To)[] covered =
        [
            .. blocks.Select(b => (
                    From: b.From > b.HeldFrom ? b.From : b.HeldFrom, To: b.To < b.HeldTo ? b.To : b.HeldTo))
                .Concat(stated.Select(r => (From: r.At, To: r.At))).OrderBy(c => c.From),
        ];
        TimeSpan longest = blocks.Select(b => b.LongestStep ?? TimeSpan.Zero).DefaultIfEmpty(TimeSpan.Zero).Max();
        DateTime until = covered[0].To;
        foreach ((DateTime from, DateTime to) in covered)
        {
            longest = from - until > longest ? from - until : longest;
            until = to > until ? to : until;
        }
        return longest;
    }
}
