namespace Receivables.Ledger;

/// <summary>
/// What families share, held by one transaction until it is committed or given up: those that need the same queue for it
/// instead of losing to each other at the commit, when all of their work was for nothing.
/// </summary>
public sealed class HeldTurns : IDisposable
{
    private readonly List<SemaphoreSlim> _held = [];

    /// <summary>Waits for a turn. Whoever takes several takes them in one order, so that no two wait for each other.</summary>
    public async Task TakeAsync(SemaphoreSlim turn, CancellationToken cancellation)
    {
        await turn.WaitAsync(cancellation);
        _held.Add(turn);
    }

    /// <summary>Lets the next ones have them.</summary>
    public void Dispose() => _held.ForEach(turn => turn.Release());
}
