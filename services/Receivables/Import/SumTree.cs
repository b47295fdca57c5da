using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Receivables.Import;

/// <summary>A step of a path: the neighbour's sum and hash, and on which side it is.</summary>
public sealed record SumStep(string Side, long Fen, string Sha256);

/// <summary>
/// A Merkle sum tree over balances: each node commits to the sum below it, so a holder that checks its own path knows that
/// its balance is in the total. Shape as in RFC 6962 §2.1. Leaf: SHA-256(0x00 ‖ fen ‖ holder in UTF-8); node:
/// SHA-256(0x01 ‖ left fen ‖ left hash ‖ right fen ‖ right hash); fen are 8 bytes, big-endian.
/// </summary>
public sealed class SumTree
{
    private readonly IReadOnlyList<(long Fen, byte[] Hash)> _leaves;

    private SumTree(IReadOnlyList<(long, byte[])> leaves)
    {
        _leaves = leaves;
        (TotalFen, byte[] root) = Node(0, leaves.Count);
        RootHex = Convert.ToHexStringLower(root);
    }

    /// <summary>Sum of all balances.</summary>
    public long TotalFen { get; }

    /// <summary>The root's hash, hex.</summary>
    public string RootHex { get; }

    /// <summary>The tree over balances in their order.</summary>
    public static SumTree Of(IEnumerable<HandoverBalance> balances) =>
        new([.. balances.Select(b => (b.Fen, Leaf(b.Holder, b.Fen)))]);

    /// <summary>The path of a leaf, from the leaf up.</summary>
    public IReadOnlyList<SumStep> Path(int index)
    {
        List<SumStep> steps = [];
        Walk(0, _leaves.Count, index, steps);
        return steps;
    }

    /// <summary>The root that a path leads to, hex, with its sum; what a holder checks for itself.</summary>
    public static (long TotalFen, string RootHex) RootOf(HandoverBalance balance, IEnumerable<SumStep> path)
    {
        (long fen, byte[] hash) = (balance.Fen, Leaf(balance.Holder, balance.Fen));
        foreach (SumStep step in path)
        {
            byte[] other = Convert.FromHexString(step.Sha256);
            hash = step.Side == "left" ? Join(step.Fen, other, fen, hash) : Join(fen, hash, step.Fen, other);
            fen += step.Fen;
        }
        return (fen, Convert.ToHexStringLower(hash));
    }

    private static byte[] Leaf(string holder, long fen)
    {
        byte[] name = Encoding.UTF8.GetBytes(holder);
        byte[] bytes = new byte[1 + sizeof(long) + name.Length];
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(1), fen);
        name.CopyTo(bytes.AsSpan(1 + sizeof(long)));
        return SHA256.HashData(bytes);
    }

    private static byte[] Join(long leftFen, byte[] left, long rightFen, byte[] right)
    {
        byte[] bytes = new byte[1 + 2 * (sizeof(long) + SHA256.HashSizeInBytes)];
        bytes[0] = 1;
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(1), leftFen);
        left.CopyTo(bytes.AsSpan(9));
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(41), rightFen);
        right.CopyTo(bytes.AsSpan(49));
        return SHA256.HashData(bytes);
    }

    private (long Fen, byte[] Hash) Node(int start, int count)
    {
        if (count == 0)
            return (0, SHA256.HashData([]));
        if (count == 1)
            return _leaves[start];
        int left = Split(count);
        (long leftFen, byte[] leftHash) = Node(start, left);
        (long rightFen, byte[] rightHash) = Node(start + left, count - left);
        return (checked(leftFen + rightFen), Join(leftFen, leftHash, rightFen, rightHash));
    }

    private void Walk(int start, int count, int index, List<SumStep> steps)
    {
        if (count <= 1)
            return;
        int left = Split(count);
        bool isLeft = index < start + left;
        Walk(isLeft ? start : start + left, isLeft ? left : count - left, index, steps);
        (long fen, byte[] hash) = isLeft ? Node(start + left, count - left) : Node(start, left);
        steps.Add(new SumStep(isLeft ? "right" : "left", fen, Convert.ToHexStringLower(hash)));
    }

    /// <summary>The largest power of two below a count.</summary>
    private static int Split(int count) => 1 << (31 - int.LeadingZeroCount(count - 1));
}
