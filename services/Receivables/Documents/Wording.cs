using System.Globalization;
using Receivables.Signatures;

namespace Receivables.Documents;

/// <summary>The words of a document in one of two languages, with amounts and times as documents write them.</summary>
internal readonly record struct Wording(bool Chinese)
{
    private static readonly TimeSpan Beijing = TimeSpan.FromHours(8);

    /// <summary>The one of two that is read.</summary>
    public string this[string chinese, string english] => Chinese ? chinese : english;

    /// <summary>¥1,234.50 or CNY 1,234.50.</summary>
    public string Money(long fen) => (Chinese ? "¥" : "CNY ") + ChineseAmount.Figures(fen);

    /// <summary>In figures, and in Chinese with capitals.</summary>
    public string InFull(long fen) => Chinese ? $"{Money(fen)}（人民币{ChineseAmount.Capitals(fen)}）" : Money(fen);

    /// <summary>2026年11月22日 or 22 November 2026.</summary>
    public string Day(DateOnly day) =>
        day.ToString(Chinese ? "yyyy'年'M'月'd'日'" : "d MMMM yyyy", CultureInfo.InvariantCulture);

    /// <summary>In Beijing, with the instant in UTC.</summary>
    public string Time(DateTimeOffset at)
    {
        string here = at.ToOffset(Beijing).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        return this[$"{here}（北京时间，{SignedPage.WriteTime(at)}）", $"{here} in Beijing ({SignedPage.WriteTime(at)})"];
    }

    /// <summary>Millionths as per cent with four decimals: 40205 is 4.0205%.</summary>
    public static string Percent(long ppm) => (ppm / 10_000m).ToString("0.0000", CultureInfo.InvariantCulture) + "%";

    /// <summary>Fen [start, end) of a voucher.</summary>
    public static string Fen(long start, long end) => string.Create(CultureInfo.InvariantCulture, $"{start}–{end}");
}
