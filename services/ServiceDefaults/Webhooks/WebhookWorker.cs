using EventStore;
using Npgsql;

namespace ServiceDefaults.Webhooks;

/// <summary>
/// Delivers to subscribers at least once and in order: one delivery at a time for each, made durable before it is first
/// sent, sent again with growing pauses until the receiver answers 2xx, and only then does the subscription move on. One
/// that takes nothing for <see cref="WebhookPatience.AttemptsMax"/> attempts is dead until its owner revives it; nothing
/// is lost by that, because it stays where it stopped.
/// </summary>
public sealed partial class WebhookWorker(
    Store store, WebhookTable table, WebhookSender sender, IWebhookFeed feed, TimeProvider time,
    IConfiguration configuration, ILogger<WebhookWorker> logger) : Worker
{
    private const int AtOnce = 32;

    /// <summary>Between two looks at retries and new subscriptions; an append wakes the worker.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private readonly int _attemptsMax = (configuration.GetSection(WebhookOptions.Section).Get<WebhookOptions>()
        ?? new WebhookOptions()).AttemptsMax;

    /// <inheritdoc/>
    protected override async Task RunAsync(CancellationToken stopping)
    {
        while (true)
        {
            long head = 0;
            bool more = false;
            try
            {
                head = await store.FeedHeadAsync(stopping);
                more = await TickAsync(head, stopping);
            }
            catch (NpgsqlException e)
            {
                // The table is not there yet, or the database is away: what is under way is durable.
                LogWaiting(logger, e.SqlState ?? "connection");
            }
            if (!more)
                await WaitAsync(head, stopping);
        }
    }

    /// <summary>One delivery, or a step over what concerns nobody, for everybody that is due; true where some moved.</summary>
    private async Task<bool> TickAsync(long head, CancellationToken cancellation)
    {
        IReadOnlyList<WebhookSubscription> due = await table.DueAsync(head, time.GetUtcNow(), AtOnce, cancellation);
        bool[] moved = await Task.WhenAll(due.Select(s => TryStepAsync(s, head, cancellation)));
        return moved.Any(m => m);
    }

    private async Task<bool> TryStepAsync(WebhookSubscription s, long head, CancellationToken cancellation)
    {
        try
        {
            return await StepAsync(s, head, cancellation);
        }
        catch (Exception e) when (e is not (NpgsqlException or OperationCanceledException))
        {
            // One subscription's fault must not stop the others.
            LogFault(logger, s.Tenant, s.Name, e);
            await table.FailedAsync(
                s, "fault", time.GetUtcNow() + WebhookPatience.After(s.Attempts), s.Attempts + 1 >= _attemptsMax,
                cancellation);
            return false;
        }
    }

    private async Task<bool> StepAsync(WebhookSubscription s, long head, CancellationToken cancellation)
    {
        if (s.KeyLost)
        {
            // It waits with all that is under way: unsigned, a delivery is worth nothing, and dropped it is lost.
            LogKeyLost(logger, s.Tenant, s.Name);
            await table.FailedAsync(
                s, WebhookTable.KeyLost, time.GetUtcNow() + WebhookPatience.After(int.MaxValue), dead: false,
                cancellation);
            return false;
        }
        if (s.PendingId is not { } id)
        {
            WebhookNews news = await feed.AfterAsync(s.Tenant, s.Watermark, head, cancellation);
            if (news.Body is null)
                await table.SkipAsync(s, news.Through, cancellation);
            else
            {
                await table.BeginAsync(
                    s, Guid.CreateVersion7(time.GetUtcNow()), news.Body(s), news.Through, cancellation);
            }
            return true;
        }
        Delivery delivery = new(id, s.Number + 1, s.Target, s.Secret, s.PendingBody!);
        if (await sender.SendAsync(delivery, cancellation) is not { } failure)
        {
            await table.TakenAsync(s, time.GetUtcNow(), cancellation);
            return true;
        }
        bool dead = s.Attempts + 1 >= _attemptsMax;
        LogUndelivered(logger, s.Tenant, s.Name, delivery.Number, failure);
        await table.FailedAsync(
            s, failure, time.GetUtcNow() + WebhookPatience.After(s.Attempts), dead, cancellation);
        return false;
    }

    private async Task WaitAsync(long head, CancellationToken cancellation)
    {
        using CancellationTokenSource tick = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task waited = head == 0 ? Task.Delay(Tick, time, cancellation) : store.WaitForFeedAsync(head, tick.Token);
        tick.CancelAfter(Tick);
        await waited.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellation.ThrowIfCancellationRequested();
    }

    [LoggerMessage(EventId = 1021, Level = LogLevel.Warning,
        Message = "{Tenant}'s webhook {Name} did not take delivery {Number}: {Failure}")]
    private static partial void LogUndelivered(
        ILogger logger, string tenant, string name, long number, string failure);

    [LoggerMessage(EventId = 1022, Level = LogLevel.Error,
        Message = "{Tenant}'s webhook {Name} is paused: the key that its token lies under (webhook.key) is lost")]
    private static partial void LogKeyLost(ILogger logger, string tenant, string name);

    [LoggerMessage(EventId = 1024, Level = LogLevel.Error, Message = "{Tenant}'s webhook {Name} failed")]
    private static partial void LogFault(ILogger logger, string tenant, string name, Exception exception);

    [LoggerMessage(EventId = 1023, Level = LogLevel.Debug, Message = "Webhooks wait for the database ({State})")]
    private static partial void LogWaiting(ILogger logger, string state);
}
