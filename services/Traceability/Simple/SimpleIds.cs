using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Traceability.Gs1;

namespace Traceability.Simple;

/// <summary>Identifiers as people write them, read into the URIs that EPCIS events carry.</summary>
internal static partial class SimpleIds
{
    private const int LengthMax = 500;

    /// <summary>A single item or container: Digital Link, EPC URN, element string in brackets, or an SSCC of 18 digits.</summary>
    public static bool TryItem(string text, [NotNullWhen(true)] out string? uri)
    {
        text = text.Trim();
        uri = text.Length > LengthMax ? null
            : text.StartsWith('(') ? OfElements(text)
            : IsDigits(text, 18) ? OfElements($"(00){text}")
            : IsUri(text) && Epc.IsSound(text, out _) ? Epc.ToCanonicalUri(text)
            : null;
        return uri is not null;
    }

    /// <summary>The lot that a label names beside its serial (AI 10); null where it names none.</summary>
    public static string? LotOf(string text) => text.Trim() is ['(', ..] elements
        ? Element().Matches(elements).FirstOrDefault(m => m.Groups["ai"].Value == "10")?.Groups["value"].Value
        : DigitalLink.TryParse(text.Trim(), DigitalLinkReading.Lenient, out DigitalLink? link, out _) ? link.Value("10") : null;

    /// <summary>A product or a lot of it: GTIN and lot number, or a URI of a class.</summary>
    public static bool TryClass(string product, string? lot, [NotNullWhen(true)] out string? uri)
    {
        product = product.Trim();
        uri = null;
        if (IsUri(product))
        {
            if (lot is null && product.Length <= LengthMax && Epc.IsSound(product, out _))
                uri = Epc.ToCanonicalUri(product);
        }
        else if (CheckDigit.TryGtin14(product, out string gtin))
        {
            uri = Compose(lot is null ? [("01", gtin)] : [("01", gtin), ("10", lot.Trim())]);
        }
        return uri is not null;
    }

    /// <summary>A place: a GLN, or a URI.</summary>
    public static bool TryPlace(string text, [NotNullWhen(true)] out string? uri) => TryGln("414", text, out uri);

    /// <summary>An organisation: a GLN, or a URI.</summary>
    public static bool TryParty(string text, [NotNullWhen(true)] out string? uri) => TryGln("417", text, out uri);

    /// <summary>A document: a URI, or a number that is made one within the organisation's own name space.</summary>
    public static string Document(string number) =>
        IsUri(number) ? number : "urn:epcglobal:cbv:bt::" + Uri.EscapeDataString(number.Trim());

    private static bool TryGln(string ai, string text, [NotNullWhen(true)] out string? uri)
    {
        text = text.Trim();
        uri = IsDigits(text, 13) ? Compose([(ai, text)])
            : text.Length <= LengthMax && IsUri(text) && Epc.IsSound(text, out _) ? Epc.ToCanonicalUri(text)
            : null;
        return uri is not null;
    }

    private static string? OfElements(string text)
    {
        MatchCollection found = Element().Matches(text);
        return found.Sum(m => m.Length) == text.Length
            ? Compose([.. found.Select(m => (m.Groups["ai"].Value, m.Groups["value"].Value))])
            : null;
    }

    private static string? Compose(IReadOnlyList<(string Ai, string Value)> elements) =>
        DigitalLink.TryCompose(elements, DigitalLink.CanonicalStem, DigitalLinkReading.ShortGtins, out DigitalLink? link, out _)
            ? link.ToCanonical()
            : null;

    private static bool IsDigits(string text, int length) => text.Length == length && text.All(char.IsAsciiDigit);

    // RFC 3986 §3.1: a scheme, a colon, and something.
    private static bool IsUri(string text) => Scheme().IsMatch(text) && Uri.TryCreate(text, UriKind.Absolute, out _);

    [GeneratedRegex(@"\G\((?<ai>[0-9]{2,4})\)(?<value>[^()]+)", RegexOptions.CultureInvariant)]
    private static partial Regex Element();

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9+.\-]*:\S+$", RegexOptions.CultureInvariant)]
    private static partial Regex Scheme();
}
