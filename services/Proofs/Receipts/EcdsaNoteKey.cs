using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Proofs.Notes;

namespace Proofs.Receipts;

/// <summary>
/// A key that signs notes by ECDSA (P-256, SHA-256, IEEE P1363, as WebCrypto gives it): signature type 0x02 of C2SP
/// signed notes. Its id is the first four bytes of SHA-256(name ‖ 0x0A ‖ 0x02 ‖ SPKI).
/// </summary>
/// <param name="Name">Whose it is; no white space, no plus sign.</param>
/// <param name="Spki">The public key, DER.</param>
public sealed record EcdsaNoteKey(string Name, byte[] Spki)
{
    private const byte Algorithm = 0x02;
    private const int Bits = 256;

    /// <summary>The key id of its lines.</summary>
    public uint Id { get; } = BinaryPrimitives.ReadUInt32BigEndian(
        SHA256.HashData([.. Encoding.UTF8.GetBytes(Name), 0x0A, Algorithm, .. Spki]));

    /// <summary>Whether bytes are a public key of the curve.</summary>
    public static bool IsKey(byte[] spki) => Import(spki, key => key.KeySize == Bits);

    /// <summary>Whether a line is by this key and signs the text.</summary>
    public bool Verifies(string text, NoteSignature signature) =>
        signature.Name == Name && signature.KeyId == Id && Import(Spki, key => key.KeySize == Bits
            && key.VerifyData(Encoding.UTF8.GetBytes(text), signature.Signature, HashAlgorithmName.SHA256));

    private static bool Import(byte[] spki, Func<ECDsa, bool> then)
    {
        try
        {
            using ECDsa key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(spki, out int read);
            return read == spki.Length && then(key);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }
}
