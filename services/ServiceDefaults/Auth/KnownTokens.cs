using System.Collections.Concurrent;
using System.Security.Claims;
using Microsoft.IdentityModel.Tokens;

namespace ServiceDefaults.Auth;

/// <summary>A token whose signature, issuer and audience were found to be right.</summary>
/// <param name="KeyId">The key that it names.</param>
/// <param name="Key">The key that its signature was checked with.</param>
/// <param name="NotBefore">Start of its lifetime, UTC; null without one.</param>
/// <param name="Expires">End of its lifetime, UTC.</param>
/// <param name="Caller">Whom it speaks for.</param>
internal sealed record KnownToken(
    string KeyId, SecurityKey Key, DateTime? NotBefore, DateTime Expires, ClaimsPrincipal Caller);

/// <summary>
/// Tokens that were checked before: a program sends the same one with every request, and its bytes don't change. What may
/// change, its lifetime and whether the issuer still publishes its key, is looked at each time.
/// </summary>
internal sealed class KnownTokens
{
    private const int Max = 10_000;
    private readonly ConcurrentDictionary<string, KnownToken> _tokens = new(StringComparer.Ordinal);

    public KnownToken? Find(string token) => _tokens.GetValueOrDefault(token);

    /// <summary>Only tokens that are right are kept, so that nobody fills the memory with others.</summary>
    public void Keep(string token, KnownToken known)
    {
        if (_tokens.Count >= Max)
            _tokens.Clear();
        _tokens[token] = known;
    }

    public void Drop(string token) => _tokens.TryRemove(token, out _);
}
