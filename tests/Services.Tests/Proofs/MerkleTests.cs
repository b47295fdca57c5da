using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Proofs.Merkle;
using Proofs.Notes;
using Shouldly;
using Xunit;

namespace Services.Tests.Proofs;

public sealed class MerkleTests
{
    [Fact]
    public void Inclusion_vectors_are_answered_as_they_say()
    {
        var files = VectorFiles.Unzip("merkle/transparency-dev.zip").Where(f => f.Key.StartsWith("inclusion/")).ToList();
        files.Count.ShouldBe(60);
        foreach (var (name, bytes) in files)
        {
            var v = VectorFiles.Json(bytes);
            MerkleTree.VerifyInclusion(v.GetProperty("leafIdx").GetUInt64(), v.GetProperty("treeSize").GetUInt64(),
                    Bytes(v, "leafHash"), Hashes(v), Bytes(v, "root"))
                .ShouldBe(!v.GetProperty("wantErr").GetBoolean(), name);
        }
    }

    [Fact]
    public void Consistency_vectors_are_answered_as_they_say()
    {
        var files = VectorFiles.Unzip("merkle/transparency-dev.zip").Where(f => f.Key.StartsWith("consistency/")).ToList();
        files.Count.ShouldBe(74);
        foreach (var (name, bytes) in files)
        {
            var v = VectorFiles.Json(bytes);
            MerkleTree.VerifyConsistency(v.GetProperty("size1").GetUInt64(), v.GetProperty("size2").GetUInt64(),
                    Bytes(v, "root1"), Bytes(v, "root2"), Hashes(v))
                .ShouldBe(!v.GetProperty("wantErr").GetBoolean(), name);
        }
    }

    [Fact]
    public void Roots_are_those_of_the_reference_tree()
    {
        var v = VectorFiles.Json(VectorFiles.Read("merkle/rfc6962-reference-tree.json"));
        var leaves = v.GetProperty("leaf_inputs_hex").EnumerateArray().Select(l => Convert.FromHexString(l.GetString()!));
        var roots = v.GetProperty("root_hash_hex_by_size").EnumerateArray().Select(r => r.GetString()!).ToList();
        var tree = new TiledTree();
        Convert.ToHexStringLower(tree.Root()).ShouldBe(roots[0]);
        foreach (var leaf in leaves)
        {
            tree.Append(MerkleTree.LeafHash(leaf));
            Convert.ToHexStringLower(tree.Root()).ShouldBe(roots[(int)tree.Size]);
        }
    }

    [Fact]
    public void A_real_tile_log_is_reproduced_tile_by_tile()
    {
        var log = VectorFiles.Unzip("merkle/tessera-log.zip");
        var tree = new TiledTree();
        for (var size = 1; size <= 15; size++)
        {
            var entries = EntryBundle.Read(log[new TileId(TileId.EntriesLevel, 0, size).Path]);
            EntryBundle.Write(entries).ShouldBe(log[new TileId(TileId.EntriesLevel, 0, size).Path]);
            tree.Append(MerkleTree.LeafHash(entries[^1]));
            var (id, bytes) = tree.TakeTiles().ShouldHaveSingleItem();
            bytes.ShouldBe(log[id.Path]);
            var note = SignedNote.Parse(Encoding.UTF8.GetString(log[$"checkpoint.{size}"]))!;
            var checkpoint = Checkpoint.Parse(note.Text)!;
            checkpoint.Size.ShouldBe(size);
            checkpoint.Root.ShouldBe(tree.Root());
        }
    }

    [Fact]
    public void Trees_of_every_size_prove_themselves_from_their_tiles()
    {
        var (tree, tiles, roots) = (new TiledTree(), new Dictionary<string, byte[]>(), new List<byte[]>());
        roots.Add(tree.Root());
        for (var i = 0; i < 1100; i++)
        {
            tree.Append(Leaf(i));
            if (i % 7 == 0)
                Store(tree, tiles);
            roots.Add(tree.Root());
        }
        Store(tree, tiles);
        Prop.ForAll(Gen.Choose(1, 1100).Two().ToArbitrary(), pair =>
        {
            var (small, size) = (Math.Min(pair.Item1, pair.Item2), Math.Max(pair.Item1, pair.Item2));
            var hashes = new TileHashes((ulong)size, id => Longest(tiles, id));
            var index = small - 1;
            MerkleTree.Root(hashes, (ulong)size).ShouldBe(roots[size]);
            var path = MerkleTree.InclusionPath(hashes, (ulong)index, (ulong)size);
            MerkleTree.VerifyInclusion((ulong)index, (ulong)size, Leaf(index), path, roots[size]).ShouldBeTrue();
            MerkleTree.VerifyInclusion((ulong)index, (ulong)size, Leaf(index + 1), path, roots[size]).ShouldBeFalse();
            var proof = MerkleTree.ConsistencyProof(hashes, (ulong)small, (ulong)size);
            MerkleTree.VerifyConsistency((ulong)small, (ulong)size, roots[small], roots[size], proof).ShouldBeTrue();
            if (small < size)
                MerkleTree.VerifyConsistency((ulong)small, (ulong)size, roots[small - 1], roots[size], proof).ShouldBeFalse();
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_tree_is_continued_from_its_right_edge()
    {
        foreach (var size in new[] { 0, 1, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 70_000 })
        {
            var (whole, tiles) = (new TiledTree(), new Dictionary<string, byte[]>());
            for (var i = 0; i < size; i++)
                whole.Append(Leaf(i));
            Store(whole, tiles);
            var loaded = TiledTree.Load((ulong)size, id => tiles[id.Path]);
            loaded.Root().ShouldBe(whole.Root());
            for (var i = size; i < size + 300; i++)
            {
                whole.Append(Leaf(i));
                loaded.Append(Leaf(i));
            }
            loaded.Root().ShouldBe(whole.Root());
            loaded.TakeTiles().Select(t => t.Id.Path).ShouldBe(whole.TakeTiles().Select(t => t.Id.Path));
        }
    }

    [Fact]
    public void Seventy_thousand_leaves_make_the_tiles_that_the_specification_names()
    {
        var tree = new TiledTree();
        for (var i = 0; i < 70_000; i++)
            tree.Append(Leaf(i));
        var tiles = tree.TakeTiles().Select(t => t.Id).ToList();
        tiles.Count(t => t is { Level: 0, IsPartial: false }).ShouldBe(273);
        tiles.Count(t => t is { Level: 1, IsPartial: false }).ShouldBe(1);
        tiles.Where(t => t.IsPartial).Select(t => t.Path).Order()
            .ShouldBe(["tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"]);
        tree.TakeTiles().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("tile/0/000", 0, 0UL, 256)]
    [InlineData("tile/0/x001/x234/067", 0, 1234067UL, 256)]
    [InlineData("tile/63/x001/000.p/255", 63, 1000UL, 255)]
    [InlineData("tile/entries/999.p/1", TileId.EntriesLevel, 999UL, 1)]
    public void Tile_paths_are_read_as_written(string path, int level, ulong index, int width)
    {
        TileId.TryParse(path, out var id).ShouldBeTrue();
        id.ShouldBe(new TileId(level, index, width));
        id.Path.ShouldBe(path);
    }

    [Theory]
    [InlineData("tile/64/000")]
    [InlineData("tile/00/000")]
    [InlineData("tile/-1/000")]
    [InlineData("tile/0/x000/001")]
    [InlineData("tile/0/0000")]
    [InlineData("tile/0/000.p/0")]
    [InlineData("tile/0/000.p/256")]
    [InlineData("tile/0/000.p/08")]
    [InlineData("tile/0/000.p")]
    [InlineData("tile/0/../000")]
    [InlineData("tile/0/x001.p/5")]
    [InlineData("tile/0/001/002")]
    [InlineData("tile/entries")]
    [InlineData("tile/0/x999/x999/x999/x999/x999/x999/x999/999")]
    public void Other_spellings_of_tile_paths_are_refused(string path) =>
        TileId.TryParse(path, out _).ShouldBeFalse();

    private static byte[] Leaf(int i) => MerkleTree.LeafHash(BitConverter.GetBytes(i));

    private static void Store(TiledTree tree, Dictionary<string, byte[]> tiles)
    {
        foreach (var (id, bytes) in tree.TakeTiles())
            tiles[id.Path] = bytes;
    }

    // A reader may ask for a width at which no checkpoint was made: a wider tile answers it.
    private static byte[] Longest(Dictionary<string, byte[]> tiles, TileId id) =>
        Enumerable.Range(id.Width, TileId.FullWidth - id.Width + 1)
            .Select(width => tiles.GetValueOrDefault((id with { Width = width }).Path)).First(t => t is not null)!;

    private static byte[] Bytes(JsonElement v, string name) => v.GetProperty(name).GetBytesFromBase64();

    private static List<byte[]> Hashes(JsonElement v) =>
        v.GetProperty("proof") is { ValueKind: JsonValueKind.Array } proof
            ? [.. proof.EnumerateArray().Select(h => h.GetBytesFromBase64())]
            : [];
}
