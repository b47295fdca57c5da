using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.Intrinsics;

namespace Traceability.Codes.Serials;

/// <summary>
/// A serial of digits for SGTIN-96 tags, which hold numbers below 2³⁸ without leading zeros (TDS 2.1, table 14-2): key
/// version 3 bits, which is never zero, then a keyed permutation of the position among the GTIN's numeric serials.
/// </summary>
/// <remarks>
/// There is no room for a tag, so the codes are only sparse: a guess passes with the issued share of 2³⁵. At most one
/// in ten thousand is allowed, the bound of Delegated Regulation (EU) 2016/161 art. 4. The permutation is a Feistel
/// network with ten rounds on halves of 17 and 18 bits in the manner of NIST SP 800-38G FF1, so reading is its inverse.
/// </remarks>
public static class NumericSerial
{
    /// <summary>Bits of the position.</summary>
    public const int PositionBits = 35;

    /// <summary>Most codes of one GTIN and key version: one in ten thousand of the space.</summary>
    public const long IssuedMax = (1L << PositionBits) / 10_000;

    private const int Rounds = 10;
    private const long LowMask = (1L << PositionBits) - 1;

    /// <summary>The serial of a position.</summary>
    /// <param name="key">Version 1 to 7.</param>
    /// <param name="gtin">The 14 digits as a number.</param>
    /// <param name="position">From zero, below 2³⁵, counted over all batches of the GTIN.</param>
    public static long Of(SerialKey key, long gtin, long position)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(key.Version, SerialKey.NumericVersionMax);
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(position, LowMask);
        // A holds 17 bits before even rounds and 18 before odd ones.
        uint a = (uint)(position >> 18);
        uint b = (uint)(position & 0x3ffff);
        for (int i = 0; i < Rounds; i++)
            (a, b) = (b, (a + Round(key, gtin, i, b)) & Half(i));
        return ((long)key.Version << PositionBits) | ((long)a << 18) | b;
    }

    /// <summary>The position of a serial under a key; false when its version is another.</summary>
    public static bool TryRead(SerialKey key, long gtin, long serial, out long position)
    {
        position = -1;
        if (key.Version > SerialKey.NumericVersionMax || serial >> PositionBits != key.Version)
            return false;
        uint a = (uint)((serial & LowMask) >> 18);
        uint b = (uint)(serial & 0x3ffff);
        for (int i = Rounds - 1; i >= 0; i--)
            (a, b) = ((b - Round(key, gtin, i, a)) & Half(i), a);
        position = ((long)a << 18) | b;
        return true;
    }

    /// <summary>Reads the digits of a serial; false when it can't be one.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out long serial) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out serial)
        && text[0] != '0' && serial >> PositionBits is >= SerialKey.VersionMin and <= SerialKey.NumericVersionMax;

    /// <summary>The version that a serial names.</summary>
    public static int VersionOf(long serial) => (int)(serial >> PositionBits);

    private static uint Half(int round) => round % 2 == 0 ? 0x1ffffu : 0x3ffffu;

    private static uint Round(SerialKey key, long gtin, int round, uint half)
    {
        Vector128<ulong> block = Vector128.Create(
            BinaryPrimitives.ReverseEndianness(((ulong)gtin << 16) | ((ulong)key.Version << 8) | (uint)round),
            BinaryPrimitives.ReverseEndianness((ulong)half));
        return (uint)key.Numeric.Encrypt(block.AsByte()).AsUInt64()[0];
    }
}
