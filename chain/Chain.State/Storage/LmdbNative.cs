using System.Runtime.InteropServices;

namespace Chain.State;

/// <summary>Binding of liblmdb 0.9 (lmdb.h).</summary>
internal static unsafe partial class LmdbNative
{
    internal const uint NoThreadLocalReaders = 0x200000;
    internal const uint ReadOnlyTransaction = 0x20000;
    internal const int Success = 0;
    internal const int NotFound = -30798;
    internal const int MapFull = -30792;
    internal const int CursorNext = 8;
    internal const int CursorSetRange = 17;
    internal const uint MainDatabase = 1;

    private const string Library = "liblmdb.so.0";

    /// <summary>MDB_val.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Value
    {
        internal nuint Size;
        internal byte* Data;

        internal readonly ReadOnlySpan<byte> Span => new(Data, checked((int)Size));
    }

    /// <summary>Throws for a return code other than success.</summary>
    internal static void Check(int code)
    {
        if (code != Success)
            throw new IOException($"LMDB: {Marshal.PtrToStringUTF8(mdb_strerror(code))} ({code}).");
    }

    [LibraryImport(Library)]
    internal static partial int mdb_env_create(out nint env);

    [LibraryImport(Library)]
    internal static partial int mdb_env_set_mapsize(nint env, nuint bytes);

    [LibraryImport(Library)]
    internal static partial int mdb_env_set_maxreaders(nint env, uint readers);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int mdb_env_open(nint env, string path, uint flags, uint mode);

    [LibraryImport(Library)]
    internal static partial void mdb_env_close(nint env);

    [LibraryImport(Library)]
    internal static partial int mdb_reader_check(nint env, out int dead);

    [LibraryImport(Library)]
    internal static partial int mdb_txn_begin(nint env, nint parent, uint flags, out nint transaction);

    [LibraryImport(Library)]
    internal static partial int mdb_txn_commit(nint transaction);

    [LibraryImport(Library)]
    internal static partial void mdb_txn_abort(nint transaction);

    [LibraryImport(Library)]
    internal static partial void mdb_txn_reset(nint transaction);

    [LibraryImport(Library)]
    internal static partial int mdb_txn_renew(nint transaction);

    [LibraryImport(Library)]
    internal static partial int mdb_dbi_open(nint transaction, nint name, uint flags, out uint database);

    [LibraryImport(Library)]
    internal static partial int mdb_get(nint transaction, uint database, Value* key, Value* value);

    [LibraryImport(Library)]
    internal static partial int mdb_put(nint transaction, uint database, Value* key, Value* value, uint flags);

    [LibraryImport(Library)]
    internal static partial int mdb_del(nint transaction, uint database, Value* key, Value* value);

    [LibraryImport(Library)]
    internal static partial int mdb_cursor_open(nint transaction, uint database, out nint cursor);

    [LibraryImport(Library)]
    internal static partial void mdb_cursor_close(nint cursor);

    [LibraryImport(Library)]
    internal static partial int mdb_cursor_get(nint cursor, Value* key, Value* value, int operation);

    [LibraryImport(Library)]
    private static partial nint mdb_strerror(int code);
}
