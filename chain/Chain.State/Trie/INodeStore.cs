using Chain.Core;

namespace Chain.State;

/// <summary>Trie nodes and contract code by their Keccak-256.</summary>
public interface INodeStore
{
    /// <summary>The bytes with this hash; null when they are not there. The array is not to be changed.</summary>
    byte[]? Get(Hash32 hash);
}
