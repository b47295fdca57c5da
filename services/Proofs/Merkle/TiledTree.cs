namespace Proofs.Merkle;

/// <summary>
/// The right edge of a tiled tree: grows by leaf hashes, hands out each tile that has changed since the last
/// checkpoint once, and knows the root. Appending costs one or two hashes a leaf, a root a few hundred.
/// Not safe for concurrent use.
/// </summary>
public sealed class TiledTree
{
    private const int TileBytes = TileId.FullWidth * MerkleTree.HashSize;

    // One growing tile a level; the buffer of a level is replaced, not cleared, when its tile is full.
    private readonly List<Edge> _edges = [];
    private readonly Dictionary<(int Level, ulong Index), byte[]> _full = [];

    /// <summary>Number of leaves.</summary>
    public ulong Size { get; private set; }

    /// <summary>A tree of the given size read back from its partial tiles; empty for size 0.</summary>
    /// <param name="size">Number of leaves.</param>
    /// <param name="readTile">Bytes of a tile; asked only for the right edge.</param>
    /// <exception cref="InvalidDataException">A tile has the wrong length.</exception>
    public static TiledTree Load(ulong size, Func<TileId, byte[]> readTile)
    {
        var tree = new TiledTree { Size = size };
        foreach (var (level, count) in Levels(size))
        {
            var (index, width) = Math.DivRem(count, TileId.FullWidth);
            var edge = new Edge { Index = index };
            if (width > 0)
            {
                var bytes = readTile(new TileId(level, index, (int)width));
                if (bytes.Length != (int)width * MerkleTree.HashSize)
                    throw new InvalidDataException($"The tile at level {level}, index {index} has {bytes.Length} bytes.");
                bytes.CopyTo(edge.Bytes, 0);
                edge.Width = (int)width;
            }
            tree._edges.Add(edge);
        }
        return tree;
    }

    /// <summary>Appends one leaf hash (32 bytes).</summary>
    public void Append(ReadOnlySpan<byte> leafHash)
    {
        Push(0, leafHash);
        Size++;
    }

    /// <summary>Root of all leaves.</summary>
    public byte[] Root() => MerkleTree.Root(new EdgeHashes(this), Size);

    /// <summary>
    /// The tiles to write before a checkpoint of <see cref="Size"/> is signed: those filled since the last call and
    /// the partial ones of the right edge that changed.
    /// </summary>
    public IReadOnlyList<(TileId Id, byte[] Bytes)> TakeTiles()
    {
        var tiles = _full.Select(t => (new TileId(t.Key.Level, t.Key.Index, TileId.FullWidth), t.Value)).ToList();
        _full.Clear();
        for (var level = 0; level < _edges.Count; level++)
        {
            var edge = _edges[level];
            if (edge.Width > 0 && edge.Changed)
                tiles.Add((new TileId(level, edge.Index, edge.Width), edge.Used.ToArray()));
            edge.Changed = false;
        }
        return tiles;
    }

    /// <summary>Hash count of every level of a tree of <paramref name="size"/> leaves that has one.</summary>
    public static IEnumerable<(int Level, ulong Count)> Levels(ulong size)
    {
        for (var level = 0; size > 0; level++, size /= TileId.FullWidth)
            yield return (level, size);
    }

    private void Push(int level, ReadOnlySpan<byte> hash)
    {
        if (level == _edges.Count)
            _edges.Add(new Edge());
        var edge = _edges[level];
        hash.CopyTo(edge.Bytes.AsSpan(edge.Width * MerkleTree.HashSize));
        edge.Width++;
        edge.Changed = true;
        if (edge.Width < TileId.FullWidth)
            return;
        _full.Add((level, edge.Index), edge.Bytes);
        var root = TileHashes.Fold(edge.Bytes);
        edge.Bytes = new byte[TileBytes];
        edge.Width = 0;
        edge.Index++;
        Push(level + 1, root);
    }

    private sealed class Edge
    {
        public byte[] Bytes = new byte[TileBytes];
        public int Width;
        public ulong Index;
        public bool Changed;

        public ReadOnlySpan<byte> Used => Bytes.AsSpan(0, Width * MerkleTree.HashSize);
    }

    // A root needs only subtrees of the right edge: every perfect subtree in the size's binary form begins in a
    // partial tile.
    private sealed class EdgeHashes(TiledTree tree) : ISubtreeHashes
    {
        public byte[] Subtree(int level, ulong index)
        {
            var (tileLevel, height) = Math.DivRem(level, 8);
            var first = (int)((index << height) % TileId.FullWidth);
            return TileHashes.Fold(tree._edges[tileLevel].Bytes.AsSpan(first * MerkleTree.HashSize,
                MerkleTree.HashSize << height));
        }
    }
}
