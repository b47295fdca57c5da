namespace Chain.Core;

/// <summary>
/// An element of the field of secp256k1, p = 2^256 − 2^32 − 977, in four limbs, the lowest first, always below p.
/// Products are reduced by 2^256 ≡ 2^32 + 977. Not constant time: for public data only.
/// </summary>
internal readonly struct FieldElement : IEquatable<FieldElement>
{
    private const ulong Fold = 0x1000003D1;
    private const ulong P0 = 0xFFFFFFFEFFFFFC2F;

    private readonly ulong _0;
    private readonly ulong _1;
    private readonly ulong _2;
    private readonly ulong _3;

    internal FieldElement(ulong l0, ulong l1, ulong l2, ulong l3) => (_0, _1, _2, _3) = (l0, l1, l2, l3);

    internal static FieldElement One => new(1, 0, 0, 0);

    internal bool IsZero => (_0 | _1 | _2 | _3) == 0;

    internal bool IsOdd => (_0 & 1) == 1;

    /// <summary>Reads a number below p; false when it is not.</summary>
    internal static bool TryFrom(in UInt256 value, out FieldElement element)
    {
        element = new FieldElement(value.Limb0, value.Limb1, value.Limb2, value.Limb3);
        return !element.IsAtLeastP();
    }

    internal UInt256 ToUInt256() => new(_0, _1, _2, _3);

    private bool IsAtLeastP() => (_1 & _2 & _3) == ulong.MaxValue && _0 >= P0;

    public static FieldElement operator +(in FieldElement a, in FieldElement b)
    {
        ulong r0 = AddCarry(a._0, b._0, 0, out ulong carry);
        ulong r1 = AddCarry(a._1, b._1, carry, out carry);
        ulong r2 = AddCarry(a._2, b._2, carry, out carry);
        ulong r3 = AddCarry(a._3, b._3, carry, out carry);
        return Reduce(r0, r1, r2, r3, carry);
    }

    public static FieldElement operator -(in FieldElement a, in FieldElement b)
    {
        ulong r0 = SubBorrow(a._0, b._0, 0, out ulong borrow);
        ulong r1 = SubBorrow(a._1, b._1, borrow, out borrow);
        ulong r2 = SubBorrow(a._2, b._2, borrow, out borrow);
        ulong r3 = SubBorrow(a._3, b._3, borrow, out borrow);
        if (borrow == 0) return new FieldElement(r0, r1, r2, r3);
        r0 = SubBorrow(r0, Fold, 0, out borrow);
        r1 = SubBorrow(r1, 0, borrow, out borrow);
        r2 = SubBorrow(r2, 0, borrow, out borrow);
        return new FieldElement(r0, r1, r2, r3 - borrow);
    }

    public static FieldElement operator *(in FieldElement a, in FieldElement b)
    {
        Span<ulong> wide = stackalloc ulong[8];
        wide.Clear();
        AddRow(wide, a._0, b);
        AddRow(wide[1..], a._1, b);
        AddRow(wide[2..], a._2, b);
        AddRow(wide[3..], a._3, b);

        ulong r0 = MulAdd(wide[4], Fold, wide[0], 0, out ulong carry);
        ulong r1 = MulAdd(wide[5], Fold, wide[1], carry, out carry);
        ulong r2 = MulAdd(wide[6], Fold, wide[2], carry, out carry);
        ulong r3 = MulAdd(wide[7], Fold, wide[3], carry, out carry);
        return Reduce(r0, r1, r2, r3, carry);
    }

    internal FieldElement Square() => this * this;

    internal FieldElement Double() => this + this;

    internal FieldElement Negate() => default(FieldElement) - this;

    /// <summary>The inverse by Fermat, this^(p−2); zero gives zero.</summary>
    internal FieldElement Inverse() => Power(P0 - 2, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue);

    /// <summary>A square root, this^((p+1)/4), if there is one (p ≡ 3 mod 4).</summary>
    internal bool TrySquareRoot(out FieldElement root)
    {
        root = Power(0xFFFFFFFFBFFFFF0C, ulong.MaxValue, ulong.MaxValue, 0x3FFFFFFFFFFFFFFF);
        return root.Square().Equals(this);
    }

    private FieldElement Power(ulong e0, ulong e1, ulong e2, ulong e3)
    {
        ReadOnlySpan<ulong> exponent = [e0, e1, e2, e3];
        var result = One;
        for (int bit = 255; bit >= 0; bit--)
        {
            result = result.Square();
            if ((exponent[bit >> 6] >> (bit & 63) & 1) == 1) result *= this;
        }
        return result;
    }

    /// <summary>Folds an overflow (below 2^64) of 2^256 back in, then subtracts p once if needed.</summary>
    private static FieldElement Reduce(ulong r0, ulong r1, ulong r2, ulong r3, ulong overflow)
    {
        while (overflow != 0)
        {
            r0 = MulAdd(overflow, Fold, r0, 0, out ulong carry);
            r1 = AddCarry(r1, carry, 0, out carry);
            r2 = AddCarry(r2, 0, carry, out carry);
            r3 = AddCarry(r3, 0, carry, out overflow);
        }
        var result = new FieldElement(r0, r1, r2, r3);
        return result.IsAtLeastP() ? new FieldElement(r0 - P0, 0, 0, 0) : result;
    }

    private static void AddRow(Span<ulong> wide, ulong factor, in FieldElement b)
    {
        wide[0] = MulAdd(factor, b._0, wide[0], 0, out ulong carry);
        wide[1] = MulAdd(factor, b._1, wide[1], carry, out carry);
        wide[2] = MulAdd(factor, b._2, wide[2], carry, out carry);
        wide[3] = MulAdd(factor, b._3, wide[3], carry, out carry);
        wide[4] = carry;
    }

    private static ulong MulAdd(ulong a, ulong b, ulong c, ulong d, out ulong high)
    {
        high = Math.BigMul(a, b, out ulong low);
        low += c;
        if (low < c) high++;
        low += d;
        if (low < d) high++;
        return low;
    }

    private static ulong AddCarry(ulong a, ulong b, ulong carryIn, out ulong carryOut)
    {
        ulong sum = a + b;
        ulong first = sum < a ? 1UL : 0;
        ulong total = sum + carryIn;
        carryOut = first | (total < sum ? 1UL : 0);
        return total;
    }

    private static ulong SubBorrow(ulong a, ulong b, ulong borrowIn, out ulong borrowOut)
    {
        ulong difference = a - b;
        ulong first = a < b ? 1UL : 0;
        borrowOut = first | (difference < borrowIn ? 1UL : 0);
        return difference - borrowIn;
    }

    public bool Equals(FieldElement other) => _0 == other._0 && _1 == other._1 && _2 == other._2 && _3 == other._3;

    public override bool Equals(object? obj) => obj is FieldElement other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(_0, _1, _2, _3);
}
