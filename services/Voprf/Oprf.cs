using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Voprf;

/// <summary>A proof that two points were multiplied by one secret (RFC 9497 §2.2).</summary>
/// <param name="Challenge">c.</param>
/// <param name="Response">s.</param>
public sealed record EqualityProof(Scalar Challenge, Scalar Response)
{
    /// <summary>Length of the form c ‖ s in bytes.</summary>
    public const int Length = 2 * Scalar.Length;

    /// <summary>The form c ‖ s.</summary>
    public byte[] ToBytes() => [.. Challenge.Bytes, .. Response.Bytes];

    /// <summary>Reads c ‖ s.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out EqualityProof? proof)
    {
        proof = bytes.Length == Length && Scalar.TryRead(bytes[..Scalar.Length], out Scalar? c)
            && Scalar.TryRead(bytes[Scalar.Length..], out Scalar? s)
                ? new EqualityProof(c, s)
                : null;
        return proof is not null;
    }
}

/// <summary>
/// The verifiable oblivious pseudorandom function of RFC 9497, mode VOPRF (1), suite P256-SHA256. The client learns
/// F(key, input) and neither the key holder what the input was nor the client the key.
/// </summary>
public static class Oprf
{
    private static readonly byte[] Context = [.. "OPRFV1-"u8, 1, .. "-P256-SHA256"u8];
    private static readonly byte[] GroupDomain = Domain("HashToGroup-");
    private static readonly byte[] ScalarDomain = Domain("HashToScalar-");
    private static readonly byte[] SeedDomain = Domain("Seed-");
    private static readonly byte[] DeriveDomain = Domain("DeriveKeyPair");

    /// <summary>§3.3.2 Blind: the input's point multiplied by a secret of the client.</summary>
    /// <exception cref="ArgumentException">The blind is zero.</exception>
    public static Point Blind(ReadOnlySpan<byte> input, Scalar blind) => blind * HashToCurve.ToPoint(input, GroupDomain);

    /// <summary>§3.3.2 BlindEvaluate without its proof.</summary>
    public static Point Evaluate(Scalar secret, Point blinded) => secret * blinded;

    /// <summary>§3.3.2 Finalize once the proof is verified: unblinds and hashes.</summary>
    public static byte[] Finalize(ReadOnlySpan<byte> input, Scalar blind, Point evaluated)
    {
        Point unblinded = blind.Inverse() * evaluated;
        return SHA256.HashData(
            [.. Prefixed(input), .. Prefixed(unblinded.Encoded), .. "Finalize"u8]);
    }

    /// <summary>§2.2.1 GenerateProof over the group's generator.</summary>
    /// <param name="secret">The key.</param>
    /// <param name="publicKey">Its public point.</param>
    /// <param name="pairs">Blinded points and what they became.</param>
    /// <param name="random">A new random scalar, never used before.</param>
    public static EqualityProof Prove(
        Scalar secret, Point publicKey, IReadOnlyList<(Point Blinded, Point Evaluated)> pairs, Scalar random)
    {
        (Point m, _) = Composites(publicKey, pairs);
        Point z = secret * m;
        Scalar c = Challenge(publicKey, m, z, Point.MultiplyGenerator(random), random * m);
        return new EqualityProof(c, random - (c * secret));
    }

    /// <summary>§2.2.2 VerifyProof over the group's generator.</summary>
    public static bool Verify(
        Point publicKey, IReadOnlyList<(Point Blinded, Point Evaluated)> pairs, EqualityProof proof)
    {
        // Zero is met by chance never; refused, it keeps every product a point.
        if (pairs.Count == 0 || proof.Challenge.IsZero || proof.Response.IsZero)
            return false;
        try
        {
            (Point m, Point z) = Composites(publicKey, pairs);
            Point t2 = Point.MultiplyGenerator(proof.Response) + (proof.Challenge * publicKey);
            Point t3 = (proof.Response * m) + (proof.Challenge * z);
            return Challenge(publicKey, m, z, t2, t3).Equals(proof.Challenge);
        }
        catch (ArgumentException)
        {
            return false; // A sum is the identity, which no honest proof makes.
        }
    }

    /// <summary>§3.2.1 DeriveKeyPair.</summary>
    /// <exception cref="CryptographicException">No key was found in 256 attempts.</exception>
    public static Scalar DeriveKey(ReadOnlySpan<byte> seed, ReadOnlySpan<byte> info)
    {
        for (int counter = 0; counter <= byte.MaxValue; counter++)
        {
            Scalar key = HashToCurve.ToScalar([.. seed, .. Prefixed(info), (byte)counter], DeriveDomain);
            if (!key.IsZero)
                return key;
        }
        throw new CryptographicException("No key comes from this seed.");
    }

    /// <summary>§2.2.1 ComputeComposites: one pair that stands for all.</summary>
    private static (Point M, Point Z) Composites(Point publicKey, IReadOnlyList<(Point Blinded, Point Evaluated)> pairs)
    {
        byte[] seed = SHA256.HashData([.. Prefixed(publicKey.Encoded), .. Prefixed(SeedDomain)]);
        (Point? m, Point? z) = (null, null);
        for (int i = 0; i < pairs.Count; i++)
        {
            (Point blinded, Point evaluated) = pairs[i];
            Scalar d = HashToCurve.ToScalar(
                [
                    .. Prefixed(seed), .. Number(i), .. Prefixed(blinded.Encoded), .. Prefixed(evaluated.Encoded),
                    .. "Composite"u8,
                ],
                ScalarDomain);
            m = m is null ? d * blinded : m + (d * blinded);
            z = z is null ? d * evaluated : z + (d * evaluated);
        }
        return (m!, z!);
    }

    private static Scalar Challenge(Point publicKey, Point m, Point z, Point t2, Point t3) => HashToCurve.ToScalar(
        [
            .. Prefixed(publicKey.Encoded), .. Prefixed(m.Encoded), .. Prefixed(z.Encoded), .. Prefixed(t2.Encoded),
            .. Prefixed(t3.Encoded), .. "Challenge"u8,
        ],
        ScalarDomain);

    private static byte[] Domain(string name) => [.. Encoding.ASCII.GetBytes(name), .. Context];

    private static byte[] Prefixed(ReadOnlySpan<byte> bytes) => [.. Number(bytes.Length), .. bytes];

    private static byte[] Number(int value)
    {
        byte[] bytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, checked((ushort)value));
        return bytes;
    }
}
