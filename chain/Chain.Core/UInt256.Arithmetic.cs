using System.Runtime.CompilerServices;

namespace Chain.Core;

public readonly partial struct UInt256
{
    /// <summary>Equality.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool operator ==(in UInt256 a, in UInt256 b) =>
        ((a._u0 ^ b._u0) | (a._u1 ^ b._u1) | (a._u2 ^ b._u2) | (a._u3 ^ b._u3)) == 0;

    /// <summary>Inequality.</summary>
    public static bool operator !=(in UInt256 a, in UInt256 b) => !(a == b);

    /// <summary>Unsigned order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool operator <(in UInt256 a, in UInt256 b) =>
        a._u3 != b._u3 ? a._u3 < b._u3
        : a._u2 != b._u2 ? a._u2 < b._u2
        : a._u1 != b._u1 ? a._u1 < b._u1
        : a._u0 < b._u0;

    /// <summary>Unsigned order.</summary>
    public static bool operator >(in UInt256 a, in UInt256 b) => b < a;

    /// <summary>Unsigned order.</summary>
    public static bool operator <=(in UInt256 a, in UInt256 b) => !(b < a);

    /// <summary>Unsigned order.</summary>
    public static bool operator >=(in UInt256 a, in UInt256 b) => !(a < b);

    /// <summary>Bitwise and.</summary>
    public static UInt256 operator &(in UInt256 a, in UInt256 b) =>
        new(a._u0 & b._u0, a._u1 & b._u1, a._u2 & b._u2, a._u3 & b._u3);

    /// <summary>Bitwise or.</summary>
    public static UInt256 operator |(in UInt256 a, in UInt256 b) =>
        new(a._u0 | b._u0, a._u1 | b._u1, a._u2 | b._u2, a._u3 | b._u3);

    /// <summary>Bitwise exclusive or.</summary>
    public static UInt256 operator ^(in UInt256 a, in UInt256 b) =>
        new(a._u0 ^ b._u0, a._u1 ^ b._u1, a._u2 ^ b._u2, a._u3 ^ b._u3);

    /// <summary>Bitwise complement.</summary>
    public static UInt256 operator ~(in UInt256 a) => new(~a._u0, ~a._u1, ~a._u2, ~a._u3);

    /// <summary>Sum modulo 2²⁵⁶.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static UInt256 operator +(in UInt256 a, in UInt256 b)
    {
        TryAdd(a, b, out var sum);
        return sum;
    }

    /// <summary>Difference modulo 2²⁵⁶.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static UInt256 operator -(in UInt256 a, in UInt256 b)
    {
        TrySubtract(a, b, out var difference);
        return difference;
    }

    /// <summary>Two's complement negation.</summary>
    public static UInt256 operator -(in UInt256 a) => Zero - a;

    /// <summary>Adds, wrapping.</summary>
    /// <returns>False when the sum wrapped.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryAdd(in UInt256 a, in UInt256 b, out UInt256 sum)
    {
        ulong carry = 0;
        var r0 = AddWithCarry(a._u0, b._u0, ref carry);
        var r1 = AddWithCarry(a._u1, b._u1, ref carry);
        var r2 = AddWithCarry(a._u2, b._u2, ref carry);
        var r3 = AddWithCarry(a._u3, b._u3, ref carry);
        sum = new UInt256(r0, r1, r2, r3);
        return carry == 0;
    }

    /// <summary>Subtracts, wrapping.</summary>
    /// <returns>False when <paramref name="a"/> was smaller than <paramref name="b"/>.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TrySubtract(in UInt256 a, in UInt256 b, out UInt256 difference)
    {
        ulong borrow = 0;
        var r0 = SubtractWithBorrow(a._u0, b._u0, ref borrow);
        var r1 = SubtractWithBorrow(a._u1, b._u1, ref borrow);
        var r2 = SubtractWithBorrow(a._u2, b._u2, ref borrow);
        var r3 = SubtractWithBorrow(a._u3, b._u3, ref borrow);
        difference = new UInt256(r0, r1, r2, r3);
        return borrow == 0;
    }

    /// <summary>Multiplies, wrapping.</summary>
    /// <returns>False when the product did not fit.</returns>
    public static bool TryMultiply(in UInt256 a, in UInt256 b, out UInt256 product)
    {
        Span<ulong> full = stackalloc ulong[8];
        MultiplyFull(a, b, full);
        product = new UInt256(full[0], full[1], full[2], full[3]);
        return (full[4] | full[5] | full[6] | full[7]) == 0;
    }

    /// <summary>Product modulo 2²⁵⁶.</summary>
    public static UInt256 operator *(in UInt256 a, in UInt256 b)
    {
        var h00 = Math.BigMul(a._u0, b._u0, out var r0);
        if ((a._u1 | a._u2 | a._u3 | b._u1 | b._u2 | b._u3) == 0)
            return new UInt256(r0, h00);

        var h01 = Math.BigMul(a._u0, b._u1, out var l01);
        var h02 = Math.BigMul(a._u0, b._u2, out var l02);
        var h10 = Math.BigMul(a._u1, b._u0, out var l10);
        var h11 = Math.BigMul(a._u1, b._u1, out var l11);
        var h20 = Math.BigMul(a._u2, b._u0, out var l20);

        ulong carry = 0;
        var r1 = AddWithCarry(h00, l01, ref carry);
        var r2 = AddWithCarry(h01, l02, ref carry);
        var r3 = h02 + carry;
        carry = 0;
        r1 = AddWithCarry(r1, l10, ref carry);
        r2 = AddWithCarry(r2, h10, ref carry);
        r3 += carry;
        carry = 0;
        r2 = AddWithCarry(r2, l11, ref carry);
        r3 += h11 + carry;
        carry = 0;
        r2 = AddWithCarry(r2, l20, ref carry);
        r3 += h20 + carry;
        r3 += (a._u0 * b._u3) + (a._u1 * b._u2) + (a._u2 * b._u1) + (a._u3 * b._u0);
        return new UInt256(r0, r1, r2, r3);
    }

    /// <summary>Left shift; zero when <paramref name="shift"/> is 256 or more.</summary>
    public static UInt256 operator <<(in UInt256 a, int shift)
    {
        if ((uint)shift >= 256)
            return default;
        var bits = shift & 63;
        var (u0, u1, u2, u3) = (shift >> 6) switch
        {
            0 => (a._u0, a._u1, a._u2, a._u3),
            1 => (0ul, a._u0, a._u1, a._u2),
            2 => (0ul, 0ul, a._u0, a._u1),
            _ => (0ul, 0ul, 0ul, a._u0),
        };
        if (bits == 0)
            return new UInt256(u0, u1, u2, u3);
        var back = 64 - bits;
        return new UInt256(
            u0 << bits, (u1 << bits) | (u0 >> back), (u2 << bits) | (u1 >> back), (u3 << bits) | (u2 >> back));
    }

    /// <summary>Logical right shift; zero when <paramref name="shift"/> is 256 or more.</summary>
    public static UInt256 operator >>(in UInt256 a, int shift)
    {
        if ((uint)shift >= 256)
            return default;
        var bits = shift & 63;
        var (u0, u1, u2, u3) = (shift >> 6) switch
        {
            0 => (a._u0, a._u1, a._u2, a._u3),
            1 => (a._u1, a._u2, a._u3, 0ul),
            2 => (a._u2, a._u3, 0ul, 0ul),
            _ => (a._u3, 0ul, 0ul, 0ul),
        };
        if (bits == 0)
            return new UInt256(u0, u1, u2, u3);
        var back = 64 - bits;
        return new UInt256(
            (u0 >> bits) | (u1 << back), (u1 >> bits) | (u2 << back), (u2 >> bits) | (u3 << back), u3 >> bits);
    }

    /// <summary>The value raised to <paramref name="exponent"/>, modulo 2²⁵⁶; one for the exponent zero.</summary>
    public static UInt256 Exp(in UInt256 value, in UInt256 exponent)
    {
        var result = One;
        for (var bit = exponent.BitLength - 1; bit >= 0; bit--)
        {
            result *= result;
            if (exponent.IsBitSet(bit))
                result *= value;
        }

        return result;
    }

    /// <summary>Bit <paramref name="index"/>, 0 the least significant.</summary>
    public bool IsBitSet(int index)
    {
        var limb = (index >> 6) switch { 0 => _u0, 1 => _u1, 2 => _u2, _ => _u3 };
        return ((limb >> (index & 63)) & 1) != 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong AddWithCarry(ulong a, ulong b, ref ulong carry)
    {
        var partial = a + b;
        var sum = partial + carry;
        carry = (partial < a ? 1ul : 0ul) | (sum < partial ? 1ul : 0ul);
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong SubtractWithBorrow(ulong a, ulong b, ref ulong borrow)
    {
        var partial = a - b;
        var difference = partial - borrow;
        borrow = (a < b ? 1ul : 0ul) | (partial < borrow ? 1ul : 0ul);
        return difference;
    }

    private static void MultiplyFull(in UInt256 a, in UInt256 b, Span<ulong> product)
    {
        ReadOnlySpan<ulong> x = [a._u0, a._u1, a._u2, a._u3];
        ReadOnlySpan<ulong> y = [b._u0, b._u1, b._u2, b._u3];
        product.Clear();
        for (var i = 0; i < 4; i++)
        {
            ulong carry = 0;
            for (var j = 0; j < 4; j++)
            {
                var high = Math.BigMul(x[i], y[j], out var low);
                ulong c = 0;
                low = AddWithCarry(low, product[i + j], ref c);
                high += c;
                c = 0;
                product[i + j] = AddWithCarry(low, carry, ref c);
                carry = high + c;
            }

            product[i + 4] = carry;
        }
    }
}
