using System.Buffers.Binary;
using Chain.State;
using Shouldly;
using Xunit;

namespace Chain.Tests.State;

public sealed class KeyValueStoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kv-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private IKeyValueStore Open(string kind) => kind == "lmdb" ? LmdbStore.Open(_folder) : new MemoryStore();

    [Theory]
    [InlineData("memory")]
    [InlineData("lmdb")]
    public void A_batch_takes_effect_when_it_commits_and_not_before(string kind)
    {
        using var store = Open(kind);
        using var batch = store.StartBatch();
        batch.Put("a"u8, "1"u8);
        batch.Put("b"u8, []);
        store.Get("a"u8).ShouldBeNull();
        batch.Commit();
        store.Get("a"u8).ShouldBe("1"u8.ToArray());
        store.Get("b"u8).ShouldBe([]);
        Should.Throw<InvalidOperationException>(batch.Commit);

        using (var dropped = store.StartBatch()) dropped.Delete("a"u8);
        store.Get("a"u8).ShouldNotBeNull();
    }

    [Theory]
    [InlineData("memory")]
    [InlineData("lmdb")]
    public void The_last_change_of_a_key_counts(string kind)
    {
        using var store = Open(kind);
        Write(store, b =>
        {
            b.Put("a"u8, "1"u8);
            b.Delete("a"u8);
            b.Delete("absent"u8);
            b.Put("b"u8, "1"u8);
            b.Put("b"u8, "2"u8);
        });
        store.Get("a"u8).ShouldBeNull();
        store.Get("b"u8).ShouldBe("2"u8.ToArray());
        Write(store, b => b.Delete("b"u8));
        store.Get("b"u8).ShouldBeNull();
    }

    [Theory]
    [InlineData("memory")]
    [InlineData("lmdb")]
    public void A_scan_answers_the_keys_of_a_prefix_in_order(string kind)
    {
        using var store = Open(kind);
        Write(store, b =>
        {
            foreach (var key in new[] { "b2", "a", "b", "b10", "c" }) b.Put(System.Text.Encoding.ASCII.GetBytes(key), "x"u8);
        });
        Keys(store.Scan([], "b"u8, 10)).ShouldBe(["b", "b10", "b2"]);
        Keys(store.Scan("b1"u8, "b"u8, 10)).ShouldBe(["b10", "b2"]);
        Keys(store.Scan([], [], 2)).ShouldBe(["a", "b"]);
        Keys(store.Scan([], "d"u8, 2)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("memory")]
    [InlineData("lmdb")]
    public void A_key_has_1_to_500_bytes(string kind)
    {
        using var store = Open(kind);
        using var batch = store.StartBatch();
        Should.Throw<ArgumentException>(() => batch.Put([], [1]));
        Should.Throw<ArgumentException>(() => batch.Put(new byte[501], [1]));
        batch.Put(new byte[500], [1]);
        batch.Commit();
        store.Get(new byte[500]).ShouldBe([1]);
    }

    [Fact]
    public void Entries_are_there_after_reopening()
    {
        using (var store = LmdbStore.Open(_folder)) Write(store, b => b.Put("k"u8, "v"u8));
        using var reopened = LmdbStore.Open(_folder);
        reopened.Get("k"u8).ShouldBe("v"u8.ToArray());
    }

    [Fact]
    public async Task The_map_grows_when_it_is_full_while_others_read()
    {
        using var store = LmdbStore.Open(_folder, mapBytes: 1 << 16);
        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(() => ReadUntil(store, stop.Token))).ToArray();
        var value = new byte[10_000];
        for (int i = 0; i < 500; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(value, i);
            Write(store, b =>
            {
                b.Put([1, (byte)(i >> 8), (byte)i], value);
                b.Put([2], value);
                b.Put([3], value);
            });
        }
        await stop.CancelAsync();
        await Task.WhenAll(readers);
        store.Scan([], [1], 1_000).Count.ShouldBe(500);
    }

    [Fact]
    public void A_closed_store_refuses()
    {
        var store = LmdbStore.Open(_folder);
        store.Dispose();
        store.Dispose();
        Should.Throw<ObjectDisposedException>(() => store.Get([1]));
        Should.Throw<ObjectDisposedException>(() => Write(store, b => b.Put([1], [1])));
    }

    /// <summary>Two keys of one batch are always read alike.</summary>
    private static void ReadUntil(LmdbStore store, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var entries = store.Scan([2], [], 2);
            if (entries.Count == 2) entries[0].Value.ShouldBe(entries[1].Value);
            store.Get([2]);
        }
    }

    private static void Write(IKeyValueStore store, Action<IWriteBatch> changes)
    {
        using var batch = store.StartBatch();
        changes(batch);
        batch.Commit();
    }

    private static IEnumerable<string> Keys(IEnumerable<KeyValuePair<byte[], byte[]>> entries) =>
        entries.Select(e => System.Text.Encoding.ASCII.GetString(e.Key));
}
