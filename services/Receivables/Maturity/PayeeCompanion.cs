using EventStore;
using Receivables.Ledger;
using Receivables.Rules;
using Receivables.Signatures;
using Receivables.Vouchers;
using ServiceDefaults.Problems;

namespace Receivables.Maturity;

/// <summary>
/// Tells the clearing of a voucher, in the same transaction, what freezes, their ends, releases, repurchases and
/// disputes that are decided after the cut-off change about who is paid.
/// </summary>
internal sealed class PayeeCompanion(Store store) : ILedgerCompanion
{
    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<AppendedWith>> FollowAsync(
        IReadOnlyList<FamilyChange> changes, HeldTurns turns, CancellationToken cancellation)
    {
        List<AppendedWith> record = [];
        Dictionary<string, (ClearingState State, long Version)> clearings = new(StringComparer.Ordinal);
        foreach (FamilyChange change in changes.Where(c => c.After.Stage is Stage.Presented or Stage.Overdue))
        {
            foreach (VoucherEvent e in change.Events)
            {
                Fragment[] now = [.. Changed(e).OrderBy(i => i.Start).SelectMany(change.After.Fragments.In)];
                if (now.Length == 0)
                    continue;
                string stream = ClearingEvents.Stream(change.Root);
                if (!clearings.TryGetValue(stream, out (ClearingState State, long Version) known))
                {
                    IReadOnlyList<StoredEvent> events = await store.FetchStreamAsync(stream, cancellation);
                    known = (events.Select(s => (ClearingEvent)s.Data)
                        .Aggregate(ClearingState.Initial, ClearingState.Evolve), events.Count);
                }
                foreach (ClearingEvent told in Clearing.Redirect(
                    known.State, e.Command, now, RuleBook.Day(change.Context.Now)))
                {
                    record.Add(new AppendedWith(
                        stream, known.Version, change.Context.Stamp(ClearingEvents.NameOf(told), told)));
                    known = (ClearingState.Evolve(known.State, told), known.Version + 1);
                }
                clearings[stream] = known;
            }
        }
        // A receipt of the same transaction goes on from the clearing's same version: each of them alone.
        return record.Count > 0 && changes.Any(c => c.Events.Any(e => e is VoucherEvent.PaymentRecorded))
            ? throw new ProblemException(Problem.Of("command-raced"))
            : record;
    }

    private static IReadOnlyList<Interval> Changed(VoucherEvent e) => e switch
    {
        VoucherEvent.Frozen x => x.Intervals,
        VoucherEvent.Unfrozen x => x.Intervals,
        VoucherEvent.PledgeReleased x => x.Intervals,
        VoucherEvent.Repurchased x => x.Intervals,
        VoucherEvent.StatementConfirmed x => x.Intervals,
        _ => [],
    };
}
