using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;

namespace Voprf;

/// <summary>
/// Hashing to P-256 and to its scalars: suite P256_XMD:SHA-256_SSWU_RO_ of RFC 9380 §8.2. What is hashed is the
/// platform's own data on its own machine, so the field arithmetic needs no constant time.
/// </summary>
internal static class HashToCurve
{
    private const int FieldBytes = 48; // L: ceil((256 + 128) / 8)
    private const int HashBytes = 32;
    private const int BlockBytes = 64;

    private static readonly BigInteger P =
        BigInteger.Parse("0ffffffff00000001000000000000000000000000ffffffffffffffffffffffff", NumberStyles.HexNumber, null);

    private static readonly BigInteger A = P - 3;

    private static readonly BigInteger B =
        BigInteger.Parse("05ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b", NumberStyles.HexNumber, null);

    private static readonly BigInteger Z = P - 10;

    /// <summary>RFC 9380 §3 hash_to_curve; the cofactor is 1.</summary>
    public static Point ToPoint(ReadOnlySpan<byte> message, ReadOnlySpan<byte> domain)
    {
        BigInteger[] u = ToField(message, domain);
        return Map(u[0]) + Map(u[1]);
    }

    /// <summary>RFC 9497 §4.3: hash_to_field with the group's order as the modulus.</summary>
    public static Scalar ToScalar(ReadOnlySpan<byte> message, ReadOnlySpan<byte> domain) =>
        Scalar.Reduce(Expand(message, domain, FieldBytes));

    /// <summary>RFC 9380 §5.2 with count 2.</summary>
    internal static BigInteger[] ToField(ReadOnlySpan<byte> message, ReadOnlySpan<byte> domain)
    {
        byte[] uniform = Expand(message, domain, 2 * FieldBytes);
        return [Number(uniform.AsSpan(0, FieldBytes)) % P, Number(uniform.AsSpan(FieldBytes)) % P];
    }

    /// <summary>RFC 9380 §6.6.2, the simplified SWU map.</summary>
    internal static Point Map(BigInteger u)
    {
        BigInteger zu2 = Z * u % P * u % P;
        BigInteger tv1 = Inverse(((zu2 * zu2) + zu2) % P);
        BigInteger x1 = tv1.IsZero
            ? B * Inverse(Z * A % P) % P
            : (P - B) * Inverse(A) % P * (1 + tv1) % P;
        BigInteger gx1 = Curve(x1);
        (BigInteger x, BigInteger gx) = IsSquare(gx1) ? (x1, gx1) : (zu2 * x1 % P, Curve(zu2 * x1 % P));
        BigInteger y = BigInteger.ModPow(gx, (P + 1) / 4, P); // P = 3 mod 4
        if (u.IsEven != y.IsEven)
            y = P - y;
        return Point.FromAffine(Bytes(x), Bytes(y));
    }

    /// <summary>RFC 9380 §5.3.1 expand_message_xmd with SHA-256.</summary>
    internal static byte[] Expand(ReadOnlySpan<byte> message, ReadOnlySpan<byte> domain, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(domain.Length, 255);
        int blocks = (length + HashBytes - 1) / HashBytes;
        byte[] tag = [.. domain, (byte)domain.Length];
        byte[] lengthBytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(lengthBytes, (ushort)length);
        byte[] first = SHA256.HashData([.. new byte[BlockBytes], .. message, .. lengthBytes, 0, .. tag]);
        byte[] uniform = new byte[blocks * HashBytes];
        byte[] block = new byte[HashBytes];
        for (int i = 1; i <= blocks; i++)
        {
            for (int j = 0; j < HashBytes; j++)
                block[j] ^= first[j];
            block = SHA256.HashData([.. block, (byte)i, .. tag]);
            block.CopyTo(uniform, (i - 1) * HashBytes);
        }
        return uniform[..length];
    }

    private static BigInteger Curve(BigInteger x) => ((x * x % P * x) + (A * x) + B) % P;

    private static bool IsSquare(BigInteger x) => x.IsZero || BigInteger.ModPow(x, (P - 1) / 2, P).IsOne;

    // inv0 of RFC 9380 §4: the inverse of 0 is 0.
    private static BigInteger Inverse(BigInteger x) => BigInteger.ModPow(x, P - 2, P);

    private static BigInteger Number(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    private static byte[] Bytes(BigInteger value)
    {
        byte[] bytes = new byte[32];
        byte[] digits = value.ToByteArray(isUnsigned: true, isBigEndian: true);
        digits.CopyTo(bytes, bytes.Length - digits.Length);
        return bytes;
    }
}
