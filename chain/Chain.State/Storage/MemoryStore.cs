namespace Chain.State;

/// <summary>A key-value store that is forgotten with the process, for tests and tools.</summary>
public sealed class MemoryStore : IKeyValueStore
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<byte[], byte[]> _entries = new(KeyOrder.Instance);

    /// <inheritdoc/>
    public byte[]? Get(ReadOnlySpan<byte> key)
    {
        var wanted = key.ToArray();
        lock (_lock) return _entries.GetValueOrDefault(wanted);
    }

    /// <inheritdoc/>
    public IReadOnlyList<KeyValuePair<byte[], byte[]>> Scan(
        ReadOnlySpan<byte> from, ReadOnlySpan<byte> prefix, int limit)
    {
        var found = new List<KeyValuePair<byte[], byte[]>>();
        lock (_lock)
        {
            foreach (var entry in _entries)
            {
                if (found.Count == limit) break;
                if (entry.Key.AsSpan().SequenceCompareTo(from) < 0 || !entry.Key.AsSpan().StartsWith(prefix)) continue;
                found.Add(entry);
            }
        }
        return found;
    }

    /// <inheritdoc/>
    public IWriteBatch StartBatch() => new WriteBatch(Apply);

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private void Apply(SortedDictionary<byte[], byte[]?> changes)
    {
        lock (_lock)
        {
            foreach (var (key, value) in changes)
            {
                if (value is null) _entries.Remove(key);
                else _entries[key] = value;
            }
        }
    }
}
