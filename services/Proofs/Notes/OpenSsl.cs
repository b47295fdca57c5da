using System.Runtime.InteropServices;

namespace Proofs.Notes;

/// <summary>Ed25519 by OpenSSL 3's EVP interface, which the runtime uses already: keys stay in constant-time code.</summary>
internal static partial class OpenSsl
{
    private const string Crypto = "libcrypto.so.3";

    // NID_ED25519
    private const int Ed25519 = 1087;

    public static byte[] PublicKey(ReadOnlySpan<byte> seed)
    {
        var key = LoadKey(seed);
        try
        {
            var publicKey = new byte[32];
            nuint length = 32;
            Check(GetRawPublicKey(key, publicKey, ref length));
            return publicKey;
        }
        finally
        {
            FreeKey(key);
        }
    }

    public static byte[] Sign(ReadOnlySpan<byte> seed, ReadOnlySpan<byte> message)
    {
        var key = LoadKey(seed);
        var context = NewContext();
        try
        {
            var signature = new byte[64];
            nuint length = 64;
            Check(DigestSignInit(context, 0, 0, 0, key));
            Check(DigestSign(context, signature, ref length, message, (nuint)message.Length));
            return signature;
        }
        finally
        {
            FreeContext(context);
            FreeKey(key);
        }
    }

    private static nint LoadKey(ReadOnlySpan<byte> seed)
    {
        var key = NewRawPrivateKey(Ed25519, 0, seed, (nuint)seed.Length);
        return key != 0 ? key : throw new ArgumentException("An Ed25519 seed has 32 bytes.", nameof(seed));
    }

    private static void Check(int result)
    {
        if (result != 1)
            throw new InvalidOperationException("OpenSSL refused an Ed25519 operation.");
    }

    [LibraryImport(Crypto, EntryPoint = "EVP_PKEY_new_raw_private_key")]
    private static partial nint NewRawPrivateKey(int type, nint engine, ReadOnlySpan<byte> key, nuint length);

    [LibraryImport(Crypto, EntryPoint = "EVP_PKEY_get_raw_public_key")]
    private static partial int GetRawPublicKey(nint key, Span<byte> publicKey, ref nuint length);

    [LibraryImport(Crypto, EntryPoint = "EVP_PKEY_free")]
    private static partial void FreeKey(nint key);

    [LibraryImport(Crypto, EntryPoint = "EVP_MD_CTX_new")]
    private static partial nint NewContext();

    [LibraryImport(Crypto, EntryPoint = "EVP_MD_CTX_free")]
    private static partial void FreeContext(nint context);

    [LibraryImport(Crypto, EntryPoint = "EVP_DigestSignInit")]
    private static partial int DigestSignInit(nint context, nint keyContext, nint digest, nint engine, nint key);

    [LibraryImport(Crypto, EntryPoint = "EVP_DigestSign")]
    private static partial int DigestSign(
        nint context, Span<byte> signature, ref nuint length, ReadOnlySpan<byte> message, nuint messageLength);
}
