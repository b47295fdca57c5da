using System.Numerics;

namespace Proofs.Notes;

/// <summary>An element of the field of 2²⁵⁵−19 in five limbs of 51 bits. Variable time: for public data only.</summary>
internal readonly record struct FieldElement(ulong L0, ulong L1, ulong L2, ulong L3, ulong L4)
{
    private const ulong Mask = (1UL << 51) - 1;
    private static readonly BigInteger P = BigInteger.Pow(2, 255) - 19;

    public static readonly FieldElement Zero = new(0, 0, 0, 0, 0);
    public static readonly FieldElement One = new(1, 0, 0, 0, 0);

    public static FieldElement From(BigInteger value)
    {
        value = ((value % P) + P) % P;
        ulong Limb(int i) => (ulong)((value >> (51 * i)) & Mask);
        return new(Limb(0), Limb(1), Limb(2), Limb(3), Limb(4));
    }

    public BigInteger ToBigInteger()
    {
        BigInteger value = L4;
        foreach (var limb in (ReadOnlySpan<ulong>)[L3, L2, L1, L0])
            value = (value << 51) + limb;
        return value % P;
    }

    public bool IsZero => ToBigInteger().IsZero;

    public static FieldElement operator +(FieldElement a, FieldElement b) =>
        Carry(a.L0 + b.L0, a.L1 + b.L1, a.L2 + b.L2, a.L3 + b.L3, a.L4 + b.L4);

    // 16·p is added first so that no limb goes below zero; limbs stay under 2⁵⁶.
    public static FieldElement operator -(FieldElement a, FieldElement b) =>
        Carry(a.L0 + (16 * (Mask - 18)) - b.L0, a.L1 + (16 * Mask) - b.L1, a.L2 + (16 * Mask) - b.L2,
            a.L3 + (16 * Mask) - b.L3, a.L4 + (16 * Mask) - b.L4);

    public static FieldElement operator *(FieldElement a, FieldElement b)
    {
        static UInt128 M(ulong x, ulong y) => (UInt128)x * y;
        var (b1, b2, b3, b4) = (19 * b.L1, 19 * b.L2, 19 * b.L3, 19 * b.L4);
        var r0 = M(a.L0, b.L0) + M(a.L1, b4) + M(a.L2, b3) + M(a.L3, b2) + M(a.L4, b1);
        var r1 = M(a.L0, b.L1) + M(a.L1, b.L0) + M(a.L2, b4) + M(a.L3, b3) + M(a.L4, b2);
        var r2 = M(a.L0, b.L2) + M(a.L1, b.L1) + M(a.L2, b.L0) + M(a.L3, b4) + M(a.L4, b3);
        var r3 = M(a.L0, b.L3) + M(a.L1, b.L2) + M(a.L2, b.L1) + M(a.L3, b.L0) + M(a.L4, b4);
        var r4 = M(a.L0, b.L4) + M(a.L1, b.L3) + M(a.L2, b.L2) + M(a.L3, b.L1) + M(a.L4, b.L0);
        r1 += (ulong)(r0 >> 51);
        r2 += (ulong)(r1 >> 51);
        r3 += (ulong)(r2 >> 51);
        r4 += (ulong)(r3 >> 51);
        var low = ((ulong)r0 & Mask) + (19 * (ulong)(r4 >> 51));
        return new(low & Mask, ((ulong)r1 & Mask) + (low >> 51), (ulong)r2 & Mask, (ulong)r3 & Mask, (ulong)r4 & Mask);
    }

    public FieldElement Power(BigInteger exponent)
    {
        var result = One;
        for (var bit = (int)exponent.GetBitLength() - 1; bit >= 0; bit--)
        {
            result *= result;
            if (!((exponent >> bit) & 1).IsZero)
                result *= this;
        }
        return result;
    }

    private static FieldElement Carry(ulong l0, ulong l1, ulong l2, ulong l3, ulong l4)
    {
        l1 += l0 >> 51;
        l2 += l1 >> 51;
        l3 += l2 >> 51;
        l4 += l3 >> 51;
        l0 = (l0 & Mask) + (19 * (l4 >> 51));
        return new(l0 & Mask, (l1 & Mask) + (l0 >> 51), l2 & Mask, l3 & Mask, l4 & Mask);
    }
}
