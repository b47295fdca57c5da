using System.Numerics;
using System.Runtime.CompilerServices;
using Fp = Chain.Evm.Precompiles.Pairings.PrimeField<
    Chain.Evm.Precompiles.Pairings.SixLimbs, Chain.Evm.Precompiles.Pairings.Bls12381Modulus>;
using Fp2 = Chain.Evm.Precompiles.Pairings.Quadratic<Chain.Evm.Precompiles.Pairings.PrimeField<
    Chain.Evm.Precompiles.Pairings.SixLimbs, Chain.Evm.Precompiles.Pairings.Bls12381Modulus>>;
using G1 = Chain.Evm.Precompiles.Pairings.CurvePoint<Chain.Evm.Precompiles.Pairings.PrimeField<
    Chain.Evm.Precompiles.Pairings.SixLimbs, Chain.Evm.Precompiles.Pairings.Bls12381Modulus>>;

namespace Chain.Evm.Precompiles.Pairings;

[InlineArray(6)]
internal struct SixLimbs
{
    private ulong _first;
}

/// <summary>The base field of BLS12-381.</summary>
internal readonly struct Bls12381Modulus : IModulus
{
    public static ReadOnlySpan<ulong> P =>
    [
        0xb9feffffffffaaab, 0x1eabfffeb153ffff, 0x6730d2a0f6b0f624,
        0x64774b84f38512bf, 0x4b1ba7b6434bacd7, 0x1a0111ea397fe69a,
    ];

    public static ulong NegatedInverse => 0x89f3fffcfffcfffd;

    public static ReadOnlySpan<ulong> R =>
    [
        0x760900000002fffd, 0xebf4000bc40c0002, 0x5f48985753c758ba,
        0x77ce585370525745, 0x5c071a97a256ec6d, 0x15f65ec3fa80e493,
    ];

    public static ReadOnlySpan<ulong> RSquared =>
    [
        0xf4df1f341c341746, 0x0a76e6a609d104f1, 0x8de5476c4c95b6d5,
        0x67eb88a9939d83c0, 0x9a793e85b519952d, 0x11988fe592cae3aa,
    ];
}

/// <summary>The curve BLS12-381 and its optimal ate pairing: y² = x³ + 4, ξ = 1 + i.</summary>
internal readonly struct Bls12381 : IPairingCurve<Fp>
{
    /// <summary>|x| of the curve's negative parameter x.</summary>
    private static readonly BigInteger X = 0xd201000000010000;

    private static readonly Fp BOfG1 = Fp.FromInt(4);

    private static readonly Fp2 Xi = new(Fp.One, Fp.One);

    /// <summary>The order r of the groups.</summary>
    public static readonly BigInteger Order = BigInteger.Parse(
        "52435875175126190479447740508185965837690552500527637822603658699938581184513",
        System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The generator of G1.</summary>
    public static readonly G1 Generator = G1.FromAffine(
        Read("17f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb"),
        Read("08b3f481e3aaa0f1a09e30ed741d8ae4fcf5e095d5d00af600db18cb2c04b3edd03cc744a2888ae40caa232946c5e7e1"));

    /// <summary>The generator of G2.</summary>
    public static readonly (Fp2 X, Fp2 Y) GeneratorOfG2 = (
        new Fp2(
            Read("024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8"),
            Read("13e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e")),
        new Fp2(
            Read("0ce5d527727d6e118cc9cdc6da2e351aadfd9baa8cbdd3a76d429a695160d12c923ac9cc3baca289e193548608b82801"),
            Read("0606c4a02ea734cc32acd2b02bc28b99cb3e287e85a763af267492ab572e99ab3f370d275cec1da1aaa9075ff05f79be")));

    public static Fp2[] FrobeniusFactors { get; } =
        [.. Enumerable.Range(0, 6).Select(i => Xi.Power((Fp.Modulus - 1) / 6 * i))];

    public static Fp2 TwistB { get; } = Xi.Scale(BOfG1);

    public static Fp Half { get; } = Fp.FromInt(2).Invert();

    public static bool IsDTwist => false;

    /// <summary>The binary digits of |x|.</summary>
    public static ReadOnlySpan<sbyte> Loop =>
    [
        1, 1, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];

    public static Fp2 MultiplyByXi(in Fp2 a) => new(a.C0 - a.C1, a.C0 + a.C1);

    /// <summary>Reads the compressed form of 48 bytes (flags in the top three bits) of a point of G1.</summary>
    /// <returns>False when it is not canonical, not on the curve or not in the subgroup.</returns>
    public static bool TryDecompress(ReadOnlySpan<byte> bytes, out G1 point)
    {
        const byte Compressed = 0x80, AtInfinity = 0x40, LargerY = 0x20;
        point = G1.Infinity;
        var flags = bytes[0] & 0xe0;
        Span<byte> number = stackalloc byte[48];
        bytes.CopyTo(number);
        number[0] &= 0x1f;
        if (flags == (Compressed | AtInfinity))
            return number.IndexOfAnyExcept((byte)0) < 0;
        if ((flags & (Compressed | AtInfinity)) != Compressed || !Fp.TryRead(number, out var x))
            return false;

        // p ≡ 3 mod 4, so a square's root is its ((p + 1)/4)-th power.
        var y = ((x.Square() * x) + BOfG1).Power((Fp.Modulus + 1) / 4);
        if (!G1.IsOnCurve(x, y, BOfG1))
            return false;
        y.Write(number);
        var isLarger = new BigInteger(number, isUnsigned: true, isBigEndian: true) > (Fp.Modulus - 1) / 2;
        point = G1.FromAffine(x, isLarger == (flags & LargerY) > 0 ? y : -y);
        return point.Multiply(Order).IsInfinity;
    }

    public static Fp Read(string hex) => Fp.TryRead(Convert.FromHexString(hex), out var value)
        ? value
        : throw new FormatException("Not a field element.");

    /// <summary>Whether the product of the pairings of all pairs is one. The sign of x is left out, which inverts the
    /// product only.</summary>
    public static bool IsProductOne(IReadOnlyList<MillerPair<Fp, Bls12381>> pairs) =>
        FinalExponentiation(MillerLoop.Run(pairs)) == Dodecic<Fp, Bls12381>.One;

    /// <summary>f^(3(p¹² − 1)/r), the hard part (x − 1)²(x + p)(x² + p² − 1) + 3 of Hayashida, Hayasaka and Teruya
    /// (2020).</summary>
    private static Dodecic<Fp, Bls12381> FinalExponentiation(in Dodecic<Fp, Bls12381> f)
    {
        var easy = f.Conjugate() * f.Invert();
        easy = easy.Frobenius().Frobenius() * easy;

        var t = ToTheX(easy) * easy.Conjugate();
        t = ToTheX(t) * t.Conjugate();
        t = ToTheX(t) * t.Frobenius();
        t = ToTheX(ToTheX(t)) * t.Frobenius().Frobenius() * t.Conjugate();
        return t * easy.Square() * easy;
    }

    private static Dodecic<Fp, Bls12381> ToTheX(in Dodecic<Fp, Bls12381> a) => a.Power(X).Conjugate();
}
