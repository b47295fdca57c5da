using Chain.Core;

namespace Chain.State;

/// <summary>The state on top of one state root: accounts and slots read from the tries once and kept, changes held in
/// memory until <see cref="Commit"/> writes them to the tries.</summary>
/// <remarks>Code is kept in the node store under its Keccak-256, like trie nodes.</remarks>
public sealed partial class WorldState : IWorldState
{
    private readonly Dictionary<Address, LiveAccount> _accounts = [];
    private readonly List<LiveAccount> _dirty = [];
    private readonly List<LiveAccount> _endOfTransaction = [];
    private List<Log> _logs = [];
    private int _transaction = 1;
    private LiveAccount? _last;

    // An SSTORE asks for the same slot four times.
    private LiveAccount? _lastOwner;
    private LiveSlot? _lastSlot;
    private UInt256 _lastKey;

    /// <inheritdoc/>
    public IReadOnlyList<Log> Logs => _logs;

    /// <inheritdoc/>
    public void BeginTransaction()
    {
        _transaction++;
        _journal.Clear();
        _endOfTransaction.Clear();
        // The list is handed out with the result, so it is not reused.
        _logs = [];
    }

    /// <inheritdoc/>
    public void EndTransaction()
    {
        foreach (var account in _endOfTransaction)
        {
            if (account.Destroyed || (account.TouchedIn == _transaction && account.IsEmpty))
                Remove(account);
        }

        _endOfTransaction.Clear();
        _journal.Clear();
    }

    /// <summary>Whether an account is stored here, be it empty.</summary>
    public bool Exists(Address address) => Get(address).Exists;

    /// <inheritdoc/>
    public bool IsDead(Address address)
    {
        var account = Get(address);
        return !account.Exists || account.IsEmpty;
    }

    /// <inheritdoc/>
    public UInt256 GetBalance(Address address) => Get(address).Balance;

    /// <inheritdoc/>
    public void AddBalance(Address address, in UInt256 amount)
    {
        var account = Get(address);
        Touch(account);
        if (!amount.IsZero)
            SetBalance(account, account.Balance + amount);
    }

    /// <inheritdoc/>
    public bool TrySubtractBalance(Address address, in UInt256 amount)
    {
        var account = Get(address);
        if (!UInt256.TrySubtract(account.Balance, amount, out var rest))
            return false;
        Touch(account);
        if (!amount.IsZero)
            SetBalance(account, rest);
        return true;
    }

    /// <inheritdoc/>
    public ulong GetNonce(Address address) => Get(address).Nonce;

    /// <inheritdoc/>
    public void SetNonce(Address address, ulong nonce)
    {
        var account = Get(address);
        Touch(account);
        _journal.Add(new Change(ChangeKind.Nonce, account, value: account.Nonce));
        account.Nonce = nonce;
    }

    /// <inheritdoc/>
    public byte[] GetCode(Address address)
    {
        var account = Get(address);
        return account.Code ??= LoadCode(account.CodeHash);
    }

    /// <inheritdoc/>
    public Hash32 GetCodeHash(Address address) => Get(address).CodeHash;

    /// <inheritdoc/>
    public void SetCode(Address address, byte[] code)
    {
        var account = Get(address);
        Touch(account);
        _journal.Add(new Change(ChangeKind.Code, account) { Code = account.Code, CodeHash = account.CodeHash });
        account.Code = code;
        account.CodeHash = code.Length == 0 ? Keccak256.Empty : Keccak256.Hash(code);
    }

    /// <inheritdoc/>
    public bool IsOccupied(Address address)
    {
        var account = Get(address);
        if (account.Nonce != 0 || account.CodeHash != Keccak256.Empty)
            return true;
        if (!account.StorageCleared && account.Stored is { } stored && stored.StorageRoot != BlockHeader.EmptyTrieRoot)
            return true;
        return account.Slots.Values.Any(slot => !slot.Current.IsZero);
    }

    /// <inheritdoc/>
    public void CreateContract(Address address)
    {
        var account = Get(address);
        Touch(account);
        _journal.Add(new Change(ChangeKind.Created, account, value: account.Nonce) { Number = account.CreatedIn });
        account.CreatedIn = _transaction;
        account.Nonce = 1;
    }

    /// <inheritdoc/>
    public bool Destroy(Address address)
    {
        var account = Get(address);
        if (account.CreatedIn != _transaction)
            return false;
        if (!account.Destroyed)
        {
            _journal.Add(new Change(ChangeKind.Destroyed, account));
            account.Destroyed = true;
            _endOfTransaction.Add(account);
        }

        return true;
    }

    /// <inheritdoc/>
    public UInt256 GetStorage(Address address, in UInt256 slot) => GetSlot(Get(address), slot).Current;

    /// <inheritdoc/>
    public UInt256 GetOriginalStorage(Address address, in UInt256 slot) => GetSlot(Get(address), slot).Original;

    /// <inheritdoc/>
    public void SetStorage(Address address, in UInt256 slot, in UInt256 value)
    {
        var account = Get(address);
        var live = GetSlot(account, slot);
        if (live.Current == value)
            return;
        MarkDirty(account);
        _journal.Add(new Change(ChangeKind.Storage, account, live, live.Current));
        live.Current = value;
    }

    /// <inheritdoc/>
    public UInt256 GetTransient(Address address, in UInt256 slot) => GetSlot(Get(address), slot).Transient;

    /// <inheritdoc/>
    public void SetTransient(Address address, in UInt256 slot, in UInt256 value)
    {
        var live = GetSlot(Get(address), slot);
        _journal.Add(new Change(ChangeKind.Transient, null, live, live.Transient));
        live.Transient = value;
    }

    /// <inheritdoc/>
    public bool WarmAddress(Address address)
    {
        var account = Get(address);
        if (account.WarmIn == _transaction)
            return false;
        account.WarmIn = _transaction;
        _journal.Add(new Change(ChangeKind.WarmAddress, account));
        return true;
    }

    /// <inheritdoc/>
    public bool WarmSlot(Address address, in UInt256 slot)
    {
        var live = GetSlot(Get(address), slot);
        if (live.Warm)
            return false;
        live.Warm = true;
        _journal.Add(new Change(ChangeKind.WarmSlot, null, live));
        return true;
    }

    /// <inheritdoc/>
    public void AddLog(Log log)
    {
        _logs.Add(log);
        _journal.Add(new Change(ChangeKind.Log, null));
    }

    private LiveAccount Get(Address address)
    {
        if (_last is { } last && last.Address == address)
            return last;
        if (!_accounts.TryGetValue(address, out var account))
        {
            account = new LiveAccount(address, LoadAccount(address));
            _accounts.Add(address, account);
        }

        _last = account;
        return account;
    }

    private LiveSlot GetSlot(LiveAccount account, in UInt256 slot)
    {
        if (_lastSlot is { } last && ReferenceEquals(_lastOwner, account) && _lastKey == slot
            && last.SeenIn == _transaction)
            return last;
        if (!account.Slots.TryGetValue(slot, out var live))
        {
            live = new LiveSlot(account.StorageCleared ? UInt256.Zero : LoadSlot(account, slot));
            account.Slots.Add(slot, live);
        }

        (_lastOwner, _lastSlot, _lastKey) = (account, live, slot);
        if (live.SeenIn != _transaction)
        {
            live.SeenIn = _transaction;
            live.Original = live.Current;
            live.Transient = default;
            live.Warm = false;
        }

        return live;
    }

    private void SetBalance(LiveAccount account, in UInt256 balance)
    {
        _journal.Add(new Change(ChangeKind.Balance, account, value: account.Balance));
        account.Balance = balance;
    }

    /// <summary>EIP-161: an account that is touched and empty at the end of a transaction is removed.</summary>
    private void Touch(LiveAccount account)
    {
        MarkDirty(account);
        if (account.TouchedIn == _transaction && account.Exists)
            return;
        _journal.Add(new Change(ChangeKind.Touched, account) { Number = account.TouchedIn, Flag = account.Exists });
        account.TouchedIn = _transaction;
        account.Exists = true;
        _endOfTransaction.Add(account);
    }

    private void MarkDirty(LiveAccount account)
    {
        if (account.Dirty)
            return;
        account.Dirty = true;
        _dirty.Add(account);
    }

    private void Remove(LiveAccount account)
    {
        _lastSlot = null;
        account.Exists = false;
        account.Nonce = 0;
        account.Balance = default;
        account.Code = null;
        account.CodeHash = Keccak256.Empty;
        account.StorageCleared = true;
        account.Storage = null;
        account.Slots.Clear();
        account.Destroyed = false;
    }
}
