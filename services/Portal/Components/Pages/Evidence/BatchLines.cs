using System.Globalization;
using System.Text.RegularExpressions;

namespace Portal.Components.Pages.Evidence;

/// <summary>One deposit of a batch as its line states it.</summary>
/// <param name="Number">The line, from 1.</param>
/// <param name="Sha256">Digest in lower case; not checked here.</param>
/// <param name="Name">Name.</param>
/// <param name="BusinessId">The depositor's own number.</param>
/// <param name="Size">Bytes.</param>
public sealed record BatchLine(int Number, string Sha256, string? Name, string? BusinessId, long? Size);

/// <summary>What a line has that can't be read.</summary>
public enum BatchFault
{
    /// <summary>A quotation mark is not closed, or stands inside a value.</summary>
    Quotes,

    /// <summary>More values than columns.</summary>
    Columns,

    /// <summary>The size is no whole number.</summary>
    Size,

    /// <summary>The first line names a column that there is not, or not the digest.</summary>
    Header,
}

/// <summary>
/// Reads the list of a batch: CSV (RFC 4180, without line breaks in values) with the columns <c>sha256, name,
/// businessId, size</c> or in the order that a first line names, or lines as sha256sum prints them. Empty lines are left
/// out.
/// </summary>
public static partial class BatchLines
{
    /// <summary>How many a batch may have.</summary>
    public const int Max = 10_000;

    /// <summary>How many faults are named.</summary>
    public const int FaultsMax = 100;

    private static readonly string[] Columns = ["sha256", "name", "businessId", "size"];

    /// <summary>The lines, and the first faults by line.</summary>
    public static (IReadOnlyList<BatchLine> Lines, IReadOnlyList<(int Number, BatchFault Fault)> Faults) Read(string text)
    {
        List<BatchLine> lines = [];
        List<(int, BatchFault)> faults = [];
        var order = Columns;
        var number = 0;
        foreach (var raw in text.TrimStart('\uFEFF').Split('\n'))
        {
            number++;
            var line = raw.Trim();
            if (line.Length == 0) continue;
            var cells = Cells(line);
            if (lines.Count == 0 && faults.Count == 0 && ReferenceEquals(order, Columns) && cells is not null && Header(cells) is { } named)
            {
                order = named;
                if (!named.Contains("sha256") || named.Except(Columns).Any()) faults.Add((number, BatchFault.Header));
                continue;
            }

            if (Parse(number, line, cells, order, out var item) is not { } fault) lines.Add(item!);
            else if (faults.Count < FaultsMax) faults.Add((number, fault));
        }

        return (lines, faults);
    }

    private static BatchFault? Parse(int number, string line, string[]? cells, string[] order, out BatchLine? item)
    {
        item = null;
        if (Sums().Match(line) is { Success: true } sum)
        {
            item = new BatchLine(number, sum.Groups[1].Value.ToLowerInvariant(), sum.Groups[2].Value, null, null);
            return null;
        }

        if (cells is null) return BatchFault.Quotes;
        if (cells.Length > order.Length) return BatchFault.Columns;
        string? Cell(string column) =>
            Array.IndexOf(order, column) is >= 0 and var at && at < cells.Length && cells[at].Trim() is { Length: > 0 } value ? value : null;
        long? size = null;
        if (Cell("size") is { } text)
        {
            if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes)) return BatchFault.Size;
            size = bytes;
        }

        item = new BatchLine(number, (Cell("sha256") ?? "").ToLowerInvariant(), Cell("name"), Cell("businessId"), size);
        return null;
    }

    /// <summary>The columns that a first line names, or null where it is a deposit already.</summary>
    private static string[]? Header(string[] cells)
    {
        var named = cells.Select(c => Columns.FirstOrDefault(n => n.Equals(c.Trim().Replace("_", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase)) ?? c.Trim()).ToArray();
        return named.Any(Columns.Contains) ? named : null;
    }

    /// <summary>The values of a line, or null where its quotation marks don't fit.</summary>
    private static string[]? Cells(string line)
    {
        List<string> cells = [];
        for (var at = 0; at <= line.Length;)
        {
            if (at < line.Length && line[at] == '"')
            {
                var value = new System.Text.StringBuilder();
                for (at++; ; at++)
                {
                    if (at >= line.Length) return null;
                    if (line[at] != '"') value.Append(line[at]);
                    else if (at + 1 < line.Length && line[at + 1] == '"') value.Append(line[at++]);
                    else break;
                }

                if (++at < line.Length && line[at] != ',') return null;
                cells.Add(value.ToString());
                at++;
            }
            else
            {
                var end = line.IndexOf(',', at);
                if (end < 0) end = line.Length;
                cells.Add(line[at..end]);
                at = end + 1;
            }
        }

        return [.. cells];
    }

    /// <summary>Digest, a space, a space or an asterisk, the file's name (coreutils' sha256sum).</summary>
    [GeneratedRegex("^\\\\?([0-9a-fA-F]{64}) [ *](.+)$", RegexOptions.CultureInvariant)]
    private static partial Regex Sums();
}
