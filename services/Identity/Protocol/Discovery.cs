using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Identity.Protocol;

/// <summary>OpenID Connect Discovery 1.0 and the key set (RFC 7517).</summary>
public static class Discovery
{
    /// <summary>Maps both documents.</summary>
    public static void MapDiscovery(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/.well-known/openid-configuration", Describe).AllowAnonymous();
        endpoints.MapGet("/.well-known/jwks.json", Keys).AllowAnonymous();
    }

    private static JsonHttpResult<IssuerDescription> Describe(AccessTokens tokens)
    {
        string issuer = tokens.Issuer;
        return TypedResults.Json(new IssuerDescription(
            issuer,
            issuer + "/connect/authorize",
            issuer + "/connect/token",
            issuer + "/connect/logout",
            issuer + "/.well-known/jwks.json",
            ["openid"],
            ["code"],
            ["query"],
            ["authorization_code", "client_credentials"],
            ["public"],
            ["ES256"],
            ["client_secret_basic", "client_secret_post", "none"],
            ["S256"],
            ["sub", "tenant", "roles"]), ProtocolJson.Default.IssuerDescription);
    }

    private static JsonHttpResult<KeySet> Keys(SigningKeys keys, HttpContext context)
    {
        context.Response.Headers.CacheControl = "public, max-age=60";
        return TypedResults.Json(new KeySet(keys.Published), ProtocolJson.Default.KeySet);
    }
}

internal sealed record IssuerDescription(
    string Issuer,
    string AuthorizationEndpoint,
    string TokenEndpoint,
    string EndSessionEndpoint,
    string JwksUri,
    IReadOnlyList<string> ScopesSupported,
    IReadOnlyList<string> ResponseTypesSupported,
    IReadOnlyList<string> ResponseModesSupported,
    IReadOnlyList<string> GrantTypesSupported,
    IReadOnlyList<string> SubjectTypesSupported,
    IReadOnlyList<string> IdTokenSigningAlgValuesSupported,
    IReadOnlyList<string> TokenEndpointAuthMethodsSupported,
    IReadOnlyList<string> CodeChallengeMethodsSupported,
    IReadOnlyList<string> ClaimsSupported);

internal sealed record KeySet(IReadOnlyList<PublishedKey> Keys);

internal sealed record TokenGrant(string AccessToken, string TokenType, int ExpiresIn, string? IdToken, string? Scope);

internal sealed record TokenRefusal(string Error, string ErrorDescription);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IssuerDescription))]
[JsonSerializable(typeof(KeySet))]
[JsonSerializable(typeof(TokenGrant))]
[JsonSerializable(typeof(TokenRefusal))]
internal sealed partial class ProtocolJson : JsonSerializerContext;
