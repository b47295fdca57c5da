namespace Chain.Core;

public readonly partial struct UInt256
{
    /// <summary>Unsigned quotient.</summary>
    /// <exception cref="DivideByZeroException">The divisor is zero.</exception>
    public static UInt256 operator /(in UInt256 a, in UInt256 b) => DivRem(a, b, out _);

    /// <summary>Unsigned remainder.</summary>
    /// <exception cref="DivideByZeroException">The divisor is zero.</exception>
    public static UInt256 operator %(in UInt256 a, in UInt256 b)
    {
        DivRem(a, b, out var remainder);
        return remainder;
    }

    /// <summary>Unsigned quotient and remainder.</summary>
    /// <exception cref="DivideByZeroException">The divisor is zero.</exception>
    public static UInt256 DivRem(in UInt256 a, in UInt256 b, out UInt256 remainder)
    {
        if (b.IsZero)
            throw new DivideByZeroException();
        if (a < b)
        {
            remainder = a;
            return default;
        }

        if (a.IsUInt64)
        {
            remainder = a._u0 % b._u0;
            return a._u0 / b._u0;
        }

        Span<ulong> u = [a._u0, a._u1, a._u2, a._u3, 0];
        Span<ulong> quotient = stackalloc ulong[4];
        quotient.Clear();
        remainder = Divide(u, b, quotient);
        return new UInt256(quotient[0], quotient[1], quotient[2], quotient[3]);
    }

    /// <summary>(a + b) mod <paramref name="modulus"/> without wrapping; zero when the modulus is zero.</summary>
    public static UInt256 AddMod(in UInt256 a, in UInt256 b, in UInt256 modulus)
    {
        if (modulus.IsZero)
            return default;
        if (TryAdd(a, b, out var sum))
            return sum % modulus;
        Span<ulong> u = [sum._u0, sum._u1, sum._u2, sum._u3, 1, 0];
        Span<ulong> quotient = stackalloc ulong[5];
        return Divide(u, modulus, quotient);
    }

    /// <summary>(a × b) mod <paramref name="modulus"/> over the full 512-bit product; zero when the modulus is
    /// zero.</summary>
    public static UInt256 MulMod(in UInt256 a, in UInt256 b, in UInt256 modulus)
    {
        if (modulus.IsZero)
            return default;
        Span<ulong> u = stackalloc ulong[9];
        MultiplyFull(a, b, u[..8]);
        u[8] = 0;
        Span<ulong> quotient = stackalloc ulong[8];
        return Divide(u, modulus, quotient);
    }

    /// <summary>Two's complement quotient rounded towards zero; zero when the divisor is zero (Yellow Paper H.2,
    /// SDIV).</summary>
    public static UInt256 SignedDivide(in UInt256 a, in UInt256 b)
    {
        if (b.IsZero)
            return default;
        var quotient = Abs(a) / Abs(b);
        return a.IsNegative != b.IsNegative ? -quotient : quotient;
    }

    /// <summary>Two's complement remainder with the sign of the dividend; zero when the divisor is zero
    /// (SMOD).</summary>
    public static UInt256 SignedModulo(in UInt256 a, in UInt256 b)
    {
        if (b.IsZero)
            return default;
        var remainder = Abs(a) % Abs(b);
        return a.IsNegative ? -remainder : remainder;
    }

    /// <summary>Two's complement order (SLT).</summary>
    public static bool SignedLessThan(in UInt256 a, in UInt256 b) =>
        a.IsNegative != b.IsNegative ? a.IsNegative : a < b;

    /// <summary>Right shift that copies the sign bit; all sign bits when <paramref name="shift"/> is 256 or more
    /// (EIP-145, SAR).</summary>
    public static UInt256 ShiftRightArithmetic(in UInt256 a, int shift)
    {
        if (!a.IsNegative)
            return a >> shift;
        return (uint)shift >= 256 ? MaxValue : ~(~a >> shift);
    }

    /// <summary>Extends the sign of the number held in the low <paramref name="byteIndex"/> + 1 bytes; unchanged when
    /// the index is 31 or more (SIGNEXTEND).</summary>
    public static UInt256 SignExtend(in UInt256 value, in UInt256 byteIndex)
    {
        if (!byteIndex.IsUInt64 || byteIndex._u0 >= 31)
            return value;
        var bits = ((int)byteIndex._u0 * 8) + 8;
        var high = MaxValue << bits;
        return value.IsBitSet(bits - 1) ? value | high : value & ~high;
    }

    private static UInt256 Abs(in UInt256 a) => a.IsNegative ? -a : a;

    /// <summary>Divides the limbs of <paramref name="u"/> (top limb spare, zero) by a non-zero divisor: Knuth's
    /// algorithm D with the reciprocal of Möller and Granlund. Leaves the quotient limbs and returns the
    /// remainder.</summary>
    private static UInt256 Divide(Span<ulong> u, in UInt256 divisor, Span<ulong> quotient)
    {
        var n = (divisor.BitLength + 63) / 64;
        var shift = 64 * n - divisor.BitLength;
        var normalised = divisor << shift;
        Span<ulong> d = [normalised._u0, normalised._u1, normalised._u2, normalised._u3];
        d = d[..n];
        ShiftLeft(u, shift);

        var reciprocal = Reciprocal(d[n - 1]);
        if (n == 1)
        {
            var rest = u[^1];
            for (var i = u.Length - 2; i >= 0; i--)
                quotient[i] = DivideTwoByOne(rest, u[i], d[0], reciprocal, out rest);
            return rest >> shift;
        }

        for (var j = u.Length - 1 - n; j >= 0; j--)
        {
            var digit = EstimateDigit(u[(j + n - 2)..(j + n + 1)], d[n - 1], d[n - 2], reciprocal);
            var window = u.Slice(j, n);
            var top = u[j + n] - SubtractProduct(window, d, digit);
            // The estimate is at most two too large; the true remainder leaves the top limb zero.
            while (top != 0)
            {
                digit--;
                top += AddInto(window, d);
            }

            u[j + n] = 0;
            quotient[j] = digit;
        }

        return new UInt256(u[0], u[1], n > 2 ? u[2] : 0, n > 3 ? u[3] : 0) >> shift;
    }

    private static ulong EstimateDigit(ReadOnlySpan<ulong> u, ulong high, ulong low, ulong reciprocal)
    {
        if (u[2] >= high)
            return ulong.MaxValue;
        var digit = DivideTwoByOne(u[2], u[1], high, reciprocal, out var rest);
        var productHigh = Math.BigMul(digit, low, out var productLow);
        return productHigh > rest || (productHigh == rest && productLow > u[0]) ? digit - 1 : digit;
    }

    /// <summary>⌊(2¹²⁸ − 1) / d⌋ − 2⁶⁴ of a divisor whose top bit is set.</summary>
    private static ulong Reciprocal(ulong d) => (ulong)(new UInt128(~d, ulong.MaxValue) / d);

    private static ulong DivideTwoByOne(ulong high, ulong low, ulong d, ulong reciprocal, out ulong remainder)
    {
        var quotient = Math.BigMul(reciprocal, high, out var fraction);
        ulong carry = 0;
        fraction = AddWithCarry(fraction, low, ref carry);
        quotient = AddWithCarry(quotient, high, ref carry) + 1;
        remainder = low - (quotient * d);
        if (remainder > fraction)
        {
            quotient--;
            remainder += d;
        }

        if (remainder >= d)
        {
            quotient++;
            remainder -= d;
        }

        return quotient;
    }

    private static ulong SubtractProduct(Span<ulong> u, ReadOnlySpan<ulong> d, ulong digit)
    {
        ulong borrow = 0;
        for (var i = 0; i < d.Length; i++)
        {
            var high = Math.BigMul(digit, d[i], out var low);
            ulong carry = 0;
            low = AddWithCarry(low, borrow, ref carry);
            high += carry;
            carry = 0;
            u[i] = SubtractWithBorrow(u[i], low, ref carry);
            borrow = high + carry;
        }

        return borrow;
    }

    private static ulong AddInto(Span<ulong> u, ReadOnlySpan<ulong> d)
    {
        ulong carry = 0;
        for (var i = 0; i < d.Length; i++)
            u[i] = AddWithCarry(u[i], d[i], ref carry);
        return carry;
    }

    private static void ShiftLeft(Span<ulong> limbs, int bits)
    {
        if (bits == 0)
            return;
        for (var i = limbs.Length - 1; i > 0; i--)
            limbs[i] = (limbs[i] << bits) | (limbs[i - 1] >> (64 - bits));
        limbs[0] <<= bits;
    }
}
