using System.Globalization;
using System.IO.Compression;
using System.Text;
using ExcelDataReader;
using ExcelDataReader.Exceptions;

namespace Prepaid.Cards;

/// <summary>
/// The rows of a list of cards: CSV in UTF-8, or the first sheet of an Excel file (.xlsx). Nothing in a cell is executed: a
/// formula is its stored result.
/// </summary>
internal static class TakeOverSheet
{
    private const int Columns = 9;
    private const long UnpackedBytesMax = 64L << 20;

    static TakeOverSheet() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    /// <summary>The rows that are not empty; null where the file can't be read.</summary>
    public static IReadOnlyList<string[]>? Rows(byte[] file)
    {
        if (!file.AsSpan().StartsWith("PK\u0003\u0004"u8))
            return OfText(Encoding.UTF8.GetString(file));
        try
        {
            return IsSmall(file) ? OfExcel(file) : null;
        }
        catch (Exception e) when (e is ExcelReaderException or InvalidDataException or FormatException
            or System.Xml.XmlException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>The rows of a text.</summary>
    public static IReadOnlyList<string[]> OfText(string text) =>
        [.. text.TrimStart('\uFEFF').Split('\n').Select(l => l.TrimEnd('\r')).Where(l => l.Length > 0).Select(l => l.Split(','))];

    private static List<string[]> OfExcel(byte[] file)
    {
        using IExcelDataReader reader = ExcelReaderFactory.CreateOpenXmlReader(new MemoryStream(file, writable: false));
        List<string[]> rows = [];
        while (reader.Read())
        {
            string[] cells = [.. Enumerable.Range(0, Columns)
                .Select(i => i < reader.FieldCount ? Text(reader.GetValue(i)) : "")];
            if (cells.Any(c => c.Length > 0))
                rows.Add(cells);
        }
        return rows;
    }

    // A small file can unpack to terabytes; what its directory claims is checked by reading, not believed.
    private static bool IsSmall(byte[] file)
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
                    return false;
            }
        }
        return true;
    }

    private static string Text(object? value) => value switch
    {
        null => "",
        DateTime day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        double number => number.ToString("0.#########", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!.Trim(),
    };
}
