using Chain.Core;

namespace Chain.State;

/// <summary>An account as the state trie holds it (YP §4.1): rlp([nonce, balance, storageRoot, codeHash]).</summary>
/// <param name="Nonce">Transactions sent, or contracts created.</param>
/// <param name="Balance">Wei.</param>
/// <param name="StorageRoot">Root of the storage trie.</param>
/// <param name="CodeHash">Keccak-256 of the code.</param>
public readonly record struct Account(ulong Nonce, UInt256 Balance, Hash32 StorageRoot, Hash32 CodeHash)
{
    /// <summary>Root of a trie without entries: keccak256(0x80).</summary>
    public static readonly Hash32 EmptyRoot = Keccak256.Hash([0x80]);

    /// <summary>An account with nothing in it.</summary>
    public static Account Empty => new(0, UInt256.Zero, EmptyRoot, Keccak256.Empty);

    /// <summary>Nonce 0, balance 0, no code (EIP-161).</summary>
    public bool IsEmpty => Nonce == 0 && Balance.IsZero && CodeHash == Keccak256.Empty;

    /// <summary>The RLP form.</summary>
    public byte[] Encode()
    {
        var writer = new RlpWriter(128);
        var list = writer.StartList();
        writer.Write(Nonce);
        writer.Write(Balance);
        writer.Write(StorageRoot);
        writer.Write(CodeHash);
        writer.EndList(list);
        return writer.ToArray();
    }

    /// <summary>Reads the RLP form strictly.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> encoded, out Account account)
    {
        account = default;
        var reader = new RlpReader(encoded);
        if (!reader.TryReadList(out var items) || !reader.AtEnd || !items.TryReadUInt64(out var nonce)
            || !items.TryReadUInt256(out var balance) || !items.TryReadHash(out var storageRoot)
            || !items.TryReadHash(out var codeHash) || !items.AtEnd)
            return false;
        account = new Account(nonce, balance, storageRoot, codeHash);
        return true;
    }
}
