using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Prepaid.Cards;

/// <summary>
/// The code that a holder's page shows to a till: signed by the holder's key over
/// <c>prepaid-code/1|card|nonce|until</c>, ECDSA with P-256 and SHA-256 in the form of WebCrypto (IEEE P1363).
/// </summary>
/// <param name="Card">The card.</param>
/// <param name="Nonce">A number used once.</param>
/// <param name="Until">Until when it holds, seconds since 1970.</param>
/// <param name="Signature">64 bytes in base64url.</param>
public sealed record HolderCode(Guid Card, string Nonce, long Until, string Signature)
{
    /// <summary>A code holds for a minute at most; a phone's clock may be a few seconds ahead.</summary>
    internal const int SecondsMax = 65;

    private const int NonceMin = 16;
    private const int NonceMax = 64;

    /// <summary>Exactly what is signed.</summary>
    public byte[] Signed => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $"prepaid-code/1|{Card}|{Nonce}|{Until}"));

    /// <summary>The problem's code that stands against it; null where it holds.</summary>
    /// <param name="card">The card that is redeemed.</param>
    /// <param name="key">Its holder's key, SPKI in base64url; null where it has none.</param>
    /// <param name="now">By the server's clock, whatever phone and till say.</param>
    public string? Fault(Guid card, string? key, DateTimeOffset now)
    {
        long left = Until - now.ToUnixTimeSeconds();
        if (left <= 0 || left > SecondsMax)
            return "payment-code-expired";
        return Card == card && key is not null && Nonce.Length is >= NonceMin and <= NonceMax && IsSigned(key)
            ? null : "payment-code-wrong";
    }

    private bool IsSigned(string key)
    {
        try
        {
            using ECDsa holder = ECDsa.Create();
            holder.ImportSubjectPublicKeyInfo(Base64Url.DecodeFromChars(key), out _);
            return holder.KeySize == 256 && holder.VerifyData(
                Signed, Base64Url.DecodeFromChars(Signature), HashAlgorithmName.SHA256);
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            return false;
        }
    }
}
