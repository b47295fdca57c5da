using System.Buffers.Binary;
using Proofs.Liabilities;

namespace Prepaid.Liabilities;

/// <summary>
/// Leaves and nodes as bytes, and their hashes as <see cref="LiabilityLeaf"/> and <see cref="LiabilityNode"/> define them.
/// A stored leaf is card ‖ nonce ‖ principal ‖ gift ‖ receipt and a stored node principal ‖ gift ‖ hash, so that both are
/// parts of what is hashed and are copied once.
/// </summary>
internal readonly ref struct TreeBytes
{
    /// <summary>Bytes of a leaf.</summary>
    public const int LeafSize = BlindSize + 8 + 8 + 8;

    /// <summary>Bytes of a node.</summary>
    public const int NodeSize = SumsSize + LiabilityLeaf.HashSize;

    private const int BlindSize = 16 + LiabilityLeaf.NonceSize;
    private const int SumsSize = 8 + 8;
    private const int LeafHead = 1 + LiabilityLeaf.HashSize + 4;

    private readonly byte[] _leaf = new byte[LeafHead + LiabilityLeaf.HashSize + 8 + 8 + 8];
    private readonly byte[] _node = new byte[2 + 2 * NodeSize];

    /// <summary>For the tree of a merchant and day.</summary>
    public TreeBytes(string merchant, DateOnly day)
    {
        _leaf[0] = 0x02;
        LiabilityLeaf.MerchantHash(merchant).CopyTo(_leaf, 1);
        BinaryPrimitives.WriteInt32BigEndian(_leaf.AsSpan(1 + LiabilityLeaf.HashSize), LiabilityLeaf.Number(day));
        _node[0] = 0x03;
    }

    /// <summary>Where a stored leaf keeps its nonce.</summary>
    public static Span<byte> NonceOf(Span<byte> leaf) => leaf.Slice(16, LiabilityLeaf.NonceSize);

    /// <summary>Writes a leaf without its nonce.</summary>
    public static void WriteLeaf(Span<byte> to, Guid card, Liability owed, long receipt)
    {
        card.TryWriteBytes(to, bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(to[BlindSize..], owed.PrincipalFen);
        BinaryPrimitives.WriteInt64BigEndian(to[(BlindSize + 8)..], owed.GiftFen);
        BinaryPrimitives.WriteInt64BigEndian(to[(BlindSize + 16)..], receipt);
    }

    /// <summary>A stored leaf.</summary>
    public static LiabilityLeaf Leaf(ReadOnlySpan<byte> from) => new(
        new Guid(from[..16], bigEndian: true), from.Slice(16, LiabilityLeaf.NonceSize).ToArray(),
        Sum(from[BlindSize..]), BinaryPrimitives.ReadInt64BigEndian(from[(BlindSize + 16)..]));

    /// <summary>A stored node.</summary>
    public static ProofStep Node(ReadOnlySpan<byte> from) =>
        new(Sum(from), from.Slice(SumsSize, LiabilityLeaf.HashSize).ToArray());

    /// <summary>Turns a block's leaves into nodes of the lowest level.</summary>
    public void HashLeaves(ReadOnlySpan<byte> block, Span<byte> nodes)
    {
        for (int i = 0; i < block.Length / LeafSize; i++)
        {
            ReadOnlySpan<byte> leaf = block.Slice(i * LeafSize, LeafSize);
            Span<byte> node = nodes.Slice(i * NodeSize, NodeSize);
            Sha.Hash(leaf[..BlindSize], _leaf.AsSpan(LeafHead, LiabilityLeaf.HashSize));
            leaf[BlindSize..].CopyTo(_leaf.AsSpan(LeafHead + LiabilityLeaf.HashSize));
            leaf.Slice(BlindSize, SumsSize).CopyTo(node);
            Sha.Hash(_leaf, node[SumsSize..]);
        }
    }

    /// <summary>Joins pairs of nodes; what is above may begin where what is below does.</summary>
    /// <param name="level">Level of the nodes above; the leaves' parents have 1.</param>
    /// <param name="below">Nodes below, two for each above.</param>
    /// <param name="above">Where those above go.</param>
    /// <param name="count">How many above.</param>
    public void Join(int level, ReadOnlySpan<byte> below, Span<byte> above, int count)
    {
        _node[1] = checked((byte)level);
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> pair = below.Slice(2 * i * NodeSize, 2 * NodeSize);
            pair.CopyTo(_node.AsSpan(2));
            Liability sum = Sum(pair) + Sum(pair[NodeSize..]);
            Span<byte> node = above.Slice(i * NodeSize, NodeSize);
            BinaryPrimitives.WriteInt64BigEndian(node, sum.PrincipalFen);
            BinaryPrimitives.WriteInt64BigEndian(node[8..], sum.GiftFen);
            Sha.Hash(_node, node[SumsSize..]);
        }
    }

    private static Liability Sum(ReadOnlySpan<byte> from) =>
        new(BinaryPrimitives.ReadInt64BigEndian(from), BinaryPrimitives.ReadInt64BigEndian(from[8..]));
}
