namespace Portal;

/// <summary>What every page tells the browser: load nothing from elsewhere, run nothing inline, be framed by nobody.</summary>
public static class PageHeaders
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; worker-src 'self'; "
        + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    public static void UsePageHeaders(this WebApplication app) => app.Use((context, next) =>
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        if (!context.Request.Path.StartsWithSegments("/api")) headers.ContentSecurityPolicy = Policy;
        if (context.Request.Query["lang"].FirstOrDefault() is "en" or "zh")
        {
            context.Response.Cookies.Append(Components.Language.Cookie, context.Request.Query["lang"]!, new CookieOptions
            {
                MaxAge = TimeSpan.FromDays(365),
                SameSite = SameSiteMode.Lax,
                HttpOnly = true,
                Secure = context.Request.IsHttps,
            });
        }

        return next(context);
    });
}
