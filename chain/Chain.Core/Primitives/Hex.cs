namespace Chain.Core;

/// <summary>Strict hexadecimal text: an even number of digits in any case, an optional 0x before them, nothing else.</summary>
public static class Hex
{
    /// <summary>Lower-case digits without 0x.</summary>
    public static string ToString(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);

    /// <summary>Lower-case digits after 0x.</summary>
    public static string ToPrefixed(ReadOnlySpan<byte> bytes) =>
        string.Create(2 + (2 * bytes.Length), bytes, static (text, source) =>
        {
            text[0] = '0';
            text[1] = 'x';
            Write(source, text[2..]);
        });

    /// <summary>Writes two lower-case digits a byte.</summary>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public static void Write(ReadOnlySpan<byte> bytes, Span<char> destination)
    {
        if (!Convert.TryToHexStringLower(bytes, destination, out _))
            throw new ArgumentException("The destination is too short.", nameof(destination));
    }

    /// <summary>Parses digits with or without 0x; "0x" and "" are no bytes.</summary>
    /// <exception cref="FormatException">An odd number of digits, or something that is no digit.</exception>
    public static byte[] Parse(ReadOnlySpan<char> text) =>
        TryParse(text, out var bytes) ? bytes : throw new FormatException("Not hexadecimal text of whole bytes.");

    /// <summary>Parses digits with or without 0x; "0x" and "" are no bytes.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out byte[] bytes)
    {
        text = WithoutPrefix(text);
        bytes = text.Length % 2 == 0 ? new byte[text.Length / 2] : [];
        if (text.Length == 2 * bytes.Length && TryDecode(text, bytes)) return true;
        bytes = [];
        return false;
    }

    /// <summary>Parses digits with or without 0x that fill the destination exactly.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, Span<byte> destination)
    {
        text = WithoutPrefix(text);
        return text.Length == 2 * destination.Length && TryDecode(text, destination);
    }

    private static ReadOnlySpan<char> WithoutPrefix(ReadOnlySpan<char> text) =>
        text.StartsWith("0x", StringComparison.Ordinal) ? text[2..] : text;

    private static bool TryDecode(ReadOnlySpan<char> digits, Span<byte> destination)
    {
        for (int i = 0; i < destination.Length; i++)
        {
            int high = Digit(digits[2 * i]), low = Digit(digits[(2 * i) + 1]);
            if ((high | low) < 0) return false;
            destination[i] = (byte)((high << 4) | low);
        }
        return true;
    }

    private static int Digit(char c) => c switch
    {
        >= '0' and <= '9' => c - '0',
        >= 'a' and <= 'f' => c - 'a' + 10,
        >= 'A' and <= 'F' => c - 'A' + 10,
        _ => -1,
    };
}
