using Chain.Core;

namespace Chain.State;

/// <summary>RLP of trie nodes (YP appendix D).</summary>
internal static class TrieNodeCodec
{
    [ThreadStatic]
    private static RlpWriter? _writer;

    internal static byte[] Encode(TrieNode node)
    {
        // Children first: one writer serves a thread, and no child is encoded while its parent is being written.
        EncodeChildren(node);
        var writer = _writer ??= new RlpWriter(1024);
        writer.Clear();
        int list = writer.StartList();
        switch (node)
        {
            case LeafNode leaf:
                WritePath(writer, leaf.Path, isLeaf: true);
                writer.Write(leaf.Value);
                break;
            case ExtensionNode extension:
                WritePath(writer, extension.Path, isLeaf: false);
                WriteReference(writer, extension.Child);
                break;
            case BranchNode branch:
                foreach (var child in branch.Children) WriteReference(writer, child);
                writer.Write(branch.Value);
                break;
            default:
                throw new InvalidOperationException("A node known by its hash has no content.");
        }
        writer.EndList(list);
        return writer.ToArray();
    }

    /// <summary>Decodes a node that was stored.</summary>
    /// <exception cref="InvalidDataException">The stored bytes are no node.</exception>
    internal static TrieNode Decode(byte[] encoded, in Hash32 hash)
    {
        var reader = new RlpReader(encoded);
        if (!TryRead(ref reader, out var node) || !reader.AtEnd)
            throw new InvalidDataException($"The stored trie node {hash} can't be read.");
        node.SetStored(encoded, hash);
        return node;
    }

    private static void EncodeChildren(TrieNode node)
    {
        if (node is ExtensionNode { Child: not HashNode } extension) _ = extension.Child.Hash;
        if (node is not BranchNode branch) return;
        foreach (var child in branch.Children)
        {
            if (child is not (null or HashNode)) _ = child.Hash;
        }
    }

    private static void WritePath(RlpWriter writer, byte[] path, bool isLeaf)
    {
        Span<byte> encoded = stackalloc byte[HexPrefix.EncodedLength(path.Length)];
        HexPrefix.Encode(path, isLeaf, encoded);
        writer.Write(encoded);
    }

    private static void WriteReference(RlpWriter writer, TrieNode? child)
    {
        if (child is null) writer.Write(default(ReadOnlySpan<byte>));
        else if (child.IsInline) writer.WriteRaw(child.Encoded);
        else writer.Write(child.Hash);
    }

    private static bool TryRead(ref RlpReader reader, out TrieNode node)
    {
        node = null!;
        if (!reader.TryReadList(out var items) || !items.TryReadItem(out var first)) return false;
        if (!items.TryReadItem(out var second)) return false;
        return items.AtEnd ? TryReadShort(first, second, out node) : TryReadBranch(first, second, items, out node);
    }

    private static bool TryReadShort(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, out TrieNode node)
    {
        node = null!;
        var firstReader = new RlpReader(first);
        if (!firstReader.TryReadBytes(out var encodedPath)
            || !HexPrefix.TryDecode(encodedPath, out var path, out bool isLeaf)) return false;
        if (isLeaf)
        {
            var value = new RlpReader(second);
            if (!value.TryReadBytes(out var content)) return false;
            node = new LeafNode(path, content.ToArray());
            return true;
        }
        if (!TryReadReference(second, out var child) || child is null) return false;
        node = new ExtensionNode(path, child);
        return true;
    }

    private static bool TryReadBranch(
        ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, RlpReader rest, out TrieNode node)
    {
        node = null!;
        var children = new TrieNode?[BranchNode.Width];
        if (!TryReadReference(first, out children[0]) || !TryReadReference(second, out children[1])) return false;
        for (int i = 2; i < children.Length; i++)
        {
            if (!rest.TryReadItem(out var item) || !TryReadReference(item, out children[i])) return false;
        }
        if (!rest.TryReadBytes(out var value) || !rest.AtEnd) return false;
        node = new BranchNode(children, value.IsEmpty ? null : value.ToArray());
        return true;
    }

    private static bool TryReadReference(ReadOnlySpan<byte> item, out TrieNode? child)
    {
        child = null;
        var reader = new RlpReader(item);
        if (item[0] >= 0xc0)
        {
            bool ok = TryRead(ref reader, out var inline);
            if (ok) inline.IsStored = true; // Its parent holds it.
            child = inline;
            return ok;
        }
        if (reader.TryReadEmpty()) return true;
        if (!reader.TryReadHash(out var hash)) return false;
        child = new HashNode(hash);
        return true;
    }
}
