using System.Threading.Channels;

namespace EventStore;

/// <summary>
/// Coalesces the appends of this process: whatever waits when the writer is free shares one transaction. The writer
/// never waits for more to come, so a lone append is not delayed.
/// </summary>
internal sealed class AppendQueue : IAsyncDisposable
{
    private const int EventsPerTransaction = 20_000;
    private const int AppendsPerTransaction = 512;
    private const int WaitingMax = 10_000;

    private readonly Channel<PendingAppend> _waiting =
        Channel.CreateBounded<PendingAppend>(new BoundedChannelOptions(WaitingMax) { SingleReader = true });

    private readonly AppendTransaction _transaction;
    private readonly Task _writer;
    private List<PendingAppend> _deferred = [];

    public AppendQueue(AppendTransaction transaction)
    {
        _transaction = transaction;
        _writer = WriteAsync();
    }

    public async Task AppendAsync(PendingAppend append, CancellationToken cancellation)
    {
        await _waiting.Writer.WriteAsync(append, cancellation);
        await using var withdrawal = cancellation.UnsafeRegister(static (state, token) =>
        {
            var withdrawn = (PendingAppend)state!;
            if (withdrawn.TryWithdraw()) withdrawn.Done.TrySetCanceled(token);
        }, append);
        await append.Done.Task;
    }

    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _writer;
    }

    private async Task WriteAsync()
    {
        // Callers must never run on the writer, nor the writer on a caller.
        await Task.Yield();
        while (_deferred.Count > 0 || await _waiting.Reader.WaitToReadAsync())
            await _transaction.CommitAsync(Next());
    }

    /// <summary>
    /// The next appends that can share a transaction: no two touch one stream or answer one request, because the second
    /// must be judged by what the first has left.
    /// </summary>
    private List<PendingAppend> Next()
    {
        List<PendingAppend> batch = [];
        List<PendingAppend> deferred = [];
        HashSet<string> streams = [];
        HashSet<(string, string, string, string)> answers = [];
        var events = 0;
        foreach (var append in _deferred) Consider(append);
        while (deferred.Count < AppendsPerTransaction && batch.Count < AppendsPerTransaction &&
               events < EventsPerTransaction && _waiting.Reader.TryRead(out var append))
        {
            if (append.TryTake()) Consider(append);
        }
        _deferred = deferred;
        return batch;

        void Consider(PendingAppend append)
        {
            var fits = batch.Count < AppendsPerTransaction &&
                       (events == 0 || events + append.Events.Count <= EventsPerTransaction) &&
                       !append.Streams.Any(stream => streams.Contains(stream.Stream)) &&
                       !(append.Answer is { } a && answers.Contains(a.Key.Scope));
            // A deferred append holds its streams, so that none overtakes it.
            foreach (var stream in append.Streams) streams.Add(stream.Stream);
            if (append.Answer is { } answer) answers.Add(answer.Key.Scope);
            if (!fits)
            {
                deferred.Add(append);
                return;
            }
            events += append.Events.Count;
            batch.Add(append);
        }
    }
}
