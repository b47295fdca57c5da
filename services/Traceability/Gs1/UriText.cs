using System.Buffers;
using System.Globalization;
using System.Text;

namespace Traceability.Gs1;

/// <summary>Percent-encoding of values, RFC 3986 section 2.1.</summary>
internal static class UriText
{
    /// <summary>Everything that may stand in a URI.</summary>
    public static readonly SearchValues<char> Allowed = SearchValues.Create(
        "-._~:/?#[]@!$&'()*+,;=%0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly SearchValues<char> Unreserved = SearchValues.Create(
        "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    // What a canonical link escapes is what the standard's table of symbols that must be escaped names. Three more of
    // set 82 (' ; =) stay as they are, for event hashes of other implementations leave them too.
    private static readonly SearchValues<char> Canonical = SearchValues.Create(
        "-._~';=0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    public static string Escape(string value, bool inQuery)
    {
        if (value.AsSpan().IndexOfAnyExcept(Unreserved) < 0)
            return value;
        StringBuilder text = new(value.Length + 8);
        foreach (char c in value)
        {
            if (inQuery && c == ' ')
                text.Append('+');
            else
                Append(text, c, Unreserved);
        }
        return text.ToString();
    }

    public static void AppendCanonical(StringBuilder text, string value)
    {
        if (value.AsSpan().IndexOfAnyExcept(Canonical) < 0)
        {
            text.Append(value);
            return;
        }
        foreach (char c in value)
            Append(text, c, Canonical);
    }

    /// <summary>A broken escape stays as it stands; bytes are characters of Latin-1.</summary>
    public static string Unescape(ReadOnlySpan<char> value, bool inQuery)
    {
        if (value.IndexOfAny('%', inQuery ? '+' : '%') < 0)
            return value.ToString();
        StringBuilder text = new(value.Length);
        for (int i = 0; i < value.Length; i++)
        {
            if (value[i] == '%' && i + 2 < value.Length
                && byte.TryParse(
                    value.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte b))
            {
                text.Append((char)b);
                i += 2;
            }
            else
            {
                text.Append(inQuery && value[i] == '+' ? ' ' : value[i]);
            }
        }
        return text.ToString();
    }

    private static void Append(StringBuilder text, char c, SearchValues<char> plain)
    {
        if (plain.Contains(c))
            text.Append(c);
        else
            text.Append(CultureInfo.InvariantCulture, $"%{(int)c:X2}");
    }
}
