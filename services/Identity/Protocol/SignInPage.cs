using System.Net;
using System.Security.Cryptography;
using System.Text;
using ServiceDefaults.Problems;

namespace Identity.Protocol;

/// <summary>The sign-in page: a plain form, no script, nothing loaded from elsewhere.</summary>
internal static class SignInPage
{
    private const string Style =
        ":root{color-scheme:light dark}" +
        "body{font:16px/1.5 system-ui,sans-serif;margin:0;display:grid;min-height:100vh;place-items:center}" +
        "main{width:min(22rem,calc(100vw - 2rem))}h1{font-size:1.5rem;margin:0 0 1rem}" +
        "label{display:block;margin:1rem 0 .25rem}" +
        "input{box-sizing:border-box;width:100%;min-height:44px;padding:.5rem .75rem;font:inherit;" +
        "border:1px solid #767676;border-radius:6px}" +
        "button{width:100%;min-height:44px;margin-top:1.5rem;font:inherit;font-weight:600;border:0;border-radius:6px;" +
        "background:#0b57d0;color:#fff}" +
        "p[role=alert]{border-left:4px solid #b3261e;padding:.5rem .75rem;margin:1rem 0 0}";

    private static readonly string StyleHash =
        Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)));

    public static IResult Render(HttpContext context, Uri redirect, string form, bool wrong)
    {
        bool english = Language.Of(context.Request) == Language.English;
        (string title, string name, string password, string act, string refused) = english
            ? ("Sign in", "Account name", "Password", "Sign in",
                "The account name or password is not right, or the account is locked for a while after several wrong "
                + "attempts. Check both and try again.")
            : ("登录", "账号", "密码", "登录", "账号或密码不对，或因多次输错暂时锁定。请核对后再试。");
        string alert = wrong ? $"<p role=\"alert\">{WebUtility.HtmlEncode(refused)}</p>" : "";
        // Browsers apply form-action to the redirect that answers the form, so the client's origin is named too.
        context.Response.Headers.ContentSecurityPolicy =
            $"default-src 'none'; style-src 'sha256-{StyleHash}'; form-action 'self' " +
            $"{redirect.GetLeftPart(UriPartial.Authority)}; frame-ancestors 'none'; base-uri 'none'";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.Vary = "Accept-Language";
        return TypedResults.Text(
            $"""
             <!doctype html>
             <html lang="{(english ? "en" : "zh-CN")}">
             <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
             <title>{title}</title><style>{Style}</style></head>
             <body><main><h1>{title}</h1>{alert}
             <form method="post">
             <input type="hidden" name="form" value="{form}">
             <label for="name">{name}</label>
             <input id="name" name="name" autocomplete="username" required autofocus maxlength="256">
             <label for="password">{password}</label>
             <input id="password" name="password" type="password" autocomplete="current-password" required maxlength="256">
             <button>{act}</button>
             </form></main></body></html>
             """, "text/html", Encoding.UTF8, wrong ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK);
    }
}
