using Chain.Core;

namespace Chain.State;

public sealed partial class WorldState
{
    private readonly List<Change> _journal = [];

    private enum ChangeKind
    {
        Balance, Nonce, Code, Created, Destroyed, Touched, Storage, Transient, WarmAddress, WarmSlot, Log,
    }

    /// <inheritdoc/>
    public int Snapshot() => _journal.Count;

    /// <inheritdoc/>
    public void Revert(int snapshot)
    {
        for (var i = _journal.Count - 1; i >= snapshot; i--)
            Undo(_journal[i]);
        _journal.RemoveRange(snapshot, _journal.Count - snapshot);
    }

    private void Undo(in Change change)
    {
        switch (change.Kind)
        {
            case ChangeKind.Balance: change.Account!.Balance = change.Value; break;
            case ChangeKind.Nonce: change.Account!.Nonce = change.Value.Limb0; break;
            case ChangeKind.Code:
                change.Account!.Code = change.Code;
                change.Account.CodeHash = change.CodeHash;
                break;
            case ChangeKind.Created:
                change.Account!.CreatedIn = change.Number;
                change.Account.Nonce = change.Value.Limb0;
                break;
            case ChangeKind.Destroyed: change.Account!.Destroyed = false; break;
            case ChangeKind.Touched:
                change.Account!.TouchedIn = change.Number;
                change.Account.Exists = change.Flag;
                break;
            case ChangeKind.Storage: change.Slot!.Current = change.Value; break;
            case ChangeKind.Transient: change.Slot!.Transient = change.Value; break;
            case ChangeKind.WarmAddress: change.Account!.WarmIn = 0; break;
            case ChangeKind.WarmSlot: change.Slot!.Warm = false; break;
            default: _logs.RemoveAt(_logs.Count - 1); break;
        }
    }

    /// <summary>One change with the value that undoing it restores.</summary>
    private readonly struct Change(
        ChangeKind kind, LiveAccount? account, LiveSlot? slot = null, UInt256 value = default)
    {
        public ChangeKind Kind { get; } = kind;
        public LiveAccount? Account { get; } = account;
        public LiveSlot? Slot { get; } = slot;
        public UInt256 Value { get; } = value;
        public int Number { get; init; }
        public bool Flag { get; init; }
        public byte[]? Code { get; init; }
        public Hash32 CodeHash { get; init; }
    }
}
