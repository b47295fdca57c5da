using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Cli.Vouchers;

/// <summary>
/// The key with which a person signs pages (services/docs/signed-pages.md): P-256, signatures r ‖ s in 64 bytes. The
/// service never has it. Not for use by two threads at a time.
/// </summary>
public sealed class SigningKey : IDisposable
{
    private readonly ECDsa _key;

    private SigningKey(ECDsa key)
    {
        _key = key;
        var point = key.ExportParameters(false).Q;
        (X, Y) = (Base64Url.EncodeToString(point.X), Base64Url.EncodeToString(point.Y));
        // RFC 7638 §3: members in order crv, kty, x, y.
        Id = Base64Url.EncodeToString(SHA256.HashData(
            Encoding.UTF8.GetBytes($$"""{"crv":"P-256","kty":"EC","x":"{{X}}","y":"{{Y}}"}""")));
    }

    /// <summary>RFC 7638 thumbprint with SHA-256, base64url.</summary>
    public string Id { get; }

    /// <summary>x coordinate in base64url.</summary>
    public string X { get; }

    /// <summary>y coordinate in base64url.</summary>
    public string Y { get; }

    public static SigningKey Create() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <summary>Reads a private JWK (RFC 7518 §6.2).</summary>
    public static SigningKey OfJwk(JsonObject jwk) => new(ECDsa.Create(new ECParameters
    {
        Curve = ECCurve.NamedCurves.nistP256,
        Q = new ECPoint { X = Part(jwk, "x"), Y = Part(jwk, "y") },
        D = Part(jwk, "d"),
    }));

    /// <summary>The private key as a JWK, as browsers import it.</summary>
    public JsonObject ToJwk() => new()
    {
        ["kty"] = "EC",
        ["crv"] = "P-256",
        ["x"] = X,
        ["y"] = Y,
        ["d"] = Base64Url.EncodeToString(_key.ExportParameters(true).D),
    };

    /// <summary>Signature over a page's bytes, base64url of r ‖ s.</summary>
    public string Sign(ReadOnlySpan<byte> page)
    {
        Span<byte> signature = stackalloc byte[64];
        _key.SignData(page, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return Base64Url.EncodeToString(signature);
    }

    public void Dispose() => _key.Dispose();

    private static byte[] Part(JsonObject jwk, string name) => Base64Url.DecodeFromChars(jwk[name]!.GetValue<string>());
}
