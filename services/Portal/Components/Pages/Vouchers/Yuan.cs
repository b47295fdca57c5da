using System.Globalization;

namespace Portal.Components.Pages.Vouchers;

/// <summary>Money as people write and read it; whole fen everywhere else.</summary>
public static class Yuan
{
    // What every JSON reader takes for the same whole number: 2⁵³−1.
    private const long FenMax = 9_007_199_254_740_991;

    /// <summary>¥1,234,567.89, for tables and figures.</summary>
    public static string Write(long fen) =>
        (fen < 0 ? "-¥" : "¥") + (Math.Abs((decimal)fen) / 100m).ToString("#,##0.00", CultureInfo.InvariantCulture);

    /// <summary>The amount as an entry field shows it: 1,234.50.</summary>
    public static string Typed(long fen) => (fen / 100m).ToString("#,##0.00", CultureInfo.InvariantCulture);

    /// <summary>
    /// Reads an amount in yuan as typed, with commas, spaces, ¥ and full-width digits if need be; at most two decimals.
    /// </summary>
    /// <param name="typed">What was entered.</param>
    /// <param name="fen">The amount in fen, above zero.</param>
    public static bool TryRead(string? typed, out long fen)
    {
        fen = 0;
        var plain = string.Concat((typed ?? "").Select(Half)
            .Where(c => c is not (',' or '¥' or '￥' or '元') && !char.IsWhiteSpace(c)));
        if (!decimal.TryParse(plain, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var yuan)
            || plain.IndexOf('.', StringComparison.Ordinal) is >= 0 and var point && plain.Length - point - 1 > 2
            || yuan <= 0 || yuan > FenMax / 100m)
        {
            return false;
        }

        fen = (long)(yuan * 100);
        return true;
    }

    /// <summary>Full-width forms of ASCII (U+FF01 to U+FF5E) as their half-width ones.</summary>
    private static char Half(char c) => c is >= '\uff01' and <= '\uff5e' ? (char)(c - 0xfee0) : c;
}
