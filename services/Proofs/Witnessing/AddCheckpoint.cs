using System.Globalization;
using System.Text;
using Proofs.Json;
using Proofs.Merkle;

namespace Proofs.Witnessing;

/// <summary>The body of an <c>add-checkpoint</c> request (C2SP tlog-witness).</summary>
/// <param name="OldSize">Size of the checkpoint that the witness is thought to have cosigned last.</param>
/// <param name="Proof">Consistency proof from that size to the checkpoint's, RFC 6962 §2.1.2.</param>
/// <param name="Note">The checkpoint as a signed note.</param>
public sealed record AddCheckpoint(long OldSize, IReadOnlyList<byte[]> Proof, string Note)
{
    /// <summary>The most proof lines that a request may have.</summary>
    public const int MaxProofLines = 63;

    /// <summary>Content type of the size that a witness answers to a conflict.</summary>
    public const string SizeContentType = "text/x.tlog.size";

    private const string Old = "old ";

    /// <summary>Reads a body; null unless it has the form that the specification gives.</summary>
    public static AddCheckpoint? Parse(string body)
    {
        var end = body.IndexOf("\n\n", StringComparison.Ordinal);
        if (end < 0 || !body.StartsWith(Old, StringComparison.Ordinal))
            return null;
        var lines = body[..end].Split('\n');
        if (ParseSize(lines[0][Old.Length..]) is not { } size || lines.Length > MaxProofLines + 1)
            return null;
        var proof = lines.Skip(1).Select(Base64Text.Decode).Where(h => h is { Length: MerkleTree.HashSize }).ToList();
        return proof.Count == lines.Length - 1 ? new AddCheckpoint(size, proof!, body[(end + 2)..]) : null;
    }

    /// <summary>Reads a size in ASCII decimal without leading zeroes; null for others and above 2⁵³−1.</summary>
    public static long? ParseSize(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size <= JsonInteger.Max
        && size.ToString(CultureInfo.InvariantCulture) == text
            ? size
            : null;

    /// <summary>The body.</summary>
    public override string ToString()
    {
        var body = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{Old}{OldSize}\n");
        foreach (var hash in Proof)
            body.Append(Convert.ToBase64String(hash)).Append('\n');
        return body.Append('\n').Append(Note).ToString();
    }
}
