namespace Chain.Node.Groups;

/// <summary>A timer that fires once for each time it is set; setting it again replaces what was set.</summary>
sealed class OneShotTimer(TimeProvider time) : IDisposable
{
    ITimer? _timer;

    public void Set(TimeSpan delay, Action due)
    {
        Cancel();
        _timer = time.CreateTimer(_ => due(), null, delay, Timeout.InfiniteTimeSpan);
    }

    public void Cancel()
    {
        _timer?.Dispose();
        _timer = null;
    }

    public void Dispose() => Cancel();
}
