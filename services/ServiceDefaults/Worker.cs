namespace ServiceDefaults;

/// <summary>
/// A background service whose end by being stopped is an ordinary one. A host that is disposed of without being stopped
/// first would log the cancelled wait as a failure of the whole process.
/// </summary>
public abstract class Worker : BackgroundService
{
    /// <inheritdoc/>
    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await RunAsync(stoppingToken);
        }
        catch (Exception) when (stoppingToken.IsCancellationRequested)
        {
            // The wait was cancelled, as was asked for, or what it worked with went away first; work is durable elsewhere.
        }
    }

    /// <summary>Works until it is stopped.</summary>
    protected abstract Task RunAsync(CancellationToken stopping);
}
