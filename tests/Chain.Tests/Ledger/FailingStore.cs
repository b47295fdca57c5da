using Chain.State;

namespace Chain.Tests.Ledger;

/// <summary>A store that dies before or after a batch takes effect.</summary>
internal sealed class FailingStore(IKeyValueStore inner) : IKeyValueStore
{
    internal enum Moment
    {
        BeforeCommit,
        AfterCommit,
    }

    public Moment? FailAt { get; set; }

    public byte[]? Get(ReadOnlySpan<byte> key) => inner.Get(key);

    public IReadOnlyList<KeyValuePair<byte[], byte[]>> Scan(ReadOnlySpan<byte> from, ReadOnlySpan<byte> prefix, int limit) =>
        inner.Scan(from, prefix, limit);

    public IWriteBatch StartBatch() => new Batch(this, inner.StartBatch());

    public void Dispose() => inner.Dispose();

    private sealed class Batch(FailingStore store, IWriteBatch batch) : IWriteBatch
    {
        public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => batch.Put(key, value);

        public void Delete(ReadOnlySpan<byte> key) => batch.Delete(key);

        public void Commit()
        {
            if (store.FailAt == Moment.BeforeCommit)
            {
                throw new IOException("no power");
            }

            batch.Commit();
            if (store.FailAt == Moment.AfterCommit)
            {
                throw new IOException("no power");
            }
        }

        public void Dispose() => batch.Dispose();
    }
}
