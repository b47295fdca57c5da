using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Chain.Evm.Precompiles.Pairings;

/// <summary>A prime modulus whose top bit is clear, with its Montgomery constants, as little-endian limbs.</summary>
internal interface IModulus
{
    static abstract ReadOnlySpan<ulong> P { get; }

    /// <summary>−P⁻¹ mod 2⁶⁴.</summary>
    static abstract ulong NegatedInverse { get; }

    /// <summary>R mod P, R = 2^(64 · limbs): the Montgomery form of one.</summary>
    static abstract ReadOnlySpan<ulong> R { get; }

    /// <summary>R² mod P.</summary>
    static abstract ReadOnlySpan<ulong> RSquared { get; }
}

/// <summary>An element of a prime field in Montgomery form; <typeparamref name="TLimbs"/> is an inline array of
/// ulong.</summary>
internal readonly struct PrimeField<TLimbs, TModulus> : IField<PrimeField<TLimbs, TModulus>>
    where TLimbs : struct
    where TModulus : IModulus
{
    private readonly TLimbs _limbs;

    private PrimeField(in TLimbs limbs) => _limbs = limbs;

    public static PrimeField<TLimbs, TModulus> Zero => default;

    public static PrimeField<TLimbs, TModulus> One => FromLimbs(TModulus.R);

    public static int ByteLength => Unsafe.SizeOf<TLimbs>();

    public bool IsZero => Span(ref Unsafe.AsRef(in _limbs)).IndexOfAnyExcept(0ul) < 0;

    private static int Count => Unsafe.SizeOf<TLimbs>() / sizeof(ulong);

    /// <summary>Reads a big-endian number of exactly the field's width.</summary>
    /// <returns>False when it is not below the modulus.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bigEndian, out PrimeField<TLimbs, TModulus> value)
    {
        TLimbs limbs = default;
        var span = Span(ref limbs);
        for (var i = 0; i < Count; i++)
            span[i] = System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(bigEndian[^(8 * (i + 1))..]);
        value = default;
        if (!IsBelowModulus(span))
            return false;
        value = new PrimeField<TLimbs, TModulus>(limbs) * FromLimbs(TModulus.RSquared);
        return true;
    }

    /// <summary>Writes the number big-endian in the field's width.</summary>
    public void Write(Span<byte> bigEndian)
    {
        TLimbs unit = default;
        Span(ref unit)[0] = 1;
        var plain = this * new PrimeField<TLimbs, TModulus>(unit);
        var span = Span(ref Unsafe.AsRef(in plain._limbs));
        for (var i = 0; i < Count; i++)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(
                bigEndian[(ByteLength - (8 * (i + 1)))..], span[i]);
        }
    }

    public static PrimeField<TLimbs, TModulus> FromInt(int value)
    {
        Span<byte> bytes = stackalloc byte[ByteLength];
        bytes.Clear();
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(bytes[^4..], value);
        TryRead(bytes, out var element);
        return element;
    }

    public static BigInteger Modulus =>
        new(MemoryMarshal.AsBytes(TModulus.P), isUnsigned: true);

    public static PrimeField<TLimbs, TModulus> operator +(
        in PrimeField<TLimbs, TModulus> a, in PrimeField<TLimbs, TModulus> b)
    {
        TLimbs result = default;
        var r = Span(ref result);
        var x = Span(ref Unsafe.AsRef(in a._limbs));
        var y = Span(ref Unsafe.AsRef(in b._limbs));
        ulong carry = 0;
        for (var i = 0; i < r.Length; i++)
        {
            var sum = x[i] + carry;
            carry = sum < carry ? 1ul : 0ul;
            r[i] = sum + y[i];
            carry += r[i] < sum ? 1ul : 0ul;
        }

        if (IsBelowModulus(r))
            return new(result);
        SubtractModulus(r);
        return new(result);
    }

    public static PrimeField<TLimbs, TModulus> operator -(
        in PrimeField<TLimbs, TModulus> a, in PrimeField<TLimbs, TModulus> b)
    {
        TLimbs result = default;
        var r = Span(ref result);
        var x = Span(ref Unsafe.AsRef(in a._limbs));
        var y = Span(ref Unsafe.AsRef(in b._limbs));
        ulong borrow = 0;
        for (var i = 0; i < r.Length; i++)
        {
            var difference = x[i] - y[i];
            r[i] = difference - borrow;
            borrow = (x[i] < y[i] ? 1ul : 0ul) | (difference < borrow ? 1ul : 0ul);
        }

        if (borrow != 0)
            AddModulus(r);
        return new(result);
    }

    public static PrimeField<TLimbs, TModulus> operator -(in PrimeField<TLimbs, TModulus> a) => Zero - a;

    /// <summary>Montgomery product by coarsely integrated operand scanning; the modulus leaves the top bit free, so no
    /// carry limb is needed.</summary>
    public static PrimeField<TLimbs, TModulus> operator *(
        in PrimeField<TLimbs, TModulus> a, in PrimeField<TLimbs, TModulus> b)
    {
        TLimbs result = default;
        var t = Span(ref result);
        var x = Span(ref Unsafe.AsRef(in a._limbs));
        var y = Span(ref Unsafe.AsRef(in b._limbs));
        var p = TModulus.P;
        for (var i = 0; i < t.Length; i++)
        {
            var factor = y[i];
            var carry = MultiplyAdd(x[0], factor, t[0], 0, out var low);
            var m = low * TModulus.NegatedInverse;
            var reduction = MultiplyAdd(m, p[0], low, 0, out _);
            for (var j = 1; j < t.Length; j++)
            {
                carry = MultiplyAdd(x[j], factor, t[j], carry, out low);
                reduction = MultiplyAdd(m, p[j], low, reduction, out t[j - 1]);
            }

            t[^1] = carry + reduction;
        }

        if (!IsBelowModulus(t))
            SubtractModulus(t);
        return new(result);
    }

    public PrimeField<TLimbs, TModulus> Square() => this * this;

    public PrimeField<TLimbs, TModulus> Invert() => Power(Modulus - 2);

    public PrimeField<TLimbs, TModulus> Power(BigInteger exponent)
    {
        var result = One;
        for (var bit = (int)exponent.GetBitLength() - 1; bit >= 0; bit--)
        {
            result = result.Square();
            if (!((exponent >> bit) & 1).IsZero)
                result *= this;
        }

        return result;
    }

    public bool Equals(PrimeField<TLimbs, TModulus> other) =>
        Span(ref Unsafe.AsRef(in _limbs)).SequenceEqual(Span(ref Unsafe.AsRef(in other._limbs)));

    public override bool Equals(object? obj) => obj is PrimeField<TLimbs, TModulus> other && Equals(other);

    public override int GetHashCode() => Span(ref Unsafe.AsRef(in _limbs))[0].GetHashCode();

    private static PrimeField<TLimbs, TModulus> FromLimbs(ReadOnlySpan<ulong> source)
    {
        TLimbs limbs = default;
        source.CopyTo(Span(ref limbs));
        return new(limbs);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Span<ulong> Span(ref TLimbs limbs) =>
        MemoryMarshal.CreateSpan(ref Unsafe.As<TLimbs, ulong>(ref limbs), Unsafe.SizeOf<TLimbs>() / sizeof(ulong));

    /// <summary>The high half of a·b + c + d, which never overflows 128 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong MultiplyAdd(ulong a, ulong b, ulong c, ulong d, out ulong low)
    {
        var high = Math.BigMul(a, b, out low);
        low += c;
        high += low < c ? 1ul : 0ul;
        low += d;
        return high + (low < d ? 1ul : 0ul);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsBelowModulus(ReadOnlySpan<ulong> limbs)
    {
        var p = TModulus.P;
        for (var i = limbs.Length - 1; i >= 0; i--)
        {
            if (limbs[i] != p[i])
                return limbs[i] < p[i];
        }

        return false;
    }

    private static void SubtractModulus(Span<ulong> limbs)
    {
        var p = TModulus.P;
        ulong borrow = 0;
        for (var i = 0; i < limbs.Length; i++)
        {
            var difference = limbs[i] - p[i];
            var next = (limbs[i] < p[i] ? 1ul : 0ul) | (difference < borrow ? 1ul : 0ul);
            limbs[i] = difference - borrow;
            borrow = next;
        }
    }

    private static void AddModulus(Span<ulong> limbs)
    {
        var p = TModulus.P;
        ulong carry = 0;
        for (var i = 0; i < limbs.Length; i++)
        {
            var sum = limbs[i] + carry;
            carry = sum < carry ? 1ul : 0ul;
            limbs[i] = sum + p[i];
            carry += limbs[i] < sum ? 1ul : 0ul;
        }
    }
}
