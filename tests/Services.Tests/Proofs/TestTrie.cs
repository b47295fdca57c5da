using Chain.Core;

namespace Services.Tests.Proofs;

/// <summary>A Merkle-Patricia trie in its plainest form (YP appendix D), for building blocks and their proofs.</summary>
internal sealed class TestTrie
{
    private readonly SortedDictionary<string, byte[]> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<Hash32, byte[]> _nodes = [];

    public TestTrie(IEnumerable<(byte[] Key, byte[] Value)> values)
    {
        foreach (var (key, value) in values)
            _values[Convert.ToHexStringLower(key)] = value;
        var root = Build([.. _values], 0);
        Root = Keccak256.Hash(root);
        _nodes[Root] = root;
    }

    public Hash32 Root { get; }

    /// <summary>A trie of a block's transactions or receipts: rlp(index) to encoding.</summary>
    public static TestTrie OfList(IReadOnlyList<byte[]> items) => new(items.Select((item, i) => (IndexKey(i), item)));

    /// <summary>A secure trie: keys hashed.</summary>
    public static TestTrie OfState(IEnumerable<(byte[] Key, byte[] Value)> values) =>
        new(values.Select(v => (Keccak256.Hash(v.Key).ToArray(), v.Value)));

    public static byte[] IndexKey(int index)
    {
        var writer = new RlpWriter();
        writer.Write((ulong)index);
        return writer.ToArray();
    }

    /// <summary>Hashed nodes on the way to a key, root first.</summary>
    public List<byte[]> Prove(byte[] key)
    {
        var path = Convert.ToHexStringLower(key);
        var proof = new List<byte[]>();
        Walk(_nodes[Root], path, proof);
        return proof;
    }

    public List<byte[]> ProveState(byte[] key) => Prove(Keccak256.Hash(key).ToArray());

    private void Walk(byte[] node, string path, List<byte[]> proof, bool inline = false)
    {
        if (!inline)
            proof.Add(node);
        var reader = new RlpReader(node);
        reader.TryReadList(out var items);
        var all = new List<byte[]>();
        while (items.TryReadItem(out var item))
            all.Add(item.ToArray());
        if (all.Count == 17)
        {
            if (path.Length > 0)
                Follow(all[Convert.ToInt32(path[..1], 16)], path[1..], proof);
            return;
        }
        new RlpReader(all[0]).TryReadBytes(out var compact);
        var nibbles = Convert.ToHexStringLower(compact);
        var shared = nibbles[(nibbles[0] is '1' or '3' ? 1 : 2)..];
        if (nibbles[0] is '0' or '1')
            Follow(all[1], path[shared.Length..], proof);
    }

    private void Follow(byte[] reference, string path, List<byte[]> proof)
    {
        if (reference is [0x80])
            return;
        if (reference.Length == 33)
            Walk(_nodes[new Hash32(reference.AsSpan(1))], path, proof);
        else
            Walk(reference, path, proof, inline: true);
    }

    private byte[] Build(List<KeyValuePair<string, byte[]>> values, int depth)
    {
        if (values.Count == 0)
            return [0x80];
        var writer = new RlpWriter();
        var list = writer.StartList();
        if (values.Count == 1)
        {
            writer.Write(Compact(values[0].Key[depth..], leaf: true));
            writer.Write(values[0].Value);
        }
        else if (Shared(values, depth) is { Length: > 0 } shared)
        {
            writer.Write(Compact(shared, leaf: false));
            writer.WriteRaw(Reference(Build(values, depth + shared.Length)));
        }
        else
        {
            foreach (var nibble in "0123456789abcdef")
            {
                var below = values.Where(v => v.Key.Length > depth && v.Key[depth] == nibble).ToList();
                writer.WriteRaw(Reference(Build(below, depth + 1)));
            }
            writer.Write(values.Where(v => v.Key.Length == depth).Select(v => v.Value).FirstOrDefault() ?? []);
        }
        writer.EndList(list);
        return writer.ToArray();
    }

    private byte[] Reference(byte[] node)
    {
        if (node.Length < 32)
            return node;
        var hash = Keccak256.Hash(node);
        _nodes[hash] = node;
        return RlpWriter.Encode(hash.Bytes);
    }

    private static string Shared(List<KeyValuePair<string, byte[]>> values, int depth)
    {
        var (first, last) = (values[0].Key, values[^1].Key);
        var length = depth;
        while (length < first.Length && length < last.Length && first[length] == last[length])
            length++;
        return first[depth..length];
    }

    private static byte[] Compact(string nibbles, bool leaf)
    {
        var flag = (leaf ? 2 : 0) + (nibbles.Length % 2);
        return Convert.FromHexString((nibbles.Length % 2 == 1 ? $"{flag}" : $"{flag}0") + nibbles);
    }
}
