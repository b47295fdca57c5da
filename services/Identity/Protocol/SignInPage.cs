using System.Net;
using System.Security.Cryptography;
using System.Text;
using ServiceDefaults.Problems;

namespace Identity.Protocol;

/// <summary>The sign-in page: a plain form, no script, nothing loaded from elsewhere.</summary>
internal static class SignInPage
{
    /// <summary>The portal's tokens, so that signing in looks like the pages on both sides of it.</summary>
    private const string Style =
        ":root{color-scheme:light dark;--page:#F4F6F8;--surface:#FFFFFF;--text:#16202B;--text-2:#465462;--line:#D3DAE1;" +
        "--strong:#74818E;--primary:#1B4F8F;--hover:#153F73;--on:#FFFFFF;--bad:#AE1F18;--tint:#FCEBE9;--ink:#16202B}" +
        "@media(prefers-color-scheme:dark){:root{--page:#0F151B;--surface:#18212A;--text:#E8EDF2;--text-2:#B3BFCA;" +
        "--line:#32404D;--strong:#7C8B99;--primary:#8AB8F2;--hover:#A6CAF6;--on:#0B1B2E;--bad:#FFA198;--tint:#3D1715;" +
        "--ink:#0F151B}}" +
        "*{box-sizing:border-box}" +
        "body{margin:0;min-height:100vh;display:grid;place-items:center;padding:16px;background:var(--page);" +
        "color:var(--text);font:16px/1.6 -apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Helvetica Neue'," +
        "'PingFang SC','HarmonyOS Sans SC',MiSans,'Microsoft YaHei','Noto Sans CJK SC','WenQuanYi Micro Hei',sans-serif}" +
        "main{width:min(24rem,100%)}" +
        ".mark{display:flex;gap:8px;align-items:center;min-height:44px;margin-bottom:8px;color:var(--text);" +
        "font-weight:600;text-decoration:none}.mark svg{width:24px;height:24px;color:var(--primary)}" +
        "form,.alert{background:var(--surface);border:1px solid var(--line);border-radius:8px;padding:24px}" +
        "h1{font-size:1.5rem;line-height:1.35;margin:0 0 8px}" +
        ".quiet{color:var(--text-2);font-size:.875rem;margin:0}" +
        "label{display:block;margin:16px 0 4px;font-weight:600}" +
        "input{width:100%;min-height:44px;padding:8px 12px;font:inherit;color:var(--text);background:var(--surface);" +
        "border:1px solid var(--strong);border-radius:6px}" +
        "button{width:100%;min-height:48px;margin-top:24px;font:inherit;font-weight:600;border:0;border-radius:6px;" +
        "background:var(--primary);color:var(--on);cursor:pointer}button:hover{background:var(--hover)}" +
        ":focus-visible{outline:3px solid var(--ink);box-shadow:0 0 0 6px #FFC400;border-radius:4px}" +
        ".alert{background:var(--tint);border-color:var(--bad);padding:12px 16px;margin:0 0 16px}";

    private static readonly string StyleHash =
        Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)));

    public static IResult Render(HttpContext context, Uri redirect, string form, bool wrong, string typed = "")
    {
        bool english = IsEnglish(context.Request);
        (string title, string name, string password, string act, string refused) = english
            ? ("Sign in", "Account name", "Password", "Sign in",
                "The account name or password is not right, or the account is locked for a while after several wrong "
                + "attempts. Check both and try again.")
            : ("登录", "账号", "密码", "登录", "账号或密码不对，或因多次输错暂时锁定。请核对后再试。");
        (string mark, string quiet) = english
            ? ("Provable facts", "With the account of your organisation. Verifying needs none.")
            : ("可核验存证", "使用贵机构的账号。核验不需要登录。");
        string alert = wrong ? $"<p class=\"alert\" role=\"alert\">{WebUtility.HtmlEncode(refused)}</p>" : "";
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
             <body><main>
             <a class="mark" href="{redirect.GetLeftPart(UriPartial.Authority)}/"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 2 3 6v6c0 5 4 8.5 9 10 5-1.5 9-5 9-10V6z" fill="none" stroke="currentColor" stroke-width="2"/><path d="m8 12 3 3 5-6" fill="none" stroke="currentColor" stroke-width="2"/></svg>{mark}</a>
             {alert}
             <form method="post">
             <h1>{title}</h1>
             <p class="quiet">{quiet}</p>
             <input type="hidden" name="form" value="{form}">
             <label for="name">{name}</label>
             <input id="name" name="name" autocomplete="username" required {(typed.Length == 0 ? "autofocus " : "")}maxlength="256" value="{WebUtility.HtmlEncode(typed)}">
             <label for="password">{password}</label>
             <input id="password" name="password" type="password" autocomplete="current-password" required {(typed.Length == 0 ? "" : "autofocus ")}maxlength="256">
             <button>{act}</button>
             </form></main></body></html>
             """, "text/html", Encoding.UTF8, wrong ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK);
    }

    /// <summary>What the client asks for (<c>ui_locales</c>, OpenID Connect Core §3.1.2.1), else what the browser does.</summary>
    private static bool IsEnglish(HttpRequest request) => request.Query["ui_locales"].ToString() is { Length: > 0 } asked
        ? asked.StartsWith("en", StringComparison.OrdinalIgnoreCase)
        : Language.Of(request) == Language.English;
}
