using EventStore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Npgsql;
using ServiceDefaults.Auth;

namespace ServiceDefaults.Stores;

/// <summary>The service's event store, in the database of setting <c>ConnectionStrings:Store</c>.</summary>
public static class ServiceStore
{
    /// <summary>
    /// Registers the store with its projection daemon and the deletion of expired responses. The schema is brought up to
    /// date in the background, again and again until the database answers; until then the service is not ready.
    /// </summary>
    /// <exception cref="InvalidOperationException">The connection string is missing.</exception>
    public static WebApplicationBuilder AddEventStore(this WebApplicationBuilder builder, EventModel model)
    {
        string connection = builder.Configuration.GetConnectionString("Store")
            ?? throw new InvalidOperationException("Setting ConnectionStrings:Store is missing.");
        builder.Services.AddSingleton(services => Store.Open(new StoreOptions
        {
            ConnectionString = connection,
            Service = services.GetRequiredService<IOptions<ServiceOptions>>().Value.Name,
            Model = model,
            Time = services.GetRequiredService<TimeProvider>(),
            Logging = services.GetRequiredService<ILoggerFactory>(),
        }));
        builder.Services.AddSingleton<StoreStartup>();
        builder.Services.AddHostedService(services => services.GetRequiredService<StoreStartup>());
        builder.Services.AddHostedService<StoreUpkeep>();
        builder.Services.AddHostedService(services => ActivatorUtilities.CreateInstance<ConnectionWatch>(
            services, services.GetRequiredService<Store>().DataSource));
        builder.Services.AddHealthChecks()
            .AddCheck<StoreCheck>("store", tags: [ServiceDefaultsExtensions.ReadyTag], timeout: TimeSpan.FromSeconds(3));
        return builder;
    }

    /// <summary>The edge of a command: who acts, and the clock and randomness of its events.</summary>
    public static EventContext Context(this Caller caller, TimeProvider time) => new(time, caller.Subject, caller.Tenant);
}

/// <summary>Brings the schema up to date and then runs what a service does at its first start.</summary>
internal sealed partial class StoreStartup(Store store, IEnumerable<IStoreStartupStep> steps, ILogger<StoreStartup> logger)
    : Worker
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether all of it has run.</summary>
    public bool Done => _done.Task.IsCompletedSuccessfully;

    /// <summary>Completes when all of it has run.</summary>
    public Task Completed => _done.Task;

    protected override async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await store.MigrateAsync(stopping);
                // The keys are backed up apart: an older copy of them may have been restored since a person was erased.
                await store.Persons.DeleteErasedAsync(stopping);
                foreach (IStoreStartupStep step in steps)
                    await step.RunAsync(stopping);
                _done.TrySetResult();
                return;
            }
            catch (Exception e) when (e is NpgsqlException or StoreUnavailableException or TimeoutException)
            {
                LogWaiting(logger, e.Message);
                await Task.Delay(Pause, stopping);
            }
        }
    }

    [LoggerMessage(EventId = 1010, Level = LogLevel.Warning, Message = "Waiting for the database: {Cause}")]
    private static partial void LogWaiting(ILogger logger, string cause);
}

/// <summary>Work that needs the store and comes before the service is ready. It may run more than once.</summary>
public interface IStoreStartupStep
{
    /// <summary>Does it.</summary>
    Task RunAsync(CancellationToken cancellationToken);
}

/// <summary>Ready means: schema up to date and the database answers now.</summary>
internal sealed class StoreCheck(Store store, StoreStartup startup) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!startup.Done)
            return HealthCheckResult.Unhealthy("starting");
        try
        {
            long head = await store.FeedHeadAsync(cancellationToken);
            return HealthCheckResult.Healthy($"head {head}");
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or OperationCanceledException)
        {
            return HealthCheckResult.Unhealthy("the database does not answer");
        }
    }
}
