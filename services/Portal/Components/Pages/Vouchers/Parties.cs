using System.Text.Json.Nodes;

namespace Portal.Components.Pages.Vouchers;

/// <summary>The register of parties to vouchers, asked for once a page.</summary>
public sealed class Parties(SuiteApi api)
{
    private Dictionary<string, JsonNode>? _all;

    /// <summary>Everybody in the register, by id.</summary>
    public IReadOnlyCollection<JsonNode> All => _all?.Values ?? (IReadOnlyCollection<JsonNode>)[];

    /// <summary>Asks for the register; where the service is away ids stand for themselves.</summary>
    public async Task LoadAsync()
    {
        if (_all is not null) return;
        var answer = await api.GetAsync(VoucherPage.ServiceName, "parties", CancellationToken.None);
        _all = (answer.Document?["items"] as JsonArray ?? []).OfType<JsonNode>().ToDictionary(p => p["id"]!.ToString());
    }

    /// <summary>The registered name, or the id where the register has none.</summary>
    public string Name(string? id) =>
        id is null ? "—" : _all?.GetValueOrDefault(id)?["name"]?.ToString() ?? id;

    /// <summary>What a party is: <c>supplier</c>, <c>bank</c>; null where the register has none.</summary>
    public string? Kind(string? id) => id is null ? null : _all?.GetValueOrDefault(id)?["kind"]?.ToString();

    /// <summary>Active parties but one, to choose from.</summary>
    /// <param name="but">Left out.</param>
    /// <param name="kinds">Kinds that may be chosen; all where there are none.</param>
    public IEnumerable<(string Value, string Words)> Choices(string but, params string[] kinds) =>
        All.Where(p => p["id"]!.ToString() != but && p["status"]?.ToString() == "active"
                && (kinds.Length == 0 || kinds.Contains(p["kind"]!.ToString())))
            .Select(p => (p["id"]!.ToString(), $"{p["name"]} ({p["id"]})"))
            .OrderBy(p => p.Item2, StringComparer.CurrentCulture);
}
