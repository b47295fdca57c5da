using System.Buffers.Binary;
using System.Text;
using Chain.Client;
using Chain.Core;
using Proofs;

namespace Anchor.Sealing;

/// <summary>What the contract last recorded.</summary>
/// <param name="Origin">SHA-256 of the origin line of the log it follows.</param>
/// <param name="Size">Size of its last checkpoint; 0 before the first.</param>
/// <param name="Root">Root of its last checkpoint.</param>
/// <param name="Epoch">Epoch of the log.</param>
public sealed record RegistryState(Hash32 Origin, long Size, Hash32 Root, long Epoch);

/// <summary>A checkpoint that the contract recorded.</summary>
/// <param name="Size">Size of the checkpoint.</param>
/// <param name="Root">Its root.</param>
/// <param name="Epoch">Its epoch.</param>
/// <param name="Transaction">The transaction that brought it.</param>
public sealed record RecordedCheckpoint(long Size, Hash32 Root, long Epoch, Hash32 Transaction);

/// <summary>The AnchorRegistry contract of one group (contracts-sol/src/Anchoring/IAnchorRegistry.sol).</summary>
public sealed class Registry(ChainClient chain, Address address, string origin)
{
    // A proof has at most 126 hashes of which each costs the contract two SHA-256 and its call data.
    private const ulong CheckpointGas = 1_000_000;

    private static readonly byte[] Latest = Selector("latest()");
    private static readonly byte[] Checkpoint = Selector("checkpoint(uint64,bytes32,bytes32[])");
    private static readonly Hash32 Recorded = Keccak256.Hash("CheckpointRecorded(bytes32,uint64,bytes32,uint64)"u8);

    /// <summary>SHA-256 of this log's origin line.</summary>
    public Hash32 Origin { get; } = LogOrigin.Hash(origin);

    /// <summary>Where the contract is.</summary>
    public Address Address { get; } = address;

    /// <summary>The contract's last checkpoint.</summary>
    /// <exception cref="FormatException">The answer is not the contract's.</exception>
    public async Task<RegistryState> LatestAsync(CancellationToken cancellation)
    {
        var words = await chain.CallAsync(Address, Latest, BlockTag.Latest, cancellation);
        if (words.Length != 4 * Hash32.Length)
            throw new FormatException($"{Address} answers latest() with {words.Length} bytes: it is no AnchorRegistry.");
        return new RegistryState(new Hash32(words.AsSpan(0, 32)), Number(words.AsSpan(32, 32)),
            new Hash32(words.AsSpan(64, 32)), Number(words.AsSpan(96, 32)));
    }

    /// <summary>The transaction that records a checkpoint.</summary>
    public TransactionRequest Record(long size, byte[] root, IReadOnlyList<byte[]> proof)
    {
        // Selector, then size, root, offset of the list (three words), its length and its items.
        var data = new byte[4 + (32 * (4 + proof.Count))];
        Checkpoint.CopyTo(data, 0);
        BinaryPrimitives.WriteInt64BigEndian(data.AsSpan(4 + 24), size);
        root.CopyTo(data, 4 + 32);
        data[4 + 95] = 3 * 32;
        BinaryPrimitives.WriteInt32BigEndian(data.AsSpan(4 + 124), proof.Count);
        for (var i = 0; i < proof.Count; i++)
            proof[i].CopyTo(data, 4 + (32 * (4 + i)));
        return new TransactionRequest { To = Address, Data = data, GasLimit = CheckpointGas };
    }

    /// <summary>Checkpoints of this log that the contract recorded, of one size or of all, oldest first.</summary>
    public async Task<IReadOnlyList<RecordedCheckpoint>> RecordedAsync(long? size, CancellationToken cancellation)
    {
        var head = await chain.BlockNumberAsync(cancellation);
        Hash32? sizeTopic = size is { } wanted ? new Hash32(((UInt256)(ulong)wanted).ToBigEndian()) : null;
        var logs = await chain.LogsAsync(Address, [Recorded, Origin, sizeTopic], 0, head, cancellation);
        return [.. logs.Select(l => Read(l.Log, l.TransactionHash))];
    }

    /// <summary>The checkpoint that a receipt tells of; null if it tells of none of this log.</summary>
    public RecordedCheckpoint? Find(RpcReceipt receipt) => receipt.Receipt.Logs
        .Where(l => l.Address == Address && l.Topics.Count == 3 && l.Topics[0] == Recorded && l.Topics[1] == Origin)
        .Select(l => Read(l, receipt.TransactionHash)).FirstOrDefault();

    private static RecordedCheckpoint Read(Log log, Hash32 transaction) => new(Number(log.Topics[2].Bytes),
        new Hash32(log.Data.Span[..32]), Number(log.Data.Span.Slice(32, 32)), transaction);

    private static long Number(ReadOnlySpan<byte> word) => BinaryPrimitives.ReadInt64BigEndian(word[24..]);

    private static byte[] Selector(string signature) =>
        Keccak256.Hash(Encoding.ASCII.GetBytes(signature)).Bytes[..4].ToArray();
}
