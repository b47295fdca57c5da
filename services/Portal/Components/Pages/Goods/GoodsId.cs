namespace Portal.Components.Pages.Goods;

/// <summary>Canonical identifiers of goods as people read them, and where their pages are.</summary>
public static class GoodsId
{
    private const string Stem = "https://id.gs1.org/";

    /// <summary>The canonical identifier of a lot.</summary>
    public static string OfLot(string gtin, string lot) => $"{Stem}01/{gtin}/10/{Uri.EscapeDataString(lot)}";

    /// <summary>An identifier as it stands on labels, <c>(01)…(10)…</c>; anything else as it is.</summary>
    public static string Words(string? uri) => Elements(uri) is { Count: > 0 } elements
        ? string.Concat(elements.Select(e => $"({e.Ai}){e.Value}"))
        : uri ?? "—";

    /// <summary>The page of an identifier: a lot's own, else its trace.</summary>
    public static string Page(string uri) => Elements(uri) switch
    {
        [("01", var gtin), ("10", var lot)] => $"/goods/lots/{gtin}/{Uri.EscapeDataString(lot)}",
        _ => $"/goods/trace?id={Uri.EscapeDataString(uri)}",
    };

    /// <summary>The GLN of a place's identifier, or null.</summary>
    public static string? Gln(string? uri) => Elements(uri).FirstOrDefault(e => e.Ai == "414").Value;

    /// <summary>What a person typed, <c>(01)…(10)…</c> made into a link; anything else as it is.</summary>
    public static string OfTyped(string typed)
    {
        var text = typed.Trim();
        if (!text.StartsWith('(')) return text;
        var parts = text.Split(['(', ')'], StringSplitOptions.RemoveEmptyEntries);
        return parts.Length % 2 != 0
            ? text
            : Stem + string.Join('/', parts.Select((p, i) => i % 2 == 0 ? p : Uri.EscapeDataString(i == 1 && parts[0] == "01" ? p.PadLeft(14, '0') : p)));
    }

    /// <summary>The element strings of an identifier; none where it is not GS1's.</summary>
    public static IReadOnlyList<(string Ai, string Value)> Elements(string? uri)
    {
        if (uri?.StartsWith(Stem, StringComparison.Ordinal) != true) return [];
        var parts = uri[Stem.Length..].Split('/');
        return parts.Length % 2 != 0
            ? []
            : [.. Enumerable.Range(0, parts.Length / 2).Select(i => (parts[2 * i], Uri.UnescapeDataString(parts[(2 * i) + 1])))];
    }
}
