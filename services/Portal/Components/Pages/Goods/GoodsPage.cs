using System.Text.Json.Nodes;

namespace Portal.Components.Pages.Goods;

/// <summary>What pages of goods have in common besides asking the service.</summary>
public abstract class GoodsPage : ServicePage
{
    /// <summary>Name of the service.</summary>
    protected const string Trace = "trace";

    /// <inheritdoc/>
    protected override string Service => Trace;

    /// <summary>Names of the organisation's places by their GLNs.</summary>
    protected async Task<IReadOnlyDictionary<string, string>> PlacesAsync() =>
        List(await TryAsync("places")).ToDictionary(p => p["gln"]!.ToString(), p => Reader.Words(p["name"]));

    /// <summary>The organisation's products, to be offered where a GTIN is asked for.</summary>
    protected async Task<IReadOnlyList<(string Gtin, string Words)>> ProductsAsync() =>
        [.. List(await TryAsync("own/products?limit=200")).Select(p => (p["product"]!["gtin"]!.ToString(), Reader.Words(p["product"]!["name"])))];

    /// <summary>A GTIN in its 14 digits, or a problem at its field that names the right check digit.</summary>
    protected string? Gtin(string? typed, string field)
    {
        if (CheckedNumber.TryGtin(typed, out var gtin, out var fault)) return gtin;
        Problems.Add(field, fault!.Words(Reader, "GTIN"));
        return null;
    }

    /// <summary>Words in one or both languages, or null where there are none.</summary>
    protected static JsonObject? Both(string? zh, string? en)
    {
        var words = new JsonObject();
        if (zh?.Trim() is { Length: > 0 } chinese) words["zh"] = chinese;
        if (en?.Trim() is { Length: > 0 } english) words["en"] = english;
        return words.Count == 0 ? null : words;
    }
}
