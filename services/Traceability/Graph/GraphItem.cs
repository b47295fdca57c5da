using Traceability.Gs1;

namespace Traceability.Graph;

/// <summary>What an identifier names.</summary>
public enum GraphItemKind
{
    /// <summary>One thing: a serial, a pallet, an asset, a document or a foreign id.</summary>
    Instance,

    /// <summary>A lot of a product.</summary>
    Lot,

    /// <summary>A product without a lot: everything of it would meet here, so no trace passes.</summary>
    Product,
}

/// <summary>Reads canonical identifiers for the graph.</summary>
internal static class GraphItem
{
    private const string GtinStem = DigitalLink.CanonicalStem + "/01/";
    private const int GtinLength = 14;
    private const string PatternStem = "urn:epc:idpat:";

    public static GraphItemKind KindOf(string uri)
    {
        if (uri.StartsWith(PatternStem, StringComparison.Ordinal))
            return GraphItemKind.Product;
        if (!uri.StartsWith(GtinStem, StringComparison.Ordinal))
            return GraphItemKind.Instance;
        ReadOnlySpan<char> rest = uri.AsSpan(Math.Min(uri.Length, GtinStem.Length + GtinLength));
        return rest.Contains("/21/", StringComparison.Ordinal) || rest.Contains("/235/", StringComparison.Ordinal)
            ? GraphItemKind.Instance
            : rest.Contains("/10/", StringComparison.Ordinal) ? GraphItemKind.Lot : GraphItemKind.Product;
    }

    /// <summary>An identifier as people read it on labels, such as (01)…(21)…; a foreign one as it is.</summary>
    public static string Readable(string uri) =>
        DigitalLink.TryParse(uri, DigitalLinkReading.Lenient, out DigitalLink? link, out _)
            ? string.Concat(link.Elements.Select(e => $"({e.Ai}){e.Value}"))
            : uri;

    /// <summary>The product of a serial, lot or product, by its GTIN; null for anything else.</summary>
    public static string? GtinOf(string uri) =>
        uri.StartsWith(GtinStem, StringComparison.Ordinal) && uri.Length >= GtinStem.Length + GtinLength
            ? uri.Substring(GtinStem.Length, GtinLength)
            : null;

    /// <summary>The canonical id of a lot; null where the lot number is none.</summary>
    public static string? LotUri(string gtin, string lot) =>
        DigitalLink.TryCompose(
            [("01", gtin), ("10", lot)], DigitalLink.CanonicalStem, DigitalLinkReading.Strict, out DigitalLink? link,
            out _) ? link.ToCanonical() : null;
}
