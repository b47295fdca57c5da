using System.Buffers;

namespace Evidence.Deposits;

/// <summary>Content digests as text.</summary>
internal static class Digests
{
    /// <summary>Characters of 32 bytes.</summary>
    public const int Length = 64;

    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdef");

    /// <summary>Whether a text is 32 bytes in lower-case hexadecimal.</summary>
    public static bool IsValid(string digest) => digest.Length == Length && !digest.AsSpan().ContainsAnyExcept(Hex);
}
