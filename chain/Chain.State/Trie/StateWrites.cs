using Chain.Core;

namespace Chain.State;

/// <summary>
/// Trie nodes and code that a change of state adds, held back until they are written together with the block. It reads
/// what it holds, so that a state can be opened on top of it.
/// </summary>
/// <param name="beneath">Where to read what is not held; none by default.</param>
public sealed class StateWrites(INodeStore? beneath = null) : INodeStore
{
    private readonly Dictionary<Hash32, byte[]> _added = [];

    /// <summary>Number of nodes and codes held.</summary>
    public int Count => _added.Count;

    /// <summary>Holds the bytes with this hash.</summary>
    public void Put(Hash32 hash, byte[] content) => _added[hash] = content;

    /// <inheritdoc/>
    public byte[]? Get(Hash32 hash) => _added.TryGetValue(hash, out var content) ? content : beneath?.Get(hash);

    /// <summary>Adds everything to a batch, under the keys that <see cref="NodeStore"/> reads.</summary>
    public void WriteTo(IWriteBatch batch)
    {
        Span<byte> key = stackalloc byte[NodeStore.KeyLength];
        foreach (var (hash, content) in _added)
        {
            NodeStore.WriteKey(hash, key);
            batch.Put(key, content);
        }
    }
}
