using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Receivables.Signatures;

/// <summary>
/// Checks what one key signed. A key in the browser is behind it now; a UKey or the certificate of a licensed authority
/// comes behind it by another implementation.
/// </summary>
public interface ISignerKey
{
    /// <summary>RFC 7638 thumbprint with SHA-256, base64url.</summary>
    string KeyId { get; }

    /// <summary>Whether the key signed exactly these bytes.</summary>
    /// <param name="page">The page.</param>
    /// <param name="signature">As the key's kind forms it.</param>
    bool Verify(ReadOnlySpan<byte> page, ReadOnlySpan<byte> signature);
}

/// <summary>
/// A P-256 key as browsers have it (WebCrypto ECDSA with SHA-256). Signatures are r ‖ s, 64 bytes (IEEE P1363). Not for
/// use by two threads at a time.
/// </summary>
public sealed class P256Key : ISignerKey, IDisposable
{
    private const int CoordinateBytes = 32;
    private readonly ECDsa _key;

    private P256Key(string keyId, ECDsa key) => (KeyId, _key) = (keyId, key);

    /// <inheritdoc />
    public string KeyId { get; }

    /// <summary>Reads a key; null where the coordinates are no point of the curve.</summary>
    /// <param name="x">32 bytes in base64url.</param>
    /// <param name="y">The same.</param>
    public static P256Key? Read(string x, string y)
    {
        if (Coordinate(x) is not { } px || Coordinate(y) is not { } py)
            return null;
        try
        {
            ECParameters point = new() { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = px, Y = py } };
            return new P256Key(Thumbprint(x, y), ECDsa.Create(point));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>The name of a key (RFC 7638 §3, members in order crv, kty, x, y).</summary>
    public static string Thumbprint(string x, string y) => Base64Url.EncodeToString(
        SHA256.HashData(Encoding.UTF8.GetBytes($$"""{"crv":"P-256","kty":"EC","x":"{{x}}","y":"{{y}}"}""")));

    /// <inheritdoc />
    public bool Verify(ReadOnlySpan<byte> page, ReadOnlySpan<byte> signature) =>
        signature.Length == 2 * CoordinateBytes && _key.VerifyData(
            page, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

    /// <inheritdoc />
    public void Dispose() => _key.Dispose();

    private static byte[]? Coordinate(string text)
    {
        byte[] bytes = new byte[CoordinateBytes];
        return Base64Url.IsValid(text, out int length) && length == CoordinateBytes
            && Base64Url.TryDecodeFromChars(text, bytes, out _)
            && Base64Url.EncodeToString(bytes) == text ? bytes : null;
    }
}

/// <summary>Keys in memory: reading a point costs more than checking a signature.</summary>
public sealed class SignerKeyCache
{
    private readonly ConcurrentDictionary<string, ISignerKey> _keys = new(StringComparer.Ordinal);

    /// <summary>The verifier of a bound key.</summary>
    public ISignerKey Of(Parties.BoundKey key) => _keys.GetOrAdd(
        key.KeyId, static (_, k) => P256Key.Read(k.X, k.Y) ?? throw new InvalidOperationException("A bound key is no point."),
        key);
}
