using System.Net;
using ServiceDefaults.Problems;

namespace Portal;

/// <summary>
/// Keeps the portal's own <c>/metrics</c> from the public: they are for monitoring on this machine, and a proxy in front
/// names its client in <c>X-Forwarded-For</c>.
/// </summary>
public static class OwnMetrics
{
    /// <summary>Answers 404 to whoever asks for the metrics from elsewhere.</summary>
    public static void UseOwnMetrics(this WebApplication app) => app.Use((context, next) =>
        context.Request.Path.StartsWithSegments("/metrics", StringComparison.OrdinalIgnoreCase) && !IsHere(context.Connection.RemoteIpAddress)
            ? Problem.Of("not-found").ExecuteAsync(context)
            : next(context));

    /// <summary>Whether an address is this machine's; none is a connection within the process.</summary>
    public static bool IsHere(IPAddress? address) => address is null || IPAddress.IsLoopback(address);
}
