using EventStore.Idempotency;

namespace EventStore;

/// <summary>What one session appends: all of it or nothing.</summary>
internal sealed class PendingAppend
{
    private int _state;

    public required IReadOnlyList<StreamAppend> Streams { get; init; }

    public required IReadOnlyList<StoredEvent> Events { get; init; }

    public IReadOnlyList<(string Sql, object[] Parameters)> Statements { get; init; } = [];

    /// <summary>Set-based statements, which appends of one transaction share.</summary>
    public IReadOnlyList<(string Sql, Array[] Columns)> Rows { get; init; } = [];

    public (IdempotencyKey Key, StoredResponse Response)? Answer { get; init; }

    public IReadOnlyList<string> Persons { get; init; } = [];

    public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The writer takes the append, after which it can no longer be withdrawn.</summary>
    public bool TryTake() => Interlocked.CompareExchange(ref _state, 1, 0) == 0;

    /// <summary>The caller gives up before the writer came to it.</summary>
    public bool TryWithdraw() => Interlocked.CompareExchange(ref _state, 2, 0) == 0;
}

/// <summary>The version that a stream must have.</summary>
internal readonly record struct StreamAppend(string Stream, long Expected);
