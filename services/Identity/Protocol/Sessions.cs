using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace Identity.Protocol;

/// <summary>Somebody signed in with this browser.</summary>
public sealed record SignInSession(Principal Principal, DateTimeOffset SignedInAt);

/// <summary>
/// Sign-in sessions by a random cookie. They are kept in memory: a restart signs people out of Identity, not out of the
/// portal, and a user who was closed or whose roles changed is read again each time.
/// </summary>
public sealed class Sessions(Accounts accounts, TimeProvider time)
{
    /// <summary>How long one sign-in serves.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(8);

    private const string Name = "identity-session";
    private readonly ConcurrentDictionary<string, (string Subject, DateTimeOffset At)> _sessions =
        new(StringComparer.Ordinal);

    /// <summary>Starts a session for who has just signed in.</summary>
    public void Start(HttpContext context, string subject, DateTimeOffset at)
    {
        foreach ((string old, (string Subject, DateTimeOffset At) value) in _sessions)
        {
            if (value.At + Lifetime < at)
                _sessions.TryRemove(old, out _);
        }
        string id = Base64UrlEncoder.Encode(RandomNumberGenerator.GetBytes(32));
        _sessions[id] = (subject, at);
        context.Response.Cookies.Append(Name, id, Cookie(context));
    }

    /// <summary>The session of a request, if there is one and its user is still open.</summary>
    public async Task<SignInSession?> FindAsync(HttpContext context, CancellationToken cancellationToken)
    {
        if (context.Request.Cookies[Name] is not { } id || !_sessions.TryGetValue(id, out var session)
            || session.At + Lifetime < time.GetUtcNow())
            return null;
        Principal? principal = await accounts.FindPrincipalAsync(session.Subject, cancellationToken);
        return principal is null ? null : new SignInSession(principal, session.At);
    }

    /// <summary>Ends the session of a request.</summary>
    public void End(HttpContext context)
    {
        if (context.Request.Cookies[Name] is { } id)
            _sessions.TryRemove(id, out _);
        context.Response.Cookies.Delete(Name);
    }

    /// <summary>Ends all sessions of a user, whose password was changed.</summary>
    public void EndAll(string subject)
    {
        foreach ((string id, (string Subject, DateTimeOffset At) session) in _sessions)
        {
            if (session.Subject == subject)
                _sessions.TryRemove(id, out _);
        }
    }

    /// <summary>Cookies that script can't read and other sites can't send along with a form.</summary>
    internal static CookieOptions Cookie(HttpContext context) => new()
    {
        HttpOnly = true,
        Secure = context.Request.IsHttps,
        SameSite = SameSiteMode.Lax,
        Path = "/",
        IsEssential = true,
    };
}
