using System.Globalization;
using System.Text.Json.Nodes;
using Portal.Components.Pages.Prepaid;

namespace Portal.Components.Pages.Watch;

/// <summary>What the regulator's pages of prepaid cards have in common.</summary>
public abstract class PrepaidWatchPage : PrepaidPage
{
    /// <summary>A share in millionths as per cent with one decimal, half up.</summary>
    protected static string Share(JsonNode? ppm) => ppm is null ? "—"
        : decimal.Round(ppm.GetValue<long>() / 10_000m, 1, MidpointRounding.AwayFromZero).ToString("0.0", CultureInfo.InvariantCulture) + "%";

    /// <summary>How a letter is drawn: suspicion is amber and carries its reason, never red.</summary>
    protected static string Kind(string? letter) => letter switch { "C" or "B" => "warn", null => "", _ => "ok" };

    /// <summary>The letter that counts: the regulator's decision while there is one, else the model's.</summary>
    protected static string? Letter(JsonNode line) => (line["decidedLetter"] ?? line["letter"])?.ToString();
}
