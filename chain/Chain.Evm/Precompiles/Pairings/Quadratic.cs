namespace Chain.Evm.Precompiles.Pairings;

/// <summary>c0 + c1·i over a field in which i² = −1.</summary>
internal readonly record struct Quadratic<TField>(TField C0, TField C1) : IField<Quadratic<TField>>
    where TField : struct, IField<TField>
{
    public static Quadratic<TField> Zero => default;

    public static Quadratic<TField> One => new(TField.One, TField.Zero);

    public bool IsZero => C0.IsZero && C1.IsZero;

    public Quadratic<TField> Conjugate() => new(C0, -C1);

    public Quadratic<TField> Square()
    {
        var product = C0 * C1;
        return new((C0 + C1) * (C0 - C1), product + product);
    }

    public Quadratic<TField> Invert()
    {
        var inverse = (C0.Square() + C1.Square()).Invert();
        return new(C0 * inverse, -(C1 * inverse));
    }

    public Quadratic<TField> Scale(in TField factor) => new(C0 * factor, C1 * factor);

    public static Quadratic<TField> operator +(in Quadratic<TField> a, in Quadratic<TField> b) =>
        new(a.C0 + b.C0, a.C1 + b.C1);

    public static Quadratic<TField> operator -(in Quadratic<TField> a, in Quadratic<TField> b) =>
        new(a.C0 - b.C0, a.C1 - b.C1);

    public static Quadratic<TField> operator -(in Quadratic<TField> a) => new(-a.C0, -a.C1);

    public static Quadratic<TField> operator *(in Quadratic<TField> a, in Quadratic<TField> b)
    {
        var low = a.C0 * b.C0;
        var high = a.C1 * b.C1;
        return new(low - high, ((a.C0 + a.C1) * (b.C0 + b.C1)) - low - high);
    }

    public Quadratic<TField> Power(System.Numerics.BigInteger exponent)
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
}
