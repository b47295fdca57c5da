using Chain.Core;

namespace Chain.State;

/// <summary>
/// A node of a trie in memory (YP appendix D). Nodes are immutable and shared between versions of a trie; only what is
/// derived from their content is kept beside it. Paths are one nibble a byte.
/// </summary>
internal abstract class TrieNode
{
    private byte[]? _encoded;
    private Hash32[]? _hash;

    /// <summary>True when the node came from the store or has been handed to it.</summary>
    internal bool IsStored { get; set; }

    /// <summary>The RLP of the node.</summary>
    internal byte[] Encoded => _encoded ??= TrieNodeCodec.Encode(this);

    /// <summary>Keccak-256 of the RLP.</summary>
    internal virtual Hash32 Hash => (_hash ??= [Keccak256.Hash(Encoded)])[0];

    /// <summary>True when a parent holds the node itself instead of its hash.</summary>
    internal virtual bool IsInline => Encoded.Length < Hash32.Length;

    internal void SetStored(byte[] encoded, in Hash32 hash)
    {
        _encoded = encoded;
        _hash = [hash];
        IsStored = true;
    }
}

/// <summary>A node known by its hash only.</summary>
internal sealed class HashNode(Hash32 hash) : TrieNode
{
    internal override Hash32 Hash => hash;

    internal override bool IsInline => false;
}

internal sealed class LeafNode(byte[] path, byte[] value) : TrieNode
{
    internal byte[] Path => path;

    internal byte[] Value => value;
}

internal sealed class ExtensionNode(byte[] path, TrieNode child) : TrieNode
{
    internal byte[] Path => path;

    internal TrieNode Child => child;
}

internal sealed class BranchNode(TrieNode?[] children, byte[]? value) : TrieNode
{
    internal const int Width = 16;

    internal TrieNode?[] Children => children;

    /// <summary>The value whose key ends here.</summary>
    internal byte[]? Value => value;

    internal BranchNode With(int nibble, TrieNode? child)
    {
        var changed = (TrieNode?[])children.Clone();
        changed[nibble] = child;
        return new BranchNode(changed, value);
    }

    internal BranchNode With(byte[]? newValue) => new(children, newValue);
}
