using System.Buffers.Binary;
using System.Runtime.Intrinsics;

namespace Traceability.Codes.Serials;

/// <summary>
/// A serial of 100 bits in 20 characters of Crockford's base 32: key version 5, masked batch and counter 55, tag 40.
/// </summary>
/// <remarks>
/// The tag T is the first 40 bits of AES-CMAC(K1, gtin ‖ version ‖ batch ‖ counter); the body is batch ‖ counter under
/// the first 55 bits of AES(K2, T ‖ version). Reading inverts this from the text and the key alone, so reading is a
/// function and two items of one GTIN can't share a serial. A text nobody made passes with probability 2⁻⁴⁰, which is
/// less than once in 10¹², and then still has to name a batch and a counter that were issued.
/// </remarks>
public static class Serial
{
    /// <summary>Characters; AI (21) has room for no more.</summary>
    public const int Length = 20;

    /// <summary>Last batch number: 25 bits.</summary>
    public const int BatchMax = (1 << 25) - 1;

    /// <summary>Last counter: 30 bits.</summary>
    public const int CounterMax = (1 << 30) - 1;

    private const ulong TagMask = (1UL << 40) - 1;

    /// <summary>Writes a serial; allocates nothing.</summary>
    /// <param name="key">The version of the keys.</param>
    /// <param name="gtin">The 14 digits as a number.</param>
    /// <param name="batch">Number of the batch within the GTIN, up to 25 bits.</param>
    /// <param name="counter">Position in the batch from zero, up to 30 bits.</param>
    /// <param name="text">Receives 20 ASCII characters.</param>
    public static void Write(SerialKey key, long gtin, int batch, int counter, Span<byte> text)
    {
        ulong tag = TagOf(key, gtin, batch, counter);
        ulong body = (((ulong)batch << 30) | (uint)counter) ^ MaskOf(key, tag);
        Crockford.Write50(((ulong)key.Version << 45) | (body >> 10), text);
        Crockford.Write50((body << 40) | tag, text[10..]);
    }

    /// <summary>A serial as text.</summary>
    public static string Of(SerialKey key, long gtin, int batch, int counter) =>
        string.Create(Length, (key, gtin, batch, counter), static (text, s) =>
        {
            Span<byte> ascii = stackalloc byte[Length];
            Write(s.key, s.gtin, s.batch, s.counter, ascii);
            for (int i = 0; i < Length; i++)
                text[i] = (char)ascii[i];
        });

    /// <summary>
    /// Corrects what a person typed: lower case, I and L for one, O for zero, spaces and hyphens between groups.
    /// </summary>
    /// <returns>Null when it can't be such a serial.</returns>
    public static string? Correct(ReadOnlySpan<char> typed)
    {
        Span<char> text = stackalloc char[Length];
        int length = 0;
        foreach (char c in typed)
        {
            if (c is ' ' or '-')
                continue;
            int value = Crockford.Value(c);
            if (value < 0 || length == Length)
                return null;
            text[length++] = (char)Crockford.Digit(value);
        }
        return length == Length && text[0] != '0' ? new string(text) : null;
    }

    /// <summary>The version that a corrected serial names.</summary>
    public static int VersionOf(ReadOnlySpan<char> serial) => serial.Length == Length ? Crockford.Value(serial[0]) : -1;

    /// <summary>Reads a serial made with a key for a GTIN; false when it was not. Needs nothing else.</summary>
    public static bool TryRead(SerialKey key, long gtin, ReadOnlySpan<char> serial, out int batch, out int counter)
    {
        batch = counter = -1;
        if (serial.Length != Length || !Crockford.TryRead50(serial[..10], out ulong high)
            || !Crockford.TryRead50(serial[10..], out ulong low) || (int)(high >> 45) != key.Version)
            return false;
        ulong tag = low & TagMask;
        ulong body = (((high & ((1UL << 45) - 1)) << 10) | (low >> 40)) ^ MaskOf(key, tag);
        int b = (int)(body >> 30);
        int c = (int)(body & (uint)CounterMax);
        if (TagOf(key, gtin, b, c) != tag)
            return false;
        (batch, counter) = (b, c);
        return true;
    }

    // gtin 6 bytes, version 1, batch 4, counter 4: one block with the padding of RFC 4493.
    private static ulong TagOf(SerialKey key, long gtin, int batch, int counter)
    {
        Vector128<ulong> message = Vector128.Create(
            BinaryPrimitives.ReverseEndianness(((ulong)gtin << 16) | ((ulong)key.Version << 8) | (uint)batch >> 24),
            BinaryPrimitives.ReverseEndianness(((ulong)(uint)batch << 40) | ((ulong)(uint)counter << 8) | 0x80));
        return First(key.Tag.OfPadded(message.AsByte())) >> 24;
    }

    private static ulong MaskOf(SerialKey key, ulong tag)
    {
        ulong message = BinaryPrimitives.ReverseEndianness((tag << 24) | ((ulong)key.Version << 16));
        return First(key.Mask.Encrypt(Vector128.Create(message, 0UL).AsByte())) >> 9;
    }

    private static ulong First(Vector128<byte> block) => BinaryPrimitives.ReverseEndianness(block.AsUInt64()[0]);
}
