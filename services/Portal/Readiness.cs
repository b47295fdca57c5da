using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using ServiceDefaults;

namespace Portal;

/// <summary>The portal is ready when everything behind it is, so that one address tells.</summary>
public sealed class Readiness(IHttpClientFactory clients, ServiceAddresses addresses, IOptions<ServiceOptions> self) : IHealthCheck
{

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var answers = await Task.WhenAll(addresses.Names.Where(name => name != self.Value.Name).Select(async service => (service, Ready: await IsReadyAsync(service, cancellationToken))));
        var missing = answers.Where(a => !a.Ready).Select(a => a.service).ToList();
        return missing.Count == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy($"not ready: {string.Join(", ", missing)}");
    }

    private async Task<bool> IsReadyAsync(string service, CancellationToken cancel)
    {
        try
        {
            using var response = await clients.CreateClient("suite").GetAsync(new Uri(addresses[service], "health/ready"), cancel);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}

public static class ReadinessRegistration
{
    public static void AddReadiness(this WebApplicationBuilder builder) =>
        builder.Services.AddHealthChecks().AddCheck<Readiness>("services", tags: [ServiceDefaultsExtensions.ReadyTag]);
}
