using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using Proofs.Json;
using Proofs.Merkle;

namespace Proofs;

/// <summary>
/// The tree over one event's salted statements (services/docs/proof-format.md, "Statements"), in the order of the
/// statements, or scattered so that neither count nor places tell much of what is not shown.
/// </summary>
public sealed class StatementTree
{
    /// <summary>Fewest leaves of a scattered tree.</summary>
    public const int ScatteredMin = 16;

    private readonly IReadOnlyList<Statement> _statements;
    private readonly byte[] _salts;
    private readonly byte[][] _leaves;
    private readonly int[] _places;

    private StatementTree(IReadOnlyList<Statement> statements, byte[] salts, byte[][] leaves, int[] places) =>
        (_statements, _salts, _leaves, _places) = (statements, salts, leaves, places);

    /// <summary>Leaves of the tree: statements, and in a scattered tree what fills it up.</summary>
    public int Count => _leaves.Length;

    /// <summary>A tree with a leaf for each statement, in their order.</summary>
    /// <param name="secret">16 random bytes, new for each event; whoever has them can check guesses.</param>
    /// <param name="statements">All of them, at least one.</param>
    public static StatementTree InOrder(ReadOnlySpan<byte> secret, IReadOnlyList<Statement> statements)
    {
        byte[] salts = Salts(secret, statements.Count);
        byte[][] leaves = Leaves(statements, salts, statements.Count);
        return new StatementTree(statements, salts, leaves, Identity(statements.Count));
    }

    /// <summary>
    /// A tree filled up with random leaves to the next power of two, at least <see cref="ScatteredMin"/>, its leaves in
    /// the order of their hashes: the count tells a size class, and a leaf's place nothing.
    /// </summary>
    /// <param name="secret">16 random bytes, new for each event; whoever has them can check guesses.</param>
    /// <param name="statements">All of them, at least one.</param>
    public static StatementTree Scattered(ReadOnlySpan<byte> secret, IReadOnlyList<Statement> statements)
    {
        int count = Math.Max(ScatteredMin, (int)BitOperations.RoundUpToPowerOf2((uint)statements.Count));
        int fillers = count - statements.Count;
        byte[] salts = Salts(secret, statements.Count + (fillers * (MerkleTree.HashSize / Statements.SaltSize)));
        byte[][] leaves = Leaves(statements, salts, count);
        for (int i = 0; i < fillers; i++)
        {
            leaves[statements.Count + i] = salts.AsSpan(
                (statements.Count * Statements.SaltSize) + (i * MerkleTree.HashSize), MerkleTree.HashSize).ToArray();
        }
        int[] order = Identity(count), places = new int[count];
        Array.Sort(leaves, order, ByBytes);
        for (int i = 0; i < count; i++)
            places[order[i]] = i;
        return new StatementTree(statements, salts, leaves, places);
    }

    /// <summary>The root that the event carries.</summary>
    public byte[] Root()
    {
        SmallTree tree = new(_leaves);
        return MerkleTree.Root(tree, (ulong)Count);
    }

    /// <summary>Writes a file that shows some of the statements.</summary>
    /// <param name="shown">Which to show: places in the list of statements, each once.</param>
    public byte[] Disclose(IReadOnlyList<int> shown)
    {
        SmallTree tree = new(_leaves);
        return CanonicalJson.Write(JsonObject.Of(
            ("format", new JsonString(Statements.Format)),
            ("statements", new JsonArray([.. shown.OrderBy(i => _places[i]).Select(i => Item(tree, i))]))));
    }

    /// <summary>Hash of a statement's leaf.</summary>
    internal static byte[] Leaf(ReadOnlySpan<byte> salt, Statement statement)
    {
        int most = 1 + 10 + (2 * Statements.SaltSize) + StatementText.MaxBytes(statement.Pointer)
            + StatementText.MaxBytes(statement.Value);
        Span<byte> entry = most <= 1024 ? stackalloc byte[1024] : new byte[most];
        entry[0] = 0;
        int at = 1;
        "[\""u8.CopyTo(entry[at..]);
        at += 2;
        Convert.TryToHexStringLower(salt, entry[at..], out int written);
        at += written;
        "\","u8.CopyTo(entry[at..]);
        at += 2;
        at += StatementText.Write(statement.Pointer, entry[at..]);
        entry[at++] = (byte)',';
        at += StatementText.Write(statement.Value, entry[at..]);
        entry[at++] = (byte)']';
        return SHA256.HashData(entry[..at]);
    }

    private JsonObject Item(SmallTree tree, int i)
    {
        IReadOnlyList<byte[]> path = MerkleTree.InclusionPath(tree, (ulong)_places[i], (ulong)Count);
        return JsonObject.Of(
            ("index", new JsonInteger(_places[i])),
            ("path", new JsonArray([.. path.Select(h => new JsonString(Convert.ToHexStringLower(h)))])),
            ("pointer", new JsonString(_statements[i].Pointer)),
            ("salt", new JsonString(Convert.ToHexStringLower(
                _salts.AsSpan(i * Statements.SaltSize, Statements.SaltSize)))),
            ("value", new JsonString(_statements[i].Value)));
    }

    private static byte[][] Leaves(IReadOnlyList<Statement> statements, ReadOnlySpan<byte> salts, int size)
    {
        ArgumentOutOfRangeException.ThrowIfZero(statements.Count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, Statements.Max);
        byte[][] leaves = new byte[size][];
        for (int i = 0; i < statements.Count; i++)
            leaves[i] = Leaf(salts.Slice(i * Statements.SaltSize, Statements.SaltSize), statements[i]);
        return leaves;
    }

    /// <summary>Blocks 0, 1, 2 … of AES-128 under the secret: counter mode, all of them in one call.</summary>
    private static byte[] Salts(ReadOnlySpan<byte> secret, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(secret.Length, Statements.SecretSize);
        byte[] counters = new byte[count * Statements.SaltSize];
        for (int i = 0; i < count; i++)
            BinaryPrimitives.WriteInt32BigEndian(counters.AsSpan(((i + 1) * Statements.SaltSize) - sizeof(int)), i);
        using Aes aes = Aes.Create();
        aes.SetKey(secret);
        byte[] salts = new byte[counters.Length];
        aes.EncryptEcb(counters, salts, PaddingMode.None);
        return salts;
    }

    private static int[] Identity(int count) => [.. Enumerable.Range(0, count)];

    private static readonly Comparer<byte[]> ByBytes =
        Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b));

    /// <summary>Perfect subtrees of a small tree, each level made once.</summary>
    private sealed class SmallTree : ISubtreeHashes
    {
        private readonly List<byte[][]> _levels = [];

        public SmallTree(byte[][] leaves)
        {
            for (byte[][] level = leaves; level.Length > 0; level = Above(level))
                _levels.Add(level);
        }

        public byte[] Subtree(int level, ulong index) => _levels[level][index];

        private static byte[][] Above(byte[][] level)
        {
            byte[][] above = new byte[level.Length / 2][];
            for (int i = 0; i < above.Length; i++)
                above[i] = MerkleTree.NodeHash(level[2 * i], level[(2 * i) + 1]);
            return above;
        }
    }
}

/// <summary>A text as an RFC 8785 string (§3.2.2.2) straight into bytes.</summary>
internal static class StatementText
{
    /// <summary>The most bytes a text takes: six for a control character, else at most three for a unit.</summary>
    public static int MaxBytes(string text) => 2 + (6 * text.Length);

    /// <summary>Writes the text in quotes; its length in bytes is returned.</summary>
    public static int Write(string text, Span<byte> to)
    {
        int at = 0;
        to[at++] = (byte)'"';
        for (ReadOnlySpan<char> rest = text; !rest.IsEmpty;)
        {
            int plain = rest.IndexOfAny(Escaped);
            plain = plain < 0 ? rest.Length : plain;
            at += Encoding.UTF8.GetBytes(rest[..plain], to[at..]);
            rest = rest[plain..];
            if (rest.IsEmpty)
                break;
            at += Escape(rest[0], to[at..]);
            rest = rest[1..];
        }
        to[at++] = (byte)'"';
        return at;
    }

    private static int Escape(char c, Span<byte> to)
    {
        int letter = "\"\\\b\f\n\r\t".IndexOf(c, StringComparison.Ordinal);
        to[0] = (byte)'\\';
        if (letter >= 0)
        {
            to[1] = "\"\\bfnrt"u8[letter];
            return 2;
        }
        "u00"u8.CopyTo(to[1..]);
        to[4] = (byte)('0' + (c >> 4));
        to[5] = "0123456789abcdef"u8[c & 15];
        return 6;
    }

    private static readonly SearchValues<char> Escaped = SearchValues.Create(
        "\"\\" + string.Concat(Enumerable.Range(0, ' ').Select(c => (char)c)));
}
