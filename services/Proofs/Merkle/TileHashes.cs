namespace Proofs.Merkle;

/// <summary>
/// Subtree hashes of a tree of a fixed size, read from its tiles. The reader is asked for the tiles that such a tree
/// has; a tile that has grown since may be answered longer and is cut.
/// </summary>
/// <param name="size">Number of leaves of the tree.</param>
/// <param name="readTile">Bytes of a tile: at least 32·width of them.</param>
public sealed class TileHashes(ulong size, Func<TileId, byte[]> readTile) : ISubtreeHashes
{
    private readonly Dictionary<(int Level, ulong Index), byte[]> _tiles = [];

    /// <inheritdoc/>
    public byte[] Subtree(int level, ulong index)
    {
        var (tileLevel, height) = Math.DivRem(level, 8);
        var first = index << height;
        var bytes = Tile(tileLevel, first / TileId.FullWidth);
        var start = (int)(first % TileId.FullWidth) * MerkleTree.HashSize;
        return Fold(bytes.AsSpan(start, MerkleTree.HashSize << height));
    }

    /// <summary>Root of a perfect subtree whose 2ⁿ hashes lie one after another.</summary>
    public static byte[] Fold(ReadOnlySpan<byte> hashes)
    {
        if (hashes.Length == MerkleTree.HashSize)
            return hashes.ToArray();
        Span<byte> level = new byte[hashes.Length / 2];
        Span<byte> node = stackalloc byte[1 + (2 * MerkleTree.HashSize)];
        node[0] = 1;
        var source = hashes;
        for (var count = hashes.Length / (2 * MerkleTree.HashSize); count > 0; count /= 2)
        {
            for (var i = 0; i < count; i++)
            {
                source.Slice(i * 2 * MerkleTree.HashSize, 2 * MerkleTree.HashSize).CopyTo(node[1..]);
                System.Security.Cryptography.SHA256.HashData(node, level[(i * MerkleTree.HashSize)..]);
            }
            source = level;
        }
        return level[..MerkleTree.HashSize].ToArray();
    }

    private byte[] Tile(int level, ulong index)
    {
        if (_tiles.TryGetValue((level, index), out var known))
            return known;
        var count = size >> (8 * level);
        var width = (int)Math.Min(TileId.FullWidth, count - (index * TileId.FullWidth));
        var bytes = readTile(new TileId(level, index, width));
        if (bytes.Length < width * MerkleTree.HashSize)
            throw new InvalidDataException($"The tile at level {level}, index {index} has {bytes.Length} bytes.");
        return _tiles[(level, index)] = bytes;
    }
}
