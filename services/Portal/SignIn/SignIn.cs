using System.Globalization;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using ServiceDefaults;
using ServiceDefaults.Auth;
using Base64Url = Microsoft.AspNetCore.WebUtilities.Base64UrlTextEncoder;

namespace Portal.SignIn;

/// <summary>The portal as an OpenID Connect client.</summary>
public sealed class PortalOptions
{
    public const string Section = "Portal";

    /// <summary>Public origin, for example <c>http://127.0.0.1:8080</c>.</summary>
    public required string Origin { get; set; }
    public required string ClientId { get; set; }
    public required string ClientSecret { get; set; }

    /// <summary>File that holds the last audit's result; null where none is made.</summary>
    public string? Audit { get; set; }

    /// <summary>Time of day at which it is made, for example <c>03:00</c>; null where none is made by itself.</summary>
    public string? AuditAt { get; set; }
}

/// <summary>Sign-in by authorization code with PKCE (RFC 7636); the session is an encrypted cookie.</summary>
public static class SignIn
{
    public const string TokenName = "access_token";
    private const string Pending = "sign-in";
    private const string TokenEnd = "expires_at";
    private static readonly TimeSpan PendingLifetime = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan SessionLifetime = TimeSpan.FromHours(8);

    public static void AddSignIn(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<PortalOptions>().BindConfiguration(PortalOptions.Section).ValidateOnStart();
        var keys = Path.Combine(builder.Configuration[$"{ServiceOptions.Section}:Data"] ?? ".", "session-keys");
        builder.Services.AddDataProtection().SetApplicationName("portal").PersistKeysToFileSystem(Directory.CreateDirectory(keys));
        builder.Services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(options =>
        {
            options.Cookie.Name = "session";
            options.Cookie.HttpOnly = true;
            options.Cookie.SameSite = SameSiteMode.Lax;
            options.LoginPath = "/sign-in";
            options.AccessDeniedPath = "/no-right";
            options.ReturnUrlParameter = "to";
            options.SlidingExpiration = false;
            options.Events.OnValidatePrincipal = RefreshAsync;
        });
    }

    public static void MapSignIn(this WebApplication app)
    {
        app.MapGet("/sign-in", Start).AllowAnonymous();
        app.MapGet("/sign-in/callback", FinishAsync).AllowAnonymous();
        app.MapPost("/sign-out", async (HttpContext context, IAntiforgery antiforgery) =>
        {
            if (!await antiforgery.IsRequestValidAsync(context)) return Results.BadRequest();
            await context.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
            return Results.Redirect($"{Issuer(context)}/connect/logout?client_id={Uri.EscapeDataString(Options(context).ClientId)}&post_logout_redirect_uri={Uri.EscapeDataString(Origin(context) + "/")}");
        }).AllowAnonymous();
    }

    /// <summary>
    /// An ended token sends whoever reads a page through the identity provider, which answers by itself while its own
    /// session lasts. A form goes on without: its page keeps what was entered and asks to sign in.
    /// </summary>
    private static Task RefreshAsync(CookieValidatePrincipalContext context)
    {
        var time = context.HttpContext.RequestServices.GetRequiredService<TimeProvider>();
        var ended = !DateTimeOffset.TryParse(context.Properties.GetTokenValue(TokenEnd), CultureInfo.InvariantCulture, out var end)
            || end <= time.GetUtcNow();
        if (ended && HttpMethods.IsGet(context.Request.Method)) context.RejectPrincipal();
        return Task.CompletedTask;
    }

    private static IResult Start(HttpContext context, string? to, IDataProtectionProvider protection)
    {
        var (state, nonce, verifier) = (RandomText(), RandomText(), RandomText());
        var destination = to is { } path && path.StartsWith('/') && !path.StartsWith("//", StringComparison.Ordinal) && !path.StartsWith("/\\", StringComparison.Ordinal) ? path : "/desk";
        var pending = Protector(protection).Protect(string.Join('\n', state, nonce, verifier, destination), PendingLifetime);
        context.Response.Cookies.Append(Pending, pending, new CookieOptions
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Lax,
            Path = "/sign-in",
            MaxAge = PendingLifetime,
            Secure = context.Request.IsHttps,
        });
        var challenge = Base64Url.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));
        return Results.Redirect(QueryHelpers.AddQueryString($"{Issuer(context)}/connect/authorize", new Dictionary<string, string?>
        {
            ["response_type"] = "code",
            ["client_id"] = Options(context).ClientId,
            ["redirect_uri"] = Origin(context) + "/sign-in/callback",
            ["scope"] = "openid profile",
            ["state"] = state,
            ["nonce"] = nonce,
            ["code_challenge"] = challenge,
            ["code_challenge_method"] = "S256",
            ["ui_locales"] = context.RequestServices.GetRequiredService<Components.Language>().Tag,
        }));
    }

    private static async Task<IResult> FinishAsync(
        HttpContext context, string? code, string? state, IDataProtectionProvider protection, IHttpClientFactory clients,
        IOptions<ClientOptions> endpoint, TimeProvider time, CancellationToken cancel)
    {
        var cookie = context.Request.Cookies[Pending];
        context.Response.Cookies.Delete(Pending, new CookieOptions { Path = "/sign-in" });
        if (cookie is null || code is null || state is null || Unprotect(protection, cookie) is not [var expected, var nonce, var verifier, var to]
            || !CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(expected), Encoding.ASCII.GetBytes(state)))
        {
            return Results.Redirect("/sign-in-failed");
        }

        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code",
            ["code"] = code,
            ["redirect_uri"] = Origin(context) + "/sign-in/callback",
            ["client_id"] = Options(context).ClientId,
            ["client_secret"] = Options(context).ClientSecret,
            ["code_verifier"] = verifier,
        });
        using var response = await clients.CreateClient().PostAsync(new Uri(endpoint.Value.TokenUrl), form, cancel);
        if (!response.IsSuccessStatusCode) return Results.Redirect("/sign-in-failed");
        using var tokens = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(cancel), cancellationToken: cancel);

        // The id token comes straight from the token endpoint, so its issuer is known without checking the signature
        // (OpenID Connect Core §3.1.3.7, 6); the nonce binds it to this browser's request.
        var id = new JsonWebToken(tokens.RootElement.GetProperty("id_token").GetString());
        if (!id.TryGetPayloadValue<string>("nonce", out var returned) || returned != nonce) return Results.Redirect("/sign-in-failed");

        var access = tokens.RootElement.GetProperty("access_token").GetString()!;
        var identity = new ClaimsIdentity(
            new JsonWebToken(access).Claims.Concat(id.Claims.Where(c => c.Type == "name")),
            CookieAuthenticationDefaults.AuthenticationScheme, "name", ServiceDefaults.Auth.Claim.Roles);
        var properties = new AuthenticationProperties
        {
            ExpiresUtc = time.GetUtcNow() + SessionLifetime,
        };
        var end = time.GetUtcNow().AddSeconds(tokens.RootElement.GetProperty("expires_in").GetInt32() - 20);
        properties.StoreTokens([
            new AuthenticationToken { Name = TokenName, Value = access },
            new AuthenticationToken { Name = TokenEnd, Value = end.ToString("O", CultureInfo.InvariantCulture) },
        ]);
        await context.SignInAsync(CookieAuthenticationDefaults.AuthenticationScheme, new ClaimsPrincipal(identity), properties);
        return Results.LocalRedirect(to);
    }

    private static string[]? Unprotect(IDataProtectionProvider protection, string cookie)
    {
        try
        {
            return Protector(protection).Unprotect(cookie).Split('\n');
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static ITimeLimitedDataProtector Protector(IDataProtectionProvider protection) =>
        protection.CreateProtector("sign-in").ToTimeLimitedDataProtector();

    private static string RandomText() => Base64Url.Encode(RandomNumberGenerator.GetBytes(32));

    private static PortalOptions Options(HttpContext context) => context.RequestServices.GetRequiredService<IOptions<PortalOptions>>().Value;

    private static string Origin(HttpContext context) => Options(context).Origin;

    private static string Issuer(HttpContext context) =>
        context.RequestServices.GetRequiredService<IOptionsMonitor<AuthOptions>>().Get(AuthOptions.Section).Issuer;
}
