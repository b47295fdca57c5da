using System.Buffers;

namespace Proofs.Json;

/// <summary>Hexadecimal text in its one spelling here: lower-case digits, no prefix.</summary>
public static class HexText
{
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");

    /// <summary>The bytes; null unless the text is exactly <paramref name="length"/> bytes in lower-case digits.</summary>
    public static byte[]? Decode(string text, int length) =>
        text.Length == 2 * length && !text.AsSpan().ContainsAnyExcept(Digits) ? Convert.FromHexString(text) : null;
}
