using EventStore;
using Npgsql;

namespace Traceability.Epcis.Findings;

/// <summary>Follows the events and weighs every item that they name anew, with all that is known of it.</summary>
internal sealed partial class FindingWorker(
    Store store, FindingTable table, NeverIssued issued, TimeProvider time, ILogger<FindingWorker> logger) : BackgroundService
{
    /// <summary>Name of the follower's position.</summary>
    public const string Cursor = "epcis-findings";

    private const int EventsMax = 200;
    private const int ItemsAtOnce = 2000;

    /// <summary>Between two looks at what other processes appended; appends of this one wake the follower.</summary>
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private long _seen;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                try
                {
                    if (!await FollowAsync(stoppingToken))
                        await WaitAsync(stoppingToken);
                    continue;
                }
                catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UndefinedTable)
                {
                    // The schema is still being brought up to date.
                }
                catch (NpgsqlException e)
                {
                    LogWaiting(logger, e.Message);
                }
                await Task.Delay(Pause, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The position says where the next process goes on.
        }
    }

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource poll = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        poll.CancelAfter(Poll);
        await store.WaitForFeedAsync(_seen, poll.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<bool> FollowAsync(CancellationToken cancellationToken)
    {
        // Read before the events: what is appended meanwhile wakes the follower at once.
        long head = await store.FeedHeadAsync(cancellationToken);
        long after = await store.Cursors.ReadAsync(Cursor, cancellationToken);
        _seen = head;
        if (after >= head)
            return false;
        (IReadOnlyList<string> items, long through) = await table.ItemsAsync(after, EventsMax, cancellationToken);
        if (through == after)
        {
            // Events without items: nothing to weigh, but a range without any would be looked at for ever.
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
        Dictionary<string, List<ItemFact>> facts = await table.FactsAsync(items, own: null, cancellationToken);
        Dictionary<string, IReadOnlyList<Stay>> parents = await table.ParentsAsync(facts, own: null, cancellationToken);
        IReadOnlySet<string> invented =
            await issued.OfAsync(facts.Where(f => f.Value.Count > 0).Select(f => f.Key), cancellationToken);
        return
        [
            .. facts.SelectMany(f => Contradictions.Of(f.Key, f.Value, parents)),
            .. invented.Select(i => new Finding(i, Finding.NeverIssued, facts[i].Min(x => x.Seq))),
        ];
    }

    [LoggerMessage(EventId = 4020, Level = LogLevel.Warning, Message = "Findings wait for the database: {Cause}")]
    private static partial void LogWaiting(ILogger logger, string cause);
}
