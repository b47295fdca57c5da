using System.Diagnostics.CodeAnalysis;

namespace Voprf;

/// <summary>
/// A point of P-256 other than the identity, kept in its one compressed form (SEC 1 §2.3.3, 33 bytes). Identity, points
/// off the curve and other encodings can't be read, so that no operation ever meets one (RFC 9497 §2.1).
/// </summary>
public sealed class Point : IEquatable<Point>
{
    /// <summary>Length of the form in bytes.</summary>
    public const int Length = OpenSslCurve.PointBytes;

    private readonly byte[] _encoded;

    private Point(byte[] encoded) => _encoded = encoded;

    /// <summary>The generator of the group.</summary>
    public static Point Generator { get; } = MultiplyGenerator(Scalar.Of(1));

    /// <summary>Reads the compressed form.</summary>
    public static bool TryRead(ReadOnlySpan<byte> encoded, [NotNullWhen(true)] out Point? point)
    {
        point = OpenSslCurve.Normalise(encoded) is { } bytes && bytes.AsSpan().SequenceEqual(encoded) ? new(bytes) : null;
        return point is not null;
    }

    /// <summary>Reads the compressed form from lower-case hex.</summary>
    public static bool TryRead(string? hex, [NotNullWhen(true)] out Point? point)
    {
        point = null;
        return hex is { Length: 2 * Length } && hex.All(char.IsAsciiHexDigitLower)
            && TryRead(Convert.FromHexString(hex), out point);
    }

    internal static Point FromAffine(ReadOnlySpan<byte> x, ReadOnlySpan<byte> y) => new(OpenSslCurve.FromAffine(x, y));

    /// <summary>The public point of a secret.</summary>
    /// <exception cref="ArgumentException">The secret is zero.</exception>
    public static Point MultiplyGenerator(Scalar secret) => Result(OpenSslCurve.Multiply(null, secret.Bytes));

    /// <summary>The point multiplied by a scalar.</summary>
    /// <exception cref="ArgumentException">The scalar is zero.</exception>
    public static Point operator *(Scalar scalar, Point point) =>
        Result(OpenSslCurve.Multiply(point._encoded, scalar.Bytes));

    /// <summary>The sum.</summary>
    /// <exception cref="ArgumentException">It is the identity.</exception>
    public static Point operator +(Point left, Point right) => Result(OpenSslCurve.Add(left._encoded, right._encoded));

    /// <summary>The compressed form. The span is the point's own memory.</summary>
    public ReadOnlySpan<byte> Encoded => _encoded;

    /// <summary>The compressed form in lower-case hex.</summary>
    public override string ToString() => Convert.ToHexStringLower(_encoded);

    /// <inheritdoc/>
    public bool Equals(Point? other) => other is not null && _encoded.AsSpan().SequenceEqual(other._encoded);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Point);

    /// <inheritdoc/>
    public override int GetHashCode() => BitConverter.ToInt32(_encoded, 1);

    private static Point Result(byte[]? encoded) =>
        encoded is null ? throw new ArgumentException("The result is the identity.") : new Point(encoded);
}
