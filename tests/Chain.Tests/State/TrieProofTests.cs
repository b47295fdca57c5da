using Chain.Core;
using Chain.State;
using Shouldly;
using Xunit;

namespace Chain.Tests.State;

public sealed class TrieProofTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Presence_and_absence_are_proven_and_nothing_else(int seed)
    {
        var random = new Random(seed);
        var trie = RandomTrie(random, 300);
        for (int i = 0; i < 500; i++)
        {
            var key = TrieTests.RandomKey(random);
            var nodes = trie.Prove(key);
            TrieProof.TryVerify(trie.RootHash, key, nodes, out var value).ShouldBeTrue();
            value.ShouldBe(trie.Get(key));

            TrieProof.TryVerify(trie.RootHash, key, [.. nodes, nodes[^1]], out _).ShouldBeFalse();
            TrieProof.TryVerify(trie.RootHash, key, [.. nodes.SkipLast(1)], out _).ShouldBeFalse();
            TrieProof.TryVerify(Keccak256.Hash(key), key, nodes, out _).ShouldBeFalse();
        }
    }

    [Fact]
    public void Every_flipped_bit_is_refused()
    {
        var random = new Random(7);
        var trie = RandomTrie(random, 60);
        var key = TrieTests.RandomKey(random);
        var nodes = trie.Prove(key);
        for (int n = 0; n < nodes.Count; n++)
        {
            for (int bit = 0; bit < nodes[n].Length * 8; bit++)
            {
                var forged = nodes.Select(b => b.ToArray()).ToList();
                forged[n][bit / 8] ^= (byte)(1 << (bit % 8));
                TrieProof.TryVerify(trie.RootHash, key, forged, out _).ShouldBeFalse();
            }
        }
    }

    [Fact]
    public void The_empty_trie_holds_nothing()
    {
        TrieProof.TryVerify(BlockHeader.EmptyTrieRoot, [1], [], out var value).ShouldBeTrue();
        value.ShouldBeNull();
        TrieProof.TryVerify(Keccak256.Hash([1]), [1], [], out _).ShouldBeFalse();
    }

    [Fact]
    public void Accounts_and_slots_are_proven_under_the_state_root()
    {
        var nodes = new StateWrites();
        var storage = new Trie(nodes, BlockHeader.EmptyTrieRoot);
        for (ulong slot = 0; slot < 50; slot++) storage.Set(Word(slot).Bytes, RlpWriter.Encode([(byte)(slot + 1)]));
        var address = Address.Parse("0x0000000000000000000000000000000000001001");
        var account = new Account(1, 5, storage.RootHash, Keccak256.Hash([0xfe]));
        var state = new Trie(nodes, BlockHeader.EmptyTrieRoot);
        state.Set(address.Bytes, account.Encode());
        for (byte i = 1; i < 100; i++) state.Set(Word(i).Bytes[12..], Account.Empty.Encode());

        TrieProof.TryVerifyAccount(state.RootHash, address, state.Prove(address.Bytes), out var proven).ShouldBeTrue();
        proven.ShouldBe(account);
        TrieProof.TryVerifyStorage(account.StorageRoot, Word(3), storage.Prove(Word(3).Bytes), out var word).ShouldBeTrue();
        word.ShouldBe(Word(4));
        TrieProof.TryVerifyStorage(account.StorageRoot, Word(99), storage.Prove(Word(99).Bytes), out word).ShouldBeTrue();
        word.ShouldBe(Hash32.Zero);
        var stranger = new Address(Keccak256.Hash([9]).Bytes[..20]);
        TrieProof.TryVerifyAccount(state.RootHash, stranger, state.Prove(stranger.Bytes), out proven).ShouldBeTrue();
        proven.ShouldBeNull();
        TrieProof.TryVerifyAccount(state.RootHash, stranger, state.Prove(address.Bytes), out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(17)]
    [InlineData(128)]
    [InlineData(129)]
    [InlineData(300)]
    public void Lists_have_the_root_of_the_trie_over_their_indexes(int count)
    {
        var random = new Random(count);
        var items = Enumerable.Range(0, count).Select(_ => (ReadOnlyMemory<byte>)TrieTests.RandomValue(random)).ToList();
        var trie = new Trie(new StateWrites(), BlockHeader.EmptyTrieRoot, hashKeys: false);
        for (int i = 0; i < count; i++) trie.Set(Key(i), items[i].ToArray());
        var root = OrderedTrieRoot.Of(items);

        root.ShouldBe(trie.RootHash);
        for (int i = 0; i < count + 3; i++)
        {
            var nodes = OrderedTrieRoot.Prove(items, i);
            nodes.ShouldBe(trie.Prove(Key(i)));
            TrieProof.TryVerifyItem(root, i, nodes, out var item).ShouldBeTrue();
            item.ShouldBe(i < count ? items[i].ToArray() : null);
        }
    }

    private static byte[] Key(int index)
    {
        var writer = new RlpWriter();
        writer.Write((ulong)index);
        return writer.ToArray();
    }

    private static Hash32 Word(ulong value) => new(((UInt256)value).ToBigEndian());

    private static Trie RandomTrie(Random random, int entries)
    {
        var trie = new Trie(new StateWrites(), BlockHeader.EmptyTrieRoot, hashKeys: false);
        for (int i = 0; i < entries; i++) trie.Set(TrieTests.RandomKey(random), TrieTests.RandomValue(random));
        return trie;
    }
}
