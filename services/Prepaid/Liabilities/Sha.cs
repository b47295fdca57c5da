using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Prepaid.Liabilities;

/// <summary>
/// SHA-256 of short texts. A tree of a million cards takes six million hashes of one or two blocks each, for which the
/// framework's one-shot call costs several times the hash itself; libcrypto's own functions cost little more than it. Where the
/// library lacks them the framework's call answers the same.
/// </summary>
internal static unsafe partial class Sha
{
    private const string Library = "libcrypto.so.3";
    private static readonly bool s_direct = IsThere();

    /// <summary>The hash of data, 32 bytes.</summary>
    public static void Hash(ReadOnlySpan<byte> data, Span<byte> hash)
    {
        if (!s_direct || hash.Length < SHA256.HashSizeInBytes)
        {
            SHA256.HashData(data, hash);
            return;
        }
        State state;
        fixed (byte* from = data, to = hash)
        {
            if ((Begin(&state) & Update(&state, from, (nuint)data.Length) & End(to, &state)) != 1)
                throw new CryptographicException("libcrypto did not hash.");
        }
    }

    // These never block and never call back: the garbage collector need not be told of them.
    [LibraryImport(Library, EntryPoint = "SHA256_Init"), SuppressGCTransition]
    private static partial int Begin(State* state);

    [LibraryImport(Library, EntryPoint = "SHA256_Update"), SuppressGCTransition]
    private static partial int Update(State* state, byte* data, nuint length);

    [LibraryImport(Library, EntryPoint = "SHA256_Final"), SuppressGCTransition]
    private static partial int End(byte* hash, State* state);

    private static bool IsThere()
    {
        try
        {
            State state;
            return Begin(&state) == 1;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    /// <summary>SHA256_CTX of openssl/sha.h is 112 bytes; here with room to spare.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 256)]
    private struct State
    {
        private ulong _first;
    }
}
