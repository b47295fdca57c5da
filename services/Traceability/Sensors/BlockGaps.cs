using Traceability.Graph;

namespace Traceability.Sensors;

/// <summary>Times of which nothing is known because blocks of a device are missing; pure.</summary>
internal static class BlockGaps
{
    /// <summary>The times between blocks of a device whose numbers don't follow each other, of which no reading
    /// tells.</summary>
    /// <param name="blocks">Device with its subject, number, first and last reading of each block.</param>
    /// <param name="readings">Times of all readings, in order.</param>
    public static IReadOnlyList<Window> Of(
        IEnumerable<(string Series, long Sequence, DateTime From, DateTime To)> blocks,
        List<DateTime> readings) =>
    [
        .. from series in blocks.GroupBy(b => b.Series)
           let ordered = series.DistinctBy(b => b.Sequence).OrderBy(b => b.Sequence).ToArray()
           from pair in ordered.Zip(ordered.Skip(1))
           let gap = new Window(pair.First.To, pair.Second.From)
           where pair.Second.Sequence > pair.First.Sequence + 1 && !gap.IsEmpty
               && LastUpTo(readings, gap.From) == LastUpTo(readings, gap.To.AddTicks(-1))
           orderby gap.From
           select gap,
    ];

    /// <summary>Place of the last of some times, which are in order, up to an instant; -1 where there is
    /// none.</summary>
    public static int LastUpTo(List<DateTime> times, DateTime at)
    {
        int found = times.BinarySearch(at);
        return found >= 0 ? found : ~found - 1;
    }
}
