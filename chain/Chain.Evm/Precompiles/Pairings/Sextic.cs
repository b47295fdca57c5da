namespace Chain.Evm.Precompiles.Pairings;

/// <summary>c0 + c1·v + c2·v² over the quadratic field, v³ = ξ of the curve.</summary>
internal readonly record struct Sextic<TField, TCurve>(
    Quadratic<TField> C0, Quadratic<TField> C1, Quadratic<TField> C2)
    where TField : struct, IField<TField>
    where TCurve : IPairingCurve<TField>
{
    public static Sextic<TField, TCurve> One => new(Quadratic<TField>.One, default, default);

    /// <summary>The product with v.</summary>
    public Sextic<TField, TCurve> MultiplyByV() => new(TCurve.MultiplyByXi(C2), C0, C1);

    public Sextic<TField, TCurve> Invert()
    {
        var a = C0.Square() - TCurve.MultiplyByXi(C1 * C2);
        var b = TCurve.MultiplyByXi(C2.Square()) - (C0 * C1);
        var c = C1.Square() - (C0 * C2);
        var norm = TCurve.MultiplyByXi((C2 * b) + (C1 * c)) + (C0 * a);
        var inverse = norm.Invert();
        return new(a * inverse, b * inverse, c * inverse);
    }

    public static Sextic<TField, TCurve> operator +(in Sextic<TField, TCurve> a, in Sextic<TField, TCurve> b) =>
        new(a.C0 + b.C0, a.C1 + b.C1, a.C2 + b.C2);

    public static Sextic<TField, TCurve> operator -(in Sextic<TField, TCurve> a, in Sextic<TField, TCurve> b) =>
        new(a.C0 - b.C0, a.C1 - b.C1, a.C2 - b.C2);

    public static Sextic<TField, TCurve> operator -(in Sextic<TField, TCurve> a) => new(-a.C0, -a.C1, -a.C2);

    public static Sextic<TField, TCurve> operator *(in Sextic<TField, TCurve> a, in Sextic<TField, TCurve> b)
    {
        var v0 = a.C0 * b.C0;
        var v1 = a.C1 * b.C1;
        var v2 = a.C2 * b.C2;
        return new(
            v0 + TCurve.MultiplyByXi(((a.C1 + a.C2) * (b.C1 + b.C2)) - v1 - v2),
            ((a.C0 + a.C1) * (b.C0 + b.C1)) - v0 - v1 + TCurve.MultiplyByXi(v2),
            ((a.C0 + a.C2) * (b.C0 + b.C2)) - v0 - v2 + v1);
    }
}
