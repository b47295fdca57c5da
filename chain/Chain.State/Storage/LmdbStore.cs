using System.Collections.Concurrent;
using static Chain.State.LmdbNative;

namespace Chain.State;

/// <summary>
/// A key-value store in a folder, kept by LMDB. A batch is one transaction that is on disk when it commits. Readers
/// see the last committed state and never wait for a writer. One process at a time opens a folder for one group.
/// </summary>
public sealed unsafe class LmdbStore : IKeyValueStore
{
    private const uint MaxReaders = 1_024;
    private const uint OwnerOnly = 0b110_000_000;
    private const long DefaultMapBytes = 256L << 20;

    private readonly nint _environment;

    // Read transactions at rest; they hold a reader slot but no snapshot.
    private readonly ConcurrentBag<nint> _readers = [];
    private readonly Lock _writer = new();

    // Held for reading by every transaction; for writing while the map is replaced by a larger one.
    private readonly ReaderWriterLockSlim _map = new();
    private long _mapBytes;
    private bool _disposed;

    private LmdbStore(nint environment, long mapBytes) => (_environment, _mapBytes) = (environment, mapBytes);

    /// <summary>Opens a folder, made if it is missing.</summary>
    /// <param name="folder">Path of the folder.</param>
    /// <param name="mapBytes">Address space to begin with; it doubles when it is full. Disk is used as needed.</param>
    /// <exception cref="IOException">The folder can't be opened or its content can't be read.</exception>
    /// <exception cref="DllNotFoundException">liblmdb is not installed.</exception>
    public static LmdbStore Open(string folder, long mapBytes = DefaultMapBytes)
    {
        Directory.CreateDirectory(folder);
        mapBytes = Math.Max(mapBytes, new DirectoryInfo(folder).EnumerateFiles().Sum(f => f.Length) * 2);
        mapBytes = (mapBytes + 0xffff) & ~0xffffL;
        Check(mdb_env_create(out nint environment));
        try
        {
            Check(mdb_env_set_mapsize(environment, (nuint)mapBytes));
            Check(mdb_env_set_maxreaders(environment, MaxReaders));
            Check(mdb_env_open(environment, folder, NoThreadLocalReaders, OwnerOnly));
            Check(mdb_reader_check(environment, out _));
            OpenDatabase(environment);
        }
        catch
        {
            mdb_env_close(environment);
            throw;
        }
        return new LmdbStore(environment, mapBytes);
    }

    /// <inheritdoc/>
    public byte[]? Get(ReadOnlySpan<byte> key)
    {
        if (key.IsEmpty) return null;
        nint transaction = StartReading();
        try
        {
            fixed (byte* k = key)
            {
                var wanted = new Value { Size = (nuint)key.Length, Data = k };
                Value found;
                int code = mdb_get(transaction, MainDatabase, &wanted, &found);
                if (code == NotFound) return null;
                Check(code);
                return found.Span.ToArray();
            }
        }
        finally
        {
            StopReading(transaction);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<KeyValuePair<byte[], byte[]>> Scan(
        ReadOnlySpan<byte> from, ReadOnlySpan<byte> prefix, int limit)
    {
        var found = new List<KeyValuePair<byte[], byte[]>>();
        if (from.SequenceCompareTo(prefix) < 0) from = prefix;
        if (from.IsEmpty) from = [0];
        nint transaction = StartReading();
        try
        {
            Check(mdb_cursor_open(transaction, MainDatabase, out nint cursor));
            try
            {
                fixed (byte* f = from)
                {
                    var key = new Value { Size = (nuint)from.Length, Data = f };
                    Value value;
                    int code = mdb_cursor_get(cursor, &key, &value, CursorSetRange);
                    while (code == Success && found.Count < limit && key.Span.StartsWith(prefix))
                    {
                        found.Add(new(key.Span.ToArray(), value.Span.ToArray()));
                        code = mdb_cursor_get(cursor, &key, &value, CursorNext);
                    }
                    if (code != NotFound) Check(code);
                }
            }
            finally
            {
                mdb_cursor_close(cursor);
            }
        }
        finally
        {
            StopReading(transaction);
        }
        return found;
    }

    /// <inheritdoc/>
    public IWriteBatch StartBatch() => new WriteBatch(Apply);

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_writer)
        {
            _map.EnterWriteLock();
            try
            {
                if (_disposed) return;
                _disposed = true;
                while (_readers.TryTake(out nint reader)) mdb_txn_abort(reader);
                mdb_env_close(_environment);
            }
            finally
            {
                _map.ExitWriteLock();
            }
        }
    }

    private static void OpenDatabase(nint environment)
    {
        Check(mdb_txn_begin(environment, 0, 0, out nint transaction));
        int code = mdb_dbi_open(transaction, 0, 0, out _);
        if (code != Success) mdb_txn_abort(transaction);
        Check(code);
        Check(mdb_txn_commit(transaction));
    }

    private void Apply(SortedDictionary<byte[], byte[]?> changes)
    {
        // LMDB ties a writing transaction to its thread, so it begins and ends within this call.
        lock (_writer)
        {
            int code;
            while ((code = TryApply(changes)) == MapFull) Grow();
            Check(code);
        }
    }

    private int TryApply(SortedDictionary<byte[], byte[]?> changes)
    {
        _map.EnterReadLock();
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            Check(mdb_txn_begin(_environment, 0, 0, out nint transaction));
            foreach (var (key, value) in changes)
            {
                int code = Change(transaction, key, value);
                if (code is Success or NotFound) continue;
                mdb_txn_abort(transaction);
                return code;
            }
            return mdb_txn_commit(transaction);
        }
        finally
        {
            _map.ExitReadLock();
        }
    }

    private static int Change(nint transaction, byte[] key, byte[]? value)
    {
        fixed (byte* k = key, v = value)
        {
            var at = new Value { Size = (nuint)key.Length, Data = k };
            if (value is null) return mdb_del(transaction, MainDatabase, &at, null);
            var content = new Value { Size = (nuint)value.Length, Data = v };
            return mdb_put(transaction, MainDatabase, &at, &content, 0);
        }
    }

    private void Grow()
    {
        _map.EnterWriteLock();
        try
        {
            _mapBytes *= 2;
            Check(mdb_env_set_mapsize(_environment, (nuint)_mapBytes));
        }
        finally
        {
            _map.ExitWriteLock();
        }
    }

    private nint StartReading()
    {
        _map.EnterReadLock();
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!_readers.TryTake(out nint transaction))
            {
                Check(mdb_txn_begin(_environment, 0, ReadOnlyTransaction, out transaction));
                return transaction;
            }
            int code = mdb_txn_renew(transaction);
            if (code == Success) return transaction;
            mdb_txn_abort(transaction);
            Check(code);
            return 0;
        }
        catch
        {
            _map.ExitReadLock();
            throw;
        }
    }

    private void StopReading(nint transaction)
    {
        mdb_txn_reset(transaction);
        _readers.Add(transaction);
        _map.ExitReadLock();
    }
}
