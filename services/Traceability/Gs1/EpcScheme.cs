using System.Buffers;
using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace Traceability.Gs1;

/// <summary>How one scheme writes a key: company prefix, reference, and what follows (TDS 2.1, section 6.3).</summary>
/// <param name="Name">As it stands in the URN.</param>
/// <param name="Key">Application Identifier of the key.</param>
/// <param name="Digits">Digits of company prefix and reference together; zero when the reference is free text.</param>
/// <param name="IndicatorFirst">Whether the reference begins with a digit that stands before the prefix in the
/// key.</param>
/// <param name="CheckDigit">Whether the key has one.</param>
/// <param name="Tail">Where the last part goes: an Application Identifier, the key itself (""), or nowhere
/// (null).</param>
/// <param name="HasPattern">Whether a pattern with a wildcard for the last part names a class.</param>
internal sealed record EpcScheme(
    string Name, string Key, int Digits, bool IndicatorFirst, bool CheckDigit, string? Tail, bool HasPattern = false)
{
    private const int PrefixMin = 6;
    private const int PrefixMax = 12;
    private const int TextMax = 30;

    // TDS 2.1, table A-1: these of set 82 stand escaped in a URN.
    private static readonly SearchValues<char> Escaped = SearchValues.Create("\"%&/<>?#");

    public static readonly FrozenDictionary<string, EpcScheme> All = new EpcScheme[]
    {
        new("sgtin", "01", 13, IndicatorFirst: true, CheckDigit: true, "21", HasPattern: true),
        new("lgtin", "01", 13, IndicatorFirst: true, CheckDigit: true, "10"),
        new("upui", "01", 13, IndicatorFirst: true, CheckDigit: true, "235", HasPattern: true),
        new("itip", "8006", 13, IndicatorFirst: true, CheckDigit: true, "21", HasPattern: true),
        new("sscc", "00", 17, IndicatorFirst: true, CheckDigit: true, Tail: null),
        new("sgln", "414", 12, IndicatorFirst: false, CheckDigit: true, "254"),
        new("pgln", "417", 12, IndicatorFirst: false, CheckDigit: true, Tail: null),
        new("grai", "8003", 12, IndicatorFirst: false, CheckDigit: true, "", HasPattern: true),
        new("gdti", "253", 12, IndicatorFirst: false, CheckDigit: true, "", HasPattern: true),
        new("sgcn", "255", 12, IndicatorFirst: false, CheckDigit: true, "", HasPattern: true),
        new("gsrn", "8018", 17, IndicatorFirst: false, CheckDigit: true, Tail: null),
        new("gsrnp", "8017", 17, IndicatorFirst: false, CheckDigit: true, Tail: null),
        new("gsin", "402", 16, IndicatorFirst: false, CheckDigit: true, Tail: null),
        new("giai", "8004", 0, IndicatorFirst: false, CheckDigit: false, Tail: null),
        new("ginc", "401", 0, IndicatorFirst: false, CheckDigit: false, Tail: null),
        new("cpi", "8010", 0, IndicatorFirst: false, CheckDigit: false, "8011", HasPattern: true),
    }.ToFrozenDictionary(s => s.Name, StringComparer.Ordinal);

    /// <summary>Reads what stands after the scheme's colon into Application Identifiers and values.</summary>
    public bool TryRead(
        ReadOnlySpan<char> text, bool pattern, [NotNullWhen(true)] out List<(string, string)>? elements,
        out Gs1Error error)
    {
        elements = null;
        int dot = text.IndexOf('.');
        ReadOnlySpan<char> prefix = dot < 0 ? text : text[..dot];
        if (dot < 0 || prefix.Length is < PrefixMin or > PrefixMax || !IsDigits(prefix))
            return Epc.Fail("epc-company-prefix", "A company prefix of 6 to 12 digits must begin.", 0, out error);
        return Digits > 0
            ? TryReadNumber(prefix, text, dot + 1, pattern, out elements, out error)
            : TryReadText(prefix, text, dot + 1, pattern, out elements, out error);
    }

    private bool TryReadNumber(
        ReadOnlySpan<char> prefix, ReadOnlySpan<char> text, int at, bool pattern, out List<(string, string)>? elements,
        out Gs1Error error)
    {
        elements = null;
        int length = Digits - prefix.Length;
        int end = at + length;
        if (end > text.Length || !IsDigits(text[at..end]) || (end < text.Length && text[end] != '.'))
            return Epc.Fail("epc-reference", $"The reference must have {length} digits.", at, out error);
        ReadOnlySpan<char> reference = text[at..end];
        string key = IndicatorFirst ? $"{reference[0]}{prefix}{reference[1..]}" : $"{prefix}{reference}";
        if (Key == "8003")
            key = "0" + key;
        key += Gs1.CheckDigit.Of(key);
        at = end + 1;
        if (Name == "itip")
        {
            // Piece and total have two digits each.
            if (text.Length < at + 6 || !IsDigits(text.Slice(at, 2)) || text[at + 2] != '.'
                || !IsDigits(text.Slice(at + 3, 2)) || text[at + 5] != '.')
                return Epc.Fail("epc-piece", "Piece and total must have two digits each.", end, out error);
            key = $"{key}{text.Slice(at, 2)}{text.Slice(at + 3, 2)}";
            at += 6;
        }
        if (Tail is null)
        {
            elements = [(Key, key)];
            error = default;
            return end == text.Length || Epc.Fail("epc-excess", "Nothing may follow the reference.", end, out error);
        }
        if (at > text.Length)
            return Epc.Fail("epc-serial", "The last part is missing.", text.Length, out error);
        return TryReadTail(key, text, at, pattern, out elements, out error);
    }

    private bool TryReadText(
        ReadOnlySpan<char> prefix, ReadOnlySpan<char> text, int at, bool pattern, out List<(string, string)>? elements,
        out Gs1Error error)
    {
        elements = null;
        int end = Tail is null ? text.Length : text.LastIndexOf('.');
        if (end <= at)
            return Epc.Fail("epc-reference", "The reference is missing.", at, out error);
        if (!TryUnescape(text[at..end], out string? reference) || prefix.Length + reference.Length > TextMax)
            return Epc.Fail("epc-reference", "The reference is too long or has a forbidden character.", at, out error);
        string key = $"{prefix}{reference}";
        if (Tail is not null)
            return TryReadTail(key, text, end + 1, pattern, out elements, out error);
        elements = [(Key, key)];
        error = default;
        return true;
    }

    private bool TryReadTail(
        string key, ReadOnlySpan<char> text, int at, bool pattern, out List<(string, string)>? elements,
        out Gs1Error error)
    {
        elements = null;
        error = default;
        if (pattern)
        {
            elements = [(Key, key)];
            return text[at..] is "*" || Epc.Fail("epc-pattern", "The last part must be a wildcard.", at, out error);
        }
        if (!TryUnescape(text[at..], out string? tail) || tail.Length == 0 || tail.Length > TailMax
            || (Key is "255" or "8010" && !IsDigits(tail)))
            return Epc.Fail("epc-serial", "The last part is empty, too long or not allowed.", at, out error);
        elements = Tail switch
        {
            "" => [(Key, key + tail)],
            // TDS 6.3.3: the extension 0 says that there is none.
            "254" when tail == "0" => [(Key, key)],
            _ => [(Key, key), (Tail!, tail)],
        };
        return true;
    }

    private int TailMax => Name switch
    {
        "upui" => 28,
        "grai" => 16,
        "gdti" => 17,
        "sgcn" or "cpi" => 12,
        _ => 20,
    };

    /// <summary>Writes the URN of a link.</summary>
    public static string? Write(DigitalLink link, int prefix)
    {
        (string ai, string value) = link.Key;
        string? serial = link.Value("21");
        string? lot = link.Value("10");
        return ai switch
        {
            "01" when serial is not null => $"urn:epc:id:sgtin:{Numbers(value, 13, prefix, true)}.{Escape(serial)}",
            "01" when link.Value("235") is { } tpx =>
                $"urn:epc:id:upui:{Numbers(value, 13, prefix, true)}.{Escape(tpx)}",
            "01" when lot is not null => $"urn:epc:class:lgtin:{Numbers(value, 13, prefix, true)}.{Escape(lot)}",
            "01" => $"urn:epc:idpat:sgtin:{Numbers(value, 13, prefix, true)}.*",
            "8006" when lot is not null && serial is null => null,
            "8006" => $"urn:epc:{(serial is null ? "idpat" : "id")}:itip:{Numbers(value[..14], 13, prefix, true)}."
                + $"{value[14..16]}.{value[16..18]}.{(serial is null ? "*" : Escape(serial))}",
            "00" => $"urn:epc:id:sscc:{Numbers(value, 17, prefix, true)}",
            "414" => $"urn:epc:id:sgln:{Numbers(value, 12, prefix, false)}.{Escape(link.Value("254") ?? "0")}",
            "417" => $"urn:epc:id:pgln:{Numbers(value, 12, prefix, false)}",
            "8003" => Serialised("grai", value[1..], prefix),
            "253" => Serialised("gdti", value, prefix),
            "255" => Serialised("sgcn", value, prefix),
            "8018" => $"urn:epc:id:gsrn:{Numbers(value, 17, prefix, false)}",
            "8017" => $"urn:epc:id:gsrnp:{Numbers(value, 17, prefix, false)}",
            "402" => $"urn:epc:id:gsin:{Numbers(value, 16, prefix, false)}",
            "8004" => $"urn:epc:id:giai:{value[..prefix]}.{Escape(value[prefix..])}",
            "401" => $"urn:epc:id:ginc:{value[..prefix]}.{Escape(value[prefix..])}",
            "8010" => link.Value("8011") is { } part
                ? $"urn:epc:id:cpi:{value[..prefix]}.{Escape(value[prefix..])}.{part}"
                : $"urn:epc:idpat:cpi:{value[..prefix]}.{Escape(value[prefix..])}.*",
            _ => null,
        };
    }

    private static string Serialised(string scheme, string value, int prefix)
    {
        string numbers = Numbers(value[..13], 12, prefix, false);
        return value.Length == 13
            ? $"urn:epc:idpat:{scheme}:{numbers}.*"
            : $"urn:epc:id:{scheme}:{numbers}.{Escape(value[13..])}";
    }

    private static string Numbers(string key, int digits, int prefix, bool indicatorFirst) => indicatorFirst
        ? $"{key.AsSpan(1, prefix)}.{key[0]}{key.AsSpan(1 + prefix, digits - 1 - prefix)}"
        : $"{key.AsSpan(0, prefix)}.{key.AsSpan(prefix, digits - prefix)}";

    private static bool IsDigits(ReadOnlySpan<char> text) => text.IndexOfAnyExceptInRange('0', '9') < 0;

    private static string Escape(string value)
    {
        if (value.AsSpan().IndexOfAny(Escaped) < 0)
            return value;
        System.Text.StringBuilder text = new(value.Length + 8);
        foreach (char c in value)
            _ = Escaped.Contains(c) ? text.Append($"%{(int)c:X2}") : text.Append(c);
        return text.ToString();
    }

    private static bool TryUnescape(ReadOnlySpan<char> text, [NotNullWhen(true)] out string? value)
    {
        value = null;
        System.Text.StringBuilder plain = new(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '%')
            {
                if (i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2]))
                    return false;
                c = (char)Convert.FromHexString(text.Slice(i + 1, 2))[0];
                i += 2;
            }
            else if (c is '*' && text.Length == 1)
            {
                return false;
            }
            if (c != '#' && !Gs1.CheckDigit.Set82.Contains(c, StringComparison.Ordinal))
                return false;
            plain.Append(c);
        }
        value = plain.ToString();
        return true;
    }
}
