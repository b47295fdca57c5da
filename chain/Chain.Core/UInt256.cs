using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Chain.Core;

/// <summary>An unsigned 256-bit integer with wrap-around arithmetic, the word of the EVM (Yellow Paper §9.1).</summary>
/// <remarks>Four 64-bit limbs, least significant first. Operators wrap modulo 2²⁵⁶; the division operators throw on a
/// zero divisor, the named EVM operations (<see cref="SignedDivide"/>, <see cref="MulMod"/> …) yield zero
/// instead.</remarks>
public readonly partial struct UInt256 : IEquatable<UInt256>, IComparable<UInt256>, IFormattable
{
    private readonly ulong _u0;
    private readonly ulong _u1;
    private readonly ulong _u2;
    private readonly ulong _u3;

    /// <summary>Builds a value from its limbs, <paramref name="u0"/> the least significant.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public UInt256(ulong u0, ulong u1 = 0, ulong u2 = 0, ulong u3 = 0)
    {
        _u0 = u0;
        _u1 = u1;
        _u2 = u2;
        _u3 = u3;
    }

    /// <summary>Zero.</summary>
    public static UInt256 Zero => default;

    /// <summary>One.</summary>
    public static UInt256 One => new(1);

    /// <summary>2²⁵⁶ − 1.</summary>
    public static UInt256 MaxValue => new(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue);

    /// <summary>Bits 0–63.</summary>
    public ulong Limb0 => _u0;

    /// <summary>Bits 64–127.</summary>
    public ulong Limb1 => _u1;

    /// <summary>Bits 128–191.</summary>
    public ulong Limb2 => _u2;

    /// <summary>Bits 192–255.</summary>
    public ulong Limb3 => _u3;

    /// <summary>Whether the value is zero.</summary>
    public bool IsZero => (_u0 | _u1 | _u2 | _u3) == 0;

    /// <summary>Whether the value fits into 64 bits.</summary>
    public bool IsUInt64 => (_u1 | _u2 | _u3) == 0;

    /// <summary>Whether bit 255 is set: negative when read as two's complement.</summary>
    public bool IsNegative => (long)_u3 < 0;

    /// <summary>Number of bits without leading zeros; 0 for zero.</summary>
    public int BitLength =>
        _u3 != 0 ? 256 - BitOperations.LeadingZeroCount(_u3)
        : _u2 != 0 ? 192 - BitOperations.LeadingZeroCount(_u2)
        : _u1 != 0 ? 128 - BitOperations.LeadingZeroCount(_u1)
        : 64 - BitOperations.LeadingZeroCount(_u0);

    /// <summary>Number of bytes without leading zeros; 0 for zero.</summary>
    public int ByteLength => (BitLength + 7) / 8;

    /// <summary>Widens a 64-bit integer.</summary>
    public static implicit operator UInt256(ulong value) => new(value);

    /// <summary>Narrows to 64 bits.</summary>
    /// <exception cref="OverflowException">The value does not fit.</exception>
    public static explicit operator ulong(in UInt256 value) =>
        value.IsUInt64 ? value._u0 : throw new OverflowException("The value does not fit into 64 bits.");

    /// <summary>Narrows to a non-negative 32-bit integer.</summary>
    /// <exception cref="OverflowException">The value does not fit.</exception>
    public static explicit operator int(in UInt256 value) => checked((int)(ulong)value);

    /// <summary>Converts to an arbitrary-precision integer.</summary>
    public static explicit operator BigInteger(in UInt256 value)
    {
        Span<byte> bytes = stackalloc byte[32];
        value.WriteBigEndian(bytes);
        return new BigInteger(bytes, isUnsigned: true, isBigEndian: true);
    }

    /// <summary>Converts from an arbitrary-precision integer.</summary>
    /// <exception cref="OverflowException">The value is negative or above 2²⁵⁶ − 1.</exception>
    public static explicit operator UInt256(BigInteger value)
    {
        Span<byte> bytes = stackalloc byte[32];
        if (value.Sign < 0 || !value.TryWriteBytes(bytes, out var written, isUnsigned: true, isBigEndian: true))
            throw new OverflowException("The value is outside 0 … 2²⁵⁶ − 1.");
        return FromBigEndian(bytes[..written]);
    }

    /// <summary>The value if it fits into 64 bits, else <see cref="ulong.MaxValue"/>.</summary>
    public ulong SaturateToUInt64() => IsUInt64 ? _u0 : ulong.MaxValue;

    /// <summary>Reads 0 to 32 big-endian bytes; shorter input is padded with zeros on the left.</summary>
    /// <exception cref="ArgumentException">More than 32 bytes.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static UInt256 FromBigEndian(ReadOnlySpan<byte> bytes) =>
        bytes.Length == 32
            ? new UInt256(
                BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]),
                BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]),
                BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
                BinaryPrimitives.ReadUInt64BigEndian(bytes))
            : FromShortBigEndian(bytes);

    private static UInt256 FromShortBigEndian(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > 32)
            throw new ArgumentException("At most 32 bytes.", nameof(bytes));
        Span<byte> padded = stackalloc byte[32];
        padded.Clear();
        bytes.CopyTo(padded[(32 - bytes.Length)..]);
        return FromBigEndian(padded);
    }

    /// <summary>Writes 32 big-endian bytes to the start of <paramref name="destination"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The destination is shorter than 32 bytes.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteBigEndian(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], _u0);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], _u1);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _u2);
        BinaryPrimitives.WriteUInt64BigEndian(destination, _u3);
    }

    /// <summary>The 32 big-endian bytes.</summary>
    public byte[] ToBigEndian()
    {
        var bytes = new byte[32];
        WriteBigEndian(bytes);
        return bytes;
    }

    /// <summary>The big-endian bytes without leading zeros (the RLP form of a scalar); empty for zero.</summary>
    public byte[] ToMinimalBigEndian()
    {
        Span<byte> bytes = stackalloc byte[32];
        WriteBigEndian(bytes);
        return bytes[(32 - ByteLength)..].ToArray();
    }

    /// <summary>Parses hexadecimal digits with or without <c>0x</c>, of odd or even count, at most 64 after leading
    /// zeros.</summary>
    /// <returns>Whether the text was such a number.</returns>
    public static bool TryParseHex(ReadOnlySpan<char> text, out UInt256 value)
    {
        value = default;
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            text = text[2..];
        if (text.IsEmpty)
            return false;
        foreach (var digit in text)
        {
            if (!char.IsAsciiHexDigit(digit) || value._u3 >> 60 != 0)
                return false;
            value = (value << 4) | (ulong)Convert.ToInt32(digit.ToString(), 16);
        }

        return true;
    }

    /// <summary>Parses decimal digits, or hexadecimal ones after <c>0x</c>.</summary>
    /// <exception cref="FormatException">Anything else, or a number above 2²⁵⁶ − 1.</exception>
    public static UInt256 Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            return TryParseHex(text, out var hex) ? hex : throw new FormatException("Not a 256-bit hex number.");
        return BigInteger.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            && value.GetBitLength() <= 256
            ? (UInt256)value
            : throw new FormatException("Not a 256-bit decimal number.");
    }

    /// <summary>Lower-case hexadecimal with <c>0x</c> and no leading zeros (<c>0x0</c> for zero): JSON-RPC's
    /// quantity.</summary>
    public string ToHexQuantity()
    {
        if (IsZero)
            return "0x0";
        Span<byte> bytes = stackalloc byte[32];
        WriteBigEndian(bytes);
        return "0x" + Convert.ToHexStringLower(bytes).TrimStart('0');
    }

    /// <summary>Decimal digits.</summary>
    public override string ToString() => ((BigInteger)this).ToString(CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public string ToString(string? format, IFormatProvider? formatProvider) =>
        ((BigInteger)this).ToString(format, formatProvider);

    /// <inheritdoc/>
    public bool Equals(UInt256 other) => this == other;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is UInt256 other && this == other;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_u0, _u1, _u2, _u3);

    /// <inheritdoc/>
    public int CompareTo(UInt256 other) => this < other ? -1 : this == other ? 0 : 1;
}
