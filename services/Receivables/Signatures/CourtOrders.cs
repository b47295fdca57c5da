using Receivables.Ledger;
using Receivables.Parties;
using Receivables.Vouchers;
using ServiceDefaults.Problems;

namespace Receivables.Signatures;

/// <summary>Only a court, or another authority in the register as one, freezes and lifts freezes.</summary>
internal sealed class CourtOrders(PartyDirectory parties) : ILedgerCompanion
{
    /// <summary>Who orders it is no court.</summary>
    public const string NoCourt = "freeze-not-by-court";

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<AppendedWith>> FollowAsync(
        IReadOnlyList<FamilyChange> changes, HeldTurns turns, CancellationToken cancellation)
    {
        foreach (FamilyChange change in changes)
        {
            if (change.Events.Any(e => e is VoucherEvent.Frozen or VoucherEvent.Unfrozen)
                && await parties.FindAsync(change.Context.Tenant, cancellation)
                    is not { Kind: PartyKind.Court, Status: PartyStatus.Active })
                throw new ProblemException(Problem.Of(NoCourt));
        }
        return [];
    }
}
