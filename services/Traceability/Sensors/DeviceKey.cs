using System.Security.Cryptography;
using Proofs;
using Proofs.Notes;

namespace Traceability.Sensors;

/// <summary>A device's public key.</summary>
/// <param name="Algorithm"><c>ed25519</c> (32 bytes) or <c>ecdsa-p256</c> (SubjectPublicKeyInfo, DER).</param>
/// <param name="Key">The key.</param>
internal sealed record DeviceKey(string Algorithm, byte[] Key)
{
    public const string Ed25519Name = "ed25519";
    public const string EcdsaName = "ecdsa-p256";
    private const string P256 = "1.2.840.10045.3.1.7";

    /// <summary>SHA-256 of the key in hex, as it stands in the events of blocks that it signed.</summary>
    public string Fingerprint => Convert.ToHexStringLower(SHA256.HashData(Key));

    public static bool IsValid(string? algorithm, ReadOnlySpan<byte> key)
    {
        if (algorithm == Ed25519Name)
            return key.Length == Ed25519.PublicKeySize;
        if (algorithm != EcdsaName)
            return false;
        try
        {
            using ECDsa ecdsa = ECDsa.Create();
            ecdsa.ImportSubjectPublicKeyInfo(key, out int read);
            return read == key.Length && ecdsa.ExportParameters(false).Curve.Oid.Value == P256;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <summary>Whether the signature (R‖S for ECDSA, over SHA-256) is this key's over the bytes.</summary>
    public bool Verifies(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> signature) =>
        DeviceBlock.Verifies(Key, bytes, signature);
}
