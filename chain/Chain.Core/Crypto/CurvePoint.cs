namespace Chain.Core;

/// <summary>
/// A point of y² = x³ + 7 in Jacobian coordinates (x = X/Z², y = Y/Z³); Z = 0 is the point at infinity. Formulas
/// dbl-2009-l and add-1998-cmo of the Explicit-Formulas Database. Not constant time: for public data only.
/// </summary>
internal readonly struct CurvePoint
{
    private const int WindowBits = 4;

    private readonly FieldElement _x;
    private readonly FieldElement _y;
    private readonly FieldElement _z;

    private static readonly CurvePoint[] GeneratorMultiples = MultiplesOf(new CurvePoint(
        new FieldElement(0x59F2815B16F81798, 0x029BFCDB2DCE28D9, 0x55A06295CE870B07, 0x79BE667EF9DCBBAC),
        new FieldElement(0x9C47D08FFB10D4B8, 0xFD17B448A6855419, 0x5DA4FBFC0E1108A8, 0x483ADA7726A3C465)));

    private CurvePoint(in FieldElement x, in FieldElement y, in FieldElement z) => (_x, _y, _z) = (x, y, z);

    internal CurvePoint(in FieldElement x, in FieldElement y) : this(x, y, FieldElement.One)
    {
    }

    internal bool IsInfinity => _z.IsZero;

    /// <summary>The point with this x and parity of y, if x is below p and lies on the curve.</summary>
    internal static bool TryDecompress(in UInt256 x, bool oddY, out CurvePoint point)
    {
        point = default;
        if (!FieldElement.TryFrom(x, out var fx)) return false;
        if (!(fx.Square() * fx + new FieldElement(7, 0, 0, 0)).TrySquareRoot(out var y)) return false;
        point = new CurvePoint(fx, y.IsOdd == oddY ? y : y.Negate());
        return true;
    }

    /// <summary>The point with these coordinates, if they are below p and it lies on the curve.</summary>
    internal static bool TryFrom(in UInt256 x, in UInt256 y, out CurvePoint point) =>
        TryDecompress(x, (y.Limb0 & 1) == 1, out point) && point._y.ToUInt256() == y;

    /// <summary>a·G + b·Q by Straus's method, four bits at a time.</summary>
    internal static CurvePoint Combine(in UInt256 a, in UInt256 b, in CurvePoint q)
    {
        var multiples = MultiplesOf(q);
        CurvePoint sum = default;
        for (int shift = 256 - WindowBits; shift >= 0; shift -= WindowBits)
        {
            for (int i = 0; i < WindowBits; i++) sum = sum.Double();
            int digitA = Digit(a, shift), digitB = Digit(b, shift);
            if (digitA != 0) sum = sum.Add(GeneratorMultiples[digitA]);
            if (digitB != 0) sum = sum.Add(multiples[digitB]);
        }
        return sum;
    }

    /// <summary>The affine coordinates of a point that is not infinity.</summary>
    internal (UInt256 X, UInt256 Y) ToAffine()
    {
        var inverse = _z.Inverse();
        var square = inverse.Square();
        return ((_x * square).ToUInt256(), (_y * square * inverse).ToUInt256());
    }

    private static int Digit(in UInt256 scalar, int shift)
    {
        ulong limb = (shift >> 6) switch
        {
            0 => scalar.Limb0,
            1 => scalar.Limb1,
            2 => scalar.Limb2,
            _ => scalar.Limb3,
        };
        return (int)(limb >> (shift & 63)) & ((1 << WindowBits) - 1);
    }

    private static CurvePoint[] MultiplesOf(in CurvePoint point)
    {
        var multiples = new CurvePoint[1 << WindowBits];
        for (int i = 1; i < multiples.Length; i++) multiples[i] = multiples[i - 1].Add(point);
        return multiples;
    }

    private CurvePoint Double()
    {
        if (IsInfinity) return this;
        var a = _x.Square();
        var b = _y.Square();
        var c = b.Square();
        var d = ((_x + b).Square() - a - c).Double();
        var e = a.Double() + a;
        var x = e.Square() - d.Double();
        var y = e * (d - x) - c.Double().Double().Double();
        return new CurvePoint(x, y, (_y * _z).Double());
    }

    private CurvePoint Add(in CurvePoint other)
    {
        if (IsInfinity) return other;
        if (other.IsInfinity) return this;
        var z1z1 = _z.Square();
        var z2z2 = other._z.Square();
        var u1 = _x * z2z2;
        var s1 = _y * z2z2 * other._z;
        var h = other._x * z1z1 - u1;
        var r = other._y * z1z1 * _z - s1;
        if (h.IsZero) return r.IsZero ? Double() : default;
        var hh = h.Square();
        var hhh = hh * h;
        var v = u1 * hh;
        var x = r.Square() - hhh - v.Double();
        return new CurvePoint(x, r * (v - x) - s1 * hhh, h * _z * other._z);
    }
}
