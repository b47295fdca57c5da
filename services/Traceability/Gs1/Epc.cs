using System.Globalization;

namespace Traceability.Gs1;

/// <summary>
/// Electronic Product Codes: URNs of the EPC Tag Data Standard 2.1, section 6, and the Digital Link URIs that name the
/// same things (section 6.3 and CBV 2.0, section 8).
/// </summary>
public static class Epc
{
    private const string Instance = "urn:epc:id:";
    private const string Class = "urn:epc:class:lgtin:";
    private const string Pattern = "urn:epc:idpat:";

    /// <summary>
    /// The one form in which an identifier is stored and hashed: the Digital Link on id.gs1.org at the finest level,
    /// without attributes and consumer variant. Anything that is no GS1 identifier comes back as it is.
    /// </summary>
    /// <remarks>
    /// Check digits are not judged here: an event that carries a wrong one is refused elsewhere, and its hash still has
    /// to be that of other implementations.
    /// </remarks>
    public static string ToCanonicalUri(string uri)
    {
        ArgumentNullException.ThrowIfNull(uri);
        if (uri.StartsWith("urn:epc:", StringComparison.Ordinal))
            return TryParseUrn(uri, out DigitalLink? link, out _) ? link.ToCanonical() : uri;
        if (uri.StartsWith("http", StringComparison.OrdinalIgnoreCase))
            return DigitalLink.TryParse(uri, DigitalLinkReading.Lenient, out DigitalLink? link, out _)
                ? link.ToCanonical()
                : uri;
        return uri;
    }

    /// <summary>
    /// Whether an identifier in an event is sound: a URN or Digital Link of GS1 with right lengths, characters and
    /// check digits, or something that does not claim to be one.
    /// </summary>
    public static bool IsSound(string uri, out Gs1Error error)
    {
        ArgumentNullException.ThrowIfNull(uri);
        error = default;
        if (uri.StartsWith("urn:epc:", StringComparison.Ordinal))
            return !ClaimsGs1(uri) || TryParseUrn(uri, out _, out error);
        if (!DigitalLink.TryParse(uri, DigitalLinkReading.Lenient, out _, out _))
            return !uri.StartsWith(DigitalLink.CanonicalStem, StringComparison.OrdinalIgnoreCase)
                || DigitalLink.TryParse(uri, out _, out error);
        return DigitalLink.TryParse(uri, DigitalLinkReading.ShortGtins, out _, out error);
    }

    /// <summary>Reads a URN of an instance, a lot class or a pattern that stands for one class.</summary>
    public static bool TryParseUrn(
        string urn, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out DigitalLink? link, out Gs1Error error)
    {
        ArgumentNullException.ThrowIfNull(urn);
        link = null;
        bool pattern = urn.StartsWith(Pattern, StringComparison.Ordinal);
        string scheme;
        int start;
        if (urn.StartsWith(Class, StringComparison.Ordinal))
        {
            (scheme, start) = ("lgtin", Class.Length);
        }
        else
        {
            int from = pattern ? Pattern.Length : Instance.Length;
            int colon = pattern || urn.StartsWith(Instance, StringComparison.Ordinal) ? urn.IndexOf(':', from) : -1;
            if (colon < 0)
                return Fail("unknown-epc-scheme", "It is no EPC URN of a known kind.", 0, out error);
            (scheme, start) = (urn[from..colon], colon + 1);
        }
        if (!EpcScheme.All.TryGetValue(scheme, out EpcScheme? rules) || (pattern && !rules.HasPattern)
            || (scheme == "lgtin" && start != Class.Length))
            return Fail("unknown-epc-scheme", $"There is no EPC scheme '{scheme}' of this kind.", 0, out error);
        if (!rules.TryRead(urn.AsSpan(start), pattern, out List<(string, string)>? elements, out error))
        {
            error = error with { Position = error.Position + start };
            return false;
        }
        link = new DigitalLink(DigitalLink.CanonicalStem, elements[0], elements.GetRange(1, elements.Count - 1), []);
        error = default;
        return true;
    }

    /// <summary>The URN of a link, which needs the length of its GS1 Company Prefix (6 to 12 digits).</summary>
    /// <returns>Null when the Tag Data Standard has no URN for it.</returns>
    public static string? ToUrn(DigitalLink link, int companyPrefixLength)
    {
        ArgumentNullException.ThrowIfNull(link);
        ArgumentOutOfRangeException.ThrowIfLessThan(companyPrefixLength, 6);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(companyPrefixLength, 12);
        return EpcScheme.Write(link, companyPrefixLength);
    }

    private static bool ClaimsGs1(string urn)
    {
        if (urn.StartsWith(Class, StringComparison.Ordinal))
            return true;
        int from = urn.StartsWith(Instance, StringComparison.Ordinal) ? Instance.Length
            : urn.StartsWith(Pattern, StringComparison.Ordinal) ? Pattern.Length : -1;
        int colon = from < 0 ? -1 : urn.IndexOf(':', from);
        // A pattern with more than one wildcard stands for many classes; it has no single link and is left alone.
        return colon > 0 && EpcScheme.All.ContainsKey(urn[from..colon])
            && (from == Instance.Length || urn.IndexOf('*', StringComparison.Ordinal) == urn.Length - 1);
    }

    internal static bool Fail(string code, string detail, int position, out Gs1Error error)
    {
        error = new Gs1Error(code, detail, position);
        return false;
    }

    internal static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
