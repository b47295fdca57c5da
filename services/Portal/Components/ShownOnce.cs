using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.DataProtection;

namespace Portal.Components;

/// <summary>
/// Carries what is shown once, a new secret, from the form that made it to the page that is shown after it, so that
/// reloading that page sends no form again. The cookie is sealed with the portal's keys, ends after two minutes, and is
/// taken off as soon as it is read; the server keeps nothing.
/// </summary>
public sealed class ShownOnce(IHttpContextAccessor http, IDataProtectionProvider protection)
{
    private const string Cookie = "shown-once";
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(2);

    private HttpContext Context => http.HttpContext!;

    private ITimeLimitedDataProtector Protector => protection.CreateProtector(Cookie).ToTimeLimitedDataProtector();

    /// <summary>Keeps something for the next page of a folder, <c>/org</c> for example.</summary>
    public void Keep(string folder, JsonObject shown) =>
        Context.Response.Cookies.Append(Cookie, Protector.Protect(shown.ToJsonString(), Lifetime), Settings(folder, Lifetime));

    /// <summary>What was kept, which is gone then; null where nothing was.</summary>
    public JsonNode? Take(string folder)
    {
        if (!HttpMethods.IsGet(Context.Request.Method) || Context.Request.Cookies[Cookie] is not { } kept) return null;
        Context.Response.Cookies.Delete(Cookie, Settings(folder, null));
        Context.Response.Headers.CacheControl = "no-store";
        try
        {
            return JsonNode.Parse(Protector.Unprotect(kept));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private CookieOptions Settings(string folder, TimeSpan? lifetime) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Path = folder,
        MaxAge = lifetime,
        Secure = Context.Request.IsHttps,
    };
}
