namespace Chain.State;

/// <summary>Collects changes, the last of each key, in order of keys.</summary>
internal sealed class WriteBatch(Action<SortedDictionary<byte[], byte[]?>> apply) : IWriteBatch
{
    private readonly SortedDictionary<byte[], byte[]?> _changes = new(KeyOrder.Instance);
    private bool _committed;

    public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => Add(key, value.ToArray());

    public void Delete(ReadOnlySpan<byte> key) => Add(key, null);

    public void Commit()
    {
        if (_committed) throw new InvalidOperationException("The batch is committed already.");
        _committed = true;
        apply(_changes);
    }

    public void Dispose() => _committed = true;

    private void Add(ReadOnlySpan<byte> key, byte[]? value)
    {
        if (key.Length is 0 or > KeyOrder.MaxKeyBytes)
            throw new ArgumentException("A key has 1 to 500 bytes.", nameof(key));
        _changes[key.ToArray()] = value;
    }
}
