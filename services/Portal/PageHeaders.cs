using Portal.Components;

namespace Portal;

/// <summary>What every page tells the browser: load nothing from elsewhere, run nothing inline, be framed by nobody.</summary>
public static class PageHeaders
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; worker-src 'self'; "
        + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    private static readonly (string Name, string[] Values)[] Settings =
        [(Language.Cookie, ["en", "zh"]), (Language.SizeCookie, ["large", "normal"])];

    public static void UsePageHeaders(this WebApplication app) => app.Use((context, next) =>
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        // What is behind /api answers for itself: the sign-in page has a policy of its own.
        if (context.Request.Path.StartsWithSegments("/api")) return next(context);
        headers.ContentSecurityPolicy = Policy;
        foreach (var (name, values) in Settings)
        {
            if (context.Request.Query[name].FirstOrDefault() is not { } chosen || !values.Contains(chosen)) continue;
            context.Response.Cookies.Append(name, chosen, new CookieOptions
            {
                MaxAge = TimeSpan.FromDays(365),
                SameSite = SameSiteMode.Lax,
                HttpOnly = true,
                Secure = context.Request.IsHttps,
            });
        }

        return next(context);
    });

    /// <summary>
    /// Answers a page with another status than 200. It is set when the answer starts, because the page renderer leaves a
    /// page with status 404 to others.
    /// </summary>
    public static void Answer(this HttpContext context, int status) => context.Response.OnStarting(() =>
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    });
}
