using Traceability.Gs1;

namespace Traceability.Codes;

/// <summary>What a person or a scanner hands in: an item of a GTIN, or a code of another system.</summary>
/// <param name="Gtin">14 digits; null for a code without one.</param>
/// <param name="Serial">The serial as it came, or the whole code.</param>
public readonly record struct ItemCode(string? Gtin, string Serial)
{
    /// <summary>Longest text looked at.</summary>
    public const int LengthMax = 2048;

    private const DigitalLinkReading Reading = DigitalLinkReading.ShortGtins | DigitalLinkReading.Names;

    /// <summary>
    /// Reads a Digital Link, an element string with or without brackets, or what a scanner transmits; anything else is
    /// a code of another system.
    /// </summary>
    public static bool TryParse(string? text, out ItemCode code)
    {
        code = default;
        text = text?.Trim();
        if (string.IsNullOrEmpty(text) || text.Length > LengthMax)
            return false;
        if (TryOwnLink(text, out code))
            return true;
        if (text[0] == ']')
        {
            if (!ScanData.TryRead(text, out _, out string message, out _))
                return false;
            return message.StartsWith('^')
                ? ElementString.TryParse(message.AsSpan(1), '^', out var read, out _) && Of(read, out code)
                : TryParse(message, out code);
        }
        if (text.StartsWith("http", StringComparison.OrdinalIgnoreCase))
        {
            return DigitalLink.TryParse(text, Reading, out DigitalLink? link, out _)
                && Of([.. link.Elements], out code);
        }
        if (text[0] == '(')
        {
            return ElementString.TryParseBracketed(text, unknownToo: false, out var elements, out _)
                && Of(elements, out code);
        }
        if (text.Length > 18 && text.StartsWith("01", StringComparison.Ordinal)
            && ElementString.TryParse(text, ElementString.GroupSeparator, out var run, out _) && Of(run, out code))
            return true;
        code = new ItemCode(null, text);
        return text.Length <= 90 && !text.AsSpan().ContainsAnyInRange('\0', '\u001f');
    }

    // A link as our own labels have it, which nearly every scan is; it needs no general reader.
    private static bool TryOwnLink(string text, out ItemCode code)
    {
        const int tail = 4 + 14 + 4 + Serials.Serial.Length;
        const int scheme = 8;
        code = default;
        int at = text.Length - tail;
        if (at <= scheme || !text.StartsWith("https://", StringComparison.Ordinal))
            return false;
        ReadOnlySpan<char> stem = text.AsSpan(0, at);
        ReadOnlySpan<char> path = text.AsSpan(at);
        int slash = stem[scheme..].IndexOf('/');
        ReadOnlySpan<char> host = slash < 0 ? stem[scheme..] : stem.Slice(scheme, slash);
        if (!path.StartsWith("/01/") || !path[18..].StartsWith("/21/") || !CheckDigit.IsValid(path.Slice(4, 14))
            || host.IsEmpty || host.IndexOfAnyExcept(DigitalLinkReader.HostCharacters) >= 0
            || stem.IndexOfAnyExcept(UriText.Allowed) >= 0 || stem.ContainsAny('?', '#'))
            return false;
        foreach (char c in path[22..])
        {
            if (!char.IsAsciiLetterOrDigit(c))
                return false;
        }
        code = new ItemCode(path.Slice(4, 14).ToString(), path[22..].ToString());
        return true;
    }

    private static bool Of(IReadOnlyList<(string Ai, string Value)> elements, out ItemCode code)
    {
        string? gtin = elements.FirstOrDefault(e => e.Ai == "01").Value;
        string? serial = elements.FirstOrDefault(e => e.Ai == "21").Value;
        code = new ItemCode(gtin, serial ?? "");
        return gtin is not null && serial is not null;
    }
}
