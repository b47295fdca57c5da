using System.Globalization;
using System.Text.RegularExpressions;
using ServiceDefaults.Http;

namespace Traceability.MasterData;

/// <summary>
/// Words by which an owner would vouch for the goods on the consumer page. A copied label shows the same page, so that it
/// must never say them; pure.
/// </summary>
internal static partial class Vouching
{
    /// <summary>Whether words say that goods are genuine, in either language and however they are spelt.</summary>
    public static bool Says(Wording? words) => Says(words?.Zh) || Says(words?.En);

    private static bool Says(string? text)
    {
        if (text is null || !text.IsWellFormed())
            return false;
        // Wide letters are the same letters (U+FF01 to U+FF5E are ASCII and 0xFEE0); marks that nobody sees are none.
        string plain = string.Concat(text.Where(c => char.GetUnicodeCategory(c) != UnicodeCategory.Format)
            .Select(c => c is >= '\uff01' and <= '\uff5e' ? (char)(c - 0xfee0) : c)).ToLowerInvariant();
        return English().IsMatch(plain) || Chinese().IsMatch(plain);
    }

    [GeneratedRegex(@"\b(genuine|authentic)(ly|ness|ity)?\b", RegexOptions.CultureInvariant)]
    private static partial Regex English();

    // 真正品质 and 纯正品味 are other words.
    [GeneratedRegex(@"正\s*品(?![质質种種牌味格位类類])|正\s*品\s*(质\s*保|保\s*[证證障])|[真保]\s*品\s*保\s*[证證]|假\s*一\s*[赔賠罚罰]", RegexOptions.CultureInvariant)]
    private static partial Regex Chinese();
}
