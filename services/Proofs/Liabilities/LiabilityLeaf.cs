using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Proofs.Liabilities;

/// <summary>What a merchant owes in a part of the tree, in fen.</summary>
/// <param name="PrincipalFen">Of what holders paid.</param>
/// <param name="GiftFen">Of what was given on top.</param>
public readonly record struct Liability(long PrincipalFen, long GiftFen)
{
    /// <summary>Every sum stays below 2⁵³, so that a browser counts it exactly.</summary>
    public const long Limit = 1L << 53;

    /// <summary>Whether both are amounts that a tree may state.</summary>
    public bool IsValid => PrincipalFen is >= 0 and < Limit && GiftFen is >= 0 and < Limit;

    /// <summary>Both; neither operand is more than <see cref="Limit"/>, so that nothing overflows.</summary>
    public static Liability operator +(Liability a, Liability b) =>
        new(a.PrincipalFen + b.PrincipalFen, a.GiftFen + b.GiftFen);
}

/// <summary>
/// One leaf of a day's tree: part of one card's balance, or nothing for padding. Its hash is
/// SHA-256(0x02 ‖ SHA-256(merchant) ‖ day ‖ SHA-256(card ‖ nonce) ‖ principal ‖ gift ‖ receipt), with the day as
/// <c>yyyymmdd</c> in 4 bytes and the figures in 8 bytes each, all big-endian.
/// </summary>
/// <param name="Card">The card's id.</param>
/// <param name="Nonce">16 random bytes of that day and leaf.</param>
/// <param name="Owed">The part that this leaf counts.</param>
/// <param name="Receipt">The number of the card's last receipt that day.</param>
public sealed record LiabilityLeaf(Guid Card, byte[] Nonce, Liability Owed, long Receipt)
{
    /// <summary>Bytes of a nonce.</summary>
    public const int NonceSize = 16;

    /// <summary>Bytes of a hash.</summary>
    public const int HashSize = SHA256.HashSizeInBytes;
    private const int Size = 1 + HashSize + 4 + HashSize + 8 + 8 + 8;

    /// <summary>SHA-256 of a merchant's id, as every leaf of its trees carries it.</summary>
    public static byte[] MerchantHash(string merchant) => SHA256.HashData(Encoding.UTF8.GetBytes(merchant));

    /// <summary>The leaf's hash in a merchant's tree of a day.</summary>
    public void Hash(ReadOnlySpan<byte> merchantHash, DateOnly day, Span<byte> hash)
    {
        Span<byte> input = stackalloc byte[16 + NonceSize];
        Card.TryWriteBytes(input, bigEndian: true, out _);
        Nonce.CopyTo(input[16..]);
        Span<byte> leaf = stackalloc byte[Size];
        leaf[0] = 0x02;
        merchantHash.CopyTo(leaf[1..]);
        BinaryPrimitives.WriteInt32BigEndian(leaf[33..], Number(day));
        SHA256.HashData(input, leaf[37..69]);
        BinaryPrimitives.WriteInt64BigEndian(leaf[69..], Owed.PrincipalFen);
        BinaryPrimitives.WriteInt64BigEndian(leaf[77..], Owed.GiftFen);
        BinaryPrimitives.WriteInt64BigEndian(leaf[85..], Receipt);
        SHA256.HashData(leaf, hash);
    }

    /// <summary>A day as the number <c>yyyymmdd</c>.</summary>
    public static int Number(DateOnly day) => (day.Year * 100 + day.Month) * 100 + day.Day;
}

/// <summary>
/// An inner node: SHA-256(0x03 ‖ level ‖ sums left ‖ hash left ‖ sums right ‖ hash right). The sums of both children
/// are hashed apart; were only their total hashed, a merchant could show one child less than it holds (Hu, 2018).
/// </summary>
public static class LiabilityNode
{
    private const int Size = 1 + 1 + 2 * (8 + 8 + LiabilityLeaf.HashSize);

    /// <summary>Hashes two children; the leaves' parents have level 1.</summary>
    public static void Hash(
        int level, Liability left, ReadOnlySpan<byte> leftHash, Liability right, ReadOnlySpan<byte> rightHash,
        Span<byte> hash)
    {
        Span<byte> node = stackalloc byte[Size];
        node[0] = 0x03;
        node[1] = checked((byte)level);
        Write(left, leftHash, node[2..]);
        Write(right, rightHash, node[50..]);
        SHA256.HashData(node, hash);
    }

    private static void Write(Liability owed, ReadOnlySpan<byte> hash, Span<byte> to)
    {
        BinaryPrimitives.WriteInt64BigEndian(to, owed.PrincipalFen);
        BinaryPrimitives.WriteInt64BigEndian(to[8..], owed.GiftFen);
        hash.CopyTo(to[16..]);
    }
}
