using Receivables.Signatures;
using Receivables.Vouchers;

namespace Receivables.Ledger;

/// <summary>What a command came to, the same each time that it is asked for.</summary>
/// <param name="CommandId">The command.</param>
/// <param name="At">When it was accepted.</param>
/// <param name="Families">Every family concerned with its version after the command.</param>
public sealed record LedgerAnswer(string CommandId, DateTimeOffset At, IReadOnlyList<FamilyVersion> Families);

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
    /// <exception cref="ServiceDefaults.Problems.ProblemException">A rule stands against it; nothing was stored.</exception>
    Task<LedgerAnswer> ExecuteAsync(
        VoucherCommand command, Approved approved, long? expectedVersion, CancellationToken cancellation);
}
