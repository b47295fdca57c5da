using System.Text.Json;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace ServiceDefaults.Auth;

/// <summary>
/// The issuer's signing keys, by discovery. An unknown key id asks again, at most once in
/// <see cref="MinimumRefreshInterval"/>, so that forged ids can't be used to flood the issuer; one that does not answer is
/// left alone for longer each time, so that requests don't queue for it.
/// </summary>
internal sealed class IssuerKeys(
    IHttpClientFactory clients, IOptionsMonitor<AuthOptions> options, TimeProvider time) : IDisposable
{
    public static readonly TimeSpan MinimumRefreshInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(16);

    private readonly SemaphoreSlim _gate = new(1, 1);
    private Dictionary<string, SecurityKey> _keys = [];
    private DateTimeOffset _readAt = DateTimeOffset.MinValue;
    private DateTimeOffset _askAgainAt = DateTimeOffset.MinValue;
    private TimeSpan _pause = MinimumRefreshInterval;

    /// <summary>The key with an id, or null when the issuer does not publish it.</summary>
    /// <exception cref="HttpRequestException">The key is not known and the issuer can't be reached.</exception>
    /// <exception cref="TaskCanceledException">It is not known and the issuer does not answer in time.</exception>
    public async Task<SecurityKey?> FindAsync(string keyId, CancellationToken cancellationToken)
    {
        if (_keys.TryGetValue(keyId, out SecurityKey? known) && time.GetUtcNow() - _readAt < Lifetime)
            return known;
        // A key that is known is not worth waiting for while somebody else asks for it anew.
        if (!await _gate.WaitAsync(known is null ? Timeout.InfiniteTimeSpan : TimeSpan.Zero, cancellationToken))
            return known;
        try
        {
            if (_keys.TryGetValue(keyId, out known) && time.GetUtcNow() - _readAt < Lifetime)
                return known;
            if (time.GetUtcNow() - _readAt >= MinimumRefreshInterval)
                await AskAsync(known is not null, cancellationToken);
            return _keys.GetValueOrDefault(keyId);
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private async Task AskAsync(bool known, CancellationToken cancellationToken)
    {
        if (time.GetUtcNow() < _askAgainAt)
        {
            if (known)
                return;
            throw new HttpRequestException("The issuer did not answer a moment ago.");
        }
        try
        {
            await RefreshAsync(cancellationToken);
            _pause = MinimumRefreshInterval;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException
                                  && !cancellationToken.IsCancellationRequested)
        {
            _askAgainAt = time.GetUtcNow() + _pause;
            _pause = _pause * 2 < PauseMax ? _pause * 2 : PauseMax;
            // The issuer is away: a key that was published within the hour before goes on being accepted.
            if (!known)
                throw;
        }
    }

    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        AuthOptions auth = options.Get(AuthOptions.Section);
        using HttpClient client = clients.CreateClient(nameof(IssuerKeys));
        OpenIdConnectConfiguration issuer = Read(
            OpenIdConnectConfiguration.Create, await client.GetStringAsync(auth.Metadata, cancellationToken));
        if (issuer.Issuer != auth.Issuer || issuer.JwksUri is null)
            throw new HttpRequestException($"{auth.Metadata} speaks for {issuer.Issuer}, not {auth.Issuer}.");
        JsonWebKeySet set = Read(
            JsonWebKeySet.Create, await client.GetStringAsync(KeyAddress(auth, issuer.JwksUri), cancellationToken));
        _keys = set.Keys
            .Where(k => k.Kty == JsonWebAlgorithmsKeyTypes.EllipticCurve && k.Crv == JsonWebKeyECTypes.P256)
            .Where(k => !string.IsNullOrEmpty(k.Kid))
            .DistinctBy(k => k.Kid, StringComparer.Ordinal)
            .ToDictionary(k => k.Kid, SecurityKey (k) => k, StringComparer.Ordinal);
        _readAt = time.GetUtcNow();
    }

    /// <summary>What does not read as what was asked for is as good as no answer.</summary>
    private static T Read<T>(Func<string, T> read, string text)
    {
        try
        {
            return read(text);
        }
        catch (Exception e) when (e is ArgumentException or JsonException or InvalidOperationException)
        {
            throw new HttpRequestException("The issuer's answer can't be read.", e);
        }
    }

    /// <summary>Discovery over an internal route means that the keys take the same route.</summary>
    private static string KeyAddress(AuthOptions auth, string published)
    {
        const string discovery = "/.well-known/openid-configuration";
        return published.StartsWith(auth.Issuer + "/", StringComparison.Ordinal)
            && auth.Metadata.EndsWith(discovery, StringComparison.Ordinal)
            ? auth.Metadata[..^discovery.Length] + published[auth.Issuer.Length..]
            : published;
    }
}
