namespace Chain.Core;

/// <summary>
/// Verifies proofs of a Merkle-Patricia trie (YP appendix D): the nodes from the root to the end of a key's path, each
/// with the hash that the one before it names. Strict: canonical encodings only, every node used, none left over.
/// </summary>
public static class TrieProof
{
    private const int BranchItems = 17;

    /// <summary>Verifies a proof for a path of the trie.</summary>
    /// <param name="root">The trusted root.</param>
    /// <param name="key">The path as the trie has it: in a secure trie the Keccak-256 of the key.</param>
    /// <param name="nodes">Encoded nodes, the root first; those shorter than 32 bytes lie within their parents.</param>
    /// <param name="value">The value; null when the proof shows that the key has none.</param>
    /// <returns>False when the proof shows neither.</returns>
    public static bool TryVerify(
        in Hash32 root, ReadOnlySpan<byte> key, IReadOnlyList<byte[]> nodes, out byte[]? value)
    {
        value = null;
        if (nodes.Count == 0) return root == BlockHeader.EmptyTrieRoot;

        Span<byte> path = stackalloc byte[2 * key.Length];
        HexPrefix.Unpack(key, path);
        ReadOnlySpan<byte> rest = path;
        var expected = root;
        for (int i = 0; i < nodes.Count; i++)
        {
            if (Keccak256.Hash(nodes[i]) != expected) return false;
            // Only the root may be short enough to lie within a parent.
            if (i > 0 && nodes[i].Length < Hash32.Length) return false;
            if (!TryFollow(nodes[i], ref rest, out var next, out value)) return false;
            if (next is not { } hash) return i == nodes.Count - 1;
            expected = hash;
        }
        value = null;
        return false;
    }

    /// <summary>Verifies a proof for an account of a state trie.</summary>
    /// <param name="stateRoot">The trusted state root.</param>
    /// <param name="address">The account's address.</param>
    /// <param name="nodes">Encoded nodes, the root first.</param>
    /// <param name="account">The account; null when the proof shows that there is none.</param>
    public static bool TryVerifyAccount(
        in Hash32 stateRoot, Address address, IReadOnlyList<byte[]> nodes, out Account? account)
    {
        account = null;
        if (!TryVerify(stateRoot, Keccak256.Hash(address.Bytes).Bytes, nodes, out var value)) return false;
        if (value is null) return true;
        if (!Account.TryDecode(value, out var decoded)) return false;
        account = decoded;
        return true;
    }

    /// <summary>Verifies a proof for a slot of a storage trie; a slot without entry holds zero.</summary>
    /// <param name="storageRoot">The storage root of a verified account.</param>
    /// <param name="slot">The slot.</param>
    /// <param name="nodes">Encoded nodes, the root first.</param>
    /// <param name="value">The word in the slot.</param>
    public static bool TryVerifyStorage(
        in Hash32 storageRoot, Hash32 slot, IReadOnlyList<byte[]> nodes, out Hash32 value)
    {
        value = default;
        if (!TryVerify(storageRoot, Keccak256.Hash(slot.Bytes).Bytes, nodes, out var encoded)) return false;
        if (encoded is null) return true;
        var reader = new RlpReader(encoded);
        if (!reader.TryReadUInt256(out var word) || !reader.AtEnd || word.IsZero) return false;
        value = new Hash32(word.ToBigEndian());
        return true;
    }

    /// <summary>Verifies a proof for an item of a list whose root <see cref="OrderedTrieRoot"/> computes.</summary>
    /// <param name="root">The trusted root of transactions or receipts.</param>
    /// <param name="index">Position in the list, from 0.</param>
    /// <param name="nodes">Encoded nodes, the root first.</param>
    /// <param name="item">The item; null when the proof shows that the list is not that long.</param>
    public static bool TryVerifyItem(in Hash32 root, int index, IReadOnlyList<byte[]> nodes, out byte[]? item)
    {
        Span<byte> key = stackalloc byte[9];
        int length = RlpWriter.WriteScalar((ulong)index, key);
        return TryVerify(root, key[..length], nodes, out item);
    }

    /// <summary>
    /// Follows the path through one encoded node and the nodes within it, to the hash of the next node, to a value, or
    /// to the place where the path is missing.
    /// </summary>
    private static bool TryFollow(
        ReadOnlySpan<byte> node, ref ReadOnlySpan<byte> rest, out Hash32? next, out byte[]? value)
    {
        (next, value) = (null, null);
        while (true)
        {
            if (!TryReadNode(node, out var shape)) return false;
            if (shape.IsBranch && rest.IsEmpty)
            {
                value = shape.Value.IsEmpty ? null : shape.Value.ToArray();
                return true;
            }
            ReadOnlySpan<byte> child;
            if (shape.IsBranch)
            {
                if (!TryReadBranchChild(node, rest[0], out child)) return false;
                rest = rest[1..];
            }
            else if (shape.IsLeaf)
            {
                if (rest.SequenceEqual(shape.Path)) value = shape.Value.ToArray();
                return true;
            }
            else
            {
                if (!rest.StartsWith(shape.Path)) return true;
                rest = rest[shape.Path.Length..];
                child = shape.Value;
            }

            if (child[0] == 0x80) return true;
            if (child[0] < 0xc0)
            {
                next = new Hash32(child[1..]);
                return true;
            }
            node = child;
        }
    }

    private ref struct NodeShape
    {
        internal bool IsBranch;
        internal bool IsLeaf;
        internal ReadOnlySpan<byte> Path;

        /// <summary>Value of a branch or leaf; the encoded child of an extension.</summary>
        internal ReadOnlySpan<byte> Value;
    }

    /// <summary>Checks the whole node, also the children that the path does not touch.</summary>
    private static bool TryReadNode(ReadOnlySpan<byte> node, out NodeShape shape)
    {
        shape = default;
        var outer = new RlpReader(node);
        if (!outer.TryReadList(out var items) || !outer.AtEnd) return false;
        int count = 0;
        for (var counted = items; !counted.AtEnd; count++)
        {
            if (!counted.TryReadItem(out _)) return false;
        }
        if (count == BranchItems) return TryReadBranch(items, out shape);
        if (count != 2 || !items.TryReadBytes(out var encodedPath)
            || !HexPrefix.TryDecode(encodedPath, out var path, out shape.IsLeaf)) return false;
        shape.Path = path;
        if (shape.IsLeaf) return items.TryReadBytes(out shape.Value) && !shape.Value.IsEmpty;
        return path.Length > 0 && TryReadReference(ref items, out shape.Value) && shape.Value[0] != 0x80;
    }

    private static bool TryReadBranch(RlpReader items, out NodeShape shape)
    {
        shape = default;
        shape.IsBranch = true;
        for (int i = 0; i < BranchItems - 1; i++)
        {
            if (!TryReadReference(ref items, out _)) return false;
        }
        return items.TryReadBytes(out shape.Value);
    }

    private static bool TryReadBranchChild(ReadOnlySpan<byte> node, int nibble, out ReadOnlySpan<byte> child)
    {
        child = default;
        var outer = new RlpReader(node);
        if (!outer.TryReadList(out var items)) return false;
        for (int i = 0; i <= nibble; i++)
        {
            if (!items.TryReadItem(out child)) return false;
        }
        return true;
    }

    /// <summary>A reference is nothing (0x80), a hash, or a whole node of fewer than 32 bytes.</summary>
    private static bool TryReadReference(scoped ref RlpReader items, out ReadOnlySpan<byte> encoded) =>
        items.TryReadItem(out encoded) && (encoded[0] == 0x80
            || (encoded.Length == 1 + Hash32.Length && encoded[0] == 0x80 + Hash32.Length)
            || (encoded[0] >= 0xc0 && encoded.Length < Hash32.Length));
}
