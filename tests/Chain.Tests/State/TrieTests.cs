using System.Text;
using System.Text.Json;
using Chain.Core;
using Chain.State;
using Shouldly;
using Xunit;

namespace Chain.Tests.State;

public sealed class TrieTests
{
    [Theory]
    [InlineData("trietest.json", false)]
    [InlineData("trietest_secureTrie.json", true)]
    [InlineData("trieanyorder.json", false)]
    [InlineData("trieanyorder_secureTrie.json", true)]
    [InlineData("hex_encoded_securetrie_test.json", true)]
    public void Roots_of_ethereum_tests_are_met(string file, bool secure)
    {
        var failures = new List<string>();
        int run = 0;
        foreach (var test in VectorFiles.ReadJson("ethereum/TrieTests/" + file).EnumerateObject())
        {
            run++;
            var trie = new Trie(new StateWrites(), BlockHeader.EmptyTrieRoot, secure);
            foreach (var (key, value) in Entries(test.Value.GetProperty("in")))
            {
                if (value is null) trie.Delete(key);
                else trie.Set(key, value);
            }
            if (trie.RootHash.ToString() != test.Value.GetProperty("root").GetString()) failures.Add(test.Name);
        }
        VectorFiles.Report("ethereum/tests TrieTests " + file, run, failures);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_changing_trie_agrees_with_one_built_from_scratch(int seed)
    {
        var random = new Random(seed);
        var nodes = new StateWrites();
        var trie = new Trie(nodes, BlockHeader.EmptyTrieRoot, hashKeys: false);
        var content = new Dictionary<byte[], byte[]>(ByContent.Instance);
        for (int step = 0; step < 2_000; step++)
        {
            var key = RandomKey(random);
            if (random.Next(3) == 0)
            {
                trie.Delete(key);
                content.Remove(key);
            }
            else
            {
                var value = RandomValue(random);
                trie.Set(key, value);
                content[key] = value;
            }
            if (step % 20 == 0) trie.RootHash.ShouldBe(NaiveTrie.RootOf(content));
            if (step % 50 == 0) trie = new Trie(nodes, trie.Commit(nodes), hashKeys: false);
        }
        foreach (var (key, value) in content) trie.Get(key).ShouldBe(value);
        foreach (var key in content.Keys) trie.Delete(key);
        trie.RootHash.ShouldBe(BlockHeader.EmptyTrieRoot);
    }

    [Fact]
    public void A_fork_changes_on_its_own()
    {
        var trie = new Trie(new StateWrites(), BlockHeader.EmptyTrieRoot);
        trie.Set([1], [1]);
        var fork = trie.Fork();
        fork.Set([1], [2]);
        trie.Get([1]).ShouldBe([1]);
        fork.Get([1]).ShouldBe([2]);
        fork.RootHash.ShouldNotBe(trie.RootHash);
    }

    [Fact]
    public void A_missing_node_is_reported()
    {
        var hash = Keccak256.Hash([1]);
        Should.Throw<MissingNodeException>(() => new Trie(new StateWrites(), hash).Get([1])).Hash.ShouldBe(hash);
    }

    [Fact]
    public void Committed_nodes_are_read_back_through_the_store()
    {
        using var store = new MemoryStore();
        var random = new Random(4);
        var trie = new Trie(new NodeStore(store), BlockHeader.EmptyTrieRoot);
        var keys = Enumerable.Range(0, 500).Select(i => BitConverter.GetBytes(i)).ToList();
        foreach (var key in keys) trie.Set(key, RandomValue(random));
        var writes = new StateWrites();
        var root = trie.Commit(writes);
        using (var batch = store.StartBatch())
        {
            writes.WriteTo(batch);
            batch.Commit();
        }

        // A cache of two nodes forgets all the time.
        var reopened = new Trie(new NodeStore(store, cacheNodes: 2), root);
        foreach (var key in keys) reopened.Get(key).ShouldBe(trie.Get(key));
        var again = new StateWrites();
        reopened.Commit(again).ShouldBe(root);
        again.Count.ShouldBe(0);
    }

    private static IEnumerable<(byte[] Key, byte[]? Value)> Entries(JsonElement input) =>
        input.ValueKind == JsonValueKind.Array
            ? input.EnumerateArray().Select(e => (Bytes(e[0].GetString()!), Value(e[1])))
            : input.EnumerateObject().Select(e => (Bytes(e.Name), Value(e.Value)));

    private static byte[]? Value(JsonElement value) =>
        value.ValueKind == JsonValueKind.Null ? null : Bytes(value.GetString()!);

    private static byte[] Bytes(string text) =>
        text.StartsWith("0x", StringComparison.Ordinal) ? Hex.Parse(text) : Encoding.UTF8.GetBytes(text);

    // Short keys of few bytes make paths that share, end within each other and lie inline.
    internal static byte[] RandomKey(Random random)
    {
        var key = new byte[random.Next(1, 5)];
        for (int i = 0; i < key.Length; i++) key[i] = (byte)(random.Next(3) * 16 + random.Next(3));
        return key;
    }

    internal static byte[] RandomValue(Random random)
    {
        var value = new byte[random.Next(1, 40)];
        random.NextBytes(value);
        return value;
    }

    internal sealed class ByContent : IEqualityComparer<byte[]>
    {
        internal static readonly ByContent Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] bytes) => BitConverter.ToInt32(Keccak256.Hash(bytes).Bytes);
    }
}
