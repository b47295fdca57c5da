using EventStore.Personal;
using ServiceDefaults;

namespace Evidence.Deposits;

/// <summary>What was deposited, by digest.</summary>
/// <param name="Sha256">64 lower-case hexadecimal characters.</param>
/// <param name="Sm3">The same for SM3, when given or computed here.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Mime">Media type as the depositor states it.</param>
public sealed record Content(string Sha256, string? Sm3 = null, long? Size = null, string? Mime = null);

/// <summary>Whom the evidence concerns. Personal: recorded as commitments and boxes, erasable.</summary>
public sealed record SealedSubject(string Person, PersonalField Name, string? IdType = null, PersonalField? IdHash = null);

/// <summary>
/// How the data came to be before it was deposited, which a court weighs under 法释〔2021〕12号 art. 18: source, way of
/// generation, keeping, and what corroborates it. Everything here is the depositor's statement.
/// </summary>
public sealed record Provenance(
    SourceSystem System,
    CollectionMethod Method,
    DateTimeOffset CollectedAt,
    Collector? Collector = null,
    string? RawSha256 = null,
    CollectionEnvironment? Environment = null,
    IReadOnlyList<Corroborator>? Corroborators = null);

/// <summary>The system that made or captured the data.</summary>
public sealed record SourceSystem(string Id, string? Version = null, string? BinarySha256 = null);

/// <summary>Who or what collected it.</summary>
public sealed record Collector(string Id, string? CertificateSha256 = null);

/// <summary>State of the collecting machine, 民诉证据规定 art. 93(1)–(3).</summary>
public sealed record CollectionEnvironment(
    bool? CleanBoot = null, long? ClockOffsetMs = null, long? DiskFreeBytes = null, long? ErrorsSinceStart = null);

/// <summary>Something outside that bears it out, such as a counter-party's signature or a bank receipt.</summary>
public sealed record Corroborator(string Kind, string Reference);

/// <summary>Ways of collecting data.</summary>
public enum CollectionMethod
{
    /// <summary>A system sent it by interface.</summary>
    ApiPush,

    /// <summary>A page was captured.</summary>
    PageCapture,

    /// <summary>A device measured it.</summary>
    Sensor,

    /// <summary>Paper was scanned.</summary>
    Scan,

    /// <summary>A person entered or chose it.</summary>
    Manual,
}

/// <summary>Facts about a deposit.</summary>
public abstract record DepositEvent
{
    private DepositEvent()
    {
    }

    /// <summary>Evidence was deposited.</summary>
    public sealed record Deposited(
        Content Content, string? Name, string? BusinessId, SealedSubject? Subject, Provenance? Provenance, bool Stored)
        : DepositEvent;

    /// <summary>Custody passed on.</summary>
    public sealed record HandedOver(string To, string? Note) : DepositEvent;

    /// <summary>Somebody looked at the evidence.</summary>
    public sealed record Accessed(string Purpose) : DepositEvent;

    /// <summary>More evidence was added to it.</summary>
    public sealed record Supplemented(Content Content, string? Note) : DepositEvent;

    /// <summary>Another deposit takes its place; it stays provable.</summary>
    public sealed record Superseded(DepositId By, string? Note) : DepositEvent;

    /// <summary>The stored file and its key were deleted; digests and proofs stay.</summary>
    public sealed record FileErased(string Reason) : DepositEvent;
}

/// <summary>Where a deposit stands.</summary>
public enum DepositStatus
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>In force.</summary>
    Deposited,

    /// <summary>Another deposit took its place.</summary>
    Superseded,
}

/// <summary>What decisions about a deposit need.</summary>
/// <param name="Status">Where it stands.</param>
/// <param name="Stored">Whether its file is kept here.</param>
public sealed record DepositState(DepositStatus Status, bool Stored)
{
    /// <summary>Before the first event.</summary>
    public static readonly DepositState Initial = new(DepositStatus.None, Stored: false);

    /// <summary>Folds one event.</summary>
    public static DepositState Evolve(DepositState state, DepositEvent e) => e switch
    {
        DepositEvent.Deposited d => new DepositState(DepositStatus.Deposited, d.Stored),
        DepositEvent.HandedOver or DepositEvent.Accessed or DepositEvent.Supplemented => state,
        DepositEvent.Superseded => state with { Status = DepositStatus.Superseded },
        DepositEvent.FileErased => state with { Stored = false },
        _ => throw new InvalidOperationException($"{e.GetType().Name} is not an event of a deposit."),
    };
}

/// <summary>Commands and the rules they meet.</summary>
public abstract record DepositCommand
{
    private DepositCommand()
    {
    }

    /// <summary>Deposit evidence.</summary>
    public sealed record Deposit(
        Content Content, string? Name, string? BusinessId, SealedSubject? Subject, Provenance? Provenance, bool Stored)
        : DepositCommand;

    /// <summary>Hand custody over.</summary>
    public sealed record HandOver(string To, string? Note) : DepositCommand;

    /// <summary>Note an access.</summary>
    public sealed record Access(string Purpose) : DepositCommand;

    /// <summary>Add to it.</summary>
    public sealed record Supplement(Content Content, string? Note) : DepositCommand;

    /// <summary>Replace it by another deposit of the same organisation.</summary>
    public sealed record Supersede(DepositId Self, DepositId By, bool ReplacementExists, string? Note) : DepositCommand;

    /// <summary>Delete the stored file.</summary>
    public sealed record EraseFile(string Reason) : DepositCommand;
}

/// <summary>Decides; pure.</summary>
public static class Deposit
{
    /// <summary>The deposit is there already.</summary>
    public const string Exists = "deposit-exists";

    /// <summary>There is no such deposit.</summary>
    public const string Missing = "deposit-not-found";

    /// <summary>Another deposit took its place.</summary>
    public const string Superseded = "deposit-superseded";

    /// <summary>A deposit can't take its own place.</summary>
    public const string SupersedesItself = "deposit-supersedes-itself";

    /// <summary>The replacement is not a deposit of this organisation.</summary>
    public const string ReplacementMissing = "replacement-not-found";

    /// <summary>No file is stored.</summary>
    public const string FileMissing = "file-not-stored";

    /// <summary>What a command comes to.</summary>
    public static Decision<DepositEvent> Decide(DepositState state, DepositCommand command) => (state.Status, command) switch
    {
        (DepositStatus.None, DepositCommand.Deposit c) => Accept(
            new DepositEvent.Deposited(c.Content, c.Name, c.BusinessId, c.Subject, c.Provenance, c.Stored)),
        (DepositStatus.None, _) => Refuse(Missing),
        (_, DepositCommand.Deposit) => Refuse(Exists),
        (_, DepositCommand.Access c) => Accept(new DepositEvent.Accessed(c.Purpose)),
        (_, DepositCommand.EraseFile) when !state.Stored => Refuse(FileMissing),
        (_, DepositCommand.EraseFile c) => Accept(new DepositEvent.FileErased(c.Reason)),
        (DepositStatus.Superseded, _) => Refuse(Superseded),
        (_, DepositCommand.HandOver c) => Accept(new DepositEvent.HandedOver(c.To, c.Note)),
        (_, DepositCommand.Supplement c) => Accept(new DepositEvent.Supplemented(c.Content, c.Note)),
        (_, DepositCommand.Supersede c) when c.Self == c.By => Refuse(SupersedesItself),
        (_, DepositCommand.Supersede { ReplacementExists: false }) => Refuse(ReplacementMissing),
        (_, DepositCommand.Supersede c) => Accept(new DepositEvent.Superseded(c.By, c.Note)),
        _ => throw new InvalidOperationException($"{command.GetType().Name} is not a command of a deposit."),
    };

    private static Decision<DepositEvent> Accept(DepositEvent e) => new Decision<DepositEvent>.Accepted([e]);

    private static Decision<DepositEvent> Refuse(string rule) => new Decision<DepositEvent>.Refused(rule);
}
