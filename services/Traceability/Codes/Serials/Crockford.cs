namespace Traceability.Codes.Serials;

/// <summary>Crockford's base 32: no I, L, O and U, and each of the first three read as what it looks like.</summary>
internal static class Crockford
{
    private static ReadOnlySpan<byte> Digits => "0123456789ABCDEFGHJKMNPQRSTVWXYZ"u8;

    private static readonly sbyte[] Values = Table();

    /// <summary>The value of a character, corrected; negative when it is none.</summary>
    public static int Value(char c) => c < Values.Length ? Values[c] : -1;

    public static byte Digit(int value) => Digits[value];

    /// <summary>Writes the lowest 50 bits as ten characters.</summary>
    public static void Write50(ulong bits, Span<byte> text)
    {
        for (int i = 9; i >= 0; i--)
        {
            text[i] = Digits[(int)(bits & 31)];
            bits >>= 5;
        }
    }

    /// <summary>Reads ten characters; false when one is none of the alphabet.</summary>
    public static bool TryRead50(ReadOnlySpan<char> text, out ulong bits)
    {
        bits = 0;
        int bad = 0;
        for (int i = 0; i < 10; i++)
        {
            int value = Value(text[i]);
            bad |= value;
            bits = (bits << 5) | ((uint)value & 31);
        }
        return bad >= 0;
    }

    private static sbyte[] Table()
    {
        sbyte[] values = new sbyte[128];
        Array.Fill(values, (sbyte)-1);
        for (int i = 0; i < Digits.Length; i++)
            values[Digits[i]] = values[char.ToLowerInvariant((char)Digits[i])] = (sbyte)i;
        values['O'] = values['o'] = 0;
        values['I'] = values['i'] = values['L'] = values['l'] = 1;
        return values;
    }
}
