using EventStore;
using Npgsql;

namespace ServiceDefaults.Stores;

/// <summary>Follows the feed with the asynchronous projections and deletes expired responses every hour.</summary>
internal sealed partial class StoreUpkeep(Store store, StoreStartup startup, TimeProvider time, ILogger<StoreUpkeep> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await startup.Completed.WaitAsync(stoppingToken);
            await Task.WhenAll(store.Projections.RunAsync(stoppingToken), DeleteExpiredAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // A host that is disposed without being stopped would log this as a failure.
        }
    }

    private async Task DeleteExpiredAsync(CancellationToken cancellationToken)
    {
        using PeriodicTimer hourly = new(TimeSpan.FromHours(1), time);
        do
        {
            try
            {
                await store.Responses.DeleteExpiredAsync(cancellationToken);
            }
            catch (NpgsqlException e)
            {
                LogFailed(logger, e.Message);
            }
        }
        while (await hourly.WaitForNextTickAsync(cancellationToken));
    }

    [LoggerMessage(EventId = 1012, Level = LogLevel.Warning, Message = "Expired responses could not be deleted: {Cause}")]
    private static partial void LogFailed(ILogger logger, string cause);
}
