using System.Numerics;

namespace Chain.Evm.Precompiles.Pairings;

/// <summary>c0 + c1·w over the sextic field, w² = v: where pairings take their values.</summary>
internal readonly record struct Dodecic<TField, TCurve>(Sextic<TField, TCurve> C0, Sextic<TField, TCurve> C1)
    where TField : struct, IField<TField>
    where TCurve : IPairingCurve<TField>
{
    public static Dodecic<TField, TCurve> One => new(Sextic<TField, TCurve>.One, default);

    /// <summary>The p⁶-th power; the inverse in the cyclotomic subgroup.</summary>
    public Dodecic<TField, TCurve> Conjugate() => new(C0, -C1);

    public Dodecic<TField, TCurve> Square()
    {
        var product = C0 * C1;
        return new(
            ((C0 + C1) * (C0 + C1.MultiplyByV())) - product - product.MultiplyByV(),
            product + product);
    }

    public Dodecic<TField, TCurve> Invert()
    {
        var inverse = ((C0 * C0) - (C1 * C1).MultiplyByV()).Invert();
        return new(C0 * inverse, -(C1 * inverse));
    }

    /// <summary>The p-th power: conjugate the coefficients and scale that of wⁱ by ξ^(i(p−1)/6).</summary>
    public Dodecic<TField, TCurve> Frobenius()
    {
        var g = TCurve.FrobeniusFactors;
        return new(
            new(C0.C0.Conjugate(), C0.C1.Conjugate() * g[2], C0.C2.Conjugate() * g[4]),
            new(C1.C0.Conjugate() * g[1], C1.C1.Conjugate() * g[3], C1.C2.Conjugate() * g[5]));
    }

    public Dodecic<TField, TCurve> Power(BigInteger exponent)
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

    public static Dodecic<TField, TCurve> operator *(in Dodecic<TField, TCurve> a, in Dodecic<TField, TCurve> b)
    {
        var low = a.C0 * b.C0;
        var high = a.C1 * b.C1;
        return new(low + high.MultiplyByV(), ((a.C0 + a.C1) * (b.C0 + b.C1)) - low - high);
    }
}
