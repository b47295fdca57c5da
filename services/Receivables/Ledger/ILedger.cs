using System.Text.Json.Serialization;
using EventStore;
using Receivables.Signatures;
using Receivables.Vouchers;

namespace Receivables.Ledger;

/// <summary>What a command came to, the same each time that it is asked for.</summary>
/// <param name="CommandId">The command.</param>
/// <param name="At">When it was accepted.</param>
/// <param name="Families">Every family concerned with its version after the command.</param>
public sealed record LedgerAnswer(string CommandId, DateTimeOffset At, IReadOnlyList<FamilyVersion> Families)
{
    /// <summary>Whether it was accepted before: nothing was stored now, the record of its approvals neither.</summary>
    [JsonIgnore]
    public bool Repeated { get; init; }
}

/// <summary>A family's version.</summary>
public sealed record FamilyVersion(string Root, long Version);

/// <summary>Decides commands and stores what they come to. The approvals have been verified before.</summary>
public interface ILedger
{
    /// <summary>
    /// Answers when the command's events are committed, in all its families or none. A command that was accepted before
    /// gets its answer again.
    /// </summary>
    /// <param name="command">What is wanted.</param>
    /// <param name="approved">Who approved it; stored in the events.</param>
    /// <param name="expectedVersion">Version of the command's only family that the party has seen, or null.</param>
    /// <param name="cancellation">Gives up waiting; the command may be accepted nevertheless.</param>
    /// <exception cref="ServiceDefaults.Problems.ProblemException">A rule stands against it; nothing was
    /// stored.</exception>
    Task<LedgerAnswer> ExecuteAsync(
        VoucherCommand command, Approved approved, long? expectedVersion, CancellationToken cancellation);

    /// <summary>Records how a bank's receipt was allocated over the fragments of a voucher; each receipt
    /// once.</summary>
    /// <param name="root">The voucher.</param>
    /// <param name="receipt">The receipt's own number.</param>
    /// <param name="payments">What each fragment gets, at most what it is still due.</param>
    /// <param name="record">Stored in the same transaction.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="ServiceDefaults.Problems.ProblemException">A rule stands against it; nothing was
    /// stored.</exception>
    Task<LedgerAnswer> PayAsync(
        string root, string receipt, IReadOnlyList<LeafPayment> payments, IReadOnlyList<AppendedWith> record,
        CancellationToken cancellation);
}

/// <summary>What one command, payment or turn of the clock changed in one family.</summary>
/// <param name="Root">The family.</param>
/// <param name="After">The family after it.</param>
/// <param name="Events">What happened; may be nothing.</param>
/// <param name="Context">Stamps what others record of it.</param>
public sealed record FamilyChange(
    string Root, FamilyState After, IReadOnlyList<VoucherEvent> Events, EventContext Context);

/// <summary>
/// Records of its own what happens to vouchers, in the same transaction: a credit line what is used of it, for example.
/// It may run more than once for one change.
/// </summary>
public interface ILedgerCompanion
{
    /// <summary>Whether it is asked on a trial too, before anything is done for a command.</summary>
    bool OnTrial => true;

    /// <summary>What is stored with the changes; nothing for those that don't concern it.</summary>
    /// <param name="changes">What the transaction changes.</param>
    /// <param name="turns">Takes what it shares with other transactions until this one is settled.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ServiceDefaults.Problems.ProblemException">It stands against a change, which is
    /// refused.</exception>
    ValueTask<IReadOnlyList<AppendedWith>> FollowAsync(
        IReadOnlyList<FamilyChange> changes, HeldTurns turns, CancellationToken cancellation);
}
