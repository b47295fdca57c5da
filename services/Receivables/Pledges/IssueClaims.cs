using EventStore;
using Microsoft.Extensions.Options;
using Receivables.Ledger;
using Receivables.Signatures;
using Receivables.Trade;
using Receivables.Vouchers;
using ServiceDefaults.Problems;

namespace Receivables.Pledges;

/// <summary>Whether an issue needs claims.</summary>
public sealed record ClaimDemand
{
    /// <summary>
    /// Refuses an issue whose invoices are not claimed on the chain. Off only where nobody else could finance them: in
    /// tests, and while developing without a chain.
    /// </summary>
    public bool Required { get; init; } = true;
}

/// <summary>
/// No voucher without a claim: an issue is stored only together with the fact that its claims carry it, so that neither
/// stands without the other after a crash; a voucher that is void or returned gives its claims back the same way.
/// </summary>
internal sealed class IssueClaims(
    InvoiceUse invoices, PledgeLookup claims, TimeProvider time, IOptions<ClaimDemand> demand) : ILedgerCompanion
{
    /// <summary>An invoice of the issue is not claimed for its voucher.</summary>
    public const string Unclaimed = "issue-unclaimed";

    /// <inheritdoc/>
    public bool OnTrial => false;

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<AppendedWith>> FollowAsync(
        IReadOnlyList<FamilyChange> changes, HeldTurns turns, CancellationToken cancellation)
    {
        List<AppendedWith> record = [];
        foreach (FamilyChange change in changes)
        {
            foreach (VoucherEvent.Issued issued in change.Events.OfType<VoucherEvent.Issued>())
            {
                // What comes from another platform brings its claims along (ImportCompanion).
                if (demand.Value.Required && !change.Events.Any(e => e is VoucherEvent.TakenOver))
                    record.AddRange(await UseAsync(issued, change.Context, cancellation));
            }
            if (change.Events.Any(e => e is VoucherEvent.Voided or VoucherEvent.Returned))
                record.AddRange(await GiveBackAsync(change, cancellation));
        }
        return record;
    }

    private async Task<List<AppendedWith>> UseAsync(
        VoucherEvent.Issued issued, EventContext context, CancellationToken cancellation)
    {
        List<AppendedWith> record = [];
        foreach (InvoicePart part in await invoices.PlanAsync(IssueBasis.Of(issued), cancellation))
        {
            record.AddRange(await UseAsync(
                part.Invoice, issued.Issuer, issued.Root, part.Fen, context, cancellation));
        }
        return record;
    }

    /// <summary>The fact that a voucher rests on a claim, for the transaction that lets it.</summary>
    /// <exception cref="ProblemException">The claim does not carry it, or carries it already.</exception>
    public async Task<IEnumerable<AppendedWith>> UseAsync(
        TradeFile invoice, string tenant, string voucher, long fen, EventContext by, CancellationToken cancellation)
    {
        if (await claims.OfThingAsync(invoice.Thing, cancellation) is not { } claim
            || !Pledge.Carries(claim.State, tenant, voucher, fen))
        {
            throw new ProblemException(Problem.Of(
                Unclaimed, ("root", voucher), ("number", invoice.Body.Number)));
        }
        return claim.State.Locks[voucher].Issued
            ? throw new ProblemException(Problem.Of("pledge-voucher-locked"))
            : Record(claim, Pledge.Issue(claim.State, voucher), by);
    }

    private async Task<List<AppendedWith>> GiveBackAsync(FamilyChange change, CancellationToken cancellation)
    {
        List<AppendedWith> record = [];
        foreach (LiveClaim claim in await claims.OfVoucherAsync(change.Root, cancellation))
            record.AddRange(Record(claim, Pledge.Unlock(claim.State, change.Root), change.Context));
        return record;
    }

    /// <summary>The fact belongs to the organisation whose claim it is.</summary>
    private IEnumerable<AppendedWith> Record(
        LiveClaim claim, ServiceDefaults.Decision<PledgeEvent> decision, EventContext by)
    {
        EventContext context = new(time, by.Actor, claim.State.Tenant);
        return decision.EventsOrProblem().Select((e, i) => new AppendedWith(
            PledgeSaga.Stream(claim.Id), claim.Version + i, context.Stamp(PledgeModel.NameOf(e), e)));
    }
}
