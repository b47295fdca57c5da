using Proofs.Merkle;
using ServiceDefaults;

namespace Anchor.Logs;

/// <summary>
/// The tiles of one log as files in the C2SP tlog-tiles layout, so that the folder can be served or copied as it is.
/// What is written is durable when the method returns.
/// </summary>
public sealed class TileFolder(string root)
{
    private const string CheckpointName = "checkpoint";

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

    /// <summary>Publishes the signed checkpoint.</summary>
    public void WriteCheckpoint(string note)
    {
        var folders = new HashSet<string>(StringComparer.Ordinal);
        WriteFile(CheckpointName, System.Text.Encoding.UTF8.GetBytes(note), folders);
        foreach (var folder in folders)
            DurableFolder.Sync(folder);
    }

    /// <summary>The published checkpoint, or null.</summary>
    public byte[]? FindCheckpoint() => TryRead(CheckpointName);

    /// <summary>Puts the whole tree aside, for a recovery that writes it anew.</summary>
    public void SetAside()
    {
        if (!Directory.Exists(Path.Combine(Root, "tile")))
            return;
        for (var n = 1; ; n++)
        {
            var aside = Path.Combine(Root, $"aside.{n}");
            if (Directory.Exists(aside))
                continue;
            Directory.Move(Path.Combine(Root, "tile"), aside);
            return;
        }
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
        var folder = Path.GetDirectoryName(Path.Combine(Root, id.Path))!;
        if (!Directory.Exists(folder))
            return null;
        var widths = Directory.EnumerateFiles(folder).Select(f => int.TryParse(Path.GetFileName(f), out var w) ? w : 0)
            .Where(w => w > id.Width).Order().ToList();
        return widths.Count > 0 ? TryRead((id with { Width = widths[0] }).Path) : null;
    }

    private void DeletePartials(TileId id)
    {
        var folder = Path.Combine(Root, id.Path) + ".p";
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }
}
