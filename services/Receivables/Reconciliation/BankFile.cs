using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using Receivables.Maturity;

namespace Receivables.Reconciliation;

/// <summary>A line of a bank's file for one day.</summary>
/// <param name="Receipt">Its identity, <see cref="ReceiptId"/>.</param>
/// <param name="Voucher">The voucher that it names; null where it names none.</param>
/// <param name="Fen">Its amount, in fen.</param>
/// <param name="ValueDate">The day of payment.</param>
public sealed record BankLine(string Receipt, string? Voucher, long Fen, DateOnly ValueDate);

/// <summary>
/// Reads a bank's daily file. CSV: a first line <c>bank,receipt,voucher,fen,valueDate</c>, then one line for each
/// receipt; XML: <c>&lt;bankDay&gt;&lt;receipt bank= number= voucher= fen= valueDate=/&gt;…</c>. Bank is the number of
/// the bank that paid. Nothing is guessed: a line that is not so refuses the whole file. A file without lines says that
/// nothing came.
/// </summary>
public static class BankFile
{
    private const string Header = "bank,receipt,voucher,fen,valueDate";
    private const int LinesMax = 100_000;

    /// <summary>Reads a file; which of the two it is, its first character tells.</summary>
    /// <param name="bytes">UTF-8, with or without a byte order mark.</param>
    /// <returns>The lines, or the number of the line that is not one.</returns>
    public static (IReadOnlyList<BankLine> Lines, int? Fault) Read(ReadOnlySpan<byte> bytes)
    {
        string text = Encoding.UTF8.GetString(bytes).TrimStart('\uFEFF');
        return text.StartsWith('<') ? Xml(text) : Csv(text);
    }

    private static (IReadOnlyList<BankLine>, int?) Csv(string text)
    {
        string[] rows = text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
        if (rows[0] != Header || rows.Length > LinesMax)
            return ([], 1);
        List<BankLine> lines = [];
        for (int i = 1; i < rows.Length; i++)
        {
            string[] cells = rows[i].Split(',');
            if (cells.Length != 5 || Line(cells[0], cells[1], cells[2], cells[3], cells[4]) is not { } line)
                return ([], i + 1);
            lines.Add(line);
        }
        return (lines, null);
    }

    private static (IReadOnlyList<BankLine>, int?) Xml(string text)
    {
        List<BankLine> lines = [];
        try
        {
            using XmlReader reader = XmlReader.Create(new StringReader(text), new XmlReaderSettings
            {
                DtdProcessing = DtdProcessing.Prohibit,
                XmlResolver = null,
                MaxCharactersInDocument = text.Length,
            });
            XElement root = XDocument.Load(reader, LoadOptions.SetLineInfo).Root!;
            if (root.Name != "bankDay" || root.Elements().Count() > LinesMax)
                return ([], 1);
            foreach (XElement e in root.Elements())
            {
                string? Value(string name) => (string?)e.Attribute(name);
                if (e.Name != "receipt" || Line(
                    Value("bank"), Value("number"), Value("voucher"), Value("fen"), Value("valueDate")) is not { } line)
                    return ([], ((IXmlLineInfo)e).LineNumber);
                lines.Add(line);
            }
            return (lines, null);
        }
        catch (XmlException e)
        {
            return ([], Math.Max(e.LineNumber, 1));
        }
    }

    private static BankLine? Line(string? bank, string? receipt, string? voucher, string? fen, string? day) =>
        ReceiptId.IsBank(bank) && ReceiptId.IsNumber(receipt) && voucher is null or { Length: <= 64 }
        && long.TryParse(fen, NumberStyles.None, CultureInfo.InvariantCulture, out long amount) && amount > 0
        && DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None,
            out DateOnly date)
            ? new BankLine(ReceiptId.Of(bank!, receipt!), string.IsNullOrEmpty(voucher) ? null : voucher, amount, date)
            : null;
}
