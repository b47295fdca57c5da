using Proofs.Merkle;

namespace Anchor.Logs;

/// <summary>
/// Turns entries into tiles and entry bundles: each is written once a checkpoint, whatever the number of entries.
/// </summary>
public sealed class LogWriter
{
    private readonly TileFolder _folder;
    private readonly TiledTree _tree;
    private readonly List<byte[]> _bundle;
    private readonly List<(TileId Id, byte[] Bytes)> _fullBundles = [];

    private LogWriter(TileFolder folder, TiledTree tree, List<byte[]> bundle) =>
        (_folder, _tree, _bundle) = (folder, tree, bundle);

    /// <summary>Number of entries.</summary>
    public long Size => (long)_tree.Size;

    /// <summary>Continues the log of the given size from its tiles.</summary>
    /// <exception cref="InvalidDataException">A tile is missing or too short.</exception>
    public static LogWriter Open(TileFolder folder, long size)
    {
        var tree = TiledTree.Load((ulong)size, id => Cut(folder.Read(id), id.Width * MerkleTree.HashSize));
        var (index, width) = Math.DivRem(size, TileId.FullWidth);
        var bundle = width == 0
            ? []
            : EntryBundle.Read(folder.Read(new TileId(TileId.EntriesLevel, (ulong)index, (int)width))).Take((int)width).ToList();
        return bundle.Count == width
            ? new LogWriter(folder, tree, bundle)
            : throw new InvalidDataException($"Entry bundle {index} has {bundle.Count} entries of {width}.");
    }

    /// <summary>Appends entries (32 bytes each).</summary>
    public void Append(IReadOnlyList<byte[]> entries)
    {
        foreach (var entry in entries)
        {
            var index = _tree.Size / TileId.FullWidth;
            _tree.Append(MerkleTree.LeafHash(entry));
            _bundle.Add(entry);
            if (_bundle.Count < TileId.FullWidth)
                continue;
            _fullBundles.Add((new TileId(TileId.EntriesLevel, index, TileId.FullWidth), EntryBundle.Write(_bundle)));
            _bundle.Clear();
        }
    }

    /// <summary>Makes all tiles durable and answers the root.</summary>
    public byte[] Flush()
    {
        var tiles = new List<(TileId, byte[])>(_fullBundles);
        _fullBundles.Clear();
        if (_bundle.Count > 0)
        {
            tiles.Add((new TileId(TileId.EntriesLevel, _tree.Size / TileId.FullWidth, _bundle.Count),
                EntryBundle.Write(_bundle)));
        }
        tiles.AddRange(_tree.TakeTiles());
        _folder.Write(tiles);
        return _tree.Root();
    }

    /// <summary>Root of the entries appended.</summary>
    public byte[] Root() => _tree.Root();

    // A full or wider tile may stand in the place of the partial one.
    private static byte[] Cut(byte[] bytes, int length) => bytes.Length > length ? bytes[..length] : bytes;
}
