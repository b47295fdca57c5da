using System.Numerics;
using System.Runtime.CompilerServices;

using Fp = Chain.Evm.Precompiles.Pairings.PrimeField<
    Chain.Evm.Precompiles.Pairings.FourLimbs, Chain.Evm.Precompiles.Pairings.Bn254Modulus>;
using Fp2 = Chain.Evm.Precompiles.Pairings.Quadratic<Chain.Evm.Precompiles.Pairings.PrimeField<
    Chain.Evm.Precompiles.Pairings.FourLimbs, Chain.Evm.Precompiles.Pairings.Bn254Modulus>>;

namespace Chain.Evm.Precompiles.Pairings;

[InlineArray(4)]
internal struct FourLimbs
{
    private ulong _first;
}

/// <summary>The base field of alt_bn128 (EIP-196).</summary>
internal readonly struct Bn254Modulus : IModulus
{
    public static ReadOnlySpan<ulong> P =>
        [0x3c208c16d87cfd47, 0x97816a916871ca8d, 0xb85045b68181585d, 0x30644e72e131a029];

    public static ulong NegatedInverse => 0x87d20782e4866389;

    public static ReadOnlySpan<ulong> R =>
        [0xd35d438dc58f0d9d, 0x0a78eb28f5c70b3d, 0x666ea36f7879462c, 0x0e0a77c19a07df2f];

    public static ReadOnlySpan<ulong> RSquared =>
        [0xf32cfc5b538afa89, 0xb5e71911d44501fb, 0x47ab1eff0a417ff6, 0x06d89f71cab8351f];
}

/// <summary>The curve alt_bn128 and its optimal ate pairing (EIP-196, EIP-197): y² = x³ + 3, ξ = 9 + i.</summary>
internal readonly struct Bn254 : IPairingCurve<Fp>
{
    /// <summary>The curve's parameter u, from which p, r and the loop 6u + 2 follow.</summary>
    private static readonly BigInteger U = 4_965_661_367_192_848_881;

    private static readonly Fp BOfG1 = Fp.FromInt(3);

    private static readonly Fp2 Xi =
        new(Fp.FromInt(9), Fp.One);

    public static Fp2[] FrobeniusFactors { get; } =
        [.. Enumerable.Range(0, 6).Select(i => Xi.Power((Fp.Modulus - 1) / 6 * i))];

    public static Fp2 TwistB { get; } = Xi.Invert().Scale(BOfG1);

    public static Fp Half { get; } =
        Fp.FromInt(2).Invert();

    public static bool IsDTwist => true;

    /// <summary>6u + 2 in non-adjacent form.</summary>
    public static ReadOnlySpan<sbyte> Loop =>
    [
        1, 0, -1, 0, 1, 0, 0, 0, -1, 0, -1, 0, 0, 0, -1, 0, 1, 0, -1, 0, 0, -1, 0, 0, 0, 0, 0, 1, 0, 0, -1, 0, 1,
        0, 0, -1, 0, 0, 0, 0, -1, 0, 1, 0, 0, 0, -1, 0, -1, 0, 0, 1, 0, 0, 0, -1, 0, 0, -1, 0, 1, 0, 1, 0, 0, 0,
    ];

    public static Fp2 MultiplyByXi(
        in Fp2 a)
    {
        var a8 = a + a;
        a8 += a8;
        a8 += a8;
        return new(a8.C0 + a.C0 - a.C1, a8.C1 + a.C1 + a.C0);
    }

    public static bool IsInG1(
        in Fp x, in Fp y) =>
        CurvePoint<Fp>.IsOnCurve(x, y, BOfG1);

    /// <summary>On the twist and of order r: ψ(Q) = [6u²]Q, which with ψ² − tψ + p = 0 and t − 1 = 6u² gives
    /// [r]Q = 0.</summary>
    public static bool IsInG2(
        in Fp2 x, in Fp2 y)
    {
        if (!CurvePoint<Fp2>.IsOnCurve(x, y, TwistB))
            return false;
        var image = Frobenius((x, y));
        return CurvePoint<Fp2>.FromAffine(x, y).Multiply(6 * U * U)
            .IsSameAs(CurvePoint<Fp2>.FromAffine(image.X, image.Y));
    }

    /// <summary>Whether the product of the pairings of all pairs is one.</summary>
    public static bool IsProductOne(IReadOnlyList<MillerPair<Fp, Bn254>> pairs)
    {
        var f = MillerLoop.Run(pairs);
        foreach (var pair in pairs)
        {
            var q1 = Frobenius(pair.Q);
            var q2 = Frobenius(q1);
            f *= pair.Add(q1.X, q1.Y);
            f *= pair.Add(q2.X, -q2.Y);
        }

        return FinalExponentiation(f) == Dodecic<Fp, Bn254>.One;
    }

    /// <summary>The p-power Frobenius carried over to the twist.</summary>
    private static (Fp2 X, Fp2 Y)
        Frobenius(
            (Fp2 X, Fp2 Y) q) =>
        (q.X.Conjugate() * FrobeniusFactors[2], q.Y.Conjugate() * FrobeniusFactors[3]);

    /// <summary>f^((p¹² − 1)/r), the hard part by Scott, Benger, Charlemagne, Dominguez Perez and Kachisa
    /// (2009).</summary>
    private static Dodecic<Fp, Bn254> FinalExponentiation(
        in Dodecic<Fp, Bn254> f)
    {
        var easy = f.Conjugate() * f.Invert();
        easy = easy.Frobenius().Frobenius() * easy;

        var p1 = easy.Frobenius();
        var p2 = p1.Frobenius();
        var p3 = p2.Frobenius();
        var u1 = easy.Power(U);
        var u2 = u1.Power(U);
        var u3 = u2.Power(U);
        var y0 = p1 * p2 * p3;
        var y1 = easy.Conjugate();
        var y2 = u2.Frobenius().Frobenius();
        var y3 = u1.Frobenius().Conjugate();
        var y4 = (u1 * u2.Frobenius()).Conjugate();
        var y5 = u2.Conjugate();
        var y6 = (u3 * u3.Frobenius()).Conjugate();

        var t0 = y6.Square() * y4 * y5;
        var t1 = (y3 * y5 * t0).Square();
        t1 = (t1 * (t0 * y2)).Square();
        return (t1 * y1).Square() * (t1 * y0);
    }
}
