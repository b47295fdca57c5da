using System.Security.Cryptography;

namespace ServiceDefaults;

/// <summary>
/// Keeps bytes that leave this service, or lie in its database, under a key of its own (AES-256-GCM).
/// </summary>
/// <param name="keyFile">Where the key is kept; made at first use.</param>
public sealed class SealedText(string keyFile)
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private readonly Lazy<byte[]> _key = new(() => SecretFile.ReadOrCreate(keyFile));

    /// <summary>Nonce, ciphertext and tag.</summary>
    public byte[] Seal(ReadOnlySpan<byte> plain)
    {
        byte[] box = new byte[NonceBytes + plain.Length + TagBytes];
        RandomNumberGenerator.Fill(box.AsSpan(0, NonceBytes));
        using AesGcm aes = new(_key.Value, TagBytes);
        aes.Encrypt(box.AsSpan(0, NonceBytes), plain, box.AsSpan(NonceBytes, plain.Length), box.AsSpan(^TagBytes));
        return box;
    }

    /// <summary>What was sealed, or null where it was not sealed here.</summary>
    public byte[]? Open(ReadOnlySpan<byte> box)
    {
        if (box.Length < NonceBytes + TagBytes)
            return null;
        byte[] plain = new byte[box.Length - NonceBytes - TagBytes];
        try
        {
            using AesGcm aes = new(_key.Value, TagBytes);
            aes.Decrypt(box[..NonceBytes], box[NonceBytes..^TagBytes], box[^TagBytes..], plain);
            return plain;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
