using Receivables.Vouchers;

namespace Receivables.Ledger;

/// <summary>One shape of a family's picture.</summary>
/// <param name="Level">Row from the top: 0 is the root as issued, each change of holder is one lower.</param>
/// <param name="Start">First fen.</param>
/// <param name="End">Fen after the last.</param>
/// <param name="Count">How many intervals it stands for; more than 1 where they were too narrow to draw apart.</param>
/// <param name="Holder">Who held it, where the viewer may know; never for several.</param>
/// <param name="Via">The command that it came by.</param>
/// <param name="At">When it came.</param>
public sealed record TreeShape(
    int Level, long Start, long End, int Count, string? Holder = null, string? Via = null, DateTimeOffset? At = null)
{
    /// <summary>What its intervals come to; less than End − Start where there are gaps between them.</summary>
    public long Fen { get; init; } = End - Start;
}

/// <summary>What lies in a part of a family now: fragments side by side of one holder and state, or too narrow to tell
/// apart.</summary>
/// <param name="Start">First fen.</param>
/// <param name="End">Fen after the last; the next piece begins there.</param>
/// <param name="Count">How many fragments.</param>
/// <param name="Holder">Who holds them, where the viewer may know; never for several.</param>
/// <param name="State">Their state, where they have one and the viewer may know.</param>
public sealed record TreePiece(long Start, long End, int Count, string? Holder = null, string? State = null);

/// <summary>Draws parents above children, zoomed to a window, with no more shapes than can be looked at.</summary>
internal static class FamilyTree
{
    /// <summary>Most shapes of a picture.</summary>
    public const int ShapesMax = 400;

    /// <summary>Most pieces of the row that shows what is now.</summary>
    public const int PiecesMax = 100;

    /// <summary>Shapes of a window.</summary>
    /// <param name="movements">Changes of holder in the window, in order.</param>
    /// <param name="window">What is looked at.</param>
    /// <param name="viewer">Sees its own intervals, and whom it had them from and gave them to; null sees all.</param>
    public static IReadOnlyList<TreeShape> Draw(IEnumerable<Movement> movements, Interval window, string? viewer)
    {
        List<List<TreeShape>> levels = [];
        // The level of every fen so far, as the fragments keep claims: neighbours on one level are one piece.
        Fragments depth = Fragments.Of(window.Fen, new Claim("", "", -1));
        foreach (Movement m in movements)
        {
            Interval cut = new(Math.Max(m.Start, window.Start), Math.Min(m.End, window.End));
            if (m.Receiver is null || m.Kind is not ("issued" or "taken-over" or "transferred" or "sold" or "repurchased")
                || cut.Fen <= 0)
                continue;
            Interval local = new(cut.Start - window.Start, cut.End - window.Start);
            int level = depth.In(local).Max(f => f.Claim.Depth) + 1;
            depth = depth.Change(local, c => c with { Depth = level });
            while (levels.Count <= level)
                levels.Add([]);
            bool seen = viewer is null || m.Receiver == viewer || m.Sender == viewer;
            levels[level].Add(new TreeShape(level, cut.Start, cut.End, 1, seen ? m.Receiver : null, m.Command, m.At));
        }
        if (levels.Count == 0)
            return [];
        int perLevel = Math.Max(ShapesMax / levels.Count, 1);
        return [.. levels
            .SelectMany(level => Merge([.. level.OrderBy(s => s.Start)], window, perLevel)).Take(ShapesMax)];
    }

    /// <summary>What lies in a window now, end to end, in at most <see cref="PiecesMax"/> pieces.</summary>
    /// <param name="fragments">The family's fragments with their states, those of others without holder and state, in
    /// order.</param>
    /// <param name="window">What is looked at.</param>
    public static IReadOnlyList<TreePiece> Now(IEnumerable<TreePiece> fragments, Interval window)
    {
        List<TreePiece> pieces = [];
        foreach (TreePiece f in fragments)
        {
            TreePiece cut = f with { Start = Math.Max(f.Start, window.Start), End = Math.Min(f.End, window.End) };
            if (pieces is [.., var last] && last.Holder == cut.Holder && last.State == cut.State)
                pieces[^1] = last with { End = cut.End, Count = last.Count + cut.Count };
            else
                pieces.Add(cut);
        }
        if (pieces.Count <= PiecesMax)
            return pieces;
        return [.. pieces.GroupBy(p => (Int128)(p.Start - window.Start) * PiecesMax / window.Fen).Select(g =>
        {
            TreePiece[] all = [.. g];
            return all.Length == 1 ? all[0] : new TreePiece(all[0].Start, all[^1].End, all.Sum(p => p.Count));
        })];
    }

    /// <summary>Joins the shapes of each of so many equal columns when there are more shapes than columns.</summary>
    private static IEnumerable<TreeShape> Merge(List<TreeShape> shapes, Interval window, int columns)
    {
        if (shapes.Count <= columns)
            return shapes;
        // A shape belongs to the column of its start, so each column gives one shape.
        return shapes.GroupBy(s => (Int128)(s.Start - window.Start) * columns / window.Fen).Select(g =>
        {
            TreeShape[] all = [.. g];
            return all.Length == 1
                ? all[0]
                : new TreeShape(all[0].Level, all[0].Start, all.Max(s => s.End), all.Sum(s => s.Count))
                {
                    Fen = all.Sum(s => s.Fen),
                };
        });
    }
}
