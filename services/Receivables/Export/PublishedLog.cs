using Microsoft.Extensions.Options;
using Proofs;
using Proofs.Merkle;
using Proofs.Notes;
using ServiceDefaults;
using ServiceDefaults.Anchoring;

namespace Receivables.Export;

/// <summary>Reads the log that the anchor publishes (C2SP tlog-tiles).</summary>
internal sealed class PublishedLog(HttpClient http, AnchorClient anchor, ServiceAddresses services,
    IOptions<ServiceOptions> service)
{
    /// <summary>The log at the checkpoint that proves an event; null while no sealed block has it.</summary>
    public async Task<LogView?> AtAsync(Guid eventId, CancellationToken cancellation)
    {
        (byte[]? part, _) = await anchor.ProofAsync(eventId, 0, cancellation);
        if (part is null || Bundle.ParseParts(part) is not { } parts)
            return null;
        Checkpoint checkpoint = Checkpoint.Parse(SignedNote.Parse(parts.Log.Checkpoint)!.Text)!;
        return new LogView(checkpoint, parts.Log, parts.Chain, ReadAsync);
    }

    /// <summary>Whether a sealed block has the event.</summary>
    public async Task<AnchorState> StateAsync(Guid eventId, CancellationToken cancellation) =>
        await anchor.StateAsync(eventId, cancellation);

    private async Task<byte[]> ReadAsync(TileId tile, CancellationToken cancellation) => await http.GetByteArrayAsync(
        new Uri(services["anchor"], $"{service.Value.Group}/{tile.Path}"), cancellation);
}

/// <summary>The log at one checkpoint, read tile by tile as it is asked for.</summary>
/// <param name="checkpoint">Size and root.</param>
/// <param name="part">The part of the bundle that named it.</param>
/// <param name="chain">The block that holds it.</param>
/// <param name="read">Reads a tile.</param>
internal sealed class LogView(
    Checkpoint checkpoint, LogPart part, ChainPart chain, Func<TileId, CancellationToken, Task<byte[]>> read)
{
    private readonly Dictionary<TileId, byte[]> _tiles = [];
    private TileHashes? _hashes;
    private IReadOnlyList<byte[]> _entries = [];
    private long _bundle = -1;

    /// <summary>The signed note.</summary>
    public string Note => part.Checkpoint;

    /// <summary>The block's part of each event's bundle.</summary>
    public ChainPart Chain => chain;

    /// <summary>
    /// The place of an entry at or after an index; null where the log has it nowhere. Within a service the log's order
    /// is the feed's, so each search goes on where the last one ended.
    /// </summary>
    public async Task<long?> FindAsync(byte[] digest, long from, CancellationToken cancellation)
    {
        for (long index = from; index < checkpoint.Size; index++)
        {
            long bundle = index / TileId.FullWidth;
            if (bundle != _bundle)
            {
                int width = (int)Math.Min(TileId.FullWidth, checkpoint.Size - bundle * TileId.FullWidth);
                _entries = EntryBundle.Read(
                    await read(new TileId(TileId.EntriesLevel, (ulong)bundle, width), cancellation));
                _bundle = bundle;
            }
            if (_entries[(int)(index % TileId.FullWidth)].AsSpan().SequenceEqual(digest))
                return index;
        }
        return null;
    }

    /// <summary>The inclusion path of an entry.</summary>
    public async Task<IReadOnlyList<byte[]>> PathAsync(long index, CancellationToken cancellation)
    {
        _hashes ??= new TileHashes((ulong)checkpoint.Size, id =>
            _tiles.GetValueOrDefault(id) ?? throw new TileNeededException(id));
        while (true)
        {
            try
            {
                return MerkleTree.InclusionPath(_hashes, (ulong)index, (ulong)checkpoint.Size);
            }
            catch (TileNeededException e)
            {
                _tiles[e.Tile] = await read(e.Tile, cancellation);
            }
        }
    }

    /// <summary>A path leads through a tile that was not read yet.</summary>
    private sealed class TileNeededException(TileId tile) : Exception
    {
        public TileId Tile => tile;
    }
}
