namespace Chain.Evm.Precompiles.Pairings;

/// <summary>What the Miller loop and the field tower need to know of a curve with a sextic twist.</summary>
internal interface IPairingCurve<TField>
    where TField : struct, IField<TField>
{
    /// <summary>b of the twist y² = x³ + b.</summary>
    static abstract Quadratic<TField> TwistB { get; }

    /// <summary>Whether the twist divides b by ξ (D-type) or multiplies it (M-type).</summary>
    static abstract bool IsDTwist { get; }

    /// <summary>Signed binary digits of the loop count, most significant first.</summary>
    static abstract ReadOnlySpan<sbyte> Loop { get; }

    /// <summary>ξ^(i(p−1)/6) for i from 0 to 5.</summary>
    static abstract Quadratic<TField>[] FrobeniusFactors { get; }

    /// <summary>1/2.</summary>
    static abstract TField Half { get; }

    static abstract Quadratic<TField> MultiplyByXi(in Quadratic<TField> a);
}
