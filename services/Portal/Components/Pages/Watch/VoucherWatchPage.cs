using System.Text.Json.Nodes;
using Portal.Components.Pages.Vouchers;

namespace Portal.Components.Pages.Watch;

/// <summary>What the regulator's pages of vouchers have in common.</summary>
public abstract class VoucherWatchPage : ServicePage
{
    /// <inheritdoc/>
    protected override string Service => VoucherPage.ServiceName;

    /// <summary>An amount of an answer.</summary>
    protected static string Money(JsonNode? fen) => fen is null ? "—" : Yuan.Write(fen.GetValue<long>());

    /// <summary>A share in millionths as per cent with one decimal, half up.</summary>
    protected static string Share(JsonNode? ppm) => Share(ppm?.GetValue<long>() ?? 0);

    /// <summary>A share in millionths as per cent with one decimal, half up.</summary>
    protected static string Share(long ppm) =>
        decimal.Round(ppm / 10_000m, 1, MidpointRounding.AwayFromZero).ToString("0.0", System.Globalization.CultureInfo.InvariantCulture) + "%";

    /// <summary>A part of a whole in millionths.</summary>
    protected static long Ppm(long part, long whole) => whole == 0 ? 0 : (long)decimal.Round(part * 1_000_000m / whole, 0, MidpointRounding.AwayFromZero);

    /// <summary>The open vouchers behind a figure.</summary>
    protected static string ListOf(string? debtor = null, string? holder = null, string? from = null, string? through = null)
    {
        var set = new[] { ("debtor", debtor), ("holder", holder), ("from", from), ("through", through) }
            .Where(q => q.Item2 is { Length: > 0 }).Select(q => $"{q.Item1}={E(q.Item2)}").ToList();
        return "/watch/vouchers/list" + (set.Count == 0 ? "" : "?" + string.Join('&', set));
    }

    /// <summary>A step of the maturity ladder.</summary>
    protected string Step(string? step) => step switch
    {
        "overdue" => Reader["逾期", "overdue"],
        "30" => Reader["30天内", "within 30 days"],
        "90" => Reader["31～90天", "31–90 days"],
        "180" => Reader["91～180天", "91–180 days"],
        "365" => Reader["181～365天", "181–365 days"],
        "later" => Reader["365天以上", "over 365 days"],
        _ => step ?? "",
    };
}
