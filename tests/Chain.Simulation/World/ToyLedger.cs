using Chain.Core;

namespace Chain.Simulation;

/// <summary>
/// A ledger whose execution is one hash: a block holds at most one numbered transaction, named by its transactions
/// root, and its state root is the hash of the state root before it and the transaction.
/// </summary>
internal static class ToyLedger
{
    public static BlockHeader Genesis { get; } = new BlockHeader
    {
        GasLimit = 30_000_000,
        Timestamp = 1_700_000_000,
        BaseFeePerGas = UInt256.Zero,
        WithdrawalsRoot = BlockHeader.EmptyTrieRoot,
        BlobGasUsed = 0,
        ExcessBlobGas = 0,
        ParentBeaconBlockRoot = Hash32.Zero,
    }.WithExtraData(QbftExtraData.ForGenesis([]));

    public static Block Build(BlockHeader parent, Address coinbase, int round, ulong timestamp, int? transaction)
    {
        var root = RootOf(transaction);
        var header = parent with
        {
            ParentHash = parent.Hash,
            Number = parent.Number + 1,
            Coinbase = coinbase,
            Timestamp = timestamp,
            TransactionsRoot = root,
            StateRoot = Execute(parent.StateRoot, root),
        };
        return new Block(header.WithExtraData(QbftExtraData.ForGenesis([]) with { Round = round }), []);
    }

    /// <summary>Valid on this parent: right state, and a transaction that the chain does not have.</summary>
    public static bool IsValid(Block block, BlockHeader parent, IReadOnlySet<int> included) =>
        block.Header.ParentHash == parent.Hash
        && block.Header.Number == parent.Number + 1
        && block.Header.StateRoot == Execute(parent.StateRoot, block.Header.TransactionsRoot)
        && (TransactionOf(block.Header) is not { } transaction || !included.Contains(transaction));

    public static int? TransactionOf(BlockHeader header)
    {
        if (header.TransactionsRoot == BlockHeader.EmptyTrieRoot) return null;
        var word = UInt256.FromBigEndian(header.TransactionsRoot.Bytes);
        return word <= int.MaxValue ? (int)(ulong)word : int.MaxValue;
    }

    private static Hash32 RootOf(int? transaction)
    {
        if (transaction is not { } number) return BlockHeader.EmptyTrieRoot;
        Span<byte> bytes = stackalloc byte[32];
        bytes.Clear();
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(bytes[28..], number);
        return new Hash32(bytes);
    }

    private static Hash32 Execute(Hash32 state, Hash32 transactions) =>
        Keccak256.Hash([.. state.ToArray(), .. transactions.ToArray()]);
}
