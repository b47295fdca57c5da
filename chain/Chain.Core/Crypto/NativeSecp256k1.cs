using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Chain.Core;

/// <summary>Binding of libsecp256k1 with its recovery module (bitcoin-core/secp256k1, include/secp256k1*.h).</summary>
internal static unsafe partial class NativeSecp256k1
{
    private const string Library = "libsecp256k1.so.1";
    private const uint ContextSignAndVerify = 0x301;
    private const uint Uncompressed = 2;
    private const int ObjectSize = 64;
    private const int RecoverableSize = 65;

    private static readonly nint Context = CreateContext();

    internal static bool IsAvailable => Context != 0;

    private static nint CreateContext()
    {
        if (!NativeLibrary.TryLoad(Library, typeof(NativeSecp256k1).Assembly, null, out nint library)) return 0;
        if (!NativeLibrary.TryGetExport(library, "secp256k1_ecdsa_recover", out _)) return 0;
        nint context = secp256k1_context_create(ContextSignAndVerify);
        Span<byte> seed = stackalloc byte[32];
        RandomNumberGenerator.Fill(seed); // Blinds signing against side channels; results don't depend on it.
        fixed (byte* s = seed)
        {
            if (secp256k1_context_randomize(context, s) == 0) return 0;
        }
        return context;
    }

    internal static bool TrySign(ReadOnlySpan<byte> digest, ReadOnlySpan<byte> privateKey, out Signature signature)
    {
        signature = default;
        if (privateKey.Length != Secp256k1.PrivateKeyLength) return false;
        byte* made = stackalloc byte[RecoverableSize];
        byte* compact = stackalloc byte[64];
        int parity;
        fixed (byte* d = digest, k = privateKey)
        {
            if (secp256k1_ecdsa_sign_recoverable(Context, made, d, k, 0, 0) == 0) return false;
        }
        if (secp256k1_ecdsa_recoverable_signature_serialize_compact(Context, compact, &parity, made) == 0) return false;
        signature = new Signature(new Hash32(new(compact, 32)), new Hash32(new(compact + 32, 32)), (byte)parity);
        return true;
    }

    internal static bool TryDerive(ReadOnlySpan<byte> privateKey, Span<byte> publicKey)
    {
        if (privateKey.Length != Secp256k1.PrivateKeyLength) return false;
        byte* point = stackalloc byte[ObjectSize];
        fixed (byte* k = privateKey)
        {
            if (secp256k1_ec_pubkey_create(Context, point, k) == 0) return false;
        }
        return TrySerialize(point, publicKey);
    }

    internal static bool TryRecover(ReadOnlySpan<byte> digest, in Signature signature, Span<byte> publicKey)
    {
        byte* compact = stackalloc byte[64];
        byte* parsed = stackalloc byte[RecoverableSize];
        byte* point = stackalloc byte[ObjectSize];
        signature.R.CopyTo(new Span<byte>(compact, 32));
        signature.S.CopyTo(new Span<byte>(compact + 32, 32));
        if (secp256k1_ecdsa_recoverable_signature_parse_compact(Context, parsed, compact, signature.YParity) == 0)
            return false;
        fixed (byte* d = digest)
        {
            if (secp256k1_ecdsa_recover(Context, point, parsed, d) == 0) return false;
        }
        return TrySerialize(point, publicKey);
    }

    internal static bool Verify(ReadOnlySpan<byte> digest, ReadOnlySpan<byte> compact, ReadOnlySpan<byte> publicKey)
    {
        byte* parsed = stackalloc byte[ObjectSize];
        byte* point = stackalloc byte[ObjectSize];
        fixed (byte* d = digest, c = compact, k = publicKey)
        {
            if (secp256k1_ec_pubkey_parse(Context, point, k, (nuint)publicKey.Length) == 0) return false;
            if (secp256k1_ecdsa_signature_parse_compact(Context, parsed, c) == 0) return false;
            _ = secp256k1_ecdsa_signature_normalize(Context, parsed, parsed); // The library verifies low s only.
            return secp256k1_ecdsa_verify(Context, parsed, d, point) == 1;
        }
    }

    private static bool TrySerialize(byte* point, Span<byte> publicKey)
    {
        byte* encoded = stackalloc byte[1 + Secp256k1.PublicKeyLength];
        nuint length = 1 + Secp256k1.PublicKeyLength;
        if (secp256k1_ec_pubkey_serialize(Context, encoded, &length, point, Uncompressed) == 0) return false;
        new ReadOnlySpan<byte>(encoded + 1, Secp256k1.PublicKeyLength).CopyTo(publicKey);
        return true;
    }

    [LibraryImport(Library)]
    private static partial nint secp256k1_context_create(uint flags);

    [LibraryImport(Library)]
    private static partial int secp256k1_context_randomize(nint context, byte* seed32);

    [LibraryImport(Library)]
    private static partial int secp256k1_ec_pubkey_create(nint context, byte* publicKey, byte* privateKey);

    [LibraryImport(Library)]
    private static partial int secp256k1_ec_pubkey_parse(nint context, byte* publicKey, byte* input, nuint length);

    [LibraryImport(Library)]
    private static partial int secp256k1_ec_pubkey_serialize(
        nint context, byte* output, nuint* length, byte* publicKey, uint flags);

    [LibraryImport(Library)]
    private static partial int secp256k1_ecdsa_signature_parse_compact(nint context, byte* signature, byte* input64);

    [LibraryImport(Library)]
    private static partial int secp256k1_ecdsa_signature_normalize(nint context, byte* output, byte* input);

    [LibraryImport(Library)]
    private static partial int secp256k1_ecdsa_verify(nint context, byte* signature, byte* digest32, byte* publicKey);

    [LibraryImport(Library)]
    private static partial int secp256k1_ecdsa_sign_recoverable(
        nint context, byte* signature, byte* digest32, byte* privateKey, nint nonceFunction, nint nonceData);

    [LibraryImport(Library)]
    private static partial int secp256k1_ecdsa_recoverable_signature_serialize_compact(
        nint context, byte* output64, int* recoveryId, byte* signature);

    [LibraryImport(Library)]
    private static partial int secp256k1_ecdsa_recoverable_signature_parse_compact(
        nint context, byte* signature, byte* input64, int recoveryId);

    [LibraryImport(Library)]
    private static partial int secp256k1_ecdsa_recover(nint context, byte* publicKey, byte* signature, byte* digest32);
}
