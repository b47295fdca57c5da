using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using ServiceDefaults.Auth;

namespace Identity.Protocol;

/// <summary>Who a token is for.</summary>
/// <param name="Subject">Pseudonymous id of the person or client.</param>
/// <param name="Tenant">Organisation.</param>
/// <param name="Roles">Roles.</param>
public sealed record Principal(string Subject, string Tenant, IReadOnlyList<string> Roles);

/// <summary>Makes access tokens (RFC 9068) and id tokens (OpenID Connect Core §2).</summary>
public sealed class AccessTokens(SigningKeys keys, IOptionsMonitor<AuthOptions> options, TimeProvider time)
{
    /// <summary>How long a token lives.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private static readonly JsonWebTokenHandler Tokens = new() { SetDefaultTimesOnTokenCreation = false };

    /// <summary>The issuer's identifier.</summary>
    public string Issuer => options.Get(AuthOptions.Section).Issuer;

    /// <summary>A token for the suite's services.</summary>
    public string Access(Principal principal, string clientId) => Create("at+jwt", new Dictionary<string, object>
    {
        ["aud"] = options.Get(AuthOptions.Section).Audience,
        ["sub"] = principal.Subject,
        ["tenant"] = principal.Tenant,
        ["roles"] = principal.Roles.ToArray(),
        ["client_id"] = clientId,
        ["jti"] = Guid.CreateVersion7(time.GetUtcNow()).ToString("N"),
    });

    /// <summary>A statement to a client about who signed in.</summary>
    public string Id(Principal principal, string clientId, string? nonce, DateTimeOffset signedInAt)
    {
        Dictionary<string, object> claims = new()
        {
            ["aud"] = clientId,
            ["sub"] = principal.Subject,
            ["tenant"] = principal.Tenant,
            ["roles"] = principal.Roles.ToArray(),
            ["auth_time"] = signedInAt.ToUnixTimeSeconds(),
        };
        if (nonce is not null)
            claims["nonce"] = nonce;
        return Create("JWT", claims);
    }

    private string Create(string type, Dictionary<string, object> claims)
    {
        DateTime now = time.GetUtcNow().UtcDateTime;
        return keys.Sign(credentials => Tokens.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            IssuedAt = now,
            NotBefore = now,
            Expires = now + Lifetime,
            TokenType = type,
            Claims = claims,
            SigningCredentials = credentials,
        }));
    }
}
