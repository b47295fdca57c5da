using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using ServiceDefaults.Http;

namespace Identity.Protocol;

/// <summary>The token endpoint (RFC 6749 §3.2): client credentials, and authorization codes with PKCE (RFC 7636).</summary>
public static class TokenEndpoint
{
    private const long BodyBytesMax = 16 * 1024;

    /// <summary>Maps the endpoint.</summary>
    public static void MapTokenEndpoint(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapPost("/connect/token", IssueAsync).OpenToAll().WithBodyLimit(BodyBytesMax);

    private static async Task<IResult> IssueAsync(
        HttpContext context, Accounts accounts, AccessTokens tokens, AuthorizationCodes codes,
        CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (!context.Request.HasFormContentType)
            return Refuse("invalid_request", "The body must be application/x-www-form-urlencoded.");
        IFormCollection form = await context.Request.ReadFormAsync(cancellationToken);
        (string? id, string? secret) = Credentials(context.Request, form);
        if (id is null)
            return RefuseClient(context);
        RegisteredClient? client = await accounts.FindClientAsync(id, cancellationToken);
        if (client is null || !client.Accepts(secret))
            return RefuseClient(context);

        return (string?)form["grant_type"] switch
        {
            "client_credentials" when client.Roles.Count > 0 =>
                Grant(tokens.Access(new Principal(client.Subject, client.Tenant, client.Roles), client.Id), null),
            "client_credentials" => Refuse("unauthorized_client", "This client may only act for users."),
            "authorization_code" => Redeem(form, client, tokens, codes),
            _ => Refuse("unsupported_grant_type", "Use authorization_code or client_credentials."),
        };
    }

    private static IResult Redeem(
        IFormCollection form, RegisteredClient client, AccessTokens tokens, AuthorizationCodes codes)
    {
        AuthorizationCode? code = codes.Take(form["code"].ToString());
        if (code is null
            || code.ClientId != client.Id
            || code.RedirectUri != form["redirect_uri"].ToString()
            || !code.MatchesVerifier(form["code_verifier"].ToString()))
            return Refuse("invalid_grant", "The code is used, expired, or not for this client.");
        return Grant(
            tokens.Access(code.Principal, client.Id),
            tokens.Id(code.Principal, client.Id, code.Nonce, code.SignedInAt));
    }

    /// <summary>HTTP Basic (RFC 6749 §2.3.1), or the form.</summary>
    private static (string? Id, string? Secret) Credentials(HttpRequest request, IFormCollection form)
    {
        if (!AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out AuthenticationHeaderValue? header)
            || !"Basic".Equals(header.Scheme, StringComparison.OrdinalIgnoreCase))
            return ((string?)form["client_id"], (string?)form["client_secret"]);
        byte[] decoded = new byte[(header.Parameter?.Length ?? 0) + 4];
        if (!Convert.TryFromBase64String(header.Parameter ?? "", decoded, out int length))
            return (null, null);
        string[] parts = Encoding.UTF8.GetString(decoded, 0, length).Split(':', 2);
        return parts.Length == 2
            ? (Uri.UnescapeDataString(parts[0]), Uri.UnescapeDataString(parts[1]))
            : (null, null);
    }

    private static JsonHttpResult<TokenGrant> Grant(string access, string? id) => TypedResults.Json(
        new TokenGrant(access, "Bearer", (int)AccessTokens.Lifetime.TotalSeconds, id, id is null ? null : "openid"),
        ProtocolJson.Default.TokenGrant);

    private static JsonHttpResult<TokenRefusal> Refuse(string error, string description) => TypedResults.Json(
        new TokenRefusal(error, description), ProtocolJson.Default.TokenRefusal,
        statusCode: StatusCodes.Status400BadRequest);

    private static JsonHttpResult<TokenRefusal> RefuseClient(HttpContext context)
    {
        context.Response.Headers.WWWAuthenticate = "Basic realm=\"token\"";
        return TypedResults.Json(
            new TokenRefusal("invalid_client", "The client is not known or its secret is wrong."),
            ProtocolJson.Default.TokenRefusal, statusCode: StatusCodes.Status401Unauthorized);
    }
}
