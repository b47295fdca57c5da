namespace EventStore;

/// <summary>The highest feed position this process knows of, and a way to wait for the next.</summary>
internal sealed class FeedHead
{
    private readonly Lock _gate = new();
    private long _position;
    private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Advance(long position)
    {
        TaskCompletionSource moved;
        lock (_gate)
        {
            if (position <= _position) return;
            _position = position;
            moved = _moved;
            _moved = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        moved.SetResult();
    }

    /// <summary>Completes as soon as the head is beyond <paramref name="after"/>.</summary>
    public async Task WaitAsync(long after, CancellationToken cancellation)
    {
        while (true)
        {
            Task moved;
            lock (_gate)
            {
                if (_position > after) return;
                moved = _moved.Task;
            }
            await moved.WaitAsync(cancellation);
        }
    }
}
