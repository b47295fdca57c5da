using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Proofs;
using Proofs.Merkle;
using Proofs.Notes;
using Services.Integration.Evidence;
using Services.Tests.Proofs;

namespace Services.Integration.Receivables.Export;

/// <summary>A log over given digests at one sealed checkpoint, and an anchor that answers from it.</summary>
internal sealed class TestAnchor : IAsyncDisposable
{
    private static readonly TestNetwork Network = new(4);
    private readonly WebApplication _app;
    private Dictionary<Guid, int> _places = [];
    private TestLog _log = new([]);

    private TestAnchor(WebApplication app) => _app = app;

    public static byte[] Trust { get; } = Network.Trust().ToBytes();

    public string Address => RunningServices.Address(_app);

    public static async Task<TestAnchor> StartAsync()
    {
        WebApplication app = WebApplication.CreateSlimBuilder(["--Urls=http://127.0.0.1:0"]).Build();
        TestAnchor anchor = new(app);
        app.MapGet("/groups/{group}/entries/{service}/{id:guid}", (Guid id) =>
            anchor._places.TryGetValue(id, out int index)
            ? Results.Text($$"""{"state":"anchored","index":{{index}},"block":9}""", "application/json")
            : Results.NotFound());
        app.MapGet("/groups/{group}/proofs/{service}/{id:guid}", (Guid id) =>
            anchor._places.TryGetValue(id, out int index)
            ? Results.Bytes(Bundle.WriteParts(anchor._log.Part(index), anchor._log.Chain()), "application/json")
            : Results.NotFound());
        app.MapGet("/{group}/tile/{**path}", (string path) => Results.Bytes(anchor._log.Tile("tile/" + path)));
        await app.StartAsync();
        return anchor;
    }

    /// <summary>From now on the log has these events, in their order, and a block has its checkpoint.</summary>
    public void Publish(IReadOnlyList<(Guid Id, byte[] Digest)> events)
    {
        _log = new TestLog([.. events.Select(e => e.Digest)]);
        _places = events.Select((e, i) => (e.Id, i)).ToDictionary(p => p.Id, p => p.i);
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    /// <summary>Tiles, checkpoint and block of a list of digests.</summary>
    internal sealed class TestLog
    {
        private readonly Dictionary<string, byte[]> _tiles = [];
        private readonly IReadOnlyList<byte[]> _digests;
        private readonly Checkpoint _checkpoint;

        public TestLog(IReadOnlyList<byte[]> digests)
        {
            TiledTree tree = new();
            foreach (byte[] digest in digests)
                tree.Append(MerkleTree.LeafHash(digest));
            foreach ((TileId id, byte[] bytes) in tree.TakeTiles())
                _tiles[id.Path] = bytes;
            (_digests, _checkpoint) = (digests, new Checkpoint(TestNetwork.Origin, digests.Count, tree.Root()));
            Note = TestNetwork.Log.Sign(_checkpoint);
        }

        public string Note { get; }

        public ChainPart Chain(int? seals = null) => Network.Block(_checkpoint, seals: seals);

        public LogPart Part(int index) => new(index, MerkleTree.InclusionPath(
            new TileHashes((ulong)_checkpoint.Size, id => _tiles[id.Path]), (ulong)index, (ulong)_checkpoint.Size),
                Note);

        public byte[] Tile(string path)
        {
            _ = TileId.TryParse(path, out TileId id);
            return id.Level != TileId.EntriesLevel ? _tiles[path]
                : EntryBundle.Write([.. _digests.Skip((int)id.Index * TileId.FullWidth).Take(id.Width)]);
        }
    }
}
