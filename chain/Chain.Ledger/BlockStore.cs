using System.Buffers.Binary;
using Chain.Core;
using Chain.State;

namespace Chain.Ledger;

/// <summary>Where a transaction is.</summary>
public readonly record struct TransactionPlace(ulong BlockNumber, int Index);

/// <summary>
/// Blocks, receipts and their indexes in the key-value store. Every block is written in one batch together with its state
/// and the head, so a crash leaves either all of it or nothing. Keys, all numbers big-endian:
/// <c>b‖number</c> block, <c>r‖number</c> receipts, <c>l‖number</c> bloom (the log index), <c>h‖hash</c> number,
/// <c>t‖transaction hash</c> number‖index, <c>head</c> number, <c>genesis</c> hash, <c>n‖hash</c> trie node or code.
/// </summary>
public sealed class BlockStore
{
    private static readonly byte[] HeadKey = "head"u8.ToArray();
    private static readonly byte[] GenesisKey = "genesis"u8.ToArray();
    private readonly IKeyValueStore _store;

    internal BlockStore(IKeyValueStore store) => _store = store;

    /// <summary>The block of that number, with its seals; null if there is none.</summary>
    public Block? ByNumber(ulong number) => _store.Get(Key('b', number)) is { } encoded ? Decode(encoded, number) : null;

    /// <summary>The block of that on-chain hash, or null.</summary>
    public Block? ByHash(Hash32 hash) => NumberOf(hash) is { } number ? ByNumber(number) : null;

    /// <summary>Number of the block of that on-chain hash, or null.</summary>
    public ulong? NumberOf(Hash32 hash) => _store.Get(Key('h', hash)) is { } number
        ? BinaryPrimitives.ReadUInt64BigEndian(number)
        : null;

    /// <summary>RLP of the block of that number as it is sent to a peer, or null.</summary>
    public byte[]? EncodedByNumber(ulong number) => _store.Get(Key('b', number));

    /// <summary>Receipts of a block; empty for one without transactions or an unknown one.</summary>
    public IReadOnlyList<Receipt> ReceiptsOf(ulong number)
    {
        if (_store.Get(Key('r', number)) is not { } encoded)
        {
            return [];
        }

        RlpReader reader = new(encoded);
        Require(reader.TryReadList(out RlpReader items), "receipts", number);
        List<Receipt> receipts = [];
        while (!items.AtEnd)
        {
            bool read = items.TryReadBytes(out ReadOnlySpan<byte> item) & Receipt.TryDecode(item, out Receipt receipt);
            Require(read, "receipt", number);
            receipts.Add(receipt);
        }

        return receipts;
    }

    /// <summary>Where the transaction of that hash is, or null.</summary>
    public TransactionPlace? FindTransaction(Hash32 hash) => _store.Get(Key('t', hash)) is { } place
        ? new TransactionPlace(
            BinaryPrimitives.ReadUInt64BigEndian(place), BinaryPrimitives.ReadInt32BigEndian(place.AsSpan(8)))
        : null;

    /// <summary>The logs that match, in order; blocks whose bloom excludes them are not read.</summary>
    internal IEnumerable<LocatedLog> FindLogs(LogFilter filter, ulong head)
    {
        for (ulong number = filter.FromBlock; number <= Math.Min(filter.ToBlock, head); number++)
        {
            // Blocks without logs have no entry.
            if (_store.Get(Key('l', number)) is { } bloom && filter.MayMatch(LogsBloom.FromBytes(bloom)))
            {
                foreach (LocatedLog log in LogsOf(number).Where(l => filter.Matches(l.Log)))
                {
                    yield return log;
                }
            }
        }
    }

    internal ulong? HeadNumber => _store.Get(HeadKey) is { } number
        ? BinaryPrimitives.ReadUInt64BigEndian(number)
        : null;

    internal Hash32? GenesisHash => _store.Get(GenesisKey) is { } hash ? new Hash32(hash) : null;

    internal static void PutGenesis(IWriteBatch batch, Hash32 hash) => batch.Put(GenesisKey, hash.Bytes);

    internal static void Put(IWriteBatch batch, Block block, IReadOnlyList<Receipt> receipts)
    {
        ulong number = block.Header.Number;
        batch.Put(Key('b', number), block.Encode());
        batch.Put(Key('h', block.Hash), BigEndian(number));
        batch.Put(HeadKey, BigEndian(number));
        if (receipts.Count == 0)
        {
            return;
        }

        batch.Put(Key('r', number), Encode(receipts));
        if (receipts.Any(r => r.Logs.Count > 0))
        {
            batch.Put(Key('l', number), block.Header.LogsBloom.Bytes.Span);
        }

        for (int i = 0; i < block.Transactions.Count; i++)
        {
            byte[] place = new byte[12];
            BinaryPrimitives.WriteUInt64BigEndian(place, number);
            BinaryPrimitives.WriteInt32BigEndian(place.AsSpan(8), i);
            batch.Put(Key('t', block.Transactions[i].Hash), place);
        }
    }

    private IEnumerable<LocatedLog> LogsOf(ulong number)
    {
        Block block = ByNumber(number) ?? throw Corrupt("block", number);
        Hash32 hash = block.Hash;
        IReadOnlyList<Receipt> receipts = ReceiptsOf(number);
        int logIndex = 0;
        for (int i = 0; i < receipts.Count; i++)
        {
            foreach (Log log in receipts[i].Logs)
            {
                yield return new LocatedLog(
                    log, number, hash, block.Header.Timestamp, block.Transactions[i].Hash, i, logIndex++);
            }
        }
    }

    private static byte[] Encode(IReadOnlyList<Receipt> receipts)
    {
        RlpWriter writer = new();
        int list = writer.StartList();
        foreach (Receipt receipt in receipts)
        {
            writer.Write(receipt.Encode());
        }

        writer.EndList(list);
        return writer.ToArray();
    }

    private static Block Decode(byte[] encoded, ulong number) =>
        Block.TryDecode(encoded, out Block block) ? block : throw Corrupt("block", number);

    private static void Require(bool condition, string what, ulong number)
    {
        if (!condition)
        {
            throw Corrupt(what, number);
        }
    }

    private static InvalidDataException Corrupt(string what, ulong number) =>
        new($"The stored {what} of number {number} can't be read.");

    private static byte[] Key(char kind, ulong number)
    {
        byte[] key = new byte[9];
        key[0] = (byte)kind;
        BinaryPrimitives.WriteUInt64BigEndian(key.AsSpan(1), number);
        return key;
    }

    private static byte[] Key(char kind, Hash32 hash)
    {
        byte[] key = new byte[33];
        key[0] = (byte)kind;
        hash.CopyTo(key.AsSpan(1));
        return key;
    }

    private static byte[] BigEndian(ulong number)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, number);
        return bytes;
    }
}
