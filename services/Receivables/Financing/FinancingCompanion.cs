using EventStore;
using Receivables.Ledger;
using Receivables.Rules;
using Receivables.Signatures;
using Receivables.Vouchers;
using ServiceDefaults;
using ServiceDefaults.Problems;

namespace Receivables.Financing;

/// <summary>
/// A sale closes the application that it names, in its transaction: it is offered as was chosen, and confirmed after
/// search and registration.
/// </summary>
/// <param name="store">Where applications are.</param>
internal sealed class FinancingCompanion(Store store) : ILedgerCompanion
{
    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<AppendedWith>> FollowAsync(
        IReadOnlyList<FamilyChange> changes, HeldTurns turns, CancellationToken cancellation)
    {
        List<AppendedWith> records = [];
        foreach (FamilyChange change in changes)
        {
            foreach (VoucherEvent e in change.Events)
            {
                if (e is VoucherEvent.SaleOffered offered)
                    await RequireAsync(change.Root, offered, cancellation);
                else if (e is VoucherEvent.Sold { Financing: { } id } sold)
                    records.AddRange(await BuyAsync(change, sold, id, cancellation));
            }
        }
        return records;
    }

    private async Task RequireAsync(string root, VoucherEvent.SaleOffered offered, CancellationToken cancellation)
    {
        if (offered.Financing is not { } id)
            throw new ProblemException(Problem.Of(FinancingDecider.NotNamed));
        FinancingState state =
            await store.AggregateStreamAsync<FinancingState>(FinancingEvents.Stream(id), cancellation);
        if (FinancingDecider.AgainstSale(state, root, offered) is { } rule)
            throw new ProblemException(Problem.Of(rule, ("id", id)));
    }

    private async Task<IReadOnlyList<AppendedWith>> BuyAsync(
        FamilyChange change, VoucherEvent.Sold sold, Guid id, CancellationToken cancellation)
    {
        IReadOnlyList<StoredEvent> events =
            await store.FetchStreamAsync(FinancingEvents.Stream(id), cancellation);
        FinancingState state = events.Aggregate(FinancingState.Initial, FinancingEvents.Evolve);
        (Decision<FinancingEvent> decision, Judgement? judgement) =
            FinancingDecider.Buy(state, sold.Sale, change.Context.Now);
        if (judgement?.Refusals.FirstOrDefault() is { } against)
            throw new ProblemException(RunFinancing.Against(against));
        FinancingEvent bought = decision.EventsOrProblem(("id", id))[0];
        string open = OpenFinancings.Stream(change.Root);
        int version = (await store.FetchStreamAsync(open, cancellation)).Count;
        return
        [
            new AppendedWith(FinancingEvents.Stream(id), events.Count,
                change.Context.Stamp(FinancingEvents.NameOf(bought), bought)),
            new AppendedWith(open, version,
                change.Context.Stamp(FinancingEvents.Closed, new FinancingClosed(id))),
        ];
    }
}
