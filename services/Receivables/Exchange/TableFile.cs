using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace Receivables.Exchange;

/// <summary>
/// A table that institutions exchange, in one of two forms. CSV: a first line with the columns' names, then one line for
/// each row, cells quoted as in RFC 4180 where need be; XML: a root with one element for each row, its columns as
/// attributes. Nothing is guessed: a file that is not so is refused as a whole.
/// </summary>
/// <param name="Root">Name of the XML root.</param>
/// <param name="Row">Name of a row's element.</param>
/// <param name="Columns">Names of the columns, in the order of CSV.</param>
public sealed record TableFile(string Root, string Row, params string[] Columns)
{
    private const int RowsMax = 100_000;

    // So that the rows of a file always have a sum.
    private const long FenMax = 90_000_000_000_000;

    /// <summary>Reads a file; which of the two it is, its first character tells.</summary>
    /// <param name="bytes">UTF-8, with or without a byte order mark.</param>
    /// <returns>Cells by row, null where an attribute is missing; or the number of the line that is wrong.</returns>
    public (IReadOnlyList<(int Line, string?[] Cells)> Rows, int? Fault) Read(ReadOnlySpan<byte> bytes)
    {
        string text = Encoding.UTF8.GetString(bytes).TrimStart('\uFEFF');
        return text.StartsWith('<') ? Xml(text) : Csv(text);
    }

    /// <summary>Whether a file is XML: its first character tells.</summary>
    public static bool IsXml(ReadOnlySpan<byte> bytes) =>
        Encoding.UTF8.GetString(bytes[..Math.Min(bytes.Length, 8)]).TrimStart('\uFEFF').StartsWith('<');

    /// <summary>Writes rows as CSV; what a spreadsheet would calculate begins with an apostrophe.</summary>
    public string ToCsv(IEnumerable<IReadOnlyList<string>> rows)
    {
        StringBuilder text = new();
        text.AppendJoin(',', Columns).Append("\r\n");
        foreach (IReadOnlyList<string> row in rows)
            text.AppendJoin(',', row.Select(Cell)).Append("\r\n");
        return text.ToString();
    }

    /// <summary>Writes rows as XML under attributes of the root.</summary>
    public string ToXml(XNamespace space, IEnumerable<IReadOnlyList<string>> rows, params (string, string)[] head)
    {
        XElement root = new(space + Root, head.Select(h => new XAttribute(h.Item1, h.Item2)), rows.Select(row =>
            new XElement(space + Row, Columns.Zip(row).Where(c => c.Second.Length > 0)
                .Select(c => new XAttribute(c.First, c.Second)))));
        return $"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n{root}\n";
    }

    private (IReadOnlyList<(int, string?[])>, int?) Csv(string text)
    {
        string[] lines = text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
        if (lines[0] != string.Join(',', Columns) || lines.Length > RowsMax)
            return ([], 1);
        List<(int, string?[])> rows = [];
        for (int i = 1; i < lines.Length; i++)
        {
            if (Split(lines[i]) is not { } cells || cells.Count != Columns.Length)
                return ([], i + 1);
            rows.Add((i + 1, [.. cells]));
        }
        return (rows, null);
    }

    /// <summary>Cells of a line; null where a quote does not end. A cell has no line break.</summary>
    private static List<string>? Split(string line)
    {
        List<string> cells = [];
        for (int at = 0; ; at++)
        {
            if (at < line.Length && line[at] == '"')
            {
                StringBuilder cell = new();
                for (at++; ; at++)
                {
                    if (at >= line.Length)
                        return null;
                    if (line[at] != '"')
                        cell.Append(line[at]);
                    else if (at + 1 < line.Length && line[at + 1] == '"')
                        cell.Append(line[at++]);
                    else
                        break;
                }
                at++;
                if (at < line.Length && line[at] != ',')
                    return null;
                cells.Add(cell.ToString());
            }
            else
            {
                int end = line.IndexOf(',', at);
                end = end < 0 ? line.Length : end;
                cells.Add(line[at..end]);
                at = end;
            }
            if (at >= line.Length)
                return cells;
        }
    }

    private (IReadOnlyList<(int, string?[])>, int?) Xml(string text)
    {
        try
        {
            using XmlReader reader = XmlReader.Create(new StringReader(text), new XmlReaderSettings
            {
                DtdProcessing = DtdProcessing.Prohibit,
                XmlResolver = null,
                MaxCharactersInDocument = text.Length,
            });
            XElement root = XDocument.Load(reader, LoadOptions.SetLineInfo).Root!;
            if (root.Name != Root || root.Elements().Count() > RowsMax)
                return ([], 1);
            List<(int, string?[])> rows = [];
            foreach (XElement e in root.Elements())
            {
                int line = ((IXmlLineInfo)e).LineNumber;
                if (e.Name != Row || e.Attributes().Any(a => !Columns.Contains(a.Name.LocalName)))
                    return ([], line);
                rows.Add((line, [.. Columns.Select(c => (string?)e.Attribute(c))]));
            }
            return (rows, null);
        }
        catch (XmlException e)
        {
            return ([], Math.Max(e.LineNumber, 1));
        }
    }

    private static string Cell(string text)
    {
        string safe = text.Length > 0 && "=+-@\t".Contains(text[0], StringComparison.Ordinal) ? "'" + text : text;
        return safe.AsSpan().IndexOfAny(",\"\n\r") < 0 ? safe
            : $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    /// <summary>An amount above zero and up to 900 billion yuan; null where it is none.</summary>
    public static long? Fen(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long fen)
            && fen is > 0 and <= FenMax ? fen : null;

    /// <summary>A day; null where it is none.</summary>
    public static DateOnly? Day(string? text) => DateOnly.TryParseExact(
        text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly day) ? day : null;

    /// <summary>Some text of a length; null where it is none.</summary>
    public static string? Text(string? text, int max) =>
        text is { Length: > 0 } && text.Length <= max && !text.Any(char.IsControl) ? text : null;
}
