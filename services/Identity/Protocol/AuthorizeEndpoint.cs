using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.IdentityModel.Tokens;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;

namespace Identity.Protocol;

/// <summary>An authorization request (OpenID Connect Core §3.1.2.1) whose client and redirect address are checked.</summary>
internal sealed record AuthorizationRequest(
    RegisteredClient Client, string RedirectUri, string? State, string? Nonce, string Challenge, bool Silent)
{
    public string Answer(params (string Name, string? Value)[] parameters) => QueryHelpers.AddQueryString(
        RedirectUri, parameters.Append((Name: "state", Value: State)).Where(p => p.Value is not null)
            .Select(p => KeyValuePair.Create(p.Name, p.Value)));
}

/// <summary>The authorization endpoint: a page to sign in, without script, and the code that goes back.</summary>
public static class AuthorizeEndpoint
{
    private const string FormCookie = "identity-form";
    private const int FieldLengthMax = 256;
    private const long BodyBytesMax = 16 * 1024;

    /// <summary>Maps the page, its form, and signing out.</summary>
    public static void MapAuthorizeEndpoint(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/connect/authorize", ShowAsync).OpenToAll();
        endpoints.MapPost("/connect/authorize", SignInAsync).OpenToAll().WithBodyLimit(BodyBytesMax);
        endpoints.MapGet("/connect/logout", LeaveAsync).OpenToAll();
        endpoints.MapPost("/connect/logout", (HttpContext context, Sessions sessions) =>
        {
            sessions.End(context);
            return TypedResults.NoContent();
        }).OpenToAll();
    }

    private static async Task<IResult> ShowAsync(
        HttpContext context, Accounts accounts, Sessions sessions, AuthorizationCodes codes, TimeProvider time,
        CancellationToken cancellationToken)
    {
        (AuthorizationRequest? request, IResult? refusal) = await ReadAsync(context.Request, accounts, cancellationToken);
        if (request is null)
            return refusal!;
        if (await sessions.FindAsync(context, cancellationToken) is { } session)
            return Redirect(context, request, codes, session.Principal, session.SignedInAt, time);
        return request.Silent
            ? TypedResults.Redirect(request.Answer(("error", "login_required")))
            : Page(context, request, wrong: false);
    }

    private static async Task<IResult> SignInAsync(
        HttpContext context, Accounts accounts, Sessions sessions, AuthorizationCodes codes, TimeProvider time,
        CancellationToken cancellationToken)
    {
        (AuthorizationRequest? request, IResult? refusal) = await ReadAsync(context.Request, accounts, cancellationToken);
        if (request is null)
            return refusal!;
        if (!context.Request.HasFormContentType)
            return Problem.Of("media-type-unsupported");
        IFormCollection form = await context.Request.ReadFormAsync(cancellationToken);
        string name = form["name"].ToString(), password = form["password"].ToString();
        string? cookie = context.Request.Cookies[FormCookie];
        // The form must come from a page that this browser got from here: another site can send one, but not the cookie.
        if (string.IsNullOrEmpty(cookie) || form["form"].ToString() != cookie
            || name.Length > FieldLengthMax || password.Length > FieldLengthMax)
            return Page(context, request, wrong: false);
        Principal? principal = await accounts.SignInAsync(name, password, cancellationToken);
        if (principal is null)
            return Page(context, request, wrong: true, name);
        DateTimeOffset now = time.GetUtcNow();
        sessions.Start(context, principal.Subject, now);
        context.Response.Cookies.Delete(FormCookie);
        return Redirect(context, request, codes, principal, now, time);
    }

    // OpenID Connect RP-Initiated Logout 1.0 §2: back only to where the named client is registered.
    private static async Task<IResult> LeaveAsync(
        HttpContext context, Accounts accounts, Sessions sessions, CancellationToken cancellationToken)
    {
        sessions.End(context);
        IQueryCollection query = context.Request.Query;
        string to = query["post_logout_redirect_uri"].ToString();
        RegisteredClient? client = await accounts.FindClientAsync(query["client_id"].ToString(), cancellationToken);
        return client is not null && client.IsAt(to) ? TypedResults.Redirect(to) : TypedResults.NoContent();
    }

    private static RedirectHttpResult Redirect(
        HttpContext context, AuthorizationRequest request, AuthorizationCodes codes, Principal principal,
        DateTimeOffset signedInAt, TimeProvider time)
    {
        // Any organisation registers clients: one of theirs must never get a token of another organisation's user.
        if (!request.Client.MayActFor(principal))
            return TypedResults.Redirect(request.Answer(("error", "access_denied")));
        string code = codes.Put(new AuthorizationCode(
            request.Client.Id, request.RedirectUri, request.Challenge, request.Nonce, principal, signedInAt,
            time.GetUtcNow() + AuthorizationCodes.Lifetime));
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Redirect(request.Answer(("code", code)));
    }

    private static IResult Page(HttpContext context, AuthorizationRequest request, bool wrong, string name = "")
    {
        // One value for all of a browser's open pages, so that a second tab does not undo the first.
        string form = context.Request.Cookies[FormCookie] is { Length: 43 } open ? open : Base64UrlEncoder.Encode(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32));
        context.Response.Cookies.Append(FormCookie, form, Sessions.Cookie(context));
        return SignInPage.Render(context, new Uri(request.RedirectUri), form, wrong, name);
    }

    /// <summary>
    /// A request that names a wrong client or address is answered here; every other error goes back to the client.
    /// </summary>
    private static async Task<(AuthorizationRequest?, IResult?)> ReadAsync(
        HttpRequest http, Accounts accounts, CancellationToken cancellationToken)
    {
        IQueryCollection query = http.Query;
        string redirect = query["redirect_uri"].ToString();
        RegisteredClient? client = await accounts.FindClientAsync(query["client_id"].ToString(), cancellationToken);
        if (client is null || !client.RedirectUris.Contains(redirect, StringComparer.Ordinal))
            return (null, Problem.Of("authorize-client"));
        string? nonce = query["nonce"].ToString() is { Length: > 0 } text ? text : null;
        string? state = query["state"].ToString() is { Length: > 0 } given ? given : null;
        AuthorizationRequest request = new(
            client, redirect, state, nonce, query["code_challenge"].ToString(), query["prompt"] == "none");
        string? error = query["response_type"] != "code" ? "unsupported_response_type"
            : !query["scope"].ToString().Split(' ').Contains("openid") ? "invalid_scope"
            : request.Challenge.Length != 43 || query["code_challenge_method"] != "S256" ? "invalid_request"
            : null;
        return error is null
            ? (request, null)
            : (null, TypedResults.Redirect(request.Answer(("error", error))));
    }
}
