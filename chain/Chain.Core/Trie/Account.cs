namespace Chain.Core;

/// <summary>An account as the state trie holds it (YP §4.1).</summary>
/// <param name="Nonce">Transactions sent, or contracts created.</param>
/// <param name="Balance">Balance in wei.</param>
/// <param name="StorageRoot">Root of the storage trie.</param>
/// <param name="CodeHash">Keccak-256 of the code.</param>
public readonly record struct Account(ulong Nonce, UInt256 Balance, Hash32 StorageRoot, Hash32 CodeHash)
{
    /// <summary>An account with nothing.</summary>
    public static readonly Account Empty = new(0, default, BlockHeader.EmptyTrieRoot, Keccak256.Empty);

    /// <summary>True when it has no nonce, balance and code (EIP-161).</summary>
    public bool IsEmpty => Nonce == 0 && Balance.IsZero && CodeHash == Keccak256.Empty;

    /// <summary>The value in the state trie, [nonce, balance, storageRoot, codeHash].</summary>
    public byte[] Encode()
    {
        var writer = new RlpWriter(120);
        int list = writer.StartList();
        writer.Write(Nonce);
        writer.Write(Balance);
        writer.Write(StorageRoot);
        writer.Write(CodeHash);
        writer.EndList(list);
        return writer.ToArray();
    }

    /// <summary>Reads a value of the state trie strictly.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> encoded, out Account account)
    {
        account = default;
        var outer = new RlpReader(encoded);
        if (!outer.TryReadList(out var items) || !outer.AtEnd) return false;
        if (!items.TryReadUInt64(out ulong nonce) || !items.TryReadUInt256(out var balance)
            || !items.TryReadHash(out var storageRoot) || !items.TryReadHash(out var codeHash)
            || !items.AtEnd) return false;
        account = new Account(nonce, balance, storageRoot, codeHash);
        return true;
    }
}
