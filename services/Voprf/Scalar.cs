using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Security.Cryptography;

namespace Voprf;

/// <summary>An integer modulo the order of P-256. A key share or a blind is one: it is never logged or printed.</summary>
public sealed class Scalar : IEquatable<Scalar>
{
    /// <summary>Length of the big-endian form in bytes.</summary>
    public const int Length = 32;

    internal static readonly byte[] OrderBytes =
        Convert.FromHexString("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");

    private static readonly BigInteger Order = new(OrderBytes, isUnsigned: true, isBigEndian: true);
    private readonly byte[] _bytes;

    private Scalar(byte[] bytes) => _bytes = bytes;

    /// <summary>A small number, such as the index of a key holder.</summary>
    public static Scalar Of(int value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        byte[] bytes = new byte[Length];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(Length - 4), value);
        return new Scalar(bytes);
    }

    /// <summary>Reads 32 bytes; refused unless they are below the order, so that every scalar has one form.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out Scalar? scalar)
    {
        scalar = bytes.Length == Length && bytes.SequenceCompareTo(OrderBytes) < 0 ? new Scalar(bytes.ToArray()) : null;
        return scalar is not null;
    }

    /// <summary>A number of any length modulo the order (RFC 9380 §5.2, RFC 9497 §4.3).</summary>
    internal static Scalar Reduce(ReadOnlySpan<byte> bigEndian)
    {
        BigInteger value = new BigInteger(bigEndian, isUnsigned: true, isBigEndian: true) % Order;
        byte[] bytes = new byte[Length];
        byte[] digits = value.ToByteArray(isUnsigned: true, isBigEndian: true);
        digits.CopyTo(bytes, Length - digits.Length);
        return new Scalar(bytes);
    }

    /// <summary>A new secret: uniform, and not zero. For the edge.</summary>
    public static Scalar NewRandom()
    {
        while (true)
        {
            if (TryRead(RandomNumberGenerator.GetBytes(Length), out Scalar? scalar) && !scalar.IsZero)
                return scalar;
        }
    }

    /// <summary>Whether it is zero, which is no key and no blind.</summary>
    public bool IsZero => !_bytes.AsSpan().ContainsAnyExcept((byte)0);

    /// <summary>The big-endian form. The span is the scalar's own memory.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Product modulo the order.</summary>
    public static Scalar operator *(Scalar left, Scalar right) =>
        new(OpenSslCurve.MultiplyScalars(left._bytes, right._bytes));

    /// <summary>Sum modulo the order.</summary>
    public static Scalar operator +(Scalar left, Scalar right) => new(OpenSslCurve.AddScalars(left._bytes, right._bytes));

    /// <summary>Difference modulo the order.</summary>
    public static Scalar operator -(Scalar left, Scalar right) =>
        new(OpenSslCurve.SubtractScalars(left._bytes, right._bytes));

    /// <summary>The inverse modulo the order.</summary>
    /// <exception cref="DivideByZeroException">It is zero.</exception>
    public Scalar Inverse() =>
        IsZero ? throw new DivideByZeroException() : new Scalar(OpenSslCurve.InvertScalar(_bytes));

    /// <summary>Compares in constant time.</summary>
    public bool Equals(Scalar? other) => other is not null && CryptographicOperations.FixedTimeEquals(_bytes, other._bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Scalar);

    /// <inheritdoc/>
    public override int GetHashCode() => throw new NotSupportedException("A secret is no key of a table.");
}
