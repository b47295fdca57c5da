using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace ServiceDefaults.Webhooks;

/// <summary>The P-256 key that signs deliveries to subscribers that share no secret with the service.</summary>
public sealed class WebhookKey : IDisposable
{
    private readonly ECDsa _key;

    /// <param name="file">Where the key is kept (PKCS #8); made at first use.</param>
    public WebhookKey(string file)
    {
        byte[] stored = SecretFile.ReadOrCreate(file, static () =>
        {
            using ECDsa made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            return made.ExportPkcs8PrivateKey();
        });
        _key = ECDsa.Create();
        _key.ImportPkcs8PrivateKey(stored, out _);
        ECPoint point = _key.ExportParameters(includePrivateParameters: false).Q;
        (X, Y) = (Base64Url.EncodeToString(point.X), Base64Url.EncodeToString(point.Y));
        KeyId = Base64Url.EncodeToString(SHA256.HashData(
            Encoding.ASCII.GetBytes($$"""{"crv":"P-256","kty":"EC","x":"{{X}}","y":"{{Y}}"}""")));
    }

    /// <summary>RFC 7638 thumbprint.</summary>
    public string KeyId { get; }

    /// <summary>Abscissa of the public point, base64url.</summary>
    public string X { get; }

    /// <summary>Ordinate of the public point, base64url.</summary>
    public string Y { get; }

    /// <summary>r ‖ s over the SHA-256 of some bytes, base64url.</summary>
    public string Sign(ReadOnlySpan<byte> bytes) =>
        Base64Url.EncodeToString(_key.SignData(bytes, HashAlgorithmName.SHA256));

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();
}
