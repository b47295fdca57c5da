using System.Collections;
using Anchor.Logs;
using Chain.Client;
using Chain.Core;
using Proofs;

namespace Anchor.Trust;

/// <summary>
/// Keeps the trust file of a group: begins with the validators of genesis and adds each set that governance adopts,
/// with its proof. The file changes only then, so that members can publish its fingerprint.
/// </summary>
/// <param name="genesis">The file with the validators of genesis.</param>
/// <param name="store">Where the file is kept.</param>
/// <param name="chain">Nodes of the chain; they must answer eth_getProof for the blocks that changed the validators.</param>
public sealed class TrustKeeper(TrustFile genesis, LogStore store, ChainClient chain)
{
    private static readonly AbiFunction GetValidators = AbiFunction.Parse("getValidators() returns (address[])");
    private static readonly Hash32[] Changes =
        [Abi.Topic("ValidatorAdded(address)"), Abi.Topic("ValidatorRemoved(address)")];

    private readonly Address _governance = genesis.Governance.Address;
    private readonly byte[] _genesis = genesis.ToBytes();
    private volatile TrustFile _file = genesis;
    private volatile byte[] _bytes = genesis.ToBytes();

    /// <summary>The file's bytes.</summary>
    public byte[] Bytes => _bytes;

    /// <summary>The registry of checkpoints.</summary>
    public Address Registry { get; } = genesis.Registry.Address;

    /// <summary>Takes up the file of an earlier run, if it is of the same genesis.</summary>
    public async Task LoadAsync(CancellationToken cancellation)
    {
        if (await store.TrustFileAsync(cancellation) is { } bytes && TrustFile.Parse(bytes) is { } kept
            && (kept with { Validators = [kept.Validators[0]] }).ToBytes().AsSpan().SequenceEqual(_genesis))
        {
            (_file, _bytes) = (kept, bytes);
        }
    }

    /// <summary>Adds the sets that were adopted since; nothing happens while the validators are those of the file.</summary>
    /// <exception cref="InvalidDataException">The nodes' answers don't prove the new set.</exception>
    public async Task RefreshAsync(CancellationToken cancellation)
    {
        var file = _file;
        var head = await chain.BlockNumberAsync(cancellation);
        if ((await ValidatorsAsync(head, cancellation)).SequenceEqual(file.Validators[^1].Addresses))
            return;
        foreach (var block in await ChangesAsync((ulong)file.Validators[^1].From, head, cancellation))
        {
            var addresses = await ValidatorsAsync(block, cancellation);
            if (addresses.SequenceEqual(file.Validators[^1].Addresses))
                continue;
            var set = new ValidatorSet((long)block + 1, addresses, await ProveAsync(block, addresses.Count, cancellation));
            file = file with { Validators = [.. file.Validators, set] };
        }
        var bytes = file.ToBytes();
        if (TrustFile.Parse(bytes) is null)
            throw new InvalidDataException("the nodes' answers do not prove the validators of their chain");
        await store.SaveTrustFileAsync(bytes, cancellation);
        (_file, _bytes) = (file, bytes);
    }

    private async Task<List<ulong>> ChangesAsync(ulong from, ulong head, CancellationToken cancellation)
    {
        var blocks = new SortedSet<ulong>();
        foreach (var topic in Changes)
        {
            foreach (var log in await chain.LogsAsync(_governance, [topic], from, head, cancellation))
                blocks.Add(log.BlockNumber);
        }
        return [.. blocks];
    }

    private async Task<List<Address>> ValidatorsAsync(ulong block, CancellationToken cancellation)
    {
        var answer = await chain.CallAsync(_governance, GetValidators.Encode(), BlockTag.Number(block), cancellation);
        return GetValidators.TryDecodeResult(answer, out var results)
            ? [.. ((IEnumerable)results[0]).Cast<Address>().Order()]
            : throw new FormatException("getValidators() answers something else.");
    }

    // Slot 0 holds the length of the list, keccak256(slot) + i its element i (Solidity's layout of a dynamic array).
    private async Task<ValidatorSetProof> ProveAsync(ulong block, int count, CancellationToken cancellation)
    {
        var first = UInt256.FromBigEndian(Keccak256.Hash(Hash32.Zero.Bytes).Bytes);
        Hash32[] slots =
            [Hash32.Zero, .. Enumerable.Range(0, count).Select(i => new Hash32((first + (UInt256)(ulong)i).ToBigEndian()))];
        var header = await chain.HeaderAsync(BlockTag.Number(block), cancellation)
            ?? throw new FormatException($"Block {block} is not there.");
        var proof = await chain.ProofAsync(_governance, slots, BlockTag.Number(block), cancellation);
        var storage = proof.Storage.ToDictionary(s => s.Key, s => s.Nodes);
        return new ValidatorSetProof(header.Encode(), proof.Nodes, [.. slots.Select(s => storage[s])]);
    }
}
