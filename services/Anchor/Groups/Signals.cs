using System.Threading.Channels;

namespace Anchor.Groups;

/// <summary>Wakes one waiter; several wakes before it looks are one.</summary>
public sealed class WakeSignal
{
    private readonly Channel<bool> _channel =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Wakes the waiter, or lets the next wait return at once.</summary>
    public void Wake() => _channel.Writer.TryWrite(true);

    /// <summary>Returns after a wake.</summary>
    public async Task WaitAsync(CancellationToken cancellation) => await _channel.Reader.ReadAsync(cancellation);

    /// <summary>Returns after a wake, after the given time, or when cancelled, which the caller has to look at.</summary>
    public async Task WaitAsync(TimeSpan most, TimeProvider time, CancellationToken cancellation)
    {
        using var end = new CancellationTokenSource(most, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(end.Token, cancellation);
        try
        {
            await WaitAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            // Time is over either way.
        }
    }
}

/// <summary>Tells any number of waiters that something has changed.</summary>
public sealed class ChangeSignal
{
    private TaskCompletionSource _next = New();

    /// <summary>Completes at the next change. Take it before looking, so that no change is missed.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    /// <summary>Tells of a change.</summary>
    public void Tell() => Interlocked.Exchange(ref _next, New()).SetResult();

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
