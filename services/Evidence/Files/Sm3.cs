using System.Runtime.InteropServices;

namespace Evidence.Files;

/// <summary>
/// SM3 (GB/T 32905-2016) by OpenSSL's EVP interface, which .NET loads already on Linux. .NET itself has no SM3.
/// </summary>
internal sealed partial class Sm3 : IDisposable
{
    public const int HashBytes = 32;
    private const string Library = "libcrypto.so.3";
    private static readonly nint Algorithm = Fetch();
    private nint _context;

    public Sm3()
    {
        _context = Check(EVP_MD_CTX_new());
        Check(EVP_DigestInit_ex(_context, Algorithm, 0));
    }

    /// <summary>The hash of one buffer.</summary>
    public static byte[] HashData(ReadOnlySpan<byte> data)
    {
        using Sm3 hash = new();
        hash.Append(data);
        return hash.Finish();
    }

    public void Append(ReadOnlySpan<byte> data)
    {
        ObjectDisposedException.ThrowIf(_context == 0, this);
        Check(EVP_DigestUpdate(_context, data, (nuint)data.Length));
    }

    public byte[] Finish()
    {
        ObjectDisposedException.ThrowIf(_context == 0, this);
        byte[] hash = new byte[HashBytes];
        Check(EVP_DigestFinal_ex(_context, hash, 0));
        return hash;
    }

    public void Dispose()
    {
        if (_context != 0)
            EVP_MD_CTX_free(_context);
        _context = 0;
    }

    private static nint Fetch() => Check(EVP_MD_fetch(0, "SM3", null));

    private static nint Check(nint pointer) =>
        pointer != 0 ? pointer : throw new PlatformNotSupportedException("OpenSSL has no SM3 here.");

    private static void Check(int result)
    {
        if (result != 1)
            throw new System.Security.Cryptography.CryptographicException("SM3 failed in OpenSSL.");
    }

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint EVP_MD_fetch(nint context, string algorithm, string? properties);

    [LibraryImport(Library)]
    private static partial nint EVP_MD_CTX_new();

    [LibraryImport(Library)]
    private static partial void EVP_MD_CTX_free(nint context);

    [LibraryImport(Library)]
    private static partial int EVP_DigestInit_ex(nint context, nint algorithm, nint engine);

    [LibraryImport(Library)]
    private static partial int EVP_DigestUpdate(nint context, ReadOnlySpan<byte> data, nuint length);

    [LibraryImport(Library)]
    private static partial int EVP_DigestFinal_ex(nint context, Span<byte> hash, nint length);
}
