using System.Globalization;
using System.Text.Json.Nodes;

namespace Portal.Components.Pages.Bank;

/// <summary>Words and figures of the bank's desk.</summary>
public static class BankWords
{
    /// <summary>Where a financing stands: the tag's class and words.</summary>
    public static (string Kind, string Words) State(Language words, string? state) => state switch
    {
        "applied" => ("warn", words["… 待报价", "… to be offered"]),
        "chosen" => ("", words["… 已选定", "… chosen"]),
        "disbursed" => ("ok", words["✓ 已放款", "✓ paid out"]),
        _ => ("", state ?? ""),
    };

    /// <summary>Millionths as per cent with four decimals: 40205 is 4.0205%.</summary>
    public static string Percent(JsonNode? ppm) =>
        ppm is null ? "—" : (ppm.GetValue<long>() / 10_000m).ToString("0.0000", CultureInfo.InvariantCulture) + "%";

    /// <summary>Reads a yearly rate in per cent with at most four decimals, as millionths; null where it is none.</summary>
    public static int? Ppm(string? typed)
    {
        var plain = (typed ?? "").Normalize(System.Text.NormalizationForm.FormKC).Replace("%", "", StringComparison.Ordinal).Trim();
        return decimal.TryParse(plain, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent)
            && percent is >= 0 and < 100 && percent * 10_000 == decimal.Truncate(percent * 10_000)
            ? (int)(percent * 10_000)
            : null;
    }

    /// <summary>What a line in suspense is.</summary>
    public static string Suspense(Language words, string? kind) => kind switch
    {
        "over" => words["多付", "overpaid"],
        "returned" => words["退汇", "returned"],
        "unmatched" => words["不明来款", "unmatched"],
        _ => kind ?? "",
    };
}
