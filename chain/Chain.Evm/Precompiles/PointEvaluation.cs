using System.Numerics;
using System.Security.Cryptography;
using Chain.Evm.Precompiles.Pairings;
using Fp = Chain.Evm.Precompiles.Pairings.PrimeField<
    Chain.Evm.Precompiles.Pairings.SixLimbs, Chain.Evm.Precompiles.Pairings.Bls12381Modulus>;

namespace Chain.Evm.Precompiles;

/// <summary>0x0a: whether the polynomial behind a versioned hash has value y at z (EIP-4844).</summary>
internal sealed class PointEvaluation : PrecompiledContract
{
    private const int InputSize = 192;
    private const int FieldElementsPerBlob = 4096;

    /// <summary>[τ]G2 of the KZG ceremony's setup.</summary>
    private static readonly (Quadratic<Fp> X, Quadratic<Fp> Y) Tau = (
        new(
            Bls12381.Read(
                "185cbfee53492714734429b7b38608e23926c911cceceac9"
                + "a36851477ba4c60b087041de621000edc98edada20c1def2"),
            Bls12381.Read(
                "15bfd7dd8cdeb128843bc287230af38926187075cbfbefa8"
                + "1009a2ce615ac53d2914e5870cb452d2afaaab24f3499f72")),
        new(
            Bls12381.Read(
                "014353bdb96b626dd7d5ee8599d1fca2131569490e28de18"
                + "e82451a496a9c9794ce26d105941f383ee689bfbbb832a99"),
            Bls12381.Read(
                "1666c54b0a32529503432fcae0181b4bef79de09fc63671f"
                + "da5ed1ba9bfa07899495346f3d7ac9cd23048ef30d0a154f")));

    public override long Gas(ReadOnlySpan<byte> input) => 50_000;

    public override byte[]? Run(ReadOnlySpan<byte> input)
    {
        if (input.Length != InputSize || !Matches(input[..32], commitment: input[96..144]))
            return null;
        var z = new BigInteger(input[32..64], isUnsigned: true, isBigEndian: true);
        var y = new BigInteger(input[64..96], isUnsigned: true, isBigEndian: true);
        if (z >= Bls12381.Order || y >= Bls12381.Order
            || !Bls12381.TryDecompress(input[96..144], out var commitment)
            || !Bls12381.TryDecompress(input[144..], out var proof))
            return null;

        // e(C − [y]G1, G2) = e(proof, [τ − z]G2), with the multiplication by z moved to G1.
        var left = commitment + Bls12381.Generator.Multiply(y).Negate() + proof.Multiply(z);
        var pairs = new List<MillerPair<Fp, Bls12381>>();
        if (!left.IsInfinity)
            pairs.Add(new(left.Negate().ToAffine(), Bls12381.GeneratorOfG2));
        if (!proof.IsInfinity)
            pairs.Add(new(proof.ToAffine(), Tau));
        if (!Bls12381.IsProductOne(pairs))
            return null;

        var output = new byte[64];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(output.AsSpan(28), FieldElementsPerBlob);
        Bls12381.Order.TryWriteBytes(output.AsSpan(32), out _, isUnsigned: true, isBigEndian: true);
        return output;
    }

    private static bool Matches(ReadOnlySpan<byte> versionedHash, ReadOnlySpan<byte> commitment)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(commitment, hash);
        hash[0] = BlobGas.VersionedHashVersion;
        return hash.SequenceEqual(versionedHash);
    }
}
