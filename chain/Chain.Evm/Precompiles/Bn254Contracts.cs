using System.Numerics;
using Chain.Evm.Precompiles.Pairings;
using Fp = Chain.Evm.Precompiles.Pairings.PrimeField<
    Chain.Evm.Precompiles.Pairings.FourLimbs, Chain.Evm.Precompiles.Pairings.Bn254Modulus>;
using G1 = Chain.Evm.Precompiles.Pairings.CurvePoint<Chain.Evm.Precompiles.Pairings.PrimeField<
    Chain.Evm.Precompiles.Pairings.FourLimbs, Chain.Evm.Precompiles.Pairings.Bn254Modulus>>;

namespace Chain.Evm.Precompiles;

/// <summary>Points of alt_bn128 as bytes: coordinates of 32 bytes, both zero at infinity (EIP-196).</summary>
internal static class Bn254Encoding
{
    public const int PointSize = 64;

    public static bool TryReadG1(ReadOnlySpan<byte> bytes, out G1 point)
    {
        point = G1.Infinity;
        if (!Fp.TryRead(bytes[..32], out var x) || !Fp.TryRead(bytes[32..64], out var y))
            return false;
        if (x.IsZero && y.IsZero)
            return true;
        point = G1.FromAffine(x, y);
        return Bn254.IsInG1(x, y);
    }

    /// <summary>Reads x and y with the imaginary part first (EIP-197); null at infinity.</summary>
    public static bool TryReadG2(ReadOnlySpan<byte> bytes, out (Quadratic<Fp> X, Quadratic<Fp> Y)? point)
    {
        point = null;
        if (!Fp.TryRead(bytes[..32], out var x1) || !Fp.TryRead(bytes[32..64], out var x0)
            || !Fp.TryRead(bytes[64..96], out var y1) || !Fp.TryRead(bytes[96..128], out var y0))
            return false;
        var (x, y) = (new Quadratic<Fp>(x0, x1), new Quadratic<Fp>(y0, y1));
        if (x.IsZero && y.IsZero)
            return true;
        point = (x, y);
        return Bn254.IsInG2(x, y);
    }

    public static byte[] Write(in G1 point)
    {
        var output = new byte[PointSize];
        if (point.IsInfinity)
            return output;
        var (x, y) = point.ToAffine();
        x.Write(output);
        y.Write(output.AsSpan(32));
        return output;
    }
}

/// <summary>0x06: addition on alt_bn128 (EIP-196, priced by EIP-1108).</summary>
internal sealed class Bn254Add : PrecompiledContract
{
    public override long Gas(ReadOnlySpan<byte> input) => 150;

    public override byte[]? Run(ReadOnlySpan<byte> input)
    {
        Span<byte> data = stackalloc byte[2 * Bn254Encoding.PointSize];
        Read(input, 0, data);
        return Bn254Encoding.TryReadG1(data, out var a) && Bn254Encoding.TryReadG1(data[64..], out var b)
            ? Bn254Encoding.Write(a + b)
            : null;
    }
}

/// <summary>0x07: multiplication on alt_bn128 (EIP-196, priced by EIP-1108).</summary>
internal sealed class Bn254Multiply : PrecompiledContract
{
    public override long Gas(ReadOnlySpan<byte> input) => 6_000;

    public override byte[]? Run(ReadOnlySpan<byte> input)
    {
        Span<byte> data = stackalloc byte[Bn254Encoding.PointSize + 32];
        Read(input, 0, data);
        return Bn254Encoding.TryReadG1(data, out var point)
            ? Bn254Encoding.Write(point.Multiply(new BigInteger(data[64..], isUnsigned: true, isBigEndian: true)))
            : null;
    }
}

/// <summary>0x08: whether a product of pairings on alt_bn128 is one (EIP-197, priced by EIP-1108).</summary>
internal sealed class Bn254Pairing : PrecompiledContract
{
    private const int PairSize = 192;

    public override long Gas(ReadOnlySpan<byte> input) => 45_000 + (34_000L * (input.Length / PairSize));

    public override byte[]? Run(ReadOnlySpan<byte> input)
    {
        if (input.Length % PairSize != 0)
            return null;
        var pairs = new List<MillerPair<Fp, Bn254>>();
        for (; input.Length > 0; input = input[PairSize..])
        {
            if (!Bn254Encoding.TryReadG1(input, out var p) || !Bn254Encoding.TryReadG2(input[64..], out var q))
                return null;
            if (!p.IsInfinity && q is { } finite)
                pairs.Add(new MillerPair<Fp, Bn254>(p.ToAffine(), finite));
        }

        var output = new byte[32];
        output[^1] = Bn254.IsProductOne(pairs) ? (byte)1 : (byte)0;
        return output;
    }
}
