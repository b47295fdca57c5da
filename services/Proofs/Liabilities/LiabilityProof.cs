namespace Proofs.Liabilities;

/// <summary>A card's balance as the day's close counts it.</summary>
/// <param name="Card">The card's id.</param>
/// <param name="Owed">What is owed for it.</param>
/// <param name="Receipt">The number of its last receipt.</param>
public readonly record struct CardBalance(Guid Card, Liability Owed, long Receipt);

/// <summary>What the chain holds of a merchant's day.</summary>
/// <param name="Hash">The top node's hash.</param>
/// <param name="Depth">Levels above the leaves; the same for every leaf.</param>
/// <param name="Total">The sum of all leaves.</param>
public sealed record LiabilityRoot(byte[] Hash, int Depth, Liability Total)
{
    /// <summary>2³⁰ leaves are more than any merchant's cards.</summary>
    public const int MostDepth = 30;
}

/// <summary>A sibling on the way up.</summary>
/// <param name="Sum">What it counts.</param>
/// <param name="Hash">Its hash, 32 bytes.</param>
public sealed record ProofStep(Liability Sum, byte[] Hash);

/// <summary>That a leaf is counted in a root.</summary>
/// <param name="Index">The leaf's place, from the left; its bits say on which side each sibling is.</param>
/// <param name="Leaf">The leaf.</param>
/// <param name="Path">Siblings from the leaf's up to the one below the top.</param>
public sealed record LiabilityProof(long Index, LiabilityLeaf Leaf, IReadOnlyList<ProofStep> Path);

/// <summary>What is wrong with the proofs of a card.</summary>
public enum LiabilityFault
{
    /// <summary>Nothing: the card's balance is counted in the root.</summary>
    None,

    /// <summary>There are not two proofs, or both show the same leaf.</summary>
    NotTwoLeaves,

    /// <summary>A leaf belongs to another card.</summary>
    OtherCard,

    /// <summary>A path is not as long as the root is deep, or an index does not fit.</summary>
    OtherDepth,

    /// <summary>A sum is negative or reaches 2⁵³.</summary>
    BadSum,

    /// <summary>A path doesn't lead to the root's hash.</summary>
    OtherRoot,

    /// <summary>A path doesn't lead to the root's total.</summary>
    OtherTotal,

    /// <summary>Both leaves together count less, or more, than the holder's receipt says.</summary>
    OtherBalance,

    /// <summary>The tree counts another receipt than the last.</summary>
    OtherReceipt,
}

/// <summary>
/// Checks that a card's balance is counted in a merchant's root of a day; pure. The root has to come from the chain:
/// one that the merchant shows proves nothing.
/// </summary>
public static class LiabilityCheck
{
    /// <summary>Checks the proofs against the holder's own receipt.</summary>
    /// <param name="root">The root on the chain.</param>
    /// <param name="merchant">The merchant's id of the receipt.</param>
    /// <param name="day">The root's day.</param>
    /// <param name="own">The card's id, balance and number of the holder's last receipt.</param>
    /// <param name="proofs">What the service says.</param>
    public static LiabilityFault Verify(
        LiabilityRoot root, string merchant, DateOnly day, CardBalance own, IReadOnlyList<LiabilityProof> proofs)
    {
        if (proofs is not [var first, var second] || first.Index == second.Index)
            return LiabilityFault.NotTwoLeaves;
        foreach (LiabilityProof proof in proofs)
        {
            if (proof.Leaf.Card != own.Card)
                return LiabilityFault.OtherCard;
            if (proof.Leaf.Receipt != own.Receipt)
                return LiabilityFault.OtherReceipt;
            if (Climb(root, LiabilityLeaf.MerchantHash(merchant), day, proof) is not LiabilityFault.None and var fault)
                return fault;
        }
        return first.Leaf.Owed + second.Leaf.Owed == own.Owed ? LiabilityFault.None : LiabilityFault.OtherBalance;
    }

    private static LiabilityFault Climb(LiabilityRoot root, byte[] merchantHash, DateOnly day, LiabilityProof proof)
    {
        if (root.Depth is < 1 or > LiabilityRoot.MostDepth || proof.Path.Count != root.Depth
            || proof.Index < 0 || proof.Index >> root.Depth != 0)
            return LiabilityFault.OtherDepth;
        if (!proof.Leaf.Owed.IsValid || proof.Path.Any(s => !s.Sum.IsValid))
            return LiabilityFault.BadSum;
        if (proof.Leaf.Nonce.Length != LiabilityLeaf.NonceSize
            || proof.Path.Any(s => s.Hash.Length != LiabilityLeaf.HashSize))
            return LiabilityFault.OtherRoot;
        byte[] hash = new byte[LiabilityLeaf.HashSize];
        proof.Leaf.Hash(merchantHash, day, hash);
        Liability sum = proof.Leaf.Owed;
        for (int level = 0; level < root.Depth; level++)
        {
            ProofStep sibling = proof.Path[level];
            if ((proof.Index >> level & 1) == 0)
                LiabilityNode.Hash(level + 1, sum, hash, sibling.Sum, sibling.Hash, hash);
            else
                LiabilityNode.Hash(level + 1, sibling.Sum, sibling.Hash, sum, hash, hash);
            sum += sibling.Sum;
            if (!sum.IsValid)
                return LiabilityFault.BadSum;
        }
        if (!hash.AsSpan().SequenceEqual(root.Hash))
            return LiabilityFault.OtherRoot;
        return sum == root.Total ? LiabilityFault.None : LiabilityFault.OtherTotal;
    }
}
