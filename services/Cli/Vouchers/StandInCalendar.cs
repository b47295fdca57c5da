using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Cli.Vouchers;

/// <summary>
/// Imports a calendar where a day of payment falls into a year whose official notice is not there: with the holidays
/// that the law itself dates (《全国年节及纪念日放假办法》), and saying that it only stands in for the notice.
/// </summary>
public static class StandInCalendar
{
    private static readonly string[] Dated = ["01-01", "05-01", "05-02", "10-01", "10-02", "10-03"];

    /// <summary>Makes sure that the days of a year can be told.</summary>
    public static async Task EnsureAsync(Api operations, int year, CancellationToken cancel)
    {
        var known = JsonNode.Parse(await operations.GetBytesAsync("/api/receivables/rules/calendar", cancel))!.AsArray();
        if (known.Any(y => y!["year"]!.GetValue<int>() == year)) return;
        var csv = string.Concat(Dated.Select(d => string.Create(CultureInfo.InvariantCulture, $"{year}-{d},rest\n")));
        await operations.PostAsync("/api/receivables/rules/calendar", new JsonObject
        {
            ["year"] = year,
            ["notice"] = "演示用，非国务院办公厅通知",
            ["csv"] = csv,
            ["sha256"] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(csv))),
        }, cancel);
    }
}
