using Microsoft.AspNetCore.Http.Features;

namespace Traceability.Epcis.Queries;

/// <summary>
/// The path as it was sent. Ids in a path are URIs with escapes of their own, which routing decodes only in part.
/// </summary>
internal static class RawPath
{
    /// <summary>The path, still escaped.</summary>
    public static string Of(HttpContext http)
    {
        string target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        int query = target.IndexOf('?', StringComparison.Ordinal);
        return query < 0 ? target : target[..query];
    }

    /// <summary>The segment that follows <paramref name="collection"/>, with every escape decoded once.</summary>
    public static string After(HttpContext http, string collection)
    {
        string[] segments = Of(http).Split('/');
        int at = Array.IndexOf(segments, collection);
        return at >= 0 && at + 1 < segments.Length ? Uri.UnescapeDataString(segments[at + 1]) : "";
    }
}
