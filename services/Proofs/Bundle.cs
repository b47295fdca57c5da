using System.Security.Cryptography;
using Chain.Core;
using Proofs.Json;
using Proofs.Merkle;
using Proofs.Notes;

namespace Proofs;

/// <summary>The log's part of a bundle: that an entry is in the log at a checkpoint.</summary>
/// <param name="Index">Place of the entry in the log, from 0.</param>
/// <param name="Path">Inclusion path, RFC 9162 §2.1.3.1, at most 64 hashes of 32 bytes.</param>
/// <param name="Checkpoint">The signed note as text.</param>
public sealed record LogPart(long Index, IReadOnlyList<byte[]> Path, string Checkpoint)
{
    /// <summary>The part as JSON.</summary>
    public JsonObject ToJson() => JsonObject.Of(
        ("index", new JsonInteger(Index)),
        ("path", new JsonArray([.. Path.Select(h => new JsonString(Convert.ToHexStringLower(h)))])),
        ("checkpoint", new JsonString(Checkpoint)));

    internal static LogPart Read(Members members)
    {
        var part = new LogPart(members.Number("index"),
            members.List("path", h => Members.Hex(h, MerkleTree.HashSize), MerkleTree.MaxPathLength),
            members.Text("checkpoint"));
        members.End();
        Members.Require(SignedNote.Parse(part.Checkpoint) is { } note && Notes.Checkpoint.Parse(note.Text) is not null);
        return part;
    }
}

/// <summary>The chain's part of a bundle: that a checkpoint is recorded in a sealed block.</summary>
/// <param name="Header">RLP of the sealed header.</param>
/// <param name="TransactionIndex">Place of the transaction in its block.</param>
/// <param name="TransactionProof">Trie nodes, root first.</param>
/// <param name="ReceiptProof">Trie nodes, root first.</param>
public sealed record ChainPart(
    byte[] Header, long TransactionIndex, IReadOnlyList<byte[]> TransactionProof, IReadOnlyList<byte[]> ReceiptProof)
{
    /// <summary>The part as JSON.</summary>
    public JsonObject ToJson() => JsonObject.Of(
        ("header", new JsonString(Convert.ToBase64String(Header))),
        ("transactionIndex", new JsonInteger(TransactionIndex)),
        ("transactionProof", Nodes(TransactionProof)),
        ("receiptProof", Nodes(ReceiptProof)));

    internal static ChainPart Read(Members members)
    {
        var part = new ChainPart(members.Base64("header"), members.Number("transactionIndex"),
            members.List("transactionProof", Members.Base64), members.List("receiptProof", Members.Base64));
        members.End();
        return part;
    }

    internal static JsonArray Nodes(IReadOnlyList<byte[]> nodes) =>
        new([.. nodes.Select(n => new JsonString(Convert.ToBase64String(n)))]);
}

/// <summary>
/// A proof bundle of format <c>anchor-proof/1</c> (services/docs/proof-format.md): what proves one fact offline.
/// </summary>
public sealed record Bundle
{
    /// <summary>The name of the format.</summary>
    public const string Format = "anchor-proof/1";

    /// <summary>The largest file that is read, in bytes.</summary>
    public const int MaxBytes = 4 << 20;

    private Bundle(byte[]? eventBytes, JsonObject? content, Hash32 digest, LogPart log, ChainPart chain) =>
        (EventBytes, Event, Digest, Log, Chain) = (eventBytes, content, digest, log, chain);

    /// <summary>Canonical bytes of the event; null where they are withheld.</summary>
    public byte[]? EventBytes { get; }

    /// <summary>The event; null where it is withheld.</summary>
    public JsonObject? Event { get; }

    /// <summary>SHA-256 of the event's canonical bytes: the log entry.</summary>
    public Hash32 Digest { get; }

    /// <summary>The log's part.</summary>
    public LogPart Log { get; }

    /// <summary>The chain's part.</summary>
    public ChainPart Chain { get; }

    /// <summary>A bundle with the event's bytes.</summary>
    /// <exception cref="ArgumentException">The bytes are not those of an event.</exception>
    public static Bundle WithEvent(byte[] eventBytes, LogPart log, ChainPart chain) =>
        new(eventBytes, EventForm.Read(eventBytes) ?? throw new ArgumentException("Not an event.", nameof(eventBytes)),
            new Hash32(SHA256.HashData(eventBytes)), log, chain);

    /// <summary>A bundle that withholds the event's bytes.</summary>
    public static Bundle WithDigest(Hash32 digest, LogPart log, ChainPart chain) => new(null, null, digest, log, chain);

    /// <summary>Reads a bundle; null unless the bytes are the one form of a bundle.</summary>
    public static Bundle? Parse(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > MaxBytes || CanonicalJson.Parse(utf8) is not { } json)
            return null;
        try
        {
            var members = new Members(json);
            members.Constant("format", Format);
            var (log, chain) = (LogPart.Read(members.Object("log")), ChainPart.Read(members.Object("chain")));
            var bytes = members.Has("event") ? members.Base64("event") : null;
            var digest = bytes is null ? members.Hash("digest") : new Hash32(SHA256.HashData(bytes));
            members.End();
            var content = bytes is null ? null : EventForm.Read(bytes) ?? throw new MisshapenException();
            return new Bundle(bytes, content, digest, log, chain);
        }
        catch (MisshapenException)
        {
            return null;
        }
    }

    /// <summary>The bundle's one form.</summary>
    public byte[] ToBytes() => CanonicalJson.Write(JsonObject.Of(
        ("format", new JsonString(Format)),
        EventBytes is { } bytes
            ? ("event", new JsonString(Convert.ToBase64String(bytes)))
            : ("digest", new JsonString(Hex.ToString(Digest.Bytes))),
        ("log", Log.ToJson()),
        ("chain", Chain.ToJson())));

    /// <summary>The log's and the chain's part alone, as the anchor serves them: <c>{"chain":…,"log":…}</c>.</summary>
    public static byte[] WriteParts(LogPart log, ChainPart chain) =>
        CanonicalJson.Write(JsonObject.Of(("log", log.ToJson()), ("chain", chain.ToJson())));

    /// <summary>Reads what <see cref="WriteParts"/> wrote; null for anything else.</summary>
    public static (LogPart Log, ChainPart Chain)? ParseParts(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > MaxBytes || CanonicalJson.Parse(utf8) is not { } json)
            return null;
        try
        {
            var members = new Members(json);
            var parts = (LogPart.Read(members.Object("log")), ChainPart.Read(members.Object("chain")));
            members.End();
            return parts;
        }
        catch (MisshapenException)
        {
            return null;
        }
    }
}
