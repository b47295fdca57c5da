namespace Chain.Core;

/// <summary>
/// ECDSA on secp256k1 (SEC 2 §2.4.1). Public data is checked by libsecp256k1 when the system has it and by
/// <see cref="ManagedSecp256k1"/> otherwise; both give the same answers. Private keys are only ever used by the
/// library, whose code runs in constant time.
/// </summary>
public static class Secp256k1
{
    /// <summary>Length of a private key in bytes.</summary>
    public const int PrivateKeyLength = 32;

    /// <summary>Length of a public key x‖y in bytes, without a leading 0x04.</summary>
    public const int PublicKeyLength = 64;

    /// <summary>The order n of the group.</summary>
    public static readonly Hash32 Order =
        Hash32.Parse("0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");

    /// <summary>n/2, the highest s of a canonical signature (EIP-2).</summary>
    public static readonly Hash32 HalfOrder =
        Hash32.Parse("0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0");

    /// <summary>True when libsecp256k1 was found, so that signing is possible.</summary>
    public static bool CanSign => NativeSecp256k1.IsAvailable;

    /// <summary>Signs a digest with the nonce of RFC 6979; s is low.</summary>
    /// <exception cref="ArgumentException">The key is not a scalar in [1, n−1].</exception>
    /// <exception cref="PlatformNotSupportedException">libsecp256k1 is not installed.</exception>
    public static Signature Sign(in Hash32 digest, ReadOnlySpan<byte> privateKey)
    {
        RequireSigning();
        return NativeSecp256k1.TrySign(digest.Bytes, privateKey, out var signature)
            ? signature
            : throw new ArgumentException("Not a private key of secp256k1.", nameof(privateKey));
    }

    /// <summary>The public key x‖y of a private key.</summary>
    /// <exception cref="ArgumentException">The key is not a scalar in [1, n−1].</exception>
    /// <exception cref="PlatformNotSupportedException">libsecp256k1 is not installed.</exception>
    public static byte[] PublicKeyOf(ReadOnlySpan<byte> privateKey)
    {
        RequireSigning();
        var publicKey = new byte[PublicKeyLength];
        return NativeSecp256k1.TryDerive(privateKey, publicKey)
            ? publicKey
            : throw new ArgumentException("Not a private key of secp256k1.", nameof(privateKey));
    }

    /// <summary>The address of a private key.</summary>
    /// <exception cref="ArgumentException">The key is not a scalar in [1, n−1].</exception>
    /// <exception cref="PlatformNotSupportedException">libsecp256k1 is not installed.</exception>
    public static Address AddressOf(ReadOnlySpan<byte> privateKey) => AddressOfPublicKey(PublicKeyOf(privateKey));

    /// <summary>The address of a public key x‖y: the last 20 bytes of its Keccak-256.</summary>
    public static Address AddressOfPublicKey(ReadOnlySpan<byte> publicKey) =>
        Address.FromWord(Keccak256.Hash(publicKey[..PublicKeyLength]).Bytes);

    /// <summary>Recovers the signer's address. High s is accepted; false when no key can have made the signature.</summary>
    public static bool TryRecover(in Hash32 digest, in Signature signature, out Address signer)
    {
        Span<byte> publicKey = stackalloc byte[PublicKeyLength];
        bool ok = TryRecoverPublicKey(digest, signature, publicKey);
        signer = ok ? AddressOfPublicKey(publicKey) : default;
        return ok;
    }

    /// <summary>Recovers the signer's public key x‖y into 64 bytes. High s is accepted.</summary>
    public static bool TryRecoverPublicKey(in Hash32 digest, in Signature signature, Span<byte> publicKey)
    {
        if (!signature.IsWellFormed) return false;
        return NativeSecp256k1.IsAvailable
            ? NativeSecp256k1.TryRecover(digest.Bytes, signature, publicKey)
            : ManagedSecp256k1.TryRecover(digest, signature, publicKey);
    }

    /// <summary>
    /// Checks r‖s (64 bytes) against a public key of 33 or 65 bytes (SEC 1 §2.3.3, hybrid form refused). High s is
    /// accepted.
    /// </summary>
    public static bool Verify(in Hash32 digest, ReadOnlySpan<byte> compactSignature, ReadOnlySpan<byte> publicKey)
    {
        if (compactSignature.Length != 64 || !IsEncodedPoint(publicKey)) return false;
        var signature = new Signature(new Hash32(compactSignature[..32]), new Hash32(compactSignature[32..]), 0);
        if (!signature.IsWellFormed) return false;
        return NativeSecp256k1.IsAvailable
            ? NativeSecp256k1.Verify(digest.Bytes, compactSignature, publicKey)
            : ManagedSecp256k1.Verify(digest, signature, publicKey);
    }

    private static bool IsEncodedPoint(ReadOnlySpan<byte> key) =>
        (key.Length == 33 && key[0] is 2 or 3) || (key.Length == 65 && key[0] == 4);

    private static void RequireSigning()
    {
        if (!CanSign) throw new PlatformNotSupportedException("Signing needs libsecp256k1, which is not installed.");
    }
}
