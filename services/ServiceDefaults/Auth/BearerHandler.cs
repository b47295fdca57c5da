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
    IOptionsMonitor<AuthOptions> options, ILoggerFactory logger, UrlEncoder encoder, IssuerKeys keys, KnownTokens known,
    TimeProvider time)
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
        if (token.Length > TokenBytesMax)
            return Refuse("token-invalid");
        if (known.Find(token) is { } before)
        {
            if (await FindAsync(before.KeyId) == before.Key && IsWithin(before.NotBefore, before.Expires))
                return AuthenticateResult.Success(new AuthenticationTicket(before.Caller, Scheme.Name));
            known.Drop(token);
        }
        if (!Tokens.CanReadToken(token))
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

        SecurityKey? key = await FindAsync(parsed.Kid);
        if (key is null)
            return Refuse("token-invalid");
        return await ValidateAsync(token, parsed.Kid, key);
    }

    private async Task<SecurityKey?> FindAsync(string keyId)
    {
        try
        {
            return await keys.FindAsync(keyId, Context.RequestAborted);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException
                                  && !Context.RequestAborted.IsCancellationRequested)
        {
            throw new ProblemException(Problem.Of("identity-unavailable"));
        }
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

    private async Task<AuthenticateResult> ValidateAsync(string token, string keyId, SecurityKey key)
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
            LifetimeValidator = (from, to, _, _) => to is { } end && IsWithin(from, end),
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
        ClaimsPrincipal caller = new(identity);
        SecurityToken right = result.SecurityToken;
        known.Keep(token, new KnownToken(
            keyId, key, right.ValidFrom == DateTime.MinValue ? null : right.ValidFrom, right.ValidTo, caller));
        return AuthenticateResult.Success(new AuthenticationTicket(caller, Scheme.Name));
    }

    private bool IsWithin(DateTime? notBefore, DateTime expires)
    {
        TimeSpan skew = TimeSpan.FromSeconds(Options.ClockSkewSeconds);
        DateTime now = time.GetUtcNow().UtcDateTime;
        return expires > now - skew && (notBefore is null || notBefore <= now + skew);
    }

    private AuthenticateResult Refuse(string code)
    {
        Context.Items[Reason] = code;
        return AuthenticateResult.Fail(code);
    }
}
