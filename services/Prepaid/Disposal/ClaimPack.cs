using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Prepaid.Custody;
using Prepaid.Merchants;

namespace Prepaid.Disposal;

/// <summary>Files of a claim list and of the pack around it; pure, so that the same figures are the same bytes.</summary>
internal static class ClaimPack
{
    private static CultureInfo Culture => CultureInfo.InvariantCulture;

    /// <summary>The list: a card is a pseudonym, amounts are in fen.</summary>
    public static byte[] List(IReadOnlyList<PaidClaim> claims, IReadOnlyList<Source> sources)
    {
        StringBuilder text = new();
        text.Append("card,principal,gift,receipt");
        foreach (Source source in sources)
            text.Append(',').Append(source.Kind);
        text.Append(",open\n");
        foreach (PaidClaim c in claims)
        {
            text.Append(Culture, $"{c.Claim.Card},{c.Claim.Owed.PrincipalFen},{c.Claim.Owed.GiftFen},{c.Claim.Receipt}");
            foreach (long paid in c.Paid)
                text.Append(Culture, $",{paid}");
            text.Append(Culture, $",{c.OpenFen}\n");
        }
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>What the pack says first: who, since when, what there is, and what it proves and does not.</summary>
    public static string Cover(
        string merchant, Merchant known, CustodyAccount custody, DateOnly day, IReadOnlyList<PaidClaim> claims,
        IReadOnlyList<Source> sources)
    {
        StringBuilder text = new();
        text.Append(Culture, $"prepaid-resolution-pack/1\nmerchant {merchant}\nname {known.Filing?.Name}\n");
        text.Append(Culture, $"jurisdiction {known.Filing?.Jurisdiction}\nday {day:yyyy-MM-dd}\nclaims {claims.Count}\n");
        text.Append(Culture, $"principal {claims.Sum(c => c.Claim.Owed.PrincipalFen)}\n");
        text.Append(Culture, $"gift {claims.Sum(c => c.Claim.Owed.GiftFen)} ranks last\n");
        foreach (Source source in sources)
            text.Append(Culture, $"source {source.Kind} {source.Fen}\n");
        text.Append(Culture, $"open {claims.Sum(c => c.OpenFen)}\n");
        text.Append(Culture, $"custody bank {custody.Bank ?? "-"} account {custody.Account ?? "-"}");
        text.Append(Culture, $" statement {custody.Last?.Day.ToString("yyyy-MM-dd", Culture) ?? "-"}\n");
        text.Append(Culture, $"short since {custody.ShortSince?.ToString("yyyy-MM-dd", Culture) ?? "-"}\n");
        if (known.Stop is { } stop)
            text.Append(Culture, $"sales stopped case {stop.CaseNumber} power {stop.Power}\n");
        if (custody.Freeze is { } freeze)
            text.Append(Culture, $"custody frozen case {freeze.CaseNumber} power {freeze.Power}\n");
        text.Append("a proposal until a court or liquidator confirms it\n");
        text.Append("cards are pseudonyms; holders prove themselves by their receipts\n");
        text.Append("sales that were never recorded are not in it\n");
        return text.ToString();
    }

    /// <summary>A ZIP of files with their SHA-256 in <c>manifest.txt</c>; the same files are the same bytes.</summary>
    public static byte[] Zip(DateOnly day, IEnumerable<(string Name, byte[] Bytes)> files)
    {
        (string Name, byte[] Bytes)[] all = [.. files];
        string manifest = string.Concat(all.Select(f => $"{Convert.ToHexStringLower(SHA256.HashData(f.Bytes))}  {f.Name}\n"));
        using MemoryStream stream = new();
        using (ZipArchive zip = new(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] bytes) in all.Append(("manifest.txt", Encoding.UTF8.GetBytes(manifest))))
            {
                ZipArchiveEntry entry = zip.CreateEntry(name);
                entry.LastWriteTime = new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero);
                using Stream content = entry.Open();
                content.Write(bytes);
            }
        }
        return stream.ToArray();
    }
}
