using Receivables.Exchange;

namespace Receivables.Reconciliation;

/// <summary>What somebody holds of a voucher at the end of a day.</summary>
/// <param name="Voucher">The voucher.</param>
/// <param name="Holder">Who holds it.</param>
/// <param name="Fen">How much.</param>
public sealed record HoldingLine(string Voucher, string Holder, long Fen);

/// <summary>Compares what two institutions say of the same vouchers at the end of a day; pure.</summary>
public static class Institutions
{
    private const int NameMax = 64;
    private static readonly TableFile Form = new("holdings", "holding", "voucher", "holder", "fen");

    /// <summary>Reads another institution's file: CSV <c>voucher,holder,fen</c>, or XML <c>holdings/holding</c>.</summary>
    /// <returns>The lines, or the number of the line that is not one.</returns>
    public static (IReadOnlyList<HoldingLine> Lines, int? Fault) Read(ReadOnlySpan<byte> bytes)
    {
        (IReadOnlyList<(int Line, string?[] Cells)> rows, int? fault) = Form.Read(bytes);
        List<HoldingLine> lines = [];
        foreach ((int number, string?[] cells) in rows)
        {
            if (TableFile.Text(cells[0], NameMax) is not { } voucher
                || TableFile.Text(cells[1], NameMax) is not { } holder || TableFile.Fen(cells[2]) is not { } fen)
                return ([], number);
            lines.Add(new HoldingLine(voucher, holder, fen));
        }
        return fault is null ? (lines, null) : ([], fault);
    }

    /// <summary>
    /// Every break: <c>twice-in-file</c>, <c>theirs-only</c>, <c>ours-only</c>, <c>other-holder</c> where both know all of
    /// the voucher's fen and differ in who holds them, or <c>amount</c>. None is the zero difference.
    /// </summary>
    /// <param name="theirs">The other institution's file.</param>
    /// <param name="ours">What this platform says.</param>
    public static IReadOnlyList<Break> Compare(
        IReadOnlyList<HoldingLine> theirs, IReadOnlyList<HoldingLine> ours)
    {
        List<Break> breaks = [];
        Dictionary<string, Int128> their = Sums(theirs), our = Sums(ours);
        Dictionary<(string, string), long> known = ours.ToDictionary(o => (o.Voucher, o.Holder), o => o.Fen);
        foreach (IGrouping<(string Voucher, string Holder), HoldingLine> lines in
            theirs.GroupBy(t => (t.Voucher, t.Holder)))
        {
            if (lines.Count() > 1)
                breaks.Add(Of("twice-in-file", lines.Key.Voucher, lines.Key.Holder, $"{lines.Count()} lines", null));
            long fen = lines.First().Fen;
            if (!known.Remove(lines.Key, out long here))
            {
                string kind = our.TryGetValue(lines.Key.Voucher, out Int128 all) && all == their[lines.Key.Voucher]
                    ? "other-holder" : "theirs-only";
                breaks.Add(Of(kind, lines.Key.Voucher, lines.Key.Holder, $"{fen}", null));
            }
            else if (here != fen)
                breaks.Add(Of("amount", lines.Key.Voucher, lines.Key.Holder, $"{fen}", $"{here}"));
        }
        foreach (((string voucher, string holder), long fen) in known)
        {
            string kind = their.TryGetValue(voucher, out Int128 all) && all == our[voucher]
                ? "other-holder" : "ours-only";
            breaks.Add(Of(kind, voucher, holder, null, $"{fen}"));
        }
        return [.. breaks.OrderBy(b => b.Voucher, StringComparer.Ordinal)
            .ThenBy(b => b.Receipt, StringComparer.Ordinal).ThenBy(b => b.Kind, StringComparer.Ordinal)];
    }

    private static Dictionary<string, Int128> Sums(IEnumerable<HoldingLine> lines) => lines.GroupBy(l => l.Voucher)
        .ToDictionary(g => g.Key, g => g.Aggregate((Int128)0, (sum, l) => sum + l.Fen));

    /// <summary>Here the holder stands in the place of a receipt.</summary>
    private static Break Of(string kind, string voucher, string holder, string? theirs, string? ours) =>
        new(kind, holder, voucher, theirs, ours);
}
