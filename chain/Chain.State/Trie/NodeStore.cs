using System.Collections.Concurrent;
using Chain.Core;

namespace Chain.State;

/// <summary>
/// Nodes and code in a key-value store under <c>n‖hash</c>, with a cache of decoded nodes. Content never changes under
/// its hash, so nothing is ever invalidated. Safe for several threads.
/// </summary>
public sealed class NodeStore : INodeStore
{
    internal const int KeyLength = 1 + Hash32.Length;
    private const int DefaultCacheNodes = 50_000;
    private readonly IKeyValueStore _store;
    private readonly int _generationNodes;

    // Two generations: what is found in the older one moves to the younger, and a full younger one becomes the older.
    private ConcurrentDictionary<Hash32, TrieNode> _young = new();
    private int _youngNodes; // Counting a concurrent dictionary locks all of it.
    private ConcurrentDictionary<Hash32, TrieNode> _old = new();

    /// <summary>Opens the nodes of a store.</summary>
    /// <param name="store">The store.</param>
    /// <param name="cacheNodes">Decoded nodes to keep in memory, a few hundred bytes each.</param>
    public NodeStore(IKeyValueStore store, int cacheNodes = DefaultCacheNodes)
    {
        _store = store;
        _generationNodes = Math.Max(1, cacheNodes / 2);
    }

    /// <inheritdoc/>
    public byte[]? Get(Hash32 hash)
    {
        Span<byte> key = stackalloc byte[KeyLength];
        WriteKey(hash, key);
        return _store.Get(key);
    }

    internal TrieNode? GetNode(in Hash32 hash)
    {
        if (_young.TryGetValue(hash, out var node)) return node;
        if (!_old.TryGetValue(hash, out node))
        {
            if (Get(hash) is not { } encoded) return null;
            node = TrieNodeCodec.Decode(encoded, hash);
        }
        Remember(hash, node);
        return node;
    }

    internal static void WriteKey(in Hash32 hash, Span<byte> key)
    {
        key[0] = (byte)'n';
        hash.CopyTo(key[1..]);
    }

    private void Remember(in Hash32 hash, TrieNode node)
    {
        var young = _young;
        if (!young.TryAdd(hash, node) || Interlocked.Increment(ref _youngNodes) <= _generationNodes) return;
        if (Interlocked.CompareExchange(ref _young, new(), young) != young) return;
        _old = young;
        Interlocked.Exchange(ref _youngNodes, 0);
    }
}
