using System.Globalization;
using System.Threading.RateLimiting;
using ServiceDefaults.Problems;

namespace ServiceDefaults.Http;

/// <summary>How often one source may use the endpoints that need no sign-in.</summary>
public sealed class OpenRateOptions
{
    /// <summary>Configuration section.</summary>
    public const string Section = "OpenRate";

    /// <summary>Requests that may come at once.</summary>
    public int Burst { get; set; } = 60;

    /// <summary>Requests a second after that.</summary>
    public int PerSecond { get; set; } = 10;
}

/// <summary>Rate limits for endpoints open to everybody.</summary>
public static class OpenRate
{
    /// <summary>The policy's name.</summary>
    public const string Policy = "open";

    /// <summary>Opens an endpoint to everybody, at a limited rate for one source.</summary>
    public static TBuilder OpenToAll<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder =>
        builder.AllowAnonymous().RequireRateLimiting(Policy);

    internal static void AddOpenRate(this IServiceCollection services, IConfiguration configuration)
    {
        OpenRateOptions rate = configuration.GetSection(OpenRateOptions.Section).Get<OpenRateOptions>() ?? new();
        services.AddRateLimiter(options =>
        {
            options.OnRejected = async (context, _) =>
            {
                TimeSpan wait = context.Lease.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan after)
                    ? after
                    : TimeSpan.FromSeconds(1);
                context.HttpContext.Response.Headers.RetryAfter =
                    Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
                await Problem.Of("rate-limited").ExecuteAsync(context.HttpContext);
            };
            options.AddPolicy(Policy, context => RateLimitPartition.GetTokenBucketLimiter(
                context.Connection.RemoteIpAddress?.ToString() ?? "unknown",
                _ => new TokenBucketRateLimiterOptions
                {
                    TokenLimit = rate.Burst,
                    TokensPerPeriod = rate.PerSecond,
                    ReplenishmentPeriod = TimeSpan.FromSeconds(1),
                    QueueLimit = 0,
                }));
        });
    }
}
