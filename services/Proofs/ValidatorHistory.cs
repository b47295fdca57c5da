using Chain.Core;

namespace Proofs;

/// <summary>The validator sets of a trust file: each is adopted by a block that the set before it sealed.</summary>
internal static class ValidatorHistory
{
    /// <summary>The most validators that the governance contract admits.</summary>
    public const int MaxValidators = 64;

    /// <summary>The set that seals a block.</summary>
    public static ValidatorSet InForce(TrustFile trust, long block) => trust.Validators.Last(s => s.From <= block);

    /// <summary>True if every set but the first is proven.</summary>
    public static bool IsProven(TrustFile trust)
    {
        if (trust.Validators is not [{ From: 0 }, ..])
            return false;
        for (var i = 1; i < trust.Validators.Count; i++)
        {
            if (!IsAdopted(trust, trust.Validators[i - 1], trust.Validators[i]))
                return false;
        }
        return true;
    }

    private static bool IsAdopted(TrustFile trust, ValidatorSet before, ValidatorSet set)
    {
        if (set.From <= before.From || set.Proof is not { } proof || set.Addresses.Count > MaxValidators)
            return false;
        var expectation = new SealExpectation((ulong)set.From - 1, before.Addresses);
        if (ChainCheck.ReadHeader(proof.Header) is not { } header
            || SealCheck.Verify(header, expectation) != SealVerdict.Valid)
        {
            return false;
        }
        if (trust.Pin is { } pin && pin.Number == set.From - 1 && pin.Hash != header.Hash)
            return false;
        return StorageRoot(trust, header, proof) is { } storage && Elements(storage, proof, set) is { } elements
            && elements.Order().SequenceEqual(set.Addresses);
    }

    private static Hash32? StorageRoot(TrustFile trust, BlockHeader header, ValidatorSetProof proof) =>
        TrieProof.TryVerifyAccount(header.StateRoot, trust.Governance.Address, proof.AccountProof, out var account)
        && account?.CodeHash == trust.Governance.CodeHash
            ? account?.StorageRoot
            : null;

    // Slot 0 holds the length, keccak256(uint256(0)) + i element i (Solidity's layout of a dynamic array).
    private static List<Address>? Elements(Hash32 storage, ValidatorSetProof proof, ValidatorSet set)
    {
        if (proof.StorageProofs.Count != set.Addresses.Count + 1
            || Word(storage, Hash32.Zero, proof.StorageProofs[0]) != (UInt256)(ulong)set.Addresses.Count)
        {
            return null;
        }
        var first = UInt256.FromBigEndian(Keccak256.Hash(Hash32.Zero.Bytes).Bytes);
        var elements = new List<Address>();
        for (var i = 0; i < set.Addresses.Count; i++)
        {
            var slot = new Hash32((first + (UInt256)(ulong)i).ToBigEndian());
            if (Word(storage, slot, proof.StorageProofs[i + 1]) is not { } word || (word >> 160) != UInt256.Zero)
                return null;
            elements.Add(Address.FromWord(word.ToBigEndian()));
        }
        return elements;
    }

    private static UInt256? Word(Hash32 storage, Hash32 slot, IReadOnlyList<byte[]> nodes) =>
        TrieProof.TryVerifyStorage(storage, slot, nodes, out var word) ? UInt256.FromBigEndian(word.Bytes) : null;
}
