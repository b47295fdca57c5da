using EventStore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ServiceDefaults.Storage;

/// <summary>The event store as part of a service's host.</summary>
public static class EventStoreHosting
{
    /// <summary>Name of the connection string of the service's own database.</summary>
    public const string Connection = "Store";

    /// <summary>
    /// Adds the <see cref="Store"/> over connection string <c>Store</c>, migrated before the service takes requests,
    /// with its projection daemon and the deletion of expired responses.
    /// </summary>
    /// <param name="builder">The service's host.</param>
    /// <param name="model">Events, aggregates and projections of the service.</param>
    public static WebApplicationBuilder AddEventStore(this WebApplicationBuilder builder, EventModel model)
    {
        var connection = builder.Configuration.GetConnectionString(Connection)
            ?? throw new InvalidOperationException($"Setting ConnectionStrings:{Connection} is missing.");
        builder.Services.AddSingleton(provider => Store.Open(new StoreOptions
        {
            ConnectionString = connection,
            Service = provider.GetRequiredService<IOptions<ServiceOptions>>().Value.Name,
            Model = model,
            Time = provider.GetRequiredService<TimeProvider>(),
            Logging = provider.GetRequiredService<ILoggerFactory>()
        }));
        builder.Services.AddHostedService<StoreStart>();
        builder.Services.AddHostedService<StoreUpkeep>();
        builder.Services.AddHealthChecks().AddCheck<StoreHealth>("store", tags: [ServiceDefaultsExtensions.ReadyTag]);
        return builder;
    }
}

/// <summary>Ready while the database answers.</summary>
internal sealed class StoreHealth(Store store) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            return HealthCheckResult.Healthy($"feed at {await store.FeedHeadAsync(cancellationToken)}");
        }
        catch (NpgsqlException)
        {
            return HealthCheckResult.Unhealthy("database does not answer");
        }
    }
}

/// <summary>Migrates the schema before the service takes requests, waiting for a database that is still starting.</summary>
internal sealed partial class StoreStart(Store store, ILogger<StoreStart> log) : IHostedService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private const int Attempts = 60;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await store.MigrateAsync(cancellationToken);
                return;
            }
            catch (NpgsqlException e) when (attempt < Attempts && (e is not PostgresException p || p.SqlState == "57P03"))
            {
                DatabaseAbsent(log, attempt, e.Message);
                await Task.Delay(Pause, cancellationToken);
            }
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(2101, LogLevel.Warning, "The database does not answer (attempt {Attempt}): {Reason}")]
    private static partial void DatabaseAbsent(ILogger log, int attempt, string reason);
}

/// <summary>Follows the feed with the asynchronous projections and deletes expired responses every hour.</summary>
internal sealed partial class StoreUpkeep(Store store, TimeProvider time, ILogger<StoreUpkeep> log) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(store.Projections.RunAsync(stoppingToken), DeleteExpiredAsync(stoppingToken));

    private async Task DeleteExpiredAsync(CancellationToken stopping)
    {
        using PeriodicTimer hourly = new(TimeSpan.FromHours(1), time);
        do
        {
            try
            {
                await store.Responses.DeleteExpiredAsync(stopping);
            }
            catch (NpgsqlException e)
            {
                UpkeepFailed(log, e.Message);
            }
        }
        while (await hourly.WaitForNextTickAsync(stopping));
    }

    [LoggerMessage(2102, LogLevel.Warning, "Expired responses could not be deleted: {Reason}")]
    private static partial void UpkeepFailed(ILogger log, string reason);
}
