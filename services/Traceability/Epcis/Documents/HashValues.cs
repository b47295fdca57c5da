using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace Traceability.Epcis.Documents;

/// <summary>Names and values in the notation of the event hash (CBV 2.0 §8.9).</summary>
internal sealed class HashValues(PrefixScope scope, Identifiers ids, HashRules rules)
{
    private static readonly (string Old, WordSet Words)[] Urns =
    [
        ("urn:epcglobal:cbv:bizstep:", Vocabulary.BizSteps), ("urn:epcglobal:cbv:disp:", Vocabulary.Dispositions),
        ("urn:epcglobal:cbv:btt:", Vocabulary.TransactionTypes),
        ("urn:epcglobal:cbv:sdt:", Vocabulary.SourceDestinationTypes),
        ("urn:epcglobal:cbv:er:", Vocabulary.ErrorReasons)
    ];

    /// <summary>Sorted by code points and joined.</summary>
    public static string Join(List<string> parts)
    {
        if (parts.Count > 1) parts.Sort(CompareCodePoints);
        return string.Concat(parts);
    }

    public static bool IsExtension(string name) => name.Contains(':', StringComparison.Ordinal);

    /// <summary><c>name=value</c> of a standard member, or nothing.</summary>
    public string Named(JsonElement owner, string name) =>
        owner.TryGetProperty(name, out JsonElement value) ? Pair(name, value) : "";

    /// <summary><c>name=value</c>.</summary>
    public string Pair(string name, JsonElement value)
    {
        string text = Standard(name, Text(value).Trim());
        return text.Length == 0 ? "" : string.Concat(name, "=", text);
    }

    /// <summary>All members of an object that are extensions, sorted.</summary>
    public string Extensions(JsonElement owner)
    {
        List<string>? parts = null;
        foreach (JsonProperty member in owner.EnumerateObject())
        {
            if (IsExtension(member.Name)) AddExtension(member.Name, member.Value, parts ??= []);
        }

        return parts is null ? "" : Join(parts);
    }

    /// <summary>Adds one extension member; a list is the same member several times, as it is in XML.</summary>
    public void AddExtension(string name, JsonElement value, List<string> parts)
    {
        if (name is "rdfs:comment" or "comment") return;
        string key = rules.NameOf(name, scope);
        if (value.ValueKind != JsonValueKind.Array)
        {
            parts.Add(key + Content(value));
            return;
        }

        foreach (JsonElement item in value.EnumerateArray()) parts.Add(key + Content(item));
    }

    private string Content(JsonElement value)
    {
        List<string> parts = [];
        string text = "";
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (JsonProperty member in value.EnumerateObject())
                {
                    if (member.NameEquals("#text"u8)) text = Text(member.Value).Trim();
                    else AddExtension(member.Name, member.Value, parts);
                }

                break;
            case JsonValueKind.Array:
                AddExtension("", value, parts);
                break;
            default:
                text = Text(value).Trim();
                break;
        }

        return (text.Length == 0 ? "" : "=" + Canonical(text)) + Join(parts);
    }

    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => ""
    };

    private string Standard(string name, string text)
    {
        switch (name)
        {
            case "eventTime" or "time" or "startTime" or "endTime":
                return EpcisTime.TryParse(text, out DateTimeOffset time) ? EpcisTime.ToMilliseconds(time) : text;
            case "bizStep":
                return Word(text, Vocabulary.BizSteps);
            case "disposition" or "set" or "unset":
                return Word(text, Vocabulary.Dispositions);
            case "component":
                return Word(text, Vocabulary.Components);
            case "exception":
                return Word(text, Vocabulary.Alerts);
            case "type":
                return Type(text);
            default:
                return Canonical(text);
        }
    }

    private string Type(string text)
    {
        if (IsExtension(text)) return Canonical(text);
        return Vocabulary.TransactionTypes.TryGetUri(text, out string uri)
            || Vocabulary.SourceDestinationTypes.TryGetUri(text, out uri) ? uri : Namespaces.Gs1 + text;
    }

    private string Word(string text, WordSet words) => words.TryGetUri(text, out string uri) ? uri : Canonical(text);

    private string Canonical(string text)
    {
        if (TryNumber(text, out string number)) return number;
        if (!IsExtension(text)) return text;
        text = rules.ExpandValue(text, scope);
        foreach ((string old, WordSet words) in Urns)
        {
            if (text.StartsWith(old, StringComparison.Ordinal)) return words.UriPrefix + text[old.Length..];
        }

        return FinestKey.Of(ids.ToCanonical(text, out _));
    }

    // Beyond it a text stays as it is: writing all digits of such numbers would cost more than the rest of a document.
    private const double WholeMax = 1e100;

    /// <summary>Whatever reads as a number is one to the reference algorithm: a double in its shortest notation, whole
    /// ones with all digits.</summary>
    private static bool TryNumber(string text, out string number)
    {
        number = "";
        const NumberStyles Styles =
            NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (text.Length == 0 || !(char.IsAsciiDigit(text[0]) || text[0] is '+' or '-' or '.')
            || !double.TryParse(text, Styles, CultureInfo.InvariantCulture, out double value)
            || !(Math.Abs(value) < WholeMax))
        {
            return false;
        }

        number = Math.Floor(value) == value
            ? new BigInteger(value).ToString(CultureInfo.InvariantCulture)
            : value.ToString("R", CultureInfo.InvariantCulture).Replace('E', 'e');
        return true;
    }

    /// <summary>Surrogates stand for code points above all others, though their units do not.</summary>
    private static int CompareCodePoints(string x, string y)
    {
        int length = Math.Min(x.Length, y.Length);
        int at = x.AsSpan().CommonPrefixLength(y);
        if (at == length) return x.Length.CompareTo(y.Length);
        bool high = char.IsSurrogate(x[at]);
        return high == char.IsSurrogate(y[at]) ? x[at].CompareTo(y[at]) : high ? 1 : -1;
    }
}
