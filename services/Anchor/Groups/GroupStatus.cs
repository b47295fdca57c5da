namespace Anchor.Groups;

/// <summary>What a group's log is doing.</summary>
public enum GroupState
{
    /// <summary>It compares itself with the contract.</summary>
    Starting,

    /// <summary>It takes entries and seals them.</summary>
    Sealing,

    /// <summary>Chain or database can't be reached; it tries again.</summary>
    Waiting,

    /// <summary>The contract or an earlier signature knows more entries than the log has: nothing is signed.</summary>
    Behind,

    /// <summary>The log is another than the contract's or the signed one: nothing is signed.</summary>
    Different,
}

/// <summary>The log is not the one that was anchored; only a recovery helps.</summary>
/// <param name="state">Behind or different.</param>
/// <param name="message">In which way.</param>
public sealed class LogDiffersException(GroupState state, string message) : Exception(message)
{
    /// <summary>Behind or different.</summary>
    public GroupState State { get; } = state;
}

/// <summary>The state of one group, for health, metrics and people. Values of several threads; each is right by itself.</summary>
public sealed class GroupStatus
{
    private volatile string _reason = "";
    private volatile GroupState _state = GroupState.Starting;
    private long _logged;
    private long _anchored;
    private long _block;
    private long _blockTime;
    private long _epoch;
    private long _witnessed;

    /// <summary>What it is doing.</summary>
    public GroupState State => _state;

    /// <summary>Why it is not sealing; empty if it is.</summary>
    public string Reason => _reason;

    /// <summary>Entries in the log.</summary>
    public long Logged { get => Volatile.Read(ref _logged); set => Volatile.Write(ref _logged, value); }

    /// <summary>Entries under the last final checkpoint.</summary>
    public long Anchored => Volatile.Read(ref _anchored);

    /// <summary>Block of the last final checkpoint; 0 before the first.</summary>
    public long Block => Volatile.Read(ref _block);

    /// <summary>Time of that block, seconds since 1970.</summary>
    public long BlockTime => Volatile.Read(ref _blockTime);

    /// <summary>Entries under the last checkpoint that enough witnesses cosigned.</summary>
    public long Witnessed { get => Volatile.Read(ref _witnessed); set => Volatile.Write(ref _witnessed, value); }

    /// <summary>Epoch of the log.</summary>
    public long Epoch { get => Volatile.Read(ref _epoch); set => Volatile.Write(ref _epoch, value); }

    /// <summary>Changes what it is doing.</summary>
    public void Set(GroupState state, string reason = "") => (_reason, _state) = (reason, state);

    /// <summary>A checkpoint became final.</summary>
    public void Finished(long size, long block, long blockTime)
    {
        if (size < Anchored)
            return;
        Volatile.Write(ref _anchored, size);
        Volatile.Write(ref _block, block);
        Volatile.Write(ref _blockTime, blockTime);
    }
}
