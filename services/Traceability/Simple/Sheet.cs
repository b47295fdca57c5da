using System.Globalization;
using System.IO.Compression;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;
using ExcelDataReader;
using ExcelDataReader.Exceptions;

namespace Traceability.Simple;

/// <summary>A sheet can't be read at all.</summary>
/// <param name="code">Code of the problem to answer with.</param>
/// <param name="values">Fill the places of its words.</param>
public sealed class SheetException(string code, params (string Name, object? Value)[] values) : Exception(code)
{
    /// <summary>The problem's code.</summary>
    public string Code { get; } = code;

    /// <summary>Values of its words.</summary>
    public IReadOnlyList<(string Name, object? Value)> Values { get; } = values;
}

/// <summary>An event of a sheet.</summary>
/// <param name="Row">Where it begins, counted from 1 as the spreadsheet program does.</param>
/// <param name="Event">What the rows say.</param>
public sealed record SheetEvent(int Row, SimpleEvent Event);

/// <summary>
/// Reads a sheet of events, CSV (UTF-8 or GB18030, comma, semicolon or tab) or Excel (.xlsx), with a heading row in Chinese
/// or English. Rows with the same event number are one event with several items. Nothing in a cell is ever executed:
/// formulas are their stored results, and what looks like one is text.
/// </summary>
public static class Sheet
{
    /// <summary>The most rows that a sheet may have.</summary>
    public const int RowsMax = 100_000;

    /// <summary>The most bytes that an Excel file may have when unpacked.</summary>
    public const long UnpackedBytesMax = 256L << 20;

    private const int ColumnsMax = 60;

    private static readonly string[] Delimiters = [",", ";", "\t"];

    static Sheet() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    /// <summary>Reads a sheet.</summary>
    /// <param name="file">The file's bytes, of a size that the caller limits.</param>
    /// <exception cref="SheetException">It is no sheet, is too large, or has no column that says what happened.</exception>
    public static IReadOnlyList<SheetEvent> Read(byte[] file)
    {
        ArgumentNullException.ThrowIfNull(file);
        bool packed = file.AsSpan().StartsWith("PK\u0003\u0004"u8);
        IEnumerable<string[]> rows = packed ? OfExcel(file) : OfText(file);
        try
        {
            return Gather(rows);
        }
        catch (Exception e) when (e is CsvHelperException or ExcelReaderException or InvalidDataException
                                  or FormatException or System.Xml.XmlException or ArgumentException)
        {
            throw new SheetException("sheet-unreadable");
        }
    }

    private static List<SheetEvent> Gather(IEnumerable<string[]> rows)
    {
        SheetColumns? columns = null;
        List<SheetRows> events = [];
        Dictionary<string, SheetRows> byNumber = new(StringComparer.Ordinal);
        int row = 0;
        foreach (string[] cells in rows)
        {
            row++;
            if (row > RowsMax + 1)
                throw new SheetException("sheet-rows", ("max", RowsMax));
            if (cells.Length > ColumnsMax)
                throw new SheetException("sheet-columns", ("max", ColumnsMax));
            if (cells.All(string.IsNullOrWhiteSpace))
                continue;
            if (columns is null)
            {
                columns = SheetColumns.Of(cells);
                continue;
            }
            string? number = columns.Cell(cells, "event");
            if (number is null || !byNumber.TryGetValue(number, out SheetRows? same))
            {
                events.Add(same = new SheetRows(row));
                if (number is not null)
                    byNumber[number] = same;
            }
            same.Add(columns, cells);
        }
        return columns is null ? throw new SheetException("sheet-empty")
            : events.Count == 0 ? throw new SheetException("sheet-no-rows")
            : [.. events.Select(e => new SheetEvent(e.Row, e.ToEvent()))];
    }

    private static IEnumerable<string[]> OfText(byte[] file)
    {
        string text = Decode(file);
        int end = text.IndexOf('\n', StringComparison.Ordinal);
        string heading = end < 0 ? text : text[..end];
        CsvConfiguration configuration = new(CultureInfo.InvariantCulture)
        {
            HasHeaderRecord = false,
            // They count, so that a problem names the row that the spreadsheet program shows.
            IgnoreBlankLines = false,
            Delimiter = Delimiters.MaxBy(d => heading.Split(d).Length)!,
            BadDataFound = args => throw new BadDataException(args.Field, args.RawRecord, args.Context),
            MaxFieldSize = 10_000,
        };
        using CsvParser parser = new(new StringReader(text), configuration);
        while (parser.Read())
            yield return parser.Record!;
    }

    /// <summary>Spreadsheet programs of Chinese systems save CSV in GB18030 unless told otherwise.</summary>
    private static string Decode(byte[] file)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(file).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException)
        {
            try
            {
                return Encoding.GetEncoding(
                    "GB18030", EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback).GetString(file);
            }
            catch (DecoderFallbackException)
            {
                throw new SheetException("sheet-unreadable");
            }
        }
    }

    private static IEnumerable<string[]> OfExcel(byte[] file)
    {
        CheckUnpackedSize(file);
        using MemoryStream stream = new(file, writable: false);
        using IExcelDataReader reader = ExcelReaderFactory.CreateOpenXmlReader(stream);
        while (reader.Read())
        {
            if (reader.FieldCount > ColumnsMax)
                throw new SheetException("sheet-columns", ("max", ColumnsMax));
            string[] cells = new string[reader.FieldCount];
            for (int i = 0; i < cells.Length; i++)
                cells[i] = Text(reader.GetValue(i));
            yield return cells;
        }
    }

    // A small file can unpack to terabytes; what its directory claims is checked by reading, not believed.
    private static void CheckUnpackedSize(byte[] file)
    {
        try
        {
            using ZipArchive archive = new(new MemoryStream(file, writable: false));
            long total = 0;
            byte[] buffer = new byte[1 << 16];
            foreach (ZipArchiveEntry entry in archive.Entries)
            {
                using Stream content = entry.Open();
                for (int read; (read = content.Read(buffer)) > 0;)
                {
                    total += read;
                    if (total > UnpackedBytesMax)
                        throw new SheetException("sheet-too-large", ("max", UnpackedBytesMax));
                }
            }
        }
        catch (InvalidDataException)
        {
            throw new SheetException("sheet-unreadable");
        }
    }

    private static string Text(object? value) => value switch
    {
        null => "",
        DateTime time => time.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
        // A cell that is a number keeps 15 digits: a longer code has lost its end already and must be text in the sheet.
        double and (>= 1e15 or <= -1e15) => throw new SheetException("sheet-number-too-long"),
        double number => number.ToString("0.#########", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}
