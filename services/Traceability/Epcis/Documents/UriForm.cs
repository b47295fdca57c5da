using System.Buffers;

namespace Traceability.Epcis.Documents;

/// <summary>The form of absolute URIs (RFC 3986 §4.3, letters of RFC 3987 allowed); CURIEs have it as well.</summary>
internal static class UriForm
{
    private static readonly SearchValues<char> Scheme = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+.-_");

    // Controls, blanks and the characters that RFC 3986 leaves no place for.
    private static readonly SearchValues<char> Unfit = SearchValues.Create(
        string.Concat(Enumerable.Range(0, 33).Select(i => (char)i)) + "\"<>\\^`{|}\u007f");

    /// <summary>Whether the text is an absolute URI with something after the scheme.</summary>
    public static bool IsUri(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && colon < text.Length - 1 && char.IsAsciiLetter(text[0])
            && text.AsSpan(0, colon).IndexOfAnyExcept(Scheme) < 0
            && text.AsSpan(colon).IndexOfAny(Unfit) < 0
            && PercentsAreWhole(text);
    }

    private static bool PercentsAreWhole(string text)
    {
        int at = text.IndexOf('%', StringComparison.Ordinal);
        while (at >= 0)
        {
            if (at + 2 >= text.Length || !char.IsAsciiHexDigit(text[at + 1]) || !char.IsAsciiHexDigit(text[at + 2]))
            {
                return false;
            }

            at = text.IndexOf('%', at + 1);
        }

        return true;
    }
}
