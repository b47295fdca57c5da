using Chain.Core;
using Proofs.Json;

namespace Proofs;

/// <summary>How an answer stands.</summary>
public enum AnswerState
{
    /// <summary>It follows from the bundle and the trust file.</summary>
    Proven,

    /// <summary>The bundle contradicts it.</summary>
    Refuted,

    /// <summary>What is there does not suffice to say.</summary>
    NotChecked,
}

/// <summary>The verdict over all answers.</summary>
public enum Verdict
{
    /// <summary>All that was asked for is proven.</summary>
    Proven,

    /// <summary>At least one answer is refuted.</summary>
    Refuted,

    /// <summary>One of the files can't be read.</summary>
    Unreadable,

    /// <summary>Something that was asked for could not be checked.</summary>
    Incomplete,
}

/// <summary>Reason codes of answers (services/docs/proof-format.md).</summary>
public static class Reason
{
#pragma warning disable CS1591 // The codes are explained where the format is.
    public const string Ok = "ok";
    public const string NoFile = "no-file";
    public const string EventWithheld = "event-withheld";
    public const string FileMismatch = "file-mismatch";
    public const string EventNamesNoFile = "event-names-no-file";
    public const string InclusionMismatch = "inclusion-mismatch";
    public const string CheckpointSignature = "checkpoint-signature";
    public const string CheckpointOrigin = "checkpoint-origin";
    public const string HeaderForm = "header-form";
    public const string SealForm = "seal-form";
    public const string SealSigner = "seal-signer";
    public const string SealDuplicate = "seal-duplicate";
    public const string SealQuorum = "seal-quorum";
    public const string TransactionProof = "transaction-proof";
    public const string TransactionTarget = "transaction-target";
    public const string ReceiptProof = "receipt-proof";
    public const string ReceiptFailed = "receipt-failed";
    public const string ReceiptLog = "receipt-log";
    public const string CheckpointNotOnChain = "checkpoint-not-on-chain";
    public const string PinMismatch = "pin-mismatch";
    public const string SealedByFormerValidators = "sealed-by-former-validators";
    public const string NeedsNewerTrustFile = "needs-newer-trust-file";
    public const string ChainNotProven = "chain-not-proven";
#pragma warning restore CS1591
}

/// <summary>One answer.</summary>
/// <param name="State">How it stands.</param>
/// <param name="Reason">Why, one of <see cref="Proofs.Reason"/>.</param>
public sealed record Answer(AnswerState State, string Reason)
{
    internal static readonly Answer Ok = new(AnswerState.Proven, Proofs.Reason.Ok);

    internal static Answer Refuted(string reason) => new(AnswerState.Refuted, reason);

    internal static Answer NotChecked(string reason) => new(AnswerState.NotChecked, reason);
}

/// <summary>The block that proves, shown only where the chain's answer is proven.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Hash">Its hash.</param>
/// <param name="Seals">Number of seals, each by another validator.</param>
/// <param name="Quorum">Number of seals needed.</param>
/// <param name="Epoch">Epoch of the log; above 0 when an earlier log was lost.</param>
/// <param name="Timestamp">Its time, seconds since 1970.</param>
public sealed record ProvingBlock(long Number, Hash32 Hash, int Seals, int Quorum, long Epoch, long Timestamp);

/// <summary>The four answers about one bundle.</summary>
/// <param name="Content">The content matches the digest.</param>
/// <param name="Log">The digest is in the log.</param>
/// <param name="Chain">The log's root is on the chain in a block sealed by a quorum.</param>
/// <param name="Time">It existed at the block's time.</param>
public sealed record Answers(Answer Content, Answer Log, Answer Chain, Answer Time);

/// <summary>What <see cref="Verifier"/> found.</summary>
public sealed record VerificationResult
{
    /// <summary>The verdict.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>Fingerprint of the trust file's bytes, whatever they are.</summary>
    public required string Fingerprint { get; init; }

    /// <summary><c>bundle</c> or <c>trust-file</c> if that can't be read, else null; nothing below is known then.</summary>
    public string? Unreadable { get; init; }

    /// <summary>The answers.</summary>
    public Answers? Answers { get; init; }

    /// <summary>The chain group of the trust file.</summary>
    public string? Group { get; init; }

    /// <summary>The event's digest.</summary>
    public Hash32? Digest { get; init; }

    /// <summary>The event, where its bytes are there.</summary>
    public JsonObject? Event { get; init; }

    /// <summary>The proving block, where the chain's answer is proven.</summary>
    public ProvingBlock? Block { get; init; }

    /// <summary>Exit code of a command that verifies: 0 proven, 1 refuted, 2 unreadable, 3 incomplete.</summary>
    public int ExitCode => (int)Verdict;

    /// <summary>The result as RFC 8785 JSON.</summary>
    public byte[] ToJson()
    {
        var verdict = ("verdict", (JsonValue)new JsonString(Name(Verdict)));
        var fingerprint = ("fingerprint", (JsonValue)new JsonString(Fingerprint));
        if (Answers is not { } answers)
            return CanonicalJson.Write(JsonObject.Of(verdict, fingerprint, ("unreadable", new JsonString(Unreadable ?? ""))));
        return CanonicalJson.Write(JsonObject.Of(verdict, fingerprint,
            ("answers", JsonObject.Of(
                ("content", Write(answers.Content)),
                ("log", Write(answers.Log)),
                ("chain", Write(answers.Chain)),
                ("time", Write(answers.Time, Block is { } b ? ("at", new JsonInteger(b.Timestamp)) : null)))),
            ("block", Block is { } block ? Write(block) : JsonNull.Instance),
            ("digest", new JsonString(Hex.ToString(Digest.GetValueOrDefault().Bytes))),
            ("event", Event is { } content ? content : JsonNull.Instance),
            ("group", new JsonString(Group ?? ""))));
    }

    private static JsonObject Write(Answer answer, (string, JsonValue)? more = null)
    {
        var members = new List<(string, JsonValue)>
        {
            ("reason", new JsonString(answer.Reason)),
            ("state", new JsonString(answer.State switch
            {
                AnswerState.Proven => "proven",
                AnswerState.Refuted => "refuted",
                _ => "not-checked",
            })),
        };
        if (more is { } member)
            members.Add(member);
        return JsonObject.Of(members);
    }

    private static JsonObject Write(ProvingBlock block) => JsonObject.Of(
        ("epoch", new JsonInteger(block.Epoch)),
        ("hash", new JsonString(Hex.ToString(block.Hash.Bytes))),
        ("number", new JsonInteger(block.Number)),
        ("quorum", new JsonInteger(block.Quorum)),
        ("seals", new JsonInteger(block.Seals)));

    private static string Name(Verdict verdict) => verdict switch
    {
        Verdict.Proven => "proven",
        Verdict.Refuted => "refuted",
        Verdict.Unreadable => "unreadable",
        _ => "incomplete",
    };
}
