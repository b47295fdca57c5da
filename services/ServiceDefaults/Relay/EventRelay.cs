using System.Diagnostics.Metrics;
using Contracts;
using EventStore;
using MassTransit;
using Microsoft.Extensions.Options;

namespace ServiceDefaults.Relay;

/// <summary>
/// Publishes what the store records, digests only. The event log is the outbox: nothing is kept for the broker, and the
/// cursor only says from where it is worth publishing. A message lost later is found by the receiver, which compares
/// its own cursor with the feed's head.
/// </summary>
internal sealed partial class EventRelay : BackgroundService
{
    /// <summary>Name under which the store keeps the relay's cursor.</summary>
    public const string CursorName = "relay";

    private const int ItemsPerMessage = 2_000;
    private const int InFlightMax = 4;
    private static readonly TimeSpan PublishDeadline = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan CursorInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(10);

    private readonly Store _store;
    private readonly IBus _bus;
    private readonly BrokerOptions _broker;
    private readonly ServiceOptions _service;
    private readonly TimeProvider _time;
    private readonly ILogger<EventRelay> _log;
    private readonly Meter _meter = new("Relay");
    private long _cursor;
    private long _savedCursor;
    private long _savedAt;
    private long _head;

    public EventRelay(
        Store store, IBus bus, IOptions<BrokerOptions> broker, IOptions<ServiceOptions> service, TimeProvider time,
        ILogger<EventRelay> log)
    {
        _store = store;
        _bus = bus;
        _broker = broker.Value;
        _service = service.Value;
        _time = time;
        _log = log;
        _meter.CreateObservableGauge("relay.lag", () => Math.Max(0, Volatile.Read(ref _head) - Volatile.Read(ref _cursor)),
            "{event}", "Recorded events that the broker has not confirmed yet");
    }

    public override void Dispose()
    {
        _meter.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = TimeSpan.FromMilliseconds(250);
        var declared = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (!declared)
                {
                    await EventsRecordedQueue.DeclareAsync(_broker, _service.Name, stoppingToken);
                    _cursor = _savedCursor = await _store.Cursors.ReadAsync(CursorName, stoppingToken);
                    declared = true;
                }
                await PublishAllAsync(stoppingToken);
                pause = TimeSpan.FromMilliseconds(250);
                await WaitAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Whatever went wrong, the events are still in the store: declare anew and go on.
            catch (Exception e)
#pragma warning restore CA1031
            {
                declared = false;
                RelayPaused(_log, _cursor, e.GetType().Name, e.Message);
                await Task.Delay(pause, _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = pause * 2 < PauseMax ? pause * 2 : PauseMax;
            }
        }
    }

    /// <summary>
    /// Publishes up to the head. Full pages follow each other in flight; a page that is not full waits for those under
    /// way, so that under load the events of many small appends travel together.
    /// </summary>
    private async Task PublishAllAsync(CancellationToken stopping)
    {
        Queue<(long Through, Task Confirmed)> inFlight = [];
        var read = _cursor;
        while (true)
        {
            var items = await _store.ReadFeedAsync(read, ItemsPerMessage, stopping);
            if (items.Count > 0)
            {
                inFlight.Enqueue((items[^1].Position, PublishAsync(read, items, stopping)));
                read = items[^1].Position;
                Volatile.Write(ref _head, Math.Max(_head, read));
            }
            else if (inFlight.Count == 0)
            {
                return;
            }
            while (inFlight.Count >= InFlightMax || (inFlight.Count > 0 && items.Count < ItemsPerMessage))
            {
                var (through, confirmed) = inFlight.Peek();
                await confirmed;
                Volatile.Write(ref _cursor, through);
                inFlight.Dequeue();
            }
            if (_time.GetElapsedTime(_savedAt) > CursorInterval) await SaveCursorAsync(stopping);
        }
    }

    private async Task PublishAsync(long after, IReadOnlyList<FeedItem> items, CancellationToken stopping)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        deadline.CancelAfter(PublishDeadline);
        var message = new EventsRecorded(
            _service.Name, _service.Group, after, items[^1].Position,
            [.. items.Select(item => new RecordedEvent(item.Position, item.EventId, Convert.ToHexStringLower(item.Digest.Span)))]);
        try
        {
            await _bus.Publish(message, context => context.Mandatory = true, deadline.Token);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            throw new TimeoutException($"The broker did not confirm within {PublishDeadline.TotalSeconds:0} s.");
        }
    }

    /// <summary>Woken by an append of this process at once, by those of another after the poll interval.</summary>
    private async Task WaitAsync(CancellationToken stopping)
    {
        if (_cursor != _savedCursor && _time.GetElapsedTime(_savedAt) > CursorInterval) await SaveCursorAsync(stopping);
        using var poll = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        poll.CancelAfter(_cursor == _savedCursor ? PollInterval : CursorInterval);
        await _store.WaitForFeedAsync(_cursor, poll.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (poll.IsCancellationRequested && !stopping.IsCancellationRequested)
            Volatile.Write(ref _head, await _store.FeedHeadAsync(stopping));
    }

    /// <summary>Every two seconds at most: what a crash repeats, the receiver ignores.</summary>
    private async Task SaveCursorAsync(CancellationToken stopping)
    {
        await _store.Cursors.WriteAsync(CursorName, _cursor, stopping);
        _savedCursor = _cursor;
        _savedAt = _time.GetTimestamp();
    }

    [LoggerMessage(2201, LogLevel.Warning, "The relay pauses at position {Position}: {Fault}: {Reason}")]
    private static partial void RelayPaused(ILogger log, long position, string fault, string reason);
}
