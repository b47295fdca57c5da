using Chain.Client;
using Chain.Core;

namespace Receivables.Pledges;

/// <summary>
/// The chain's own proof of who holds a key: two words of PledgeRegistry's storage under the state root of one block. With
/// that block's header and seals anybody can check it offline.
/// </summary>
/// <param name="Registry">Address of PledgeRegistry.</param>
/// <param name="Key">The key asked about.</param>
/// <param name="Block">Number of the block.</param>
/// <param name="BlockHash">Its hash.</param>
/// <param name="StateRoot">Its state root.</param>
/// <param name="Account">Proof of the contract's account.</param>
/// <param name="Slots">Proofs of <c>_ids[key]</c> and of the first word of <c>_claims[id]</c>.</param>
public sealed record ClaimEvidence(
    Address Registry, Hash32 Key, ulong Block, Hash32 BlockHash, Hash32 StateRoot, IReadOnlyList<byte[]> Account,
    IReadOnlyList<IReadOnlyList<byte[]>> Slots)
{
    // Positions in contracts-sol/build/PledgeRegistry.json, storageLayout.
    private const byte ClaimsSlot = 3;
    private const byte IdsSlot = 4;

    /// <summary>Fetches the proof at the head and checks it.</summary>
    /// <exception cref="FormatException">The node's answers don't fit each other.</exception>
    internal static async Task<ClaimEvidence> FetchAsync(
        ChainClient chain, Address registry, Hash32 key, CancellationToken cancellation)
    {
        ulong head = await chain.BlockNumberAsync(cancellation);
        BlockTag at = BlockTag.Number(head);
        BlockHeader header = await chain.HeaderAsync(at, cancellation)
            ?? throw new FormatException($"The node has no block {head}.");
        RpcAccountProof ids = await chain.ProofAsync(registry, [Slot(key, IdsSlot)], at, cancellation);
        Hash32 id = new(ids.Storage[0].Value.ToBigEndian());
        RpcAccountProof claims = await chain.ProofAsync(registry, [Slot(id, ClaimsSlot)], at, cancellation);
        ClaimEvidence evidence = new(registry, key, head, header.Hash, header.StateRoot, ids.Nodes,
            [ids.Storage[0].Nodes, claims.Storage[0].Nodes]);
        return evidence.TryRead(out _, out _) ? evidence : throw new FormatException("The node's proof does not hold.");
    }

    /// <summary>Checks the proof and reads from it who holds the key: nobody where the platform is zero.</summary>
    public bool TryRead(out Address platform, out ulong claimedAt)
    {
        (platform, claimedAt) = (Address.Zero, 0);
        if (!TrieProof.TryVerifyAccount(StateRoot, Registry, Account, out Account? account)
            || account is not { } contract
            || !TrieProof.TryVerifyStorage(contract.StorageRoot, Slot(Key, IdsSlot), Slots[0], out Hash32 id)
            || !TrieProof.TryVerifyStorage(contract.StorageRoot, Slot(id, ClaimsSlot), Slots[1], out Hash32 word))
            return false;
        // uint32 vouchers ‖ uint64 claimedAt ‖ address platform
        claimedAt = System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(word.Bytes[4..12]);
        platform = Address.FromWord(word.Bytes);
        return true;
    }

    // Solidity: a mapping's value is at keccak256(key ‖ slot).
    private static Hash32 Slot(Hash32 key, byte position) => Keccak256.Hash([.. key.Bytes, .. new byte[31], position]);
}
