namespace Chain.State;

/// <summary>An ordered store of bytes under keys of 1 to 500 bytes. Safe for several threads.</summary>
public interface IKeyValueStore : IDisposable
{
    /// <summary>The value of a key, or null.</summary>
    byte[]? Get(ReadOnlySpan<byte> key);

    /// <summary>Entries in ascending order of keys as unsigned bytes, read at one moment.</summary>
    /// <param name="from">The lowest key.</param>
    /// <param name="prefix">What every key starts with; empty for all.</param>
    /// <param name="limit">Most entries to answer.</param>
    IReadOnlyList<KeyValuePair<byte[], byte[]>> Scan(ReadOnlySpan<byte> from, ReadOnlySpan<byte> prefix, int limit);

    /// <summary>Starts a batch. Several may be open; each takes effect when it commits.</summary>
    IWriteBatch StartBatch();
}
