using System.Collections.Concurrent;
using System.Text.Json;
using Anchor.Groups;
using Anchor.Logs;

namespace Anchor.Intake;

/// <summary>
/// Takes the events of a group's services into its log, each exactly once and in feed order, whether they come by
/// message or have to be fetched.
/// </summary>
public sealed class LogIntake(
    string group, LogStore store, IReadOnlyDictionary<string, IFeed> feeds, Action appended, ILogger logger) : IDisposable
{
    private const int PageSize = 5_000;
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private readonly ConcurrentDictionary<string, long> _lags = new(StringComparer.Ordinal);
    private volatile bool _isOpen;

    /// <summary>Services whose events are taken.</summary>
    public IEnumerable<string> Services => feeds.Keys;

    /// <summary>Events of each feed that the log lacked when they were last compared.</summary>
    public IEnumerable<(string Service, long Entries)> Lags() => _lags.Select(l => (l.Key, l.Value));

    /// <summary>
    /// Nothing is taken before the log is known to be the one that was anchored: an entry taken by a log that has lost
    /// some would get an index that another has.
    /// </summary>
    public bool IsOpen { get => _isOpen; set => _isOpen = value; }

    /// <summary>Takes a batch; what is missing before it is fetched. False if the log is not open.</summary>
    public async Task<bool> TakeAsync(EntryBatch batch, CancellationToken cancellation)
    {
        if (!IsOpen)
            return false;
        await _oneAtATime.WaitAsync(cancellation);
        try
        {
            if (await ApplyAsync(batch, cancellation) == Applied.Gap)
                await FetchAsync(batch.Service, cancellation);
            return true;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>Compares every cursor with the head of its feed and fetches what is missing.</summary>
    public async Task CatchUpAsync(CancellationToken cancellation)
    {
        foreach (var (service, feed) in feeds)
        {
            try
            {
                var head = await feed.HeadAsync(cancellation);
                var cursor = await store.CursorAsync(service, cancellation);
                _lags[service] = Math.Max(0, head - cursor);
                if (!IsOpen || head <= cursor)
                    continue;
                await _oneAtATime.WaitAsync(cancellation);
                try
                {
                    await FetchAsync(service, cancellation);
                }
                finally
                {
                    _oneAtATime.Release();
                }
            }
            catch (Exception e) when (e is HttpRequestException or InvalidDataException or JsonException
                || (e is TaskCanceledException && !cancellation.IsCancellationRequested))
            {
                logger.FeedUnreachable(group, service, e.Message);
            }
        }
    }

    /// <summary>Runs something while nothing is taken.</summary>
    public async Task<T> WhileClosedAsync<T>(Func<Task<T>> action, CancellationToken cancellation)
    {
        await _oneAtATime.WaitAsync(cancellation);
        try
        {
            return await action();
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _oneAtATime.Dispose();

    private async Task FetchAsync(string service, CancellationToken cancellation)
    {
        while (true)
        {
            var cursor = await store.CursorAsync(service, cancellation);
            var page = await feeds[service].ReadAsync(cursor, PageSize, cancellation);
            if (page.Through <= cursor || await ApplyAsync(page, cancellation) != Applied.Appended)
                return;
        }
    }

    // Tells whatever the outcome: a commit whose answer was lost fails here, and its repetition is known already.
    private async Task<Applied> ApplyAsync(EntryBatch batch, CancellationToken cancellation)
    {
        try
        {
            return await store.ApplyAsync(batch, cancellation);
        }
        finally
        {
            appended();
        }
    }
}
