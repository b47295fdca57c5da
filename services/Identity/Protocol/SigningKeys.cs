using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;
using ServiceDefaults;

namespace Identity.Protocol;

/// <summary>
/// The keys that sign tokens, in a file that only this process reads. The next key is published before it is used and
/// the last one for as long as its tokens live, so that a change never refuses a valid token.
/// </summary>
public sealed class SigningKeys : IDisposable
{
    /// <summary>How long a key signs.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromDays(30);

    private readonly Lock _gate = new();
    private readonly string _path;
    private readonly TimeProvider _time;
    private List<StoredKey> _stored;
    private ECDsa _signer;

    /// <summary>Opens the key file, making it with two keys at the first start.</summary>
    public SigningKeys(IOptions<ServiceOptions> options, TimeProvider time)
    {
        _time = time;
        _path = Path.Combine(options.Value.Data, "signing-keys.json");
        if (File.Exists(_path))
        {
            _stored = JsonSerializer.Deserialize<List<StoredKey>>(File.ReadAllBytes(_path))!;
        }
        else
        {
            Directory.CreateDirectory(options.Value.Data);
            _stored = [Create(time.GetUtcNow()), Create(time.GetUtcNow() + Period)];
            Save();
        }
        _signer = Import(Current);
    }

    private StoredKey Current => _stored[^2];

    /// <summary>Public keys to publish: the signing one, the next one, and former ones whose tokens may still live.</summary>
    public IReadOnlyList<PublishedKey> Published
    {
        get
        {
            RotateWhenDue();
            lock (_gate)
                return [.. _stored.Select(k => k.Published)];
        }
    }

    /// <summary>Id of the key that signs now.</summary>
    public string CurrentId
    {
        get
        {
            lock (_gate)
                return Current.Kid;
        }
    }

    /// <summary>Signs with the current key.</summary>
    public string Sign(Func<SigningCredentials, string> create)
    {
        RotateWhenDue();
        lock (_gate)
        {
            ECDsaSecurityKey key = new(_signer)
            {
                KeyId = Current.Kid,
                CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false },
            };
            return create(new SigningCredentials(key, SecurityAlgorithms.EcdsaSha256));
        }
    }

    /// <summary>Makes the next key the signing one and publishes a new next key.</summary>
    public void Rotate()
    {
        lock (_gate)
        {
            DateTimeOffset now = _time.GetUtcNow();
            StoredKey retired = Current with { RetiredAt = now };
            StoredKey next = _stored[^1] with { SignsFrom = now };
            _stored =
            [
                .. _stored.SkipLast(2).Where(k => now - k.RetiredAt < AccessTokens.Lifetime * 2),
                retired, next, Create(now + Period),
            ];
            Save();
            _signer.Dispose();
            _signer = Import(Current);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _signer.Dispose();

    private void RotateWhenDue()
    {
        lock (_gate)
        {
            if (_time.GetUtcNow() < Current.SignsFrom + Period)
                return;
        }
        Rotate();
    }

    private static StoredKey Create(DateTimeOffset signsFrom)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        ECParameters parameters = key.ExportParameters(includePrivateParameters: true);
        string x = Base64UrlEncoder.Encode(parameters.Q.X), y = Base64UrlEncoder.Encode(parameters.Q.Y);
        // RFC 7638: the thumbprint of the public key is its id.
        string thumbprint = Base64UrlEncoder.Encode(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(
            $$"""{"crv":"P-256","kty":"EC","x":"{{x}}","y":"{{y}}"}""")));
        return new StoredKey(thumbprint, x, y, Base64UrlEncoder.Encode(parameters.D), signsFrom, null);
    }

    private static ECDsa Import(StoredKey key) => ECDsa.Create(new ECParameters
    {
        Curve = ECCurve.NamedCurves.nistP256,
        Q = new ECPoint { X = Base64UrlEncoder.DecodeBytes(key.X), Y = Base64UrlEncoder.DecodeBytes(key.Y) },
        D = Base64UrlEncoder.DecodeBytes(key.D),
    });

    private void Save()
    {
        string next = _path + ".next";
        FileStreamOptions options = new()
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (FileStream file = new(next, options))
        {
            JsonSerializer.Serialize(file, _stored);
            file.Flush(flushToDisk: true);
        }
        File.Move(next, _path, overwrite: true);
    }

    private sealed record StoredKey(
        string Kid, string X, string Y, string D, DateTimeOffset SignsFrom, DateTimeOffset? RetiredAt)
    {
        public PublishedKey Published => new("EC", "sig", "ES256", "P-256", Kid, X, Y);
    }
}

/// <summary>A public key as RFC 7517 writes it.</summary>
public sealed record PublishedKey(string Kty, string Use, string Alg, string Crv, string Kid, string X, string Y);
