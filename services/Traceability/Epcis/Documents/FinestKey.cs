using System.Collections.Frozen;

namespace Traceability.Epcis.Documents;

/// <summary>Shortens a canonical Digital Link to its most fine-granular identification (CBV 2.0 §8.9, rule 18).
/// </summary>
internal static class FinestKey
{
    private const string Domain = "https://id.gs1.org/";

    // The qualifiers that count for a key, the finest first.
    private static readonly FrozenDictionary<string, string[]> Qualifiers = new Dictionary<string, string[]>
    {
        ["01"] = ["21", "235", "10"],
        ["414"] = ["254"],
        ["8006"] = ["21", "10"],
        ["8010"] = ["8011"]
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static string Of(string uri)
    {
        if (!uri.StartsWith(Domain, StringComparison.Ordinal)) return uri;
        string[] steps = uri[Domain.Length..].Split('/');
        if (steps.Length <= 2 || steps.Length % 2 != 0) return uri;
        string key = $"{Domain}{steps[0]}/{steps[1]}";
        foreach (string qualifier in Qualifiers.GetValueOrDefault(steps[0], []))
        {
            for (int at = 2; at < steps.Length; at += 2)
            {
                if (steps[at] == qualifier) return $"{key}/{qualifier}/{steps[at + 1]}";
            }
        }

        return key;
    }
}
