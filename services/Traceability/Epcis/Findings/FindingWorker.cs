using EventStore;
using Npgsql;

namespace Traceability.Epcis.Findings;

/// <summary>Follows the events and weighs every item that they name anew, with all that is known of it.</summary>
internal sealed partial class FindingWorker(
    Store store, FindingTable table, TimeProvider time, ILogger<FindingWorker> logger) : BackgroundService
{
    /// <summary>Name of the follower's position.</summary>
    public const string Cursor = "epcis-findings";

    private const int EventsMax = 200;
    private const int ItemsAtOnce = 2000;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                bool more = false;
                try
                {
                    more = await FollowAsync(stoppingToken);
                }
                catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UndefinedTable)
                {
                    // The schema is still being brought up to date.
                }
                catch (NpgsqlException e)
                {
                    LogWaiting(logger, e.Message);
                }
                if (!more)
                    await Task.Delay(Tick, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The position says where the next process goes on.
        }
    }

    private async Task<bool> FollowAsync(CancellationToken cancellationToken)
    {
        long after = await store.Cursors.ReadAsync(Cursor, cancellationToken);
        (IReadOnlyList<string> items, long through) = await table.ItemsAsync(after, EventsMax, cancellationToken);
        if (through == after)
        {
            // Events without items: nothing to weigh, but a range without any would be looked at for ever.
            long head = await store.FeedHeadAsync(cancellationToken);
            if (items.Count == 0 && head > after + EventsMax)
                await store.Cursors.WriteAsync(Cursor, after + EventsMax, cancellationToken);
            return items.Count == 0 && head > after + EventsMax;
        }
        foreach (string[] some in items.Chunk(ItemsAtOnce))
            await table.ReplaceAsync(some, await WeighAsync(some, cancellationToken), cancellationToken);
        await store.Cursors.WriteAsync(Cursor, through, cancellationToken);
        return true;
    }

    private async Task<IReadOnlyCollection<Finding>> WeighAsync(string[] items, CancellationToken cancellationToken)
    {
        Dictionary<string, List<ItemFact>> facts = await table.FactsAsync(items, cancellationToken);
        Dictionary<string, IReadOnlyList<Stay>> parents = await table.ParentsAsync(facts, cancellationToken);
        return [.. facts.SelectMany(f => Contradictions.Of(f.Key, f.Value, parents))];
    }

    [LoggerMessage(EventId = 4020, Level = LogLevel.Warning, Message = "Findings wait for the database: {Cause}")]
    private static partial void LogWaiting(ILogger logger, string cause);
}
