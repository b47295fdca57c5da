namespace Traceability.Graph;

/// <summary>Something inside something.</summary>
/// <param name="Item">What is inside.</param>
/// <param name="Parent">What it is in directly.</param>
/// <param name="Since">Since when, UTC.</param>
/// <param name="Depth">1 for what lies in the item asked about itself.</param>
/// <param name="Quantity">How much of a class, where it is known.</param>
/// <param name="Unit">Its unit; null counts pieces.</param>
public sealed record ContentLine(
    long Item, long Parent, DateTime Since, int Depth, decimal? Quantity = null, string? Unit = null);

/// <summary>What was inside an item at a time, through all layers.</summary>
internal static class Contents
{
    /// <summary>
    /// Nearest layers first; an item in two parents at once, which is a contradiction, stands there twice.
    /// </summary>
    public static async Task<IReadOnlyList<ContentLine>> AtAsync(
        Neighbourhood near, long item, DateTime at, int linesMax, CancellationToken cancellation)
    {
        List<ContentLine> lines = [];
        HashSet<long> seen = [item];
        List<long> layer = [item];
        for (int depth = 1; layer.Count > 0 && lines.Count < linesMax; depth++)
        {
            await near.LoadAsync(layer, cancellation);
            await near.LoadAsync(layer.SelectMany(near.ChildrenOf).ToArray(), cancellation);
            List<long> next = [];
            foreach (Stay stay in layer.SelectMany(near.StaysIn).Where(s => s.Window.Contains(at)))
            {
                lines.AddRange(Lines(stay, at, depth));
                if (seen.Add(stay.Child))
                    next.Add(stay.Child);
            }
            layer = next;
        }
        return lines;
    }

    private static IEnumerable<ContentLine> Lines(Stay stay, DateTime at, int depth) => stay.Changes is null
        ? [new ContentLine(stay.Child, stay.Parent, stay.Window.From, depth)]
        : stay.Changes.Where(c => c.At <= at).GroupBy(c => c.Unit).Select(unit => new ContentLine(
            stay.Child, stay.Parent, stay.Window.From, depth, unit.Sum(c => c.Amount), unit.Key));
}
