using System.Buffers.Binary;
using System.Globalization;
using Chain.Core;
using Proofs.Json;

namespace Proofs.Liabilities;

/// <summary>
/// A holder's file <c>prepaid-liability/1</c>: both leaves of a card with their paths. A path is a string of steps of 48
/// bytes in base64: principal and gift of the sibling in 8 bytes each, big-endian, then its hash.
/// </summary>
/// <param name="Merchant">Who owes.</param>
/// <param name="Day">At the end of which day in China.</param>
/// <param name="Proofs">Both leaves.</param>
public sealed record LiabilityProofFile(string Merchant, DateOnly Day, IReadOnlyList<LiabilityProof> Proofs)
{
    /// <summary>The name of the format.</summary>
    public const string Format = "prepaid-liability/1";

    private const int StepSize = 16 + LiabilityLeaf.HashSize;

    /// <summary>Reads a file; null unless it has its one form.</summary>
    public static LiabilityProofFile? Parse(ReadOnlySpan<byte> utf8) => FileForm.Read(
        utf8, Format, (members, merchant, day) =>
        {
            Guid card = FileForm.Id(members.Text("card"));
            return new LiabilityProofFile(
                merchant, day, members.List("leaves", leaf => Leaf(new Members(leaf), card), 2));
        });

    /// <summary>The file's one form.</summary>
    public byte[] ToBytes() => CanonicalJson.Write(JsonObject.Of(
        ("format", new JsonString(Format)),
        ("merchant", new JsonString(Merchant)),
        ("day", FileForm.Day(Day)),
        ("card", new JsonString(Proofs[0].Leaf.Card.ToString())),
        ("leaves", new JsonArray([.. Proofs.Select(p => JsonObject.Of(
            ("gift", new JsonInteger(p.Leaf.Owed.GiftFen)),
            ("index", new JsonInteger(p.Index)),
            ("nonce", new JsonString(Convert.ToHexStringLower(p.Leaf.Nonce))),
            ("path", new JsonString(Convert.ToBase64String([.. p.Path.SelectMany(Bytes)]))),
            ("principal", new JsonInteger(p.Leaf.Owed.PrincipalFen)),
            ("receipt", new JsonInteger(p.Leaf.Receipt))))]))));

    private static byte[] Bytes(ProofStep step)
    {
        byte[] bytes = new byte[StepSize];
        BinaryPrimitives.WriteInt64BigEndian(bytes, step.Sum.PrincipalFen);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(8), step.Sum.GiftFen);
        step.Hash.CopyTo(bytes, 16);
        return bytes;
    }

    private static LiabilityProof Leaf(Members members, Guid card)
    {
        byte[] path = members.Base64("path");
        Members.Require(path.Length % StepSize == 0);
        LiabilityProof proof = new(members.Number("index"),
            new LiabilityLeaf(card, members.Hex("nonce", LiabilityLeaf.NonceSize),
                new Liability(members.Number("principal"), members.Number("gift")), members.Number("receipt")),
            [.. path.Chunk(StepSize).Select(s => new ProofStep(
                new Liability(BinaryPrimitives.ReadInt64BigEndian(s), BinaryPrimitives.ReadInt64BigEndian(s.AsSpan(8))),
                s[16..]))]);
        members.End();
        return proof;
    }
}

/// <summary>
/// What the chain holds of a merchant's day with its proof, file <c>prepaid-root/1</c>: the two words of
/// LiabilityRegistry's storage at a sealed block. It is the same for all cards of the merchant.
/// </summary>
/// <param name="Merchant">Who owes.</param>
/// <param name="Day">At the end of which day in China.</param>
/// <param name="State">The proof.</param>
public sealed record LiabilityRootFile(string Merchant, DateOnly Day, StateProof State)
{
    /// <summary>The name of the format.</summary>
    public const string Format = "prepaid-root/1";

    /// <summary>The contract's name in trust files.</summary>
    public const string Contract = "LiabilityRegistry";

    // Position of the mapping in contracts-sol/build/LiabilityRegistry.json, storageLayout.
    private const byte MappingSlot = 3;
    private static readonly DateOnly s_first = new(1970, 1, 1);

    /// <summary>Days since 1970, as the contract counts them.</summary>
    public static int Number(DateOnly day) => day.DayNumber - s_first.DayNumber;

    /// <summary>The slots of a root's hash and of its figures.</summary>
    public static IReadOnlyList<Hash32> Slots(string merchant, DateOnly day)
    {
        byte[] number = new byte[Hash32.Length];
        BinaryPrimitives.WriteInt32BigEndian(number.AsSpan(28), Number(day));
        Hash32 key = Keccak256.Hash([.. LiabilityLeaf.MerchantHash(merchant), .. number]);
        Hash32 first = Keccak256.Hash([.. key.Bytes, .. new byte[31], MappingSlot]);
        return [first, new Hash32((UInt256.FromBigEndian(first.Bytes) + UInt256.One).ToBigEndian())];
    }

    /// <summary>Reads a file; null unless it has its one form.</summary>
    public static LiabilityRootFile? Parse(ReadOnlySpan<byte> utf8) => FileForm.Read(utf8, Format,
        (members, merchant, day) => new LiabilityRootFile(merchant, day, StateProof.Read(members.Object("state"))));

    /// <summary>The file's one form.</summary>
    public byte[] ToBytes() => CanonicalJson.Write(JsonObject.Of(
        ("format", new JsonString(Format)),
        ("merchant", new JsonString(Merchant)),
        ("day", FileForm.Day(Day)),
        ("state", State.ToJson())));

    /// <summary>The root, by the trust file.</summary>
    /// <returns>The root is null where the answer is not proven, or where the chain holds none.</returns>
    public (Answer Answer, ProvingBlock? Block, LiabilityRoot? Root) Read(TrustFile trust)
    {
        (Answer answer, ProvingBlock? block, IReadOnlyList<Hash32> words) =
            State.Read(trust, Contract, Slots(Merchant, Day));
        return (answer, block, words is [var hash, var figures] && hash != Hash32.Zero ? Root(hash, figures) : null);
    }

    /// <summary>The root of two words: <c>uint8 depth ‖ uint64 recordedAt ‖ uint64 gift ‖ uint64 principal</c>.</summary>
    public static LiabilityRoot Root(Hash32 hash, Hash32 figures) => new(
        hash.ToArray(), figures.Bytes[7], new Liability(
            BinaryPrimitives.ReadInt64BigEndian(figures.Bytes[24..]),
            BinaryPrimitives.ReadInt64BigEndian(figures.Bytes[16..24])));
}

/// <summary>What both files have in common.</summary>
internal static class FileForm
{
    private const string DayForm = "yyyy-MM-dd";

    public static T? Read<T>(ReadOnlySpan<byte> utf8, string format, Func<Members, string, DateOnly, T> rest)
        where T : class
    {
        if (utf8.Length > Bundle.MaxBytes || CanonicalJson.Parse(utf8) is not { } json)
            return null;
        try
        {
            Members members = new(json);
            members.Constant("format", format);
            string merchant = members.Text("merchant");
            Members.Require(DateOnly.TryParseExact(
                members.Text("day"), DayForm, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly day));
            T file = rest(members, merchant, day);
            members.End();
            return file;
        }
        catch (MisshapenException)
        {
            return null;
        }
    }

    public static JsonString Day(DateOnly day) => new(day.ToString(DayForm, CultureInfo.InvariantCulture));

    public static Guid Id(string text)
    {
        Members.Require(Guid.TryParseExact(text, "D", out Guid id) && id.ToString() == text);
        return id;
    }
}
