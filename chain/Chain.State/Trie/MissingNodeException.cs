using Chain.Core;

namespace Chain.State;

/// <summary>A trie names a node that the store doesn't have: the store is damaged or the root is unknown.</summary>
/// <param name="hash">Hash of the node.</param>
public sealed class MissingNodeException(Hash32 hash) : Exception($"Trie node {hash} is missing.")
{
    /// <summary>Hash of the node.</summary>
    public Hash32 Hash => hash;
}
