using EventStore;
using Microsoft.Extensions.Options;
using Receivables.Import;
using Receivables.Ledger;
using Receivables.Signatures;
using Receivables.Vouchers;
using ServiceDefaults.Problems;

namespace Receivables.Handovers;

/// <summary>A voucher goes only to a platform whose key is known here: nobody else's answer could be checked.</summary>
internal sealed class HandoverCompanion(Store store, IOptions<ImportOptions> me) : ILedgerCompanion
{
    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<AppendedWith>> FollowAsync(
        IReadOnlyList<FamilyChange> changes, HeldTurns turns, CancellationToken cancellation)
    {
        foreach (VoucherEvent.HandoverAgreed agreed in
            changes.SelectMany(c => c.Events).OfType<VoucherEvent.HandoverAgreed>())
        {
            PlatformState platform = await store.AggregateStreamAsync<PlatformState>(
                ImportEvents.PlatformStream(agreed.Platform), cancellation);
            if (platform.Known is null || agreed.Platform == me.Value.Name)
                throw new ProblemException(Problem.Of("import-platform-unknown", ("platform", agreed.Platform)));
        }
        return [];
    }
}
