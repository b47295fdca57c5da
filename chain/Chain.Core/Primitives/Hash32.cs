using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Chain.Core;

/// <summary>Thirty-two bytes: a hash, a storage key or a topic. Ordered as an unsigned big-endian number.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct Hash32 : IEquatable<Hash32>, IComparable<Hash32>
{
    /// <summary>Length in bytes.</summary>
    public const int Length = 32;

    private readonly ulong _a;
    private readonly ulong _b;
    private readonly ulong _c;
    private readonly ulong _d;

    /// <summary>Copies exactly 32 bytes.</summary>
    /// <exception cref="ArgumentException">The span has another length.</exception>
    public Hash32(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Length) throw new ArgumentException("A hash has 32 bytes.", nameof(bytes));
        this = MemoryMarshal.Read<Hash32>(bytes);
    }

    /// <summary>Thirty-two zero bytes.</summary>
    public static Hash32 Zero => default;

    /// <summary>True for thirty-two zero bytes.</summary>
    public bool IsZero => (_a | _b | _c | _d) == 0;

    /// <summary>The bytes in place, valid as long as this value.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> Bytes =>
        MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<ulong, byte>(ref Unsafe.AsRef(in _a)), Length);

    /// <summary>Parses 64 hexadecimal digits, with or without 0x.</summary>
    /// <exception cref="FormatException">Not 64 hexadecimal digits.</exception>
    public static Hash32 Parse(ReadOnlySpan<char> text) =>
        TryParse(text, out var hash) ? hash : throw new FormatException("Not a 32-byte hexadecimal value.");

    /// <summary>Parses 64 hexadecimal digits, with or without 0x.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Hash32 hash)
    {
        Span<byte> bytes = stackalloc byte[Length];
        bool ok = Hex.TryParse(text, bytes);
        hash = ok ? new Hash32(bytes) : default;
        return ok;
    }

    /// <summary>The bytes of a shorter value, padded with zeros on the left.</summary>
    /// <exception cref="ArgumentException">More than 32 bytes.</exception>
    public static Hash32 LeftPadded(ReadOnlySpan<byte> bytes)
    {
        Span<byte> padded = stackalloc byte[Length];
        padded.Clear();
        bytes.CopyTo(padded[(Length - bytes.Length)..]);
        return new Hash32(padded);
    }

    /// <summary>Writes the 32 bytes.</summary>
    public void CopyTo(Span<byte> destination) => Bytes.CopyTo(destination);

    /// <summary>A copy of the 32 bytes.</summary>
    public byte[] ToArray() => Bytes.ToArray();

    /// <inheritdoc/>
    public bool Equals(Hash32 other) => _a == other._a && _b == other._b && _c == other._c && _d == other._d;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Hash32 other && Equals(other);

    // Keys may be chosen by others (storage slots), so every byte takes part and the multiplier spreads low bits.
    /// <inheritdoc/>
    public override int GetHashCode() =>
        (int)(((_a ^ (_b << 17 | _b >> 47) ^ (_c << 31 | _c >> 33) ^ (_d << 47 | _d >> 17)) * 0x9E3779B97F4A7C15) >> 32);

    /// <inheritdoc/>
    public int CompareTo(Hash32 other)
    {
        int order = BigEndian(_a).CompareTo(BigEndian(other._a));
        if (order == 0) order = BigEndian(_b).CompareTo(BigEndian(other._b));
        if (order == 0) order = BigEndian(_c).CompareTo(BigEndian(other._c));
        return order != 0 ? order : BigEndian(_d).CompareTo(BigEndian(other._d));
    }

    private static ulong BigEndian(ulong raw) =>
        BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(raw) : raw;

    /// <summary>64 lower-case hexadecimal digits after 0x.</summary>
    public override string ToString() => Hex.ToPrefixed(Bytes);

    /// <summary>Equality of all bytes.</summary>
    public static bool operator ==(Hash32 left, Hash32 right) => left.Equals(right);

    /// <summary>Difference in any byte.</summary>
    public static bool operator !=(Hash32 left, Hash32 right) => !left.Equals(right);

    /// <summary>Order as big-endian numbers.</summary>
    public static bool operator <(Hash32 left, Hash32 right) => left.CompareTo(right) < 0;

    /// <summary>Order as big-endian numbers.</summary>
    public static bool operator >(Hash32 left, Hash32 right) => left.CompareTo(right) > 0;

    /// <summary>Order as big-endian numbers.</summary>
    public static bool operator <=(Hash32 left, Hash32 right) => left.CompareTo(right) <= 0;

    /// <summary>Order as big-endian numbers.</summary>
    public static bool operator >=(Hash32 left, Hash32 right) => left.CompareTo(right) >= 0;
}
