using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.Tokens;

namespace Identity.Protocol;

/// <summary>What a code stands for.</summary>
public sealed record AuthorizationCode(
    string ClientId, string RedirectUri, string Challenge, string? Nonce, Principal Principal,
    DateTimeOffset SignedInAt, DateTimeOffset EndsAt)
{
    /// <summary>Whether the verifier's SHA-256 is the challenge (RFC 7636 §4.6).</summary>
    public bool MatchesVerifier(string verifier) =>
        verifier.Length is >= 43 and <= 128
        && CryptographicOperations.FixedTimeEquals(
            Encoding.ASCII.GetBytes(Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)))),
            Encoding.ASCII.GetBytes(Challenge));
}

/// <summary>
/// Codes that wait to be redeemed: once, within a minute, and by the process that made them. They are not stored, so a
/// restart costs a person one more sign-in and nothing else.
/// </summary>
public sealed class AuthorizationCodes(TimeProvider time)
{
    /// <summary>How long a code lives.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    private const int CodesMax = 10_000;
    private readonly ConcurrentDictionary<string, AuthorizationCode> _codes = new(StringComparer.Ordinal);

    /// <summary>Keeps what a new code stands for.</summary>
    public string Put(AuthorizationCode code)
    {
        if (_codes.Count >= CodesMax)
        {
            foreach ((string old, AuthorizationCode value) in _codes)
            {
                if (value.EndsAt < time.GetUtcNow())
                    _codes.TryRemove(old, out _);
            }
        }
        string text = Base64UrlEncoder.Encode(RandomNumberGenerator.GetBytes(32));
        _codes[text] = code;
        return text;
    }

    /// <summary>Takes a code out, or null when it is unknown or too old.</summary>
    public AuthorizationCode? Take(string code) =>
        _codes.TryRemove(code, out AuthorizationCode? value) && value.EndsAt >= time.GetUtcNow() ? value : null;
}
