using Npgsql;

namespace ServiceDefaults.Stores;

/// <summary>
/// Empties a connection pool when its server goes away. Without it every pooled connection fails one request after the
/// server is back, the last of them perhaps hours later. Costs one connection and no polling.
/// </summary>
public sealed partial class ConnectionWatch(NpgsqlDataSource source, TimeProvider time, ILogger<ConnectionWatch> logger)
    : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        bool connected = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using NpgsqlConnection connection = await source.OpenConnectionAsync(stoppingToken);
                connected = true;
                // It listens to nothing, so only the end of the connection ends the wait.
                while (true)
                    await connection.WaitAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is NpgsqlException or IOException or TimeoutException)
            {
                source.Clear();
                if (connected)
                    LogLost(logger, e.Message);
                connected = false;
            }
            await Task.Delay(Pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(EventId = 1011, Level = LogLevel.Warning, Message = "The database went away: {Cause}")]
    private static partial void LogLost(ILogger logger, string cause);
}
