using System.Numerics;
using System.Security.Cryptography;

namespace Proofs.Merkle;

/// <summary>
/// The Merkle tree of RFC 6962 §2.1 (RFC 9162 §2.1) over SHA-256: hashes, and proofs made from any source of perfect
/// subtree hashes and checked against roots. Hashes are 32 bytes.
/// </summary>
public static class MerkleTree
{
    /// <summary>Length of every hash, in bytes.</summary>
    public const int HashSize = 32;

    /// <summary>The longest inclusion path that a tree of at most 2⁶⁴−1 leaves can have.</summary>
    public const int MaxPathLength = 64;

    /// <summary>Root of the tree without leaves: SHA-256 of nothing.</summary>
    public static byte[] EmptyRoot() => SHA256.HashData([]);

    /// <summary>Leaf hash SHA-256(0x00 ‖ entry).</summary>
    public static byte[] LeafHash(ReadOnlySpan<byte> entry)
    {
        Span<byte> buffer = entry.Length < 512 ? stackalloc byte[entry.Length + 1] : new byte[entry.Length + 1];
        buffer[0] = 0;
        entry.CopyTo(buffer[1..]);
        return SHA256.HashData(buffer);
    }

    /// <summary>Inner node hash SHA-256(0x01 ‖ left ‖ right) of two 32-byte hashes.</summary>
    public static byte[] NodeHash(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        Span<byte> buffer = stackalloc byte[1 + (2 * HashSize)];
        buffer[0] = 1;
        left.CopyTo(buffer[1..]);
        right.CopyTo(buffer[(1 + HashSize)..]);
        return SHA256.HashData(buffer);
    }

    /// <summary>True if the path leads from the leaf at <paramref name="index"/> to the root (RFC 9162 §2.1.3.2).</summary>
    public static bool VerifyInclusion(
        ulong index, ulong size, byte[] leafHash, IReadOnlyList<byte[]> path, ReadOnlySpan<byte> root)
    {
        if (index >= size || leafHash.Length != HashSize || root.Length != HashSize || path.Any(Misshapen))
            return false;
        var (fn, sn, hash) = (index, size - 1, leafHash);
        foreach (var sibling in path)
        {
            if (sn == 0)
                return false;
            if ((fn & 1) == 1 || fn == sn)
            {
                hash = NodeHash(sibling, hash);
                var shift = BitOperations.TrailingZeroCount(fn);
                (fn, sn) = (fn >> shift, sn >> shift);
            }
            else
            {
                hash = NodeHash(hash, sibling);
            }
            fn >>= 1;
            sn >>= 1;
        }
        return sn == 0 && root.SequenceEqual(hash);
    }

    /// <summary>
    /// True if the tree of <paramref name="size2"/> leaves begins with the tree of <paramref name="size1"/> leaves
    /// (RFC 9162 §2.1.4.2). Nothing is proven about the tree without leaves: <paramref name="size1"/> 0 is refused.
    /// </summary>
    public static bool VerifyConsistency(
        ulong size1, ulong size2, ReadOnlySpan<byte> root1, ReadOnlySpan<byte> root2, IReadOnlyList<byte[]> proof)
    {
        if (size1 == 0 || size1 > size2 || root1.Length != HashSize || root2.Length != HashSize || proof.Any(Misshapen))
            return false;
        if (size1 == size2)
            return proof.Count == 0 && root1.SequenceEqual(root2);
        if (proof.Count == 0)
            return false;
        var shift = BitOperations.TrailingZeroCount(size1);
        var (fn, sn) = ((size1 - 1) >> shift, (size2 - 1) >> shift);
        // The old tree is one perfect subtree: its root is the first node and is left out of the proof.
        var next = fn == 0 ? 0 : 1;
        var oldHash = fn == 0 ? root1.ToArray() : proof[0];
        var newHash = oldHash;
        for (; next < proof.Count; next++)
        {
            if (sn == 0)
                return false;
            if ((fn & 1) == 1 || fn == sn)
            {
                oldHash = NodeHash(proof[next], oldHash);
                newHash = NodeHash(proof[next], newHash);
                while ((fn & 1) == 0 && fn != 0)
                    (fn, sn) = (fn >> 1, sn >> 1);
            }
            else
            {
                newHash = NodeHash(newHash, proof[next]);
            }
            fn >>= 1;
            sn >>= 1;
        }
        return sn == 0 && root1.SequenceEqual(oldHash) && root2.SequenceEqual(newHash);
    }

    /// <summary>Root of the tree of the first <paramref name="size"/> leaves.</summary>
    public static byte[] Root(ISubtreeHashes hashes, ulong size) =>
        size == 0 ? EmptyRoot() : RangeHash(hashes, 0, size);

    /// <summary>Inclusion path of a leaf in the tree of <paramref name="size"/> leaves, the leaf's sibling first.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is not below the size.</exception>
    public static IReadOnlyList<byte[]> InclusionPath(ISubtreeHashes hashes, ulong index, ulong size)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        var path = new List<byte[]>();
        var (start, end) = (0UL, size);
        while (end - start > 1)
        {
            var middle = start + Split(end - start);
            if (index < middle)
            {
                path.Add(RangeHash(hashes, middle, end));
                end = middle;
            }
            else
            {
                path.Add(RangeHash(hashes, start, middle));
                start = middle;
            }
        }
        path.Reverse();
        return path;
    }

    /// <summary>
    /// Consistency proof between the trees of the first <paramref name="size1"/> and <paramref name="size2"/> leaves;
    /// empty for equal sizes and for <paramref name="size1"/> 0.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The first size is above the second.</exception>
    public static IReadOnlyList<byte[]> ConsistencyProof(ISubtreeHashes hashes, ulong size1, ulong size2)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size1, size2);
        var proof = new List<byte[]>();
        if (size1 == 0 || size1 == size2)
            return proof;
        var (start, end, whole) = (0UL, size2, true);
        while (end != size1)
        {
            var middle = start + Split(end - start);
            if (size1 <= middle)
            {
                proof.Add(RangeHash(hashes, middle, end));
                end = middle;
            }
            else
            {
                proof.Add(RangeHash(hashes, start, middle));
                (start, whole) = (middle, false);
            }
        }
        if (!whole)
            proof.Add(RangeHash(hashes, start, end));
        proof.Reverse();
        return proof;
    }

    // The range begins at a multiple of the smallest power of two that is not below its length, as every range of
    // RFC 9162's recursion does.
    private static byte[] RangeHash(ISubtreeHashes hashes, ulong start, ulong end)
    {
        var length = end - start;
        if (BitOperations.IsPow2(length))
        {
            var level = BitOperations.Log2(length);
            return hashes.Subtree(level, start >> level);
        }
        var middle = start + Split(length);
        return NodeHash(RangeHash(hashes, start, middle), RangeHash(hashes, middle, end));
    }

    // The largest power of two below n, for n ≥ 2.
    private static ulong Split(ulong n) => 1UL << BitOperations.Log2(n - 1);

    private static bool Misshapen(byte[] hash) => hash.Length != HashSize;
}

/// <summary>Hashes of perfect subtrees, from tiles or from memory.</summary>
public interface ISubtreeHashes
{
    /// <summary>Hash of the 2^<paramref name="level"/> leaves from <paramref name="index"/>·2^level on.</summary>
    byte[] Subtree(int level, ulong index);
}
