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

    private const int PlaceSize = 16 + 4 + 4;

    // Blocks that one processor takes at a time.
    private const int ChunkBlocks = 16;

    /// <summary>The level of the blocks' tops in a tree of a depth.</summary>
    public static int TopLevel(int depth) => Math.Min(depth, BlockLevels);

    /// <summary>Empty blocks for the leaves of a tree.</summary>
    public static byte[][] Blocks(int depth)
    {
        byte[][] blocks = new byte[1 << (depth - TopLevel(depth))][];
        for (int i = 0; i < blocks.Length; i++)
            blocks[i] = new byte[TreeBytes.LeafSize << TopLevel(depth)];
        return blocks;
    }

    /// <summary>Writes a leaf to its place, its nonce drawn.</summary>
    public static void Write(byte[][] blocks, int index, Guid card, Liability owed, long receipt, Drawing nonce)
    {
        // All blocks are as large as the first; only a tree of one block is smaller than 256 leaves.
        int leaves = blocks[0].Length / TreeBytes.LeafSize;
        Span<byte> leaf = blocks[index / leaves].AsSpan(index % leaves * TreeBytes.LeafSize, TreeBytes.LeafSize);
        TreeBytes.WriteLeaf(leaf, card, owed, receipt);
        nonce.Fill(TreeBytes.NonceOf(leaf));
    }

    /// <summary>The nodes above the blocks as bytes, the lowest level first. Each processor hashes whole subtrees.</summary>
    public static byte[] Top(string merchant, DateOnly day, int depth, byte[][] blocks)
    {
        byte[] top = new byte[Offset(depth, depth + 1)];
        Parallel.For(0, (blocks.Length + ChunkBlocks - 1) / ChunkBlocks, chunk =>
        {
            TreeBytes bytes = new(merchant, day);
            Span<byte> nodes = stackalloc byte[TreeBytes.NodeSize << BlockLevels];
            for (int i = chunk * ChunkBlocks; i < Math.Min(blocks.Length, (chunk + 1) * ChunkBlocks); i++)
            {
                bytes.HashLeaves(blocks[i], nodes);
                for (int level = 1; level <= TopLevel(depth); level++)
                    bytes.Join(level, nodes, nodes, 1 << (TopLevel(depth) - level));
                nodes[..TreeBytes.NodeSize].CopyTo(top.AsSpan(i * TreeBytes.NodeSize));
            }
        });
        TreeBytes above = new(merchant, day);
        for (int level = TopLevel(depth) + 1; level <= depth; level++)
            above.Join(level, top.AsSpan(Offset(depth, level - 1)), top.AsSpan(Offset(depth, level)), 1 << (depth - level));
        return top;
    }

    /// <summary>The root of the nodes above the blocks.</summary>
    public static LiabilityRoot Root(int depth, byte[] top)
    {
        ProofStep node = TreeBytes.Node(top.AsSpan(Offset(depth, depth)));
        return new LiabilityRoot(node.Hash, depth, node.Sum);
    }

    /// <summary>The places of all cards in runs, each with its first card.</summary>
    public static IEnumerable<(Guid First, byte[] Bytes)> Runs(LiabilityTree tree)
    {
        for (int from = 0; from < tree.Count; from += RunSize)
        {
            byte[] bytes = new byte[Math.Min(RunSize, tree.Count - from) * PlaceSize];
            for (int i = 0; i < bytes.Length / PlaceSize; i++)
            {
                Span<byte> to = bytes.AsSpan(i * PlaceSize, PlaceSize);
                (Guid card, int first, int second) = tree.CardAt(from + i);
                card.TryWriteBytes(to, bigEndian: true, out _);
                BinaryPrimitives.WriteInt32BigEndian(to[16..], first);
                BinaryPrimitives.WriteInt32BigEndian(to[20..], second);
            }
            yield return (tree.CardAt(from).Card, bytes);
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
    /// <param name="block">The leaf's block.</param>
    /// <param name="top">Bytes of <see cref="Top"/>.</param>
    public static LiabilityProof Prove(
        int index, int depth, string merchant, DateOnly day, ReadOnlySpan<byte> block, ReadOnlySpan<byte> top)
    {
        int blocks = TopLevel(depth);
        int at = index & ((1 << blocks) - 1);
        TreeBytes bytes = new(merchant, day);
        Span<byte> nodes = stackalloc byte[TreeBytes.NodeSize << BlockLevels];
        bytes.HashLeaves(block, nodes);
        LiabilityLeaf leaf = TreeBytes.Leaf(block[(at * TreeBytes.LeafSize)..]);
        List<ProofStep> path = [];
        for (int level = 0; level < blocks; level++, at >>= 1)
        {
            path.Add(TreeBytes.Node(nodes[((at ^ 1) * TreeBytes.NodeSize)..]));
            bytes.Join(level + 1, nodes, nodes, 1 << (blocks - level - 1));
        }
        for (int level = blocks; level < depth; level++)
            path.Add(TreeBytes.Node(top[(Offset(depth, level) + ((index >> level) ^ 1) * TreeBytes.NodeSize)..]));
        return new LiabilityProof(index, leaf, path);
    }

    /// <summary>Where a level's nodes begin.</summary>
    private static int Offset(int depth, int level) =>
        ((1 << (depth - TopLevel(depth) + 1)) - (1 << (depth - level + 1))) * TreeBytes.NodeSize;
}
