using System.Buffers;
using Microsoft.AspNetCore.Http.Features;

namespace Portal.Gateway;

/// <summary>
/// Where a request goes: the path as the client sent it, since ids in a path have escapes of their own that only the
/// service may decode, and never to another host or to what is not public.
/// </summary>
internal static class GatewayAddress
{
    private const int LevelsMax = 4;

    private static readonly UriCreationOptions AsSent = new() { DangerousDisablePathAndQueryCanonicalization = true };

    /// <summary>First path segments of what services tell each other and the operator's monitoring only.</summary>
    private static readonly HashSet<string> Internal =
        new(StringComparer.OrdinalIgnoreCase) { "metrics", "feed", "health" };

    /// <summary>Characters of a path (RFC 3986 §3.3) and what divides it from a query.</summary>
    private static readonly SearchValues<char> PathCharacters = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/%");

    /// <summary>The address of a request at a service.</summary>
    /// <param name="context">The request.</param>
    /// <param name="service">The service's own address.</param>
    /// <param name="prefix">What the gateway takes away before.</param>
    /// <param name="path">The rest of the path as it was decoded and resolved, where that is all that can be sent.</param>
    /// <remarks>
    /// Joined as text and never resolved: a path such as "/http://elsewhere/" would lead a resolved address to another
    /// host, with the caller's token and cookies.
    /// </remarks>
    public static Uri Of(HttpContext context, Uri service, string prefix, PathString path)
    {
        string origin = service.GetLeftPart(UriPartial.Path).TrimEnd('/');
        string query = context.Request.QueryString.ToUriComponent();
        string sent = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Split('?')[0];
        return sent.StartsWith(prefix + "/", StringComparison.OrdinalIgnoreCase)
            && IsPlain(sent[prefix.Length..]) && !query.AsSpan().ContainsAnyExceptInRange('!', '~')
                ? new Uri(origin + sent[prefix.Length..] + query, AsSent)
                : new Uri(origin + path.ToUriComponent() + query);
    }

    /// <summary>Asked of the address that is sent, and of what decoding makes of it: no encoding is a way around.</summary>
    public static bool IsInternal(Uri service, Uri address)
    {
        string path = address.AbsolutePath[service.AbsolutePath.TrimEnd('/').Length..];
        return Decoded(path).Any(p => Internal.Contains(p.TrimStart('/').Split('/')[0]));
    }

    /// <summary>Well-formed, and without a segment that a reader would resolve.</summary>
    private static bool IsPlain(string path)
    {
        if (path.AsSpan().ContainsAnyExcept(PathCharacters))
            return false;
        for (int at = path.IndexOf('%', StringComparison.Ordinal); at >= 0; at = path.IndexOf('%', at + 1))
        {
            if (at + 2 >= path.Length || !char.IsAsciiHexDigit(path[at + 1]) || !char.IsAsciiHexDigit(path[at + 2]))
                return false;
        }
        return !Decoded(path).Any(p => p.Split('/', '\\').Any(segment => segment is "." or ".."));
    }

    /// <summary>The path, and what decoding makes of it, more often than any reader does.</summary>
    private static IEnumerable<string> Decoded(string path)
    {
        for (int level = 0; level < LevelsMax; level++, path = Uri.UnescapeDataString(path))
            yield return path;
    }
}
