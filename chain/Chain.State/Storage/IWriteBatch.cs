namespace Chain.State;

/// <summary>Changes that take effect together or not at all. Disposing without committing drops them.</summary>
public interface IWriteBatch : IDisposable
{
    /// <summary>Sets the value of a key; both are copied.</summary>
    void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value);

    /// <summary>Removes a key, if it is there.</summary>
    void Delete(ReadOnlySpan<byte> key);

    /// <summary>Applies the changes in order; when it returns, they survive a crash.</summary>
    /// <exception cref="InvalidOperationException">The batch is committed already.</exception>
    void Commit();
}
