using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Chain.Core;

namespace KeyHolder;

/// <summary>A signed statement of how many evaluations each platform had on a day.</summary>
/// <param name="Statement">JSON text; its members are in order, so that the text is the one that was signed.</param>
/// <param name="Signature">r ‖ s ‖ v over SHA-256 of the text, lower-case hex.</param>
/// <param name="Signer">The holder's account.</param>
public sealed record SignedCounts(string Statement, string Signature, string Signer)
{
    /// <summary>SHA-256 of the text: what is anchored.</summary>
    public Hash32 Digest => new(SHA256.HashData(Encoding.UTF8.GetBytes(Statement)));

    /// <summary>Whether the signer made the statement.</summary>
    public bool Verify() => Chain.Core.Signature.TryRead(Convert.FromHexString(Signature), out Signature signature)
        && Secp256k1.TryRecover(Digest, signature, out Address signer) && signer.ToString() == Signer;
}

/// <summary>Says what was evaluated on a day that is over.</summary>
public sealed class DailyCounts(int holder, RequestLog log, byte[] account, TimeProvider time)
{
    /// <summary>The account that signs, and anchors.</summary>
    public Address Signer { get; } = Secp256k1.AddressOf(account);

    /// <summary>The statement of a day; null while the day is not over.</summary>
    public SignedCounts? Of(DateOnly day)
    {
        if (day >= Today)
            return null;
        string text = JsonSerializer.Serialize(new
        {
            counts = log.Counts(day).Select(c => new { evaluations = c.Points, platform = c.Platform }),
            day = day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            format = "evaluation-counts/1",
            holder,
        });
        Hash32 digest = new(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        return new SignedCounts(
            text, Convert.ToHexStringLower(Secp256k1.Sign(digest, account).ToArray()), Signer.ToString());
    }

    /// <summary>All points evaluated on a day.</summary>
    public int Total(DateOnly day) => log.Counts(day).Sum(c => c.Points);

    /// <summary>The present day, UTC.</summary>
    public DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
}
