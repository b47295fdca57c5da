using Chain.Core;

namespace Chain.State;

/// <summary>
/// A Merkle-Patricia trie (YP appendix D) over a node store. Changes are held in memory until
/// <see cref="Commit(StateWrites)"/>. Not safe for several threads; several tries may share one store.
/// </summary>
public sealed class Trie
{
    private readonly INodeStore _store;
    private readonly bool _hashKeys;
    private TrieNode? _root;

    /// <summary>Opens a trie at a root.</summary>
    /// <param name="store">Where its nodes are read.</param>
    /// <param name="root">Its root; <see cref="BlockHeader.EmptyTrieRoot"/> for an empty one.</param>
    /// <param name="hashKeys">True for a secure trie, whose paths are the Keccak-256 of the keys.</param>
    public Trie(INodeStore store, Hash32 root, bool hashKeys = true)
        : this(store, root == BlockHeader.EmptyTrieRoot ? null : new HashNode(root), hashKeys)
    {
    }

    private Trie(INodeStore store, TrieNode? root, bool hashKeys) => (_store, _root, _hashKeys) = (store, root, hashKeys);

    /// <summary>The root of the present content.</summary>
    public Hash32 RootHash => _root?.Hash ?? BlockHeader.EmptyTrieRoot;

    /// <summary>A trie with the same content that changes on its own.</summary>
    public Trie Fork() => new(_store, _root, _hashKeys);

    /// <summary>The value of a key, or null. The array is not to be changed.</summary>
    /// <exception cref="MissingNodeException">The store lacks a node of the trie.</exception>
    public byte[]? Get(ReadOnlySpan<byte> key)
    {
        Span<byte> path = stackalloc byte[PathLength(key)];
        WritePath(key, path);
        ReadOnlySpan<byte> rest = path;
        for (var node = _root; node is not null;)
        {
            switch (Load(node))
            {
                case LeafNode leaf:
                    return rest.SequenceEqual(leaf.Path) ? leaf.Value : null;
                case ExtensionNode extension:
                    if (!rest.StartsWith(extension.Path)) return null;
                    rest = rest[extension.Path.Length..];
                    node = extension.Child;
                    break;
                case BranchNode branch:
                    if (rest.IsEmpty) return branch.Value;
                    node = branch.Children[rest[0]];
                    rest = rest[1..];
                    break;
            }
        }
        return null;
    }

    /// <summary>Sets the value of a key; an empty value removes it.</summary>
    /// <exception cref="MissingNodeException">The store lacks a node of the trie.</exception>
    public void Set(ReadOnlySpan<byte> key, byte[] value)
    {
        if (value.Length == 0)
        {
            Delete(key);
            return;
        }
        Span<byte> path = stackalloc byte[PathLength(key)];
        WritePath(key, path);
        _root = Insert(_root, path, value);
    }

    /// <summary>Removes a key, if it is there.</summary>
    /// <exception cref="MissingNodeException">The store lacks a node of the trie.</exception>
    public void Delete(ReadOnlySpan<byte> key)
    {
        Span<byte> path = stackalloc byte[PathLength(key)];
        WritePath(key, path);
        _root = Remove(_root, path);
    }

    /// <summary>Hands the nodes that are not in the store to a collection of writes.</summary>
    /// <returns>The root.</returns>
    public Hash32 Commit(StateWrites writes)
    {
        if (_root is null) return BlockHeader.EmptyTrieRoot;
        var hash = _root.Hash;
        // A root is looked up by its hash even if it is short enough to lie within a parent.
        if (_root is not HashNode && _root.IsInline) writes.Put(hash, _root.Encoded);
        Commit(_root, writes);
        return hash;
    }

    /// <summary>
    /// The encoded nodes from the root to a key's value, or to the place that shows it has none (EIP-1186); for
    /// <see cref="TrieProof"/>.
    /// </summary>
    /// <exception cref="MissingNodeException">The store lacks a node of the trie.</exception>
    public IReadOnlyList<byte[]> Prove(ReadOnlySpan<byte> key)
    {
        Span<byte> path = stackalloc byte[PathLength(key)];
        WritePath(key, path);
        ReadOnlySpan<byte> rest = path;
        var nodes = new List<byte[]>();
        for (var node = _root; node is not null;)
        {
            node = Load(node);
            if (nodes.Count == 0 || !node.IsInline) nodes.Add(node.Encoded);
            switch (node)
            {
                case ExtensionNode extension when rest.StartsWith(extension.Path):
                    rest = rest[extension.Path.Length..];
                    node = extension.Child;
                    break;
                case BranchNode branch when !rest.IsEmpty:
                    node = branch.Children[rest[0]];
                    rest = rest[1..];
                    break;
                default:
                    return nodes;
            }
        }
        return nodes;
    }

    private int PathLength(ReadOnlySpan<byte> key) => 2 * (_hashKeys ? Hash32.Length : key.Length);

    private void WritePath(ReadOnlySpan<byte> key, Span<byte> path)
    {
        if (_hashKeys) HexPrefix.Unpack(Keccak256.Hash(key).Bytes, path);
        else HexPrefix.Unpack(key, path);
    }

    private TrieNode Load(TrieNode node)
    {
        if (node is not HashNode unknown) return node;
        var hash = unknown.Hash;
        var known = _store is NodeStore store
            ? store.GetNode(hash)
            : _store.Get(hash) is { } encoded ? TrieNodeCodec.Decode(encoded, hash) : null;
        return known ?? throw new MissingNodeException(hash);
    }

    private TrieNode Insert(TrieNode? at, ReadOnlySpan<byte> path, byte[] value)
    {
        if (at is null) return new LeafNode(path.ToArray(), value);
        switch (Load(at))
        {
            case LeafNode leaf:
                if (path.SequenceEqual(leaf.Path))
                    return leaf.Value.AsSpan().SequenceEqual(value) ? leaf : new LeafNode(leaf.Path, value);
                return Split(leaf.Path, rest => new LeafNode(rest, leaf.Value), path, value);
            case ExtensionNode extension:
                if (!path.StartsWith(extension.Path))
                    return Split(extension.Path, rest => Extend(rest, extension.Child), path, value);
                return new ExtensionNode(extension.Path, Insert(extension.Child, path[extension.Path.Length..], value));
            case BranchNode branch:
                return path.IsEmpty
                    ? branch.With(value)
                    : branch.With(path[0], Insert(branch.Children[path[0]], path[1..], value));
            default:
                throw new InvalidOperationException("Not a kind of node.");
        }
    }

    /// <summary>Puts a branch where an old path and a new one part, under an extension for what they share.</summary>
    private static TrieNode Split(
        byte[] oldPath, Func<byte[], TrieNode> oldNode, ReadOnlySpan<byte> path, byte[] value)
    {
        int shared = path.CommonPrefixLength(oldPath);
        var children = new TrieNode?[BranchNode.Width];
        byte[]? branchValue = null;
        if (shared < oldPath.Length) children[oldPath[shared]] = oldNode(oldPath[(shared + 1)..]);
        else branchValue = ((LeafNode)oldNode([])).Value; // Only a leaf's path can end within another's.
        if (shared < path.Length) children[path[shared]] = new LeafNode(path[(shared + 1)..].ToArray(), value);
        else branchValue = value;
        return Extend(oldPath[..shared], new BranchNode(children, branchValue));
    }

    private static TrieNode Extend(byte[] path, TrieNode child) =>
        path.Length == 0 ? child : new ExtensionNode(path, child);

    private TrieNode? Remove(TrieNode? at, ReadOnlySpan<byte> path)
    {
        if (at is null) return null;
        switch (Load(at))
        {
            case LeafNode leaf:
                return path.SequenceEqual(leaf.Path) ? null : at;
            case ExtensionNode extension:
                if (!path.StartsWith(extension.Path)) return at;
                var child = Remove(extension.Child, path[extension.Path.Length..]);
                return child == extension.Child ? at : Merge(extension.Path, child!);
            case BranchNode branch:
                var changed = RemoveFrom(branch, path);
                return changed == branch ? at : Collapse(changed);
            default:
                throw new InvalidOperationException("Not a kind of node.");
        }
    }

    private BranchNode RemoveFrom(BranchNode branch, ReadOnlySpan<byte> path)
    {
        if (path.IsEmpty) return branch.Value is null ? branch : branch.With(null);
        var before = branch.Children[path[0]];
        var after = Remove(before, path[1..]);
        return before == after ? branch : branch.With(path[0], after);
    }

    /// <summary>A branch needs two occupants; with one left it becomes part of a longer path.</summary>
    private TrieNode Collapse(BranchNode branch)
    {
        int only = -1;
        for (int i = 0; i < BranchNode.Width; i++)
        {
            if (branch.Children[i] is null) continue;
            if (only >= 0 || branch.Value is not null) return branch;
            only = i;
        }
        return only < 0 ? new LeafNode([], branch.Value!) : Merge([(byte)only], branch.Children[only]!);
    }

    /// <summary>Joins a path with the node it leads to.</summary>
    private TrieNode Merge(byte[] path, TrieNode child) => Load(child) switch
    {
        LeafNode leaf => new LeafNode([.. path, .. leaf.Path], leaf.Value),
        ExtensionNode extension => new ExtensionNode([.. path, .. extension.Path], extension.Child),
        _ => new ExtensionNode(path, child),
    };

    private static void Commit(TrieNode node, StateWrites writes)
    {
        if (node is HashNode || node.IsStored) return;
        switch (node)
        {
            case ExtensionNode extension:
                Commit(extension.Child, writes);
                break;
            case BranchNode branch:
                foreach (var child in branch.Children)
                {
                    if (child is not null) Commit(child, writes);
                }
                break;
        }
        if (!node.IsInline) writes.Put(node.Hash, node.Encoded);
        node.IsStored = true;
    }
}
