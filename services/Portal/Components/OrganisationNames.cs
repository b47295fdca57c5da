using System.Text.Json.Nodes;

namespace Portal.Components;

/// <summary>Names that organisations gave themselves, by their ids; asked for once a page.</summary>
public sealed class OrganisationNames(SuiteApi api, Language words)
{
    private const int AtOnce = 100;
    private readonly Dictionary<string, string?> _names = new(StringComparer.Ordinal);

    /// <summary>Asks for the names that are not known yet. Where the service is away the ids stand for themselves.</summary>
    public async Task LoadAsync(IEnumerable<string?> ids)
    {
        string[] open = [.. ids.OfType<string>().Where(i => i.Length > 0 && !_names.ContainsKey(i)).Distinct()];
        foreach (var some in open.Chunk(AtOnce))
        {
            foreach (var id in some) _names[id] = null;
            var answer = await api.GetAsync(
                "trace", "organisations/names?" + string.Join('&', some.Select(i => $"id={Uri.EscapeDataString(i)}")), CancellationToken.None);
            foreach (var named in answer.Ok ? answer.Document as JsonArray ?? [] : [])
            {
                if (words.Words(named!["name"]) is { Length: > 0 } name) _names[named["id"]!.ToString()] = name;
            }
        }
    }

    /// <summary>The name; null where the organisation gave none.</summary>
    public string? Of(string? id) => id is null ? null : _names.GetValueOrDefault(id);
}
