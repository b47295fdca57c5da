using Microsoft.AspNetCore.Http.Metadata;

namespace ServiceDefaults.Http;

/// <summary>Limits of request bodies, in bytes.</summary>
public static class BodyLimit
{
    /// <summary>For endpoints that name no other.</summary>
    public const long DefaultBytes = 1 << 20;

    /// <summary>Sets the limit of one endpoint.</summary>
    public static TBuilder WithBodyLimit<TBuilder>(this TBuilder builder, long bytes)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new Limit(bytes));

    private sealed record Limit(long? MaxRequestBodySize) : IRequestSizeLimitMetadata;
}
