using Chain.Core;

namespace Chain.State;

public sealed partial class WorldState
{
    private readonly INodeStore _nodes;
    private readonly Trie _trie;

    /// <summary>Opens the state with a root.</summary>
    /// <param name="nodes">Where trie nodes and code are read.</param>
    /// <param name="root">The state root; <see cref="BlockHeader.EmptyTrieRoot"/> for an empty state.</param>
    public WorldState(INodeStore nodes, Hash32 root)
    {
        _nodes = nodes;
        _trie = new Trie(nodes, root);
    }

    /// <summary>Puts all changes into the tries and hands new nodes and code to a collection of writes. Not between
    /// <see cref="BeginTransaction"/> and <see cref="EndTransaction"/>. The state goes on on top of the new
    /// root.</summary>
    /// <returns>The state root.</returns>
    public Hash32 Commit(StateWrites writes)
    {
        foreach (var account in _dirty)
        {
            account.Dirty = false;
            if (account.Exists)
                Write(account, writes);
            else
                Erase(account);
        }

        _dirty.Clear();
        return _trie.Commit(writes);
    }

    private void Write(LiveAccount account, StateWrites writes)
    {
        if (account.Code is { Length: > 0 } code && account.CodeHash != account.Stored?.CodeHash)
            writes.Put(account.CodeHash, code);
        foreach (var (key, slot) in account.Slots)
        {
            if (slot.Current == slot.Stored)
                continue;
            StorageOf(account).Set(key.ToBigEndian(), RlpOf(slot.Current));
            slot.Stored = slot.Current;
        }

        var storageRoot = account.StorageCleared ? BlockHeader.EmptyTrieRoot : account.Stored!.Value.StorageRoot;
        if (account.Storage is { } storage)
            storageRoot = storage.Commit(writes);
        var written = new Account(account.Nonce, account.Balance, storageRoot, account.CodeHash);
        if (written != account.Stored)
            _trie.Set(account.Address.Bytes, written.Encode());
        account.Stored = written;
        account.StorageCleared = false;
    }

    private void Erase(LiveAccount account)
    {
        if (account.Stored is not null)
            _trie.Delete(account.Address.Bytes);
        account.Stored = null;
        account.StorageCleared = true;
    }

    private Trie StorageOf(LiveAccount account) => account.Storage ??= new Trie(
        _nodes, account.StorageCleared ? BlockHeader.EmptyTrieRoot : account.Stored!.Value.StorageRoot);

    private Account? LoadAccount(Address address)
    {
        if (_trie.Get(address.Bytes) is not { } encoded)
            return null;
        return Account.TryDecode(encoded, out var account)
            ? account
            : throw new InvalidDataException($"The state trie holds no account at {address}.");
    }

    private UInt256 LoadSlot(LiveAccount account, in UInt256 slot)
    {
        if (account.Stored!.Value.StorageRoot == BlockHeader.EmptyTrieRoot)
            return default;
        if (StorageOf(account).Get(slot.ToBigEndian()) is not { } encoded)
            return default;
        var reader = new RlpReader(encoded);
        return reader.TryReadUInt256(out var value)
            ? value
            : throw new InvalidDataException($"The storage trie of {account.Address} holds no number.");
    }

    private byte[] LoadCode(in Hash32 codeHash) =>
        codeHash == Keccak256.Empty ? [] : _nodes.Get(codeHash) ?? throw new MissingNodeException(codeHash);

    private static byte[] RlpOf(in UInt256 value) => value.IsZero ? [] : RlpWriter.Encode(value.ToMinimalBigEndian());
}
