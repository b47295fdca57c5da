using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Chain.Core;

/// <summary>A 20-byte account address. Ordered as an unsigned big-endian number.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public readonly struct Address : IEquatable<Address>, IComparable<Address>
{
    /// <summary>Length in bytes.</summary>
    public const int Length = 20;

    private readonly ulong _a;
    private readonly ulong _b;
    private readonly uint _c;

    /// <summary>Copies exactly 20 bytes.</summary>
    /// <exception cref="ArgumentException">The span has another length.</exception>
    public Address(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Length) throw new ArgumentException("An address has 20 bytes.", nameof(bytes));
        this = MemoryMarshal.Read<Address>(bytes);
    }

    /// <summary>Twenty zero bytes.</summary>
    public static Address Zero => default;

    /// <summary>True for twenty zero bytes.</summary>
    public bool IsZero => (_a | _b | _c) == 0;

    /// <summary>The bytes in place, valid as long as this value.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> Bytes =>
        MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<ulong, byte>(ref Unsafe.AsRef(in _a)), Length);

    /// <summary>Parses 40 hexadecimal digits in any case, with or without 0x.</summary>
    /// <exception cref="FormatException">Not 40 hexadecimal digits.</exception>
    public static Address Parse(ReadOnlySpan<char> text) =>
        TryParse(text, out var address) ? address : throw new FormatException("Not a 20-byte hexadecimal value.");

    /// <summary>Parses 40 hexadecimal digits in any case, with or without 0x.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Address address)
    {
        Span<byte> bytes = stackalloc byte[Length];
        bool ok = Hex.TryParse(text, bytes);
        address = ok ? new Address(bytes) : default;
        return ok;
    }

    /// <summary>The last 20 bytes of a 32-byte word, as the EVM reads an address.</summary>
    public static Address FromWord(ReadOnlySpan<byte> word) => new(word[^Length..]);

    /// <summary>Address of a contract made by CREATE (YP §7): keccak256(rlp([sender, nonce])).</summary>
    public static Address OfCreate(Address sender, ulong nonce)
    {
        Span<byte> rlp = stackalloc byte[32];
        int size = RlpWriter.WriteScalar(nonce, rlp[22..]);
        rlp[0] = (byte)(0xc0 + 21 + size);
        rlp[1] = 0x80 + Length;
        sender.CopyTo(rlp[2..]);
        return FromWord(Keccak256.Hash(rlp[..(22 + size)]).Bytes);
    }

    /// <summary>Address of a contract made by CREATE2 (EIP-1014): keccak256(0xff, sender, salt, code hash).</summary>
    public static Address OfCreate2(Address sender, Hash32 salt, Hash32 initCodeHash)
    {
        Span<byte> preimage = stackalloc byte[85];
        preimage[0] = 0xff;
        sender.CopyTo(preimage[1..]);
        salt.CopyTo(preimage[21..]);
        initCodeHash.CopyTo(preimage[53..]);
        return FromWord(Keccak256.Hash(preimage).Bytes);
    }

    /// <summary>The mixed-case form with the EIP-55 check in the case of its letters, after 0x.</summary>
    public string ToChecksummed()
    {
        Span<char> digits = stackalloc char[2 * Length];
        Hex.Write(Bytes, digits);
        Span<byte> ascii = stackalloc byte[2 * Length];
        for (int i = 0; i < ascii.Length; i++) ascii[i] = (byte)digits[i];
        var hash = Keccak256.Hash(ascii);
        for (int i = 0; i < digits.Length; i++)
        {
            int nibble = (hash.Bytes[i / 2] >> (i % 2 == 0 ? 4 : 0)) & 0xf;
            if (nibble >= 8) digits[i] = char.ToUpperInvariant(digits[i]);
        }
        return string.Concat("0x", digits);
    }

    /// <summary>Writes the 20 bytes.</summary>
    public void CopyTo(Span<byte> destination) => Bytes.CopyTo(destination);

    /// <summary>A copy of the 20 bytes.</summary>
    public byte[] ToArray() => Bytes.ToArray();

    /// <summary>The 32-byte word with the address in its last 20 bytes.</summary>
    public Hash32 ToWord() => Hash32.LeftPadded(Bytes);

    /// <inheritdoc/>
    public bool Equals(Address other) => _a == other._a && _b == other._b && _c == other._c;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Address other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() =>
        (int)(((_a ^ (_b << 23 | _b >> 41) ^ ((ulong)_c << 32)) * 0x9E3779B97F4A7C15) >> 32);

    /// <inheritdoc/>
    public int CompareTo(Address other) => Bytes.SequenceCompareTo(other.Bytes);

    /// <summary>40 lower-case hexadecimal digits after 0x.</summary>
    public override string ToString() => Hex.ToPrefixed(Bytes);

    /// <summary>Equality of all bytes.</summary>
    public static bool operator ==(Address left, Address right) => left.Equals(right);

    /// <summary>Difference in any byte.</summary>
    public static bool operator !=(Address left, Address right) => !left.Equals(right);

    /// <summary>Order as big-endian numbers.</summary>
    public static bool operator <(Address left, Address right) => left.CompareTo(right) < 0;

    /// <summary>Order as big-endian numbers.</summary>
    public static bool operator >(Address left, Address right) => left.CompareTo(right) > 0;

    /// <summary>Order as big-endian numbers.</summary>
    public static bool operator <=(Address left, Address right) => left.CompareTo(right) <= 0;

    /// <summary>Order as big-endian numbers.</summary>
    public static bool operator >=(Address left, Address right) => left.CompareTo(right) >= 0;
}
