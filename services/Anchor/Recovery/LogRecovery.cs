using System.Net;
using Anchor.Groups;
using Anchor.Intake;
using Anchor.Keys;
using Anchor.Logs;
using Anchor.Sealing;
using Proofs.Merkle;
using Proofs.Notes;

namespace Anchor.Recovery;

/// <summary>What a recovery did.</summary>
/// <param name="Source">Where the entries came from: <c>tiles</c>, <c>database</c>, <c>mirror</c> or <c>feeds</c>.</param>
/// <param name="Size">Number of entries, those that the contract records.</param>
/// <param name="Unknown">Entries whose event no feed names any more.</param>
public sealed record RecoveryReport(string Source, long Size, int Unknown);

/// <summary>
/// Rebuilds a log to exactly what the contract records, from whatever still holds it: the tiles, the tables, a mirror
/// of the tiles, or the feed where only one service feeds the log. A source counts only if its root is the contract's.
/// </summary>
public sealed class LogRecovery(string group, LogStore store, TileFolder folder, LogKey key, Registry registry,
    IReadOnlyDictionary<string, IFeed> feeds, string? mirror, HttpClient http, ILogger logger)
{
    private const int PageSize = 5_000;

    /// <summary>Rebuilds tables and tiles.</summary>
    /// <exception cref="InvalidDataException">No source holds the log that was anchored.</exception>
    public async Task<RecoveryReport> RunAsync(CancellationToken cancellation)
    {
        var contract = await registry.LatestAsync(cancellation);
        if (contract.Origin != registry.Origin)
            throw new InvalidDataException("The contract follows a log of another origin; only its epoch's log can begin.");
        var (source, entries) = await FindAsync(contract, cancellation);
        var feedItems = await ReadFeedsAsync(cancellation);
        var plan = Place(entries, feedItems);
        folder.SetAside();
        var writer = LogWriter.Open(folder, 0);
        writer.Append(entries);
        var root = writer.Flush();
        var checkpoints = await CheckpointsAsync(entries, contract, root, cancellation);
        await store.ReplaceAsync(plan.Rows, plan.Cursors, checkpoints, cancellation);
        logger.Recovered(group, entries.Count, source);
        return new RecoveryReport(source, entries.Count, plan.Unknown);
    }

    private async Task<(string Source, List<byte[]> Entries)> FindAsync(
        RegistryState contract, CancellationToken cancellation)
    {
        foreach (var (name, read) in Sources(contract.Size))
        {
            try
            {
                var entries = await read(cancellation);
                if (entries is not null && entries.Count == contract.Size && IsRecorded(entries, contract))
                    return (name, entries);
            }
            catch (Exception e) when (e is InvalidDataException or HttpRequestException)
            {
                logger.Waiting(group, $"recovery can't use {name}: {e.Message}");
            }
        }
        throw new InvalidDataException(
            $"Neither tiles, database, mirror nor feeds hold the {contract.Size} entries that the contract records.");
    }

    private IEnumerable<(string Name, Func<CancellationToken, Task<List<byte[]>?>> Read)> Sources(long size)
    {
        yield return ("tiles", _ => Task.FromResult<List<byte[]>?>([.. folder.Entries((ulong)size)]));
        yield return ("database", async c => await store.EntriesAsync(0, checked((int)size), c));
        yield return ("mirror", c => ReadMirrorAsync(size, c));
        yield return ("feeds", c => ReadOnlyFeedAsync(size, c));
    }

    private static bool IsRecorded(List<byte[]> entries, RegistryState contract)
    {
        if (entries.Count == 0)
            return true;
        var tree = new TiledTree();
        foreach (var entry in entries)
            tree.Append(MerkleTree.LeafHash(entry));
        return contract.Root.Bytes.SequenceEqual(tree.Root());
    }

    private async Task<List<byte[]>?> ReadMirrorAsync(long size, CancellationToken cancellation)
    {
        if (mirror is null)
            return null;
        var entries = new List<byte[]>();
        for (ulong index = 0; entries.Count < size; index++)
        {
            var width = (int)Math.Min(TileId.FullWidth, size - entries.Count);
            var bytes = await FetchAsync(new TileId(TileId.EntriesLevel, index, width), cancellation)
                ?? await FetchAsync(new TileId(TileId.EntriesLevel, index, TileId.FullWidth), cancellation)
                ?? throw new InvalidDataException($"The mirror lacks entry bundle {index}.");
            entries.AddRange(EntryBundle.Read(bytes).Take(width));
        }
        return entries;
    }

    private async Task<byte[]?> FetchAsync(TileId id, CancellationToken cancellation)
    {
        using var response = await http.GetAsync(new Uri($"{mirror!.TrimEnd('/')}/{id.Path}"), cancellation);
        if (response.StatusCode == HttpStatusCode.NotFound)
            return null;
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsByteArrayAsync(cancellation);
    }

    // With one service the log's order is the feed's; with more the interleaving is known to the log alone.
    private async Task<List<byte[]>?> ReadOnlyFeedAsync(long size, CancellationToken cancellation) =>
        feeds.Count == 1
            ? [.. (await ReadFeedAsync(feeds.Single(), cancellation)).Select(i => i.Entry.Digest).Take(checked((int)size))]
            : null;

    private async Task<Dictionary<Hash, FeedItem>> ReadFeedsAsync(CancellationToken cancellation)
    {
        var items = new Dictionary<Hash, FeedItem>();
        foreach (var feed in feeds)
        {
            foreach (var item in await ReadFeedAsync(feed, cancellation))
                items[new Hash(item.Entry.Digest)] = item;
        }
        return items;
    }

    private static async Task<List<FeedItem>> ReadFeedAsync(KeyValuePair<string, IFeed> feed, CancellationToken cancellation)
    {
        var items = new List<FeedItem>();
        long after = 0;
        while (true)
        {
            var page = await feed.Value.ReadAsync(after, PageSize, cancellation);
            if (page.Through <= after)
                return items;
            items.AddRange(page.Entries.Select(e => new FeedItem(feed.Key, e)));
            after = page.Through;
        }
    }

    private static (List<LogRow> Rows, Dictionary<string, long> Cursors, int Unknown) Place(
        List<byte[]> entries, Dictionary<Hash, FeedItem> feedItems)
    {
        var (rows, cursors, unknown) = (new List<LogRow>(), new Dictionary<string, long>(StringComparer.Ordinal), 0);
        foreach (var entry in entries)
        {
            if (!feedItems.TryGetValue(new Hash(entry), out var item))
            {
                unknown++;
                rows.Add(new LogRow(null, new LogEntry(new Guid(entry.AsSpan(0, 16), bigEndian: true), entry, 0)));
                continue;
            }
            rows.Add(new LogRow(item.Service, item.Entry));
            cursors[item.Service] = Math.Max(item.Entry.Position, cursors.GetValueOrDefault(item.Service));
        }
        return (rows, cursors, unknown);
    }

    // Signing is deterministic, so a checkpoint signed again has the bytes it had.
    private async Task<List<SignedCheckpoint>> CheckpointsAsync(
        List<byte[]> entries, RegistryState contract, byte[] root, CancellationToken cancellation)
    {
        var checkpoints = new List<SignedCheckpoint>();
        foreach (var recorded in await registry.RecordedAsync(null, cancellation))
        {
            if (recorded.Epoch == contract.Epoch && recorded.Size <= entries.Count)
                checkpoints.Add(Sign(recorded.Size, recorded.Root.ToArray()));
        }
        if (entries.Count > 0 && checkpoints.All(c => c.Size != entries.Count))
            checkpoints.Add(Sign(entries.Count, root));
        return checkpoints;
    }

    private SignedCheckpoint Sign(long size, byte[] root) =>
        new(size, root, key.Sign(new Checkpoint(key.Public.Name, size, root)));

    private sealed record FeedItem(string Service, LogEntry Entry);

    private readonly record struct Hash(UInt128 High, UInt128 Low)
    {
        public Hash(byte[] bytes)
            : this(System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes),
                System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes.AsSpan(16)))
        {
        }
    }
}
