namespace Chain.Core;

/// <summary>
/// The trie of a list (YP §4.3.2): item i under the key rlp(i). Roots of a block's transactions, receipts and
/// withdrawals, and proofs of their items.
/// </summary>
public static class OrderedTrieRoot
{
    /// <summary>The root of a list of encoded items.</summary>
    public static Hash32 Of(IReadOnlyList<ReadOnlyMemory<byte>> items) => items.Count == 0
        ? BlockHeader.EmptyTrieRoot
        : Keccak256.Hash(Encode(Sorted(items), 0, default, null));

    /// <summary>The root of a block's transactions.</summary>
    public static Hash32 OfTransactions(IReadOnlyList<Transaction> transactions) =>
        Of([.. transactions.Select(t => t.Encoded)]);

    /// <summary>The root of a block's receipts.</summary>
    public static Hash32 OfReceipts(IReadOnlyList<Receipt> receipts) => Of([.. receipts.Select(r => (ReadOnlyMemory<byte>)r.Encode())]);

    /// <summary>The nodes from the root to an item, for <see cref="TrieProof.TryVerifyItem"/>.</summary>
    /// <param name="items">All encoded items of the list.</param>
    /// <param name="index">Position to prove; past the end the nodes show that nothing is there.</param>
    public static IReadOnlyList<byte[]> Prove(IReadOnlyList<ReadOnlyMemory<byte>> items, int index)
    {
        if (items.Count == 0) return [];
        var nodes = new List<byte[]>();
        var root = Encode(Sorted(items), 0, PathOf(index), nodes);
        if (root.Length < Hash32.Length) nodes.Add(root);
        nodes.Reverse(); // Inner nodes are encoded before those above them.
        return nodes;
    }

    private readonly record struct Entry(byte[] Path, ReadOnlyMemory<byte> Value);

    private static Entry[] Sorted(IReadOnlyList<ReadOnlyMemory<byte>> items)
    {
        var entries = new Entry[items.Count];
        for (int i = 0; i < entries.Length; i++) entries[i] = new Entry(PathOf(i), items[i]);
        Array.Sort(entries, static (a, b) => a.Path.AsSpan().SequenceCompareTo(b.Path));
        return entries;
    }

    private static byte[] PathOf(int index)
    {
        Span<byte> key = stackalloc byte[9];
        key = key[..RlpWriter.WriteScalar((ulong)index, key)];
        var path = new byte[2 * key.Length];
        HexPrefix.Unpack(key, path);
        return path;
    }

    /// <summary>
    /// Encodes the node over entries that agree in their first nibbles. Keys of one list are never prefixes of each
    /// other, so branches hold no values. Nodes on the proven path are collected, inner ones first.
    /// </summary>
    private static byte[] Encode(ReadOnlySpan<Entry> entries, int depth, byte[]? proven, List<byte[]>? nodes)
    {
        var writer = new RlpWriter(532);
        int list = writer.StartList();
        var first = entries[0].Path;
        if (entries.Length == 1)
        {
            WritePath(writer, first.AsSpan(depth), isLeaf: true);
            writer.Write(entries[0].Value.Span);
        }
        else
        {
            int shared = first.AsSpan(depth).CommonPrefixLength(entries[^1].Path.AsSpan(depth));
            if (shared > 0)
            {
                WritePath(writer, first.AsSpan(depth, shared), isLeaf: false);
                bool follows = proven is not null && proven.AsSpan(depth).StartsWith(first.AsSpan(depth, shared));
                WriteReference(writer, Encode(entries, depth + shared, follows ? proven : null, nodes));
            }
            else
            {
                WriteBranch(writer, entries, depth, proven, nodes);
            }
        }
        writer.EndList(list);
        var node = writer.ToArray();
        if (proven is not null && node.Length >= Hash32.Length) nodes!.Add(node);
        return node;
    }

    private static void WriteBranch(
        RlpWriter writer, ReadOnlySpan<Entry> entries, int depth, byte[]? proven, List<byte[]>? nodes)
    {
        for (int nibble = 0; nibble < 16; nibble++)
        {
            int count = 0;
            while (count < entries.Length && entries[count].Path[depth] == nibble) count++;
            if (count == 0)
            {
                writer.Write(default(ReadOnlySpan<byte>));
                continue;
            }
            bool follows = proven is not null && depth < proven.Length && proven[depth] == nibble;
            WriteReference(writer, Encode(entries[..count], depth + 1, follows ? proven : null, nodes));
            entries = entries[count..];
        }
        writer.Write(default(ReadOnlySpan<byte>));
    }

    private static void WriteReference(RlpWriter writer, byte[] node)
    {
        if (node.Length < Hash32.Length) writer.WriteRaw(node);
        else writer.Write(Keccak256.Hash(node));
    }

    private static void WritePath(RlpWriter writer, ReadOnlySpan<byte> nibbles, bool isLeaf)
    {
        Span<byte> encoded = stackalloc byte[HexPrefix.EncodedLength(nibbles.Length)];
        HexPrefix.Encode(nibbles, isLeaf, encoded);
        writer.Write(encoded);
    }
}
