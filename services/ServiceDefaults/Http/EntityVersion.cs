using Microsoft.Net.Http.Headers;
using ServiceDefaults.Problems;

namespace ServiceDefaults.Http;

/// <summary>The version of a stream as an entity tag (RFC 9110 §8.8.3, §13.1.1).</summary>
public static class EntityVersion
{
    /// <summary>Sends a version as <c>ETag</c>.</summary>
    public static void Send(HttpResponse response, long version) => response.Headers.ETag = $"\"{version}\"";

    /// <summary>The version that <c>If-Match</c> names; null when the header is missing or is <c>*</c>.</summary>
    /// <exception cref="ProblemException">The header is not one strong tag made of a number.</exception>
    public static long? Expected(HttpRequest request)
    {
        var tags = request.GetTypedHeaders().IfMatch;
        if (tags.Count == 0)
            return null;
        EntityTagHeaderValue tag = tags[0];
        if (tags.Count == 1 && tag == EntityTagHeaderValue.Any)
            return null;
        if (tags.Count == 1 && !tag.IsWeak && long.TryParse(tag.Tag.AsSpan().Trim('"'), out long version) && version > 0)
            return version;
        throw new ProblemException(Problem.Of("version-stale"));
    }

    /// <summary>The version that <c>If-Match</c> names, which must be there.</summary>
    /// <exception cref="ProblemException">It is missing.</exception>
    public static long Required(HttpRequest request) =>
        Expected(request) ?? throw new ProblemException(Problem.Of("if-match-required"));
}
