using System.Text;
using Proofs.Merkle;
using Proofs.Notes;
using ServiceDefaults;

namespace Anchor.Logs;

/// <summary>
/// The tiles of one log as files in the C2SP tlog-tiles layout, so that the folder can be served or copied as it is.
/// What is written is durable when the method returns.
/// </summary>
public sealed class TileFolder(string root)
{
    private const string CheckpointName = "checkpoint";
    private const int LevelsMax = 8;
    private readonly Lock _publishing = new();
    private long? _published;

    /// <summary>Folder of the log.</summary>
    public string Root { get; } = Path.GetFullPath(root);

    /// <summary>Writes tiles, each by a durable file that then takes the tile's name.</summary>
    public void Write(IEnumerable<(TileId Id, byte[] Bytes)> tiles)
    {
        var folders = new HashSet<string>(StringComparer.Ordinal);
        var full = new List<TileId>();
        foreach (var (id, bytes) in tiles)
        {
            WriteFile(id.Path, bytes, folders);
            if (!id.IsPartial)
                full.Add(id);
        }
        foreach (var folder in folders)
            DurableFolder.Sync(folder);
        foreach (var id in full)
            DeletePartials(id);
    }

    /// <summary>A tile, or a wider one that has taken its place; null if there is none.</summary>
    public byte[]? Find(TileId id)
    {
        if (TryRead(id.Path) is { } exact)
            return exact;
        if (!id.IsPartial)
            return null;
        // Partial tiles go when the full one is written, which may happen between the looks.
        return TryRead((id with { Width = TileId.FullWidth }).Path) ?? FindWider(id);
    }

    /// <summary>A tile that must be there.</summary>
    /// <exception cref="InvalidDataException">It is not there.</exception>
    public byte[] Read(TileId id) => Find(id) ?? throw new InvalidDataException($"{id.Path} is missing.");

    /// <summary>Entries of the log in order, from the entry bundles of a tree of <paramref name="size"/> entries.</summary>
    /// <exception cref="InvalidDataException">A bundle is missing or too short.</exception>
    public IEnumerable<byte[]> Entries(ulong size)
    {
        for (ulong index = 0; index * TileId.FullWidth < size; index++)
        {
            var width = (int)Math.Min(TileId.FullWidth, size - (index * TileId.FullWidth));
            var entries = EntryBundle.Read(Read(new TileId(TileId.EntriesLevel, index, width)));
            if (entries.Count < width)
                throw new InvalidDataException($"Entry bundle {index} has {entries.Count} entries of {width}.");
            for (var i = 0; i < width; i++)
                yield return entries[i];
        }
    }

    /// <summary>Publishes the signed checkpoint, unless one of more entries is published.</summary>
    public void PublishCheckpoint(long size, string note)
    {
        lock (_publishing)
        {
            // What an earlier process published counts too: whoever reads it must never see the log shrink.
            _published ??= PublishedSize();
            if (size < _published)
                return;
            var folders = new HashSet<string>(StringComparer.Ordinal);
            WriteFile(CheckpointName, Encoding.UTF8.GetBytes(note), folders);
            foreach (var folder in folders)
                DurableFolder.Sync(folder);
            _published = size;
        }
    }

    /// <summary>The published checkpoint, or null.</summary>
    public byte[]? FindCheckpoint() => TryRead(CheckpointName);

    /// <summary>
    /// Puts aside what an earlier, longer log left behind, so that none of it answers for the tiles of this one: tables
    /// that were restored from a copy may go on with other entries.
    /// </summary>
    /// <param name="size">Number of entries of the log; their tiles stay.</param>
    public void SetAsideBeyond(long size)
    {
        var beyond = Beyond(size).ToList();
        if (beyond.Count == 0)
            return;
        var aside = FreeAside();
        // Backwards, so that what an interruption leaves is found again from the log's edge.
        foreach (var (id, kept) in Enumerable.Reverse(beyond))
        {
            // The wider tile may be all that is left of the one that stays.
            if (kept > 0 && TryRead((id with { Width = kept }).Path) is null)
                Write([(id with { Width = kept }, Cut(id with { Width = kept }, Read(id)))]);
            var target = Path.Combine(aside, id.Path["tile/".Length..]);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Move(Path.Combine(Root, id.Path), target);
        }
    }

    /// <summary>A tile cut to its width: a wider one may stand in the place of a partial one.</summary>
    public static byte[] Cut(TileId id, byte[] bytes)
    {
        if (!id.IsPartial)
            return bytes;
        return id.Level == TileId.EntriesLevel
            ? EntryBundle.Write([.. EntryBundle.Read(bytes).Take(id.Width)])
            : bytes[..(id.Width * MerkleTree.HashSize)];
    }

    /// <summary>Puts the whole tree aside, for a recovery that writes it anew.</summary>
    public void SetAside()
    {
        if (!Directory.Exists(Path.Combine(Root, "tile")))
            return;
        Directory.Move(Path.Combine(Root, "tile"), FreeAside());
    }

    private long PublishedSize() =>
        FindCheckpoint() is { } bytes && SignedNote.Parse(Encoding.UTF8.GetString(bytes)) is { } note
            ? Checkpoint.Parse(note.Text)?.Size ?? 0
            : 0;

    private string FreeAside() => Enumerable.Range(1, int.MaxValue)
        .Select(n => Path.Combine(Root, $"aside.{n}")).First(aside => !Directory.Exists(aside));

    // Tiles that a log of this size has not got, each with how many of its items it has.
    private IEnumerable<(TileId Id, int Kept)> Beyond(long size)
    {
        for (var level = TileId.EntriesLevel; level < LevelsMax; level++)
        {
            var count = (ulong)size >> (8 * Math.Max(level, 0));
            var (index, kept) = (count / TileId.FullWidth, (int)(count % TileId.FullWidth));
            while (true)
            {
                var wider = Widths(level, index).Where(w => w > kept).ToList();
                if (wider.Count == 0)
                    break;
                foreach (var width in wider)
                    yield return (new TileId(level, index, width), kept);
                (index, kept) = (index + 1, 0);
            }
        }
    }

    private IEnumerable<int> Widths(int level, ulong index)
    {
        var full = Path.Combine(Root, new TileId(level, index, TileId.FullWidth).Path);
        var partial = Directory.Exists(full + ".p") ? Directory.EnumerateFiles(full + ".p") : [];
        return partial.Select(f => int.TryParse(Path.GetFileName(f), out var width) ? width : 0)
            .Concat(File.Exists(full) ? [TileId.FullWidth] : []);
    }

    private void WriteFile(string path, byte[] bytes, HashSet<string> folders)
    {
        var file = Path.Combine(Root, path);
        var folder = Path.GetDirectoryName(file)!;
        if (!Directory.Exists(folder))
        {
            // Each new folder is an entry of the one above, which has to be durable too.
            for (var above = folder; above.Length > Root.Length; above = Path.GetDirectoryName(above)!)
                folders.Add(Path.GetDirectoryName(above)!);
            Directory.CreateDirectory(folder);
        }
        folders.Add(folder);
        var next = file + ".new";
        using (var handle = File.OpenHandle(next, FileMode.Create, FileAccess.Write))
        {
            RandomAccess.Write(handle, bytes, 0);
            RandomAccess.FlushToDisk(handle);
        }
        File.Move(next, file, overwrite: true);
    }

    private byte[]? TryRead(string path)
    {
        try
        {
            return File.ReadAllBytes(Path.Combine(Root, path));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private byte[]? FindWider(TileId id)
    {
        var widths = Widths(id.Level, id.Index).Where(w => w > id.Width).Order().ToList();
        return widths.Count > 0 ? TryRead((id with { Width = widths[0] }).Path) : null;
    }

    private void DeletePartials(TileId id)
    {
        var folder = Path.Combine(Root, id.Path) + ".p";
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }
}
