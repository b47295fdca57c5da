using System.Buffers.Binary;
using Proofs.Liabilities;

namespace Prepaid.Liabilities;

/// <summary>
/// A tree as it is kept: its leaves in blocks and the nodes above the blocks. What is below is hashed again for a proof,
/// which costs a block's hashes and saves all other nodes. Places are kept in runs of cards in ascending order.
/// </summary>
internal static class StoredTree
{
    /// <summary>Levels of a full block: 256 leaves.</summary>
    public const int BlockLevels = 8;

    /// <summary>Cards of a run.</summary>
    public const int RunSize = 1024;

    private const int LeafSize = 16 + LiabilityLeaf.NonceSize + 8 + 8 + 8;
    private const int NodeSize = 8 + 8 + LiabilityLeaf.HashSize;
    private const int PlaceSize = 16 + 4 + 4;

    /// <summary>The level of the blocks' tops in a tree of a depth.</summary>
    public static int TopLevel(int depth) => Math.Min(depth, BlockLevels);

    /// <summary>A block's leaves as bytes.</summary>
    public static byte[] Block(LiabilityTree tree, int block)
    {
        int size = 1 << TopLevel(tree.Root.Depth);
        byte[] bytes = new byte[size * LeafSize];
        for (int i = 0; i < size; i++)
            Write(tree.Leaves[block * size + i], bytes.AsSpan(i * LeafSize, LeafSize));
        return bytes;
    }

    /// <summary>The nodes above the blocks as bytes, the lowest level first.</summary>
    public static byte[] Top(LiabilityTree tree)
    {
        int depth = tree.Root.Depth;
        byte[] bytes = new byte[Offset(depth, depth + 1)];
        for (int level = TopLevel(depth); level <= depth; level++)
        {
            for (int i = 0; i < 1 << (depth - level); i++)
            {
                ProofStep node = tree.Node(level, i);
                Span<byte> to = bytes.AsSpan(Offset(depth, level) + i * NodeSize, NodeSize);
                BinaryPrimitives.WriteInt64BigEndian(to, node.Sum.PrincipalFen);
                BinaryPrimitives.WriteInt64BigEndian(to[8..], node.Sum.GiftFen);
                node.Hash.CopyTo(to[16..]);
            }
        }
        return bytes;
    }

    /// <summary>The places of all cards in runs, each with its first card.</summary>
    public static IEnumerable<(Guid First, byte[] Bytes)> Runs(LiabilityTree tree)
    {
        foreach (var run in tree.Places.OrderBy(p => p.Key).Chunk(RunSize))
        {
            byte[] bytes = new byte[run.Length * PlaceSize];
            for (int i = 0; i < run.Length; i++)
            {
                Span<byte> to = bytes.AsSpan(i * PlaceSize, PlaceSize);
                run[i].Key.TryWriteBytes(to, bigEndian: true, out _);
                BinaryPrimitives.WriteInt32BigEndian(to[16..], run[i].Value.First);
                BinaryPrimitives.WriteInt32BigEndian(to[20..], run[i].Value.Second);
            }
            yield return (run[0].Key, bytes);
        }
    }

    /// <summary>A card's places, ascending; null where the run doesn't hold it.</summary>
    public static (int First, int Second)? Find(ReadOnlySpan<byte> run, Guid card)
    {
        (int low, int high) = (0, run.Length / PlaceSize - 1);
        while (low <= high)
        {
            int middle = (low + high) / 2;
            ReadOnlySpan<byte> at = run.Slice(middle * PlaceSize, PlaceSize);
            int order = new Guid(at[..16], bigEndian: true).CompareTo(card);
            if (order == 0)
            {
                int a = BinaryPrimitives.ReadInt32BigEndian(at[16..]);
                int b = BinaryPrimitives.ReadInt32BigEndian(at[20..]);
                return (Math.Min(a, b), Math.Max(a, b));
            }
            if (order < 0)
                low = middle + 1;
            else
                high = middle - 1;
        }
        return null;
    }

    /// <summary>The proof of one leaf from its block and the nodes above.</summary>
    /// <param name="index">Its place.</param>
    /// <param name="depth">The tree's depth.</param>
    /// <param name="merchant">Whose tree it is.</param>
    /// <param name="day">Of which day.</param>
    /// <param name="block">Bytes of <see cref="Block"/>.</param>
    /// <param name="top">Bytes of <see cref="Top"/>.</param>
    public static LiabilityProof Prove(
        int index, int depth, string merchant, DateOnly day, ReadOnlySpan<byte> block, ReadOnlySpan<byte> top)
    {
        int blocks = TopLevel(depth);
        (int at, byte[] merchantHash) = (index & ((1 << blocks) - 1), LiabilityLeaf.MerchantHash(merchant));
        ProofStep[] nodes = new ProofStep[1 << blocks];
        for (int i = 0; i < nodes.Length; i++)
        {
            LiabilityLeaf each = Read(block.Slice(i * LeafSize, LeafSize));
            nodes[i] = new ProofStep(each.Owed, new byte[LiabilityLeaf.HashSize]);
            each.Hash(merchantHash, day, nodes[i].Hash);
        }
        LiabilityLeaf leaf = Read(block.Slice(at * LeafSize, LeafSize));
        List<ProofStep> path = [];
        for (int level = 0; level < blocks; level++, at >>= 1)
        {
            path.Add(nodes[at ^ 1]);
            nodes = Above(nodes, level + 1);
        }
        for (int level = blocks; level < depth; level++)
        {
            ReadOnlySpan<byte> node = top.Slice(Offset(depth, level) + ((index >> level) ^ 1) * NodeSize, NodeSize);
            path.Add(new ProofStep(
                new Liability(BinaryPrimitives.ReadInt64BigEndian(node), BinaryPrimitives.ReadInt64BigEndian(node[8..])),
                node[16..].ToArray()));
        }
        return new LiabilityProof(index, leaf, path);
    }

    private static ProofStep[] Above(ProofStep[] below, int level)
    {
        ProofStep[] above = new ProofStep[below.Length / 2];
        for (int i = 0; i < above.Length; i++)
        {
            (ProofStep left, ProofStep right) = (below[2 * i], below[2 * i + 1]);
            above[i] = new ProofStep(left.Sum + right.Sum, new byte[LiabilityLeaf.HashSize]);
            LiabilityNode.Hash(level, left.Sum, left.Hash, right.Sum, right.Hash, above[i].Hash);
        }
        return above;
    }

    /// <summary>Where a level's nodes begin.</summary>
    private static int Offset(int depth, int level) =>
        ((1 << (depth - TopLevel(depth) + 1)) - (1 << (depth - level + 1))) * NodeSize;

    private static void Write(LiabilityLeaf leaf, Span<byte> to)
    {
        leaf.Card.TryWriteBytes(to, bigEndian: true, out _);
        leaf.Nonce.CopyTo(to[16..]);
        BinaryPrimitives.WriteInt64BigEndian(to[32..], leaf.Owed.PrincipalFen);
        BinaryPrimitives.WriteInt64BigEndian(to[40..], leaf.Owed.GiftFen);
        BinaryPrimitives.WriteInt64BigEndian(to[48..], leaf.Receipt);
    }

    private static LiabilityLeaf Read(ReadOnlySpan<byte> from) => new(
        new Guid(from[..16], bigEndian: true), from.Slice(16, LiabilityLeaf.NonceSize).ToArray(),
        new Liability(BinaryPrimitives.ReadInt64BigEndian(from[32..]), BinaryPrimitives.ReadInt64BigEndian(from[40..])),
        BinaryPrimitives.ReadInt64BigEndian(from[48..]));
}
