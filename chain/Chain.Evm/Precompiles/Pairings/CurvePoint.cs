using System.Numerics;

namespace Chain.Evm.Precompiles.Pairings;

/// <summary>A point of y² = x³ + b in Jacobian coordinates (x/z², y/z³); z = 0 at infinity.</summary>
internal readonly record struct CurvePoint<TField>(TField X, TField Y, TField Z)
    where TField : struct, IField<TField>
{
    public static CurvePoint<TField> Infinity => new(TField.One, TField.One, TField.Zero);

    public bool IsInfinity => Z.IsZero;

    public static CurvePoint<TField> FromAffine(in TField x, in TField y) => new(x, y, TField.One);

    public static bool IsOnCurve(in TField x, in TField y, in TField b) => y.Square().Equals((x.Square() * x) + b);

    public CurvePoint<TField> Negate() => new(X, -Y, Z);

    public (TField X, TField Y) ToAffine()
    {
        if (Z.Equals(TField.One))
            return (X, Y);
        var inverse = Z.Invert();
        var square = inverse.Square();
        return (X * square, Y * square * inverse);
    }

    // dbl-2009-l of the Explicit-Formulas Database
    public CurvePoint<TField> Double()
    {
        if (IsInfinity || Y.IsZero)
            return Infinity;
        var a = X.Square();
        var b = Y.Square();
        var c = b.Square();
        var d = (X + b).Square() - a - c;
        d += d;
        var e = a + a + a;
        var x = e.Square() - d - d;
        var c8 = c + c;
        c8 += c8;
        c8 += c8;
        var z = Y * Z;
        return new(x, (e * (d - x)) - c8, z + z);
    }

    // add-2007-bl of the Explicit-Formulas Database
    public static CurvePoint<TField> operator +(in CurvePoint<TField> a, in CurvePoint<TField> b)
    {
        if (a.IsInfinity)
            return b;
        if (b.IsInfinity)
            return a;
        var za = a.Z.Square();
        var zb = b.Z.Square();
        var ua = a.X * zb;
        var sa = a.Y * b.Z * zb;
        var h = (b.X * za) - ua;
        var r = (b.Y * a.Z * za) - sa;
        if (h.IsZero)
            return r.IsZero ? a.Double() : Infinity;
        r += r;
        var i = (h + h).Square();
        var j = h * i;
        var v = ua * i;
        var x = r.Square() - j - v - v;
        var s = sa * j;
        return new(x, (r * (v - x)) - s - s, ((a.Z + b.Z).Square() - za - zb) * h);
    }

    public CurvePoint<TField> Multiply(BigInteger scalar)
    {
        var result = Infinity;
        for (var bit = (int)scalar.GetBitLength() - 1; bit >= 0; bit--)
        {
            result = result.Double();
            if (!((scalar >> bit) & 1).IsZero)
                result += this;
        }

        return result;
    }

    /// <summary>Whether both are the same point.</summary>
    public bool IsSameAs(in CurvePoint<TField> other) => (this + other.Negate()).IsInfinity;
}
