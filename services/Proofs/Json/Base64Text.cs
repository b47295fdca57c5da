namespace Proofs.Json;

/// <summary>Base64 of RFC 4648 §4 in its one canonical spelling: padded, no white space, unused bits zero.</summary>
public static class Base64Text
{
    /// <summary>The bytes; null for any other spelling.</summary>
    public static byte[]? Decode(string text)
    {
        var bytes = new byte[text.Length / 4 * 3];
        if (!Convert.TryFromBase64String(text, bytes, out var length))
            return null;
        Array.Resize(ref bytes, length);
        return Convert.ToBase64String(bytes) == text ? bytes : null;
    }
}
