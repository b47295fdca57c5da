using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using ServiceDefaults.Problems;

namespace ServiceDefaults.Auth;

/// <summary>
/// Checks access tokens (RFC 9068, ES256 only): signature by a published key, issuer, audience, lifetime, and the
/// claims that every service needs.
/// </summary>
internal sealed class BearerHandler(
    IOptionsMonitor<AuthOptions> options, ILoggerFactory logger, UrlEncoder encoder, IssuerKeys keys, TimeProvider time)
    : AuthenticationHandler<AuthOptions>(options, logger, encoder)
{
    public const int TokenBytesMax = 8192;
    private const string Reason = "token-problem";
    private static readonly JsonWebTokenHandler Tokens = new() { MapInboundClaims = false };

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        string? header = Request.Headers.Authorization;
        if (header is null || !header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
            return AuthenticateResult.NoResult();
        string token = header["Bearer ".Length..].Trim();
        if (token.Length > TokenBytesMax || !Tokens.CanReadToken(token))
            return Refuse("token-invalid");

        JsonWebToken parsed;
        try
        {
            parsed = Tokens.ReadJsonWebToken(token);
        }
        catch (Exception e) when (e is ArgumentException or SecurityTokenException)
        {
            return Refuse("token-invalid");
        }
        if (parsed.Alg != SecurityAlgorithms.EcdsaSha256 || string.IsNullOrEmpty(parsed.Kid))
            return Refuse("token-invalid");

        SecurityKey? key;
        try
        {
            key = await keys.FindAsync(parsed.Kid, Context.RequestAborted);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException
                                  && !Context.RequestAborted.IsCancellationRequested)
        {
            throw new ProblemException(Problem.Of("identity-unavailable"));
        }
        if (key is null)
            return Refuse("token-invalid");
        return await ValidateAsync(token, key);
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        string code = Context.Items[Reason] as string ?? "unauthenticated";
        Response.Headers.WWWAuthenticate = code == "unauthenticated"
            ? "Bearer"
            : "Bearer error=\"invalid_token\"";
        return Problem.Of(code).ExecuteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        Problem.Of("forbidden").ExecuteAsync(Context);

    private async Task<AuthenticateResult> ValidateAsync(string token, SecurityKey key)
    {
        TokenValidationResult result = await Tokens.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = Options.Issuer,
            ValidAudience = Options.Audience,
            IssuerSigningKey = key,
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
            ClockSkew = TimeSpan.FromSeconds(Options.ClockSkewSeconds),
            RequireExpirationTime = true,
            RequireSignedTokens = true,
            LifetimeValidator = WithinLifetime,
        });
        if (!result.IsValid)
            return Refuse(result.Exception is SecurityTokenInvalidLifetimeException ? "token-expired" : "token-invalid");

        ClaimsIdentity identity = new(Scheme.Name, Claim.Subject, Claim.Roles);
        foreach (var claim in result.ClaimsIdentity.Claims)
        {
            string? name = claim.Type == Options.TenantClaim ? Claim.Tenant
                : claim.Type == Options.RolesClaim ? Claim.Roles
                // Where the issuer says them elsewhere, what it calls tenant or roles means something else.
                : claim.Type is Claim.Tenant or Claim.Roles ? null
                : claim.Type;
            if (name is not null)
                identity.AddClaim(new System.Security.Claims.Claim(name, claim.Value));
        }
        if (identity.FindFirst(Claim.Subject) is null || identity.FindFirst(Claim.Tenant) is null)
            return Refuse("token-invalid");
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme.Name));
    }

    private bool WithinLifetime(
        DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters parameters)
    {
        DateTime now = time.GetUtcNow().UtcDateTime;
        return expires > now - parameters.ClockSkew && (notBefore is null || notBefore <= now + parameters.ClockSkew);
    }

    private AuthenticateResult Refuse(string code)
    {
        Context.Items[Reason] = code;
        return AuthenticateResult.Fail(code);
    }
}
