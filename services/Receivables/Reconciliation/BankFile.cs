using Receivables.Exchange;
using Receivables.Maturity;

namespace Receivables.Reconciliation;

/// <summary>A line of a bank's file for one day.</summary>
/// <param name="Receipt">Its identity, <see cref="ReceiptId"/>.</param>
/// <param name="Voucher">The voucher that it names; null where it names none.</param>
/// <param name="Fen">Its amount, in fen.</param>
/// <param name="ValueDate">The day of payment.</param>
public sealed record BankLine(string Receipt, string? Voucher, long Fen, DateOnly ValueDate);

/// <summary>
/// Reads a bank's daily file (<see cref="TableFile"/>). CSV: <c>bank,receipt,voucher,fen,valueDate</c>; XML:
/// <c>&lt;bankDay&gt;&lt;receipt bank= number= voucher= fen= valueDate=/&gt;…</c>. Bank is the number of the bank that
/// paid. A file without lines says that nothing came.
/// </summary>
public static class BankFile
{
    private const int VoucherMax = 64;
    private static readonly TableFile CsvForm =
        new("bankDay", "receipt", "bank", "receipt", "voucher", "fen", "valueDate");

    // In XML the element is the receipt, and its number an attribute.
    private static readonly TableFile XmlForm =
        new("bankDay", "receipt", "bank", "number", "voucher", "fen", "valueDate");

    /// <summary>Reads a file; which of the two it is, its first character tells.</summary>
    /// <param name="bytes">UTF-8, with or without a byte order mark.</param>
    /// <returns>The lines, or the number of the line that is not one.</returns>
    public static (IReadOnlyList<BankLine> Lines, int? Fault) Read(ReadOnlySpan<byte> bytes)
    {
        (IReadOnlyList<(int Line, string?[] Cells)> rows, int? fault) =
            (TableFile.IsXml(bytes) ? XmlForm : CsvForm).Read(bytes);
        List<BankLine> lines = [];
        foreach ((int number, string?[] cells) in rows)
        {
            if (Line(cells[0], cells[1], cells[2], cells[3], cells[4]) is not { } line)
                return ([], number);
            lines.Add(line);
        }
        return fault is null ? (lines, null) : ([], fault);
    }

    private static BankLine? Line(string? bank, string? receipt, string? voucher, string? fen, string? day) =>
        ReceiptId.IsBank(bank) && ReceiptId.IsNumber(receipt) && (voucher?.Length ?? 0) <= VoucherMax
        && TableFile.Fen(fen) is { } amount && TableFile.Day(day) is { } date
            ? new BankLine(ReceiptId.Of(bank!, receipt!), string.IsNullOrEmpty(voucher) ? null : voucher, amount, date)
            : null;
}
