using EventStore;
using Npgsql;
using Traceability.Scanning;

namespace Traceability.Alarms;

/// <summary>
/// Runs the formulas over what was checked or sold since the last run. While nothing happens it asks one short question
/// every few seconds. Movements that are recorded late change whose items were, so after some the window is run over
/// again, now and then.
/// </summary>
internal sealed partial class AlarmWorker(
    Store store, AlarmReading reading, AlarmRound round, AlarmItems items, CodeRegister codes, TimeProvider time,
    ILogger<AlarmWorker> log) : BackgroundService
{
    private const string ChecksCursor = "alarms-checks";
    private const string FeedCursor = "alarms-feed";
    private const string MovesCursor = "alarms-moves";
    private const int ItemsAtOnce = 1000;
    private const int RecentMax = 50_000;

    // Changes are numbered before they are committed: what came late lies at most so far back.
    private const int Overlap = 200;

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan MovesEvery = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ForgetEvery = TimeSpan.FromHours(1);

    // Tags of devices may be kept for so long (ScanRecorder).
    private static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    private readonly SemaphoreSlim _one = new(1, 1);
    private DateTimeOffset _forgotten;
    private DateTimeOffset _moved;

    /// <summary>Runs over everything recent of one organisation at once.</summary>
    public async Task<RoundResult> RunAsync(string owner, CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation);
        try
        {
            return await RunAsync(
                await reading.RecentAsync(owner, time.GetUtcNow() - Kept, RecentMax, cancellation), cancellation);
        }
        finally
        {
            _one.Release();
        }
    }

    public override void Dispose()
    {
        _one.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (codes.IsLoaded)
                    await FollowAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is NpgsqlException or StoreUnavailableException or TimeoutException)
            {
                Waiting(log, e.Message);
            }
            await Task.Delay(Tick, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task FollowAsync(CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation);
        try
        {
            DateTimeOffset now = time.GetUtcNow();
            (long change, long position) = await reading.HeadsAsync(cancellation);
            long checkedTo = await store.Cursors.ReadAsync(ChecksCursor, cancellation);
            long readTo = await store.Cursors.ReadAsync(FeedCursor, cancellation);
            if (change > checkedTo || position > readTo)
            {
                (IReadOnlyList<ItemId> changed, long? last, long? lastPosition) = await reading.ChangedAsync(
                    Math.Max(0, checkedTo - Overlap), readTo, RecentMax, cancellation);
                await RunAsync(changed, cancellation);
                await store.Cursors.WriteAsync(ChecksCursor, last ?? change, cancellation);
                await store.Cursors.WriteAsync(FeedCursor, lastPosition ?? position, cancellation);
            }
            if (now - _moved >= MovesEvery)
                await FollowMovesAsync(now, position, cancellation);
            if (now - _forgotten < ForgetEvery)
                return;
            _forgotten = now;
            await items.ForgetAsync(now - Kept, cancellation);
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task FollowMovesAsync(DateTimeOffset now, long position, CancellationToken cancellation)
    {
        long movedTo = await store.Cursors.ReadAsync(MovesCursor, cancellation);
        if (position == movedTo)
            return;
        _moved = now;
        if (await reading.MovedAsync(movedTo, cancellation))
        {
            await RunAsync(
                await reading.RecentAsync(null, now - Kept, RecentMax, cancellation), cancellation);
        }
        await store.Cursors.WriteAsync(MovesCursor, position, cancellation);
    }

    private async Task<RoundResult> RunAsync(IReadOnlyList<ItemId> all, CancellationToken cancellation)
    {
        RoundResult result = RoundResult.Empty;
        foreach (ItemId[] some in all.Chunk(ItemsAtOnce))
            result = result.With(await round.RunAsync(some, cancellation));
        if (result.Raised.Count > 0)
            Raised(log, result.Raised.Count, result.Items);
        return result;
    }

    [LoggerMessage(3501, LogLevel.Warning, "Alarms wait for the database: {Cause}")]
    private static partial void Waiting(ILogger log, string cause);

    [LoggerMessage(3502, LogLevel.Information, "{Count} alarms raised over {Items} items")]
    private static partial void Raised(ILogger log, int count, int items);
}
