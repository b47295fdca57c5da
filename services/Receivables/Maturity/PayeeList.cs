using System.Globalization;
using System.Numerics;
using System.Text;
using Proofs.Merkle;

namespace Receivables.Maturity;

/// <summary>
/// The list of payees at the cut-off, under one root, so that each payee can be shown its own line alone.
/// </summary>
internal static class PayeeList
{
    /// <summary>
    /// RFC 6962 root over the lines <c>start-end payee</c> in order of their start, in lower hexadecimal.
    /// </summary>
    public static string Root(IEnumerable<PayeeLeaf> leaves)
    {
        byte[][] hashes = [.. leaves.OrderBy(l => l.Start).Select(l => MerkleTree.LeafHash(
            Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{l.Start}-{l.End} {l.Payee}"))))];
        return Convert.ToHexStringLower(hashes.Length == 0 ? MerkleTree.EmptyRoot() : Node(hashes));
    }

    // RFC 6962 §2.1: split at the largest power of two below the number of leaves.
    private static byte[] Node(ReadOnlySpan<byte[]> hashes)
    {
        if (hashes.Length == 1)
            return hashes[0];
        int left = (int)(BitOperations.RoundUpToPowerOf2((uint)hashes.Length) / 2);
        return MerkleTree.NodeHash(Node(hashes[..left]), Node(hashes[left..]));
    }
}
