using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Traceability.Gs1;

/// <summary>What a reader of Digital Links puts up with.</summary>
[Flags]
public enum DigitalLinkReading
{
    /// <summary>Nothing beyond the standard.</summary>
    Strict = 0,

    /// <summary>GTINs of 8, 12 and 13 digits, which are padded.</summary>
    ShortGtins = 1,

    /// <summary>The short names of version 1.1, such as <c>gtin</c> and <c>ser</c>.</summary>
    Names = 2,

    /// <summary>Application Identifiers that no dictionary has, as attributes.</summary>
    UnknownAttributes = 4,

    /// <summary>Wrong check digits and other content; lengths and characters are checked.</summary>
    AnyContent = 8,

    /// <summary>What a canonical form can be given for.</summary>
    Lenient = ShortGtins | Names | AnyContent,
}

/// <summary>
/// A GS1 Digital Link URI, GS1 Digital Link Standard: URI Syntax 1.6. Uncompressed form. Immutable.
/// </summary>
public sealed class DigitalLink
{
    /// <summary>Where canonical links live.</summary>
    public const string CanonicalStem = "https://id.gs1.org";

    /// <summary>Longest URI that is read; a QR code holds fewer characters.</summary>
    public const int LengthMax = 8192;

    internal DigitalLink(
        string stem, (string Ai, string Value) key, IReadOnlyList<(string Ai, string Value)> qualifiers,
        IReadOnlyList<(string Ai, string Value)> attributes) =>
        (Stem, Key, Qualifiers, Attributes) = (stem, key, qualifiers, attributes);

    /// <summary>Everything before the key, without a slash at its end.</summary>
    public string Stem { get; }

    /// <summary>The primary key.</summary>
    public (string Ai, string Value) Key { get; }

    /// <summary>Qualifiers of the key in the path's order.</summary>
    public IReadOnlyList<(string Ai, string Value)> Qualifiers { get; }

    /// <summary>Attributes in the query's order.</summary>
    public IReadOnlyList<(string Ai, string Value)> Attributes { get; }

    /// <summary>Key, qualifiers and attributes.</summary>
    public IEnumerable<(string Ai, string Value)> Elements => Qualifiers.Prepend(Key).Concat(Attributes);

    /// <summary>The value of an identifier in the path; null when it is not there.</summary>
    public string? Value(string ai)
    {
        if (Key.Ai == ai)
            return Key.Value;
        foreach ((string Ai, string Value) qualifier in Qualifiers)
        {
            if (qualifier.Ai == ai)
                return qualifier.Value;
        }
        return null;
    }

    /// <summary>Reads a link by the standard's rules.</summary>
    public static bool TryParse(string uri, [NotNullWhen(true)] out DigitalLink? link, out Gs1Error error) =>
        TryParse(uri, DigitalLinkReading.Strict, out link, out error);

    /// <summary>Reads a link.</summary>
    public static bool TryParse(
        string uri, DigitalLinkReading reading, [NotNullWhen(true)] out DigitalLink? link, out Gs1Error error) =>
        DigitalLinkReader.TryRead(uri, reading, out link, out error);

    /// <summary>Makes a link of element strings; repeated elements of one value count once.</summary>
    /// <param name="elements">Application Identifiers and values in any order; the first key begins the path.</param>
    /// <param name="stem">Scheme, host and leading path.</param>
    /// <param name="reading">Whether unknown attributes are put up with.</param>
    /// <param name="link">The link.</param>
    /// <param name="error">Why there is none.</param>
    public static bool TryCompose(
        IEnumerable<(string Ai, string Value)> elements, string stem, DigitalLinkReading reading,
        [NotNullWhen(true)] out DigitalLink? link, out Gs1Error error) =>
        DigitalLinkReader.TryCompose(elements, stem, reading, out link, out error);

    /// <summary>
    /// The one form of the identity: on id.gs1.org, at the finest level (a serial makes lot and variant needless),
    /// without attributes.
    /// </summary>
    public string ToCanonical()
    {
        StringBuilder text = new(CanonicalStem, 64);
        Append(text, Key);
        bool serial = Value("21") is not null;
        foreach ((string Ai, string Value) qualifier in Qualifiers)
        {
            if (qualifier.Ai != "22" && (qualifier.Ai != "10" || !serial))
                Append(text, qualifier);
        }
        return text.ToString();

        static void Append(StringBuilder text, (string Ai, string Value) element)
        {
            text.Append('/').Append(element.Ai).Append('/');
            UriText.AppendCanonical(text, element.Value);
        }
    }

    /// <summary>The whole link on its stem, with everything escaped that the standard asks for.</summary>
    public override string ToString()
    {
        StringBuilder text = new(Stem, 96);
        foreach ((string ai, string value) in Qualifiers.Prepend(Key))
            text.Append('/').Append(ai).Append('/').Append(UriText.Escape(value, inQuery: false));
        char separator = '?';
        foreach ((string ai, string value) in Attributes)
        {
            text.Append(separator).Append(ai).Append('=').Append(UriText.Escape(value, inQuery: true));
            separator = '&';
        }
        return text.ToString();
    }
}
