using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using EventStore;
using Npgsql;
using ServiceDefaults.Webhooks;
using Traceability.Epcis.Queries;
using Traceability.Visibility;

namespace Traceability.Epcis.Subscriptions;

/// <summary>
/// Delivers subscriptions, at least once and in order for each: one delivery at a time, made durable before it is first
/// sent, sent again until the receiver answers 2xx, and only then does the subscription move on.
/// </summary>
internal sealed partial class SubscriptionWorker(
    Store store, SubscriptionTable table, NamedQueries queries, EventSearch search, Viewers viewers,
    WebhookSender sender, TimeProvider time, ILogger<SubscriptionWorker> logger) : BackgroundService
{
    private const int EventsMax = 100;

    /// <summary>The most deliveries under way: each holds its body, and a slow receiver its place.</summary>
    private const int UnderWayMax = 32;

    /// <summary>Between two looks at schedules, retries and new subscriptions; an append wakes the worker.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryMax = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<Guid, Task> _underWay = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                long head = 0;
                bool full = false;
                try
                {
                    head = await store.FeedHeadAsync(stoppingToken);
                    Guid[] underWay = [.. _underWay.Keys];
                    IReadOnlyList<Guid> due = await table.DueAsync(
                        head, time.GetUtcNow(), underWay, Math.Max(0, UnderWayMax - underWay.Length), stoppingToken);
                    full = due.Count + underWay.Length >= UnderWayMax;
                    foreach (Guid id in due)
                        Start(id, head, stoppingToken);
                }
                catch (NpgsqlException)
                {
                    // The tables are not there yet, or the database is away: the next tick tries again.
                }
                if (full)
                    await Task.WhenAny([.. _underWay.Values, Task.Delay(Tick, time, stoppingToken)]);
                else
                    await WaitAsync(head, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await Task.WhenAll(_underWay.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task WaitAsync(long head, CancellationToken cancellationToken)
    {
        using CancellationTokenSource tick = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task waited = head == 0 ? Task.Delay(Tick, time, cancellationToken) : store.WaitForFeedAsync(head, tick.Token);
        tick.CancelAfter(Tick);
        await waited.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>A slow receiver must not hold up the others, and none gets two deliveries at once.</summary>
    private void Start(Guid id, long head, CancellationToken cancellationToken)
    {
        if (_underWay.ContainsKey(id))
            return;
        Task work = DeliverAsync(id, head, cancellationToken);
        if (_underWay.TryAdd(id, work))
            _ = work.ContinueWith(_ => _underWay.TryRemove(id, out Task? _), TaskScheduler.Default);
    }

    private async Task DeliverAsync(Guid id, long head, CancellationToken cancellationToken)
    {
        // The caller goes on to the next subscription at once.
        await Task.Yield();
        try
        {
            Subscription? now = await table.FindAsync(id, cancellationToken);
            if (now is { Secret: null })
            {
                // It waits with all that is under way: unsigned, a delivery is worth nothing, and dropped it is lost.
                LogKeyLost(logger, id);
                await table.FailedAsync(
                    id, SubscriptionTable.KeyLost, time.GetUtcNow() + RetryMax, cancellationToken);
                return;
            }
            bool first = true;
            while (now is not null && (now.Pending is not null || first || now.Watermark < head))
            {
                if (now.Pending is null && !await PrepareAsync(now, head, first, cancellationToken))
                    break;
                first = false;
                now = await table.FindAsync(id, cancellationToken);
                if (now?.Pending is not null && !await SendAsync(now, cancellationToken))
                    return;
                now = await table.FindAsync(id, cancellationToken);
            }
            if (now?.Schedule is { } schedule && QuerySchedule.TryParse(schedule, out QuerySchedule? parsed))
                await table.DueNextAsync(now.Id, parsed.Next(time.GetUtcNow()), cancellationToken);
        }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException)
        {
            // What is under way is durable and is sent again.
        }
#pragma warning disable CA1031 // One subscription's fault must not stop the others.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogFault(logger, id, e);
            await table.FailedAsync(id, "fault", time.GetUtcNow() + RetryMax, cancellationToken);
        }
    }

    /// <summary>Makes the next delivery; false when there is nothing to report.</summary>
    private async Task<bool> PrepareAsync(
        Subscription subscription, long head, bool first, CancellationToken cancellationToken)
    {
        JsonObject? definition =
            await queries.FindAsync(subscription.Tenant, subscription.QueryName, cancellationToken);
        if (definition is null)
            return false;
        EventQuery query = QueryParameters.Read(definition) with
        {
            Order = EventOrder.RecordTime,
            OrderField = null,
            Descending = false,
        };
        Viewer viewer = await viewers.OfAsync(subscription.Tenant, subscription.IsRegulator, cancellationToken);
        EventPage page = await search.PageAsync(
            query, viewer, FoundEvent.After(subscription.Watermark), head, EventsMax, cancellationToken);
        long through = page.After is { } after ? FoundEvent.Position(after) : head;
        if (page.Events.Count == 0 && !(first && subscription is { Schedule: not null, ReportIfEmpty: true }))
        {
            await table.AdvanceAsync(subscription.Id, null, through, time.GetUtcNow(), cancellationToken);
            return page.After is not null;
        }
        byte[] body = EventDocument.Write(
            page.Events, time.GetUtcNow(), subscription.QueryName, subscription.Id);
        Delivery delivery = new(
            Guid.CreateVersion7(time.GetUtcNow()), subscription.Number + 1, subscription.Target, subscription.Secret!,
            body);
        await table.BeginAsync(subscription, delivery, through, cancellationToken);
        return true;
    }

    private async Task<bool> SendAsync(Subscription subscription, CancellationToken cancellationToken)
    {
        if (await sender.SendAsync(subscription.Pending!, cancellationToken) is not { } failure)
        {
            await table.AdvanceAsync(
                subscription.Id, subscription.Pending, subscription.PendingThrough, time.GetUtcNow(),
                cancellationToken);
            return true;
        }
        LogUndelivered(logger, subscription.Id, subscription.Pending!.Number, failure);
        await table.FailedAsync(
            subscription.Id, failure, time.GetUtcNow() + WebhookPatience.After(subscription.Attempts),
            cancellationToken);
        return false;
    }

    [LoggerMessage(EventId = 4010, Level = LogLevel.Warning,
        Message = "Subscription {Subscription} did not take delivery {Number}: {Failure}")]
    private static partial void LogUndelivered(ILogger logger, Guid subscription, long number, string failure);

    [LoggerMessage(EventId = 4012, Level = LogLevel.Error,
        Message = "Subscription {Subscription} is paused: the key that its token lies under (webhook.key) is lost")]
    private static partial void LogKeyLost(ILogger logger, Guid subscription);

    [LoggerMessage(EventId = 4011, Level = LogLevel.Error, Message = "Subscription {Subscription} failed")]
    private static partial void LogFault(ILogger logger, Guid subscription, Exception exception);
}
