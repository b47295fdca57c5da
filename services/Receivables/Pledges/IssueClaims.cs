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
        IReadOnlyList<FamilyChange> changes, CancellationToken cancellation)
    {
        List<AppendedWith> record = [];
        foreach (FamilyChange change in changes)
        {
            foreach (VoucherEvent.Issued issued in change.Events.OfType<VoucherEvent.Issued>())
            {
                if (demand.Value.Required)
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
            LiveClaim? claim = await claims.OfThingAsync(part.Invoice.Thing, cancellation);
            if (claim is null || !Pledge.Carries(claim.State, issued.Issuer, issued.Root, part.Fen))
            {
                throw new ProblemException(Problem.Of(
                    Unclaimed, ("root", issued.Root), ("number", part.Invoice.Body.Number)));
            }
            record.AddRange(Record(claim, Pledge.Issue(claim.State, issued.Root), context));
        }
        return record;
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

/// <summary>Makes the claims that an approved issue needs, and gives them back where it is refused after all.</summary>
internal sealed class ClaimDesk(
    IServiceProvider services, InvoiceUse invoices, PledgeLookup claims, IOptions<ClaimDemand> demand)
{
    /// <summary>A claim takes three blocks; who waits longer than this asks again.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Whether issues need claims here.</summary>
    public bool Demanded => demand.Value.Required;

    /// <summary>Claims every invoice of an issue for its voucher; what is claimed already is found to be.</summary>
    /// <exception cref="ProblemException">One can't be claimed, or the issue would be refused anyway.</exception>
    public async Task ClaimAsync(VoucherCommand.Issue issue, CancellationToken cancellation)
    {
        PledgeSaga saga = services.GetService<PledgeSaga>() ?? throw new ProblemException(Problem.Of("issue-claims-off"));
        IReadOnlyList<InvoicePart> parts = await invoices.PlanAsync(IssueBasis.Of(issue), cancellation);
        await services.GetRequiredService<VoucherLedger>().TryAsync(issue, cancellation);
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        try
        {
            await Task.WhenAll(parts.Select(p => ClaimAsync(saga, issue, p, patience.Token)));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new ProblemException(Problem.Of("issue-claim-pending", ("root", issue.Root)));
        }
        catch (ProblemException)
        {
            await GiveUpAsync(issue.Root, cancellation);
            throw;
        }
    }

    /// <summary>What was set aside for an issue that was refused is free again; recovery tells the chain.</summary>
    public async Task GiveUpAsync(string voucher, CancellationToken cancellation)
    {
        if (services.GetService<PledgeSaga>() is not { } saga)
            return;
        foreach (LiveClaim claim in await claims.OfVoucherAsync(voucher, cancellation))
            await saga.WithdrawAsync(claim.Id, voucher, cancellation);
    }

    private static async Task ClaimAsync(
        PledgeSaga saga, VoucherCommand.Issue issue, InvoicePart part, CancellationToken cancellation)
    {
        PledgeResult result = await PledgeProblems.TranslateAsync(() => saga.ClaimAsync(
            CanonicalId.Of(part.Invoice.Thing),
            new PledgeRequest(issue.Party, issue.Root, part.Fen, part.Invoice.Body.GrossFen!.Value,
                CreditedFen: part.Invoice.ReversedFen),
            cancellation));
        if (!result.Claimed)
            throw new ProblemException(PledgeProblems.Refused(result));
    }
}
