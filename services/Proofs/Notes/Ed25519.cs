using System.Numerics;
using System.Security.Cryptography;

namespace Proofs.Notes;

/// <summary>
/// Strict Ed25519 verification in managed code (RFC 8032 §5.1.7), so that a proof can be checked where no native
/// library is: S below the group order, canonical encodings of both points, no key of small order; the group equation
/// is the one with the cofactor.
/// </summary>
public static class Ed25519
{
    /// <summary>Length of a public key in bytes.</summary>
    public const int PublicKeySize = 32;

    /// <summary>Length of a signature in bytes.</summary>
    public const int SignatureSize = 64;

    private static readonly BigInteger P = BigInteger.Pow(2, 255) - 19;
    private static readonly BigInteger Order =
        BigInteger.Pow(2, 252) + BigInteger.Parse("27742317777372353535851937790883648493");
    private static readonly BigInteger D = Mod(-121665 * BigInteger.ModPow(121666, P - 2, P));
    private static readonly BigInteger SqrtMinusOne = BigInteger.ModPow(2, (P - 1) / 4, P);
    private static readonly FieldElement TwoD = FieldElement.From(2 * D);
    private static readonly Point Base = Decode(BasePoint()) ?? throw new InvalidOperationException();

    /// <summary>True if the signature of the message is by the key.</summary>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != SignatureSize || Decode(publicKey) is not { } key || IsSmallOrder(key))
            return false;
        var s = Little(signature[32..]);
        if (s >= Order || Decode(signature[..32]) is not { } r)
            return false;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
        hash.AppendData(signature[..32]);
        hash.AppendData(publicKey);
        hash.AppendData(message);
        var k = Little(hash.GetHashAndReset()) % Order;
        // [8](S·B − k·A − R) is the neutral element.
        var difference = Add(MultiplyBoth(s, Base, k, Negate(key)), Negate(r));
        return IsNeutral(TimesCofactor(difference));
    }

    private static Point? Decode(ReadOnlySpan<byte> encoded)
    {
        if (encoded.Length != PublicKeySize)
            return null;
        var y = Little(encoded);
        var odd = !(y >> 255).IsZero;
        y &= (BigInteger.One << 255) - 1;
        if (y >= P)
            return null;
        // x² = (y² − 1) / (d·y² + 1), RFC 8032 §5.1.3.
        var (u, v) = (FieldElement.From((y * y) - 1), FieldElement.From((D * y * y) + 1));
        var v3 = v * v * v;
        var x = u * v3 * (u * v3 * v3 * v).Power((P - 5) / 8);
        var check = v * x * x;
        if (!(check - u).IsZero)
        {
            if (!(check + u).IsZero)
                return null;
            x *= FieldElement.From(SqrtMinusOne);
        }
        var value = x.ToBigInteger();
        if (value.IsZero && odd)
            return null;
        if (!value.IsEven != odd)
            x = FieldElement.Zero - x;
        var fieldY = FieldElement.From(y);
        return new Point(x, fieldY, FieldElement.One, x * fieldY);
    }

    private static byte[] BasePoint()
    {
        var bytes = new byte[32];
        Array.Fill(bytes, (byte)0x66);
        bytes[0] = 0x58;
        return bytes;
    }

    // Shamir's trick: one chain of doublings for both products.
    private static Point MultiplyBoth(BigInteger a, Point p, BigInteger b, Point q)
    {
        var both = Add(p, q);
        var result = Point.Neutral;
        for (var bit = (int)Math.Max(a.GetBitLength(), b.GetBitLength()) - 1; bit >= 0; bit--)
        {
            result = Add(result, result);
            var (inA, inB) = (!((a >> bit) & 1).IsZero, !((b >> bit) & 1).IsZero);
            if (inA || inB)
                result = Add(result, inA && inB ? both : inA ? p : q);
        }
        return result;
    }

    // Complete addition in extended coordinates, RFC 8032 §5.1.4.
    private static Point Add(Point p, Point q)
    {
        var a = (p.Y - p.X) * (q.Y - q.X);
        var b = (p.Y + p.X) * (q.Y + q.X);
        var c = p.T * TwoD * q.T;
        var d = p.Z * q.Z;
        d += d;
        var (e, f, g, h) = (b - a, d - c, d + c, b + a);
        return new Point(e * f, g * h, f * g, e * h);
    }

    private static Point Negate(Point p) => p with { X = FieldElement.Zero - p.X, T = FieldElement.Zero - p.T };

    private static Point TimesCofactor(Point p)
    {
        for (var i = 0; i < 3; i++)
            p = Add(p, p);
        return p;
    }

    private static bool IsSmallOrder(Point p) => IsNeutral(TimesCofactor(p));

    private static bool IsNeutral(Point p) => p.X.IsZero && (p.Y - p.Z).IsZero;

    private static BigInteger Little(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true);

    private static BigInteger Mod(BigInteger value) => ((value % P) + P) % P;

    private readonly record struct Point(FieldElement X, FieldElement Y, FieldElement Z, FieldElement T)
    {
        public static readonly Point Neutral =
            new(FieldElement.Zero, FieldElement.One, FieldElement.One, FieldElement.Zero);
    }
}
