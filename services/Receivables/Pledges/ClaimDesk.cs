using EventStore;
using Microsoft.Extensions.Options;
using Receivables.Ledger;
using Receivables.Parties;
using Receivables.Signatures;
using Receivables.Trade;
using Receivables.Vouchers;
using ServiceDefaults.Problems;

namespace Receivables.Pledges;

/// <summary>Makes the claims that an approved issue needs, and gives them back where it is refused after all.</summary>
internal sealed class ClaimDesk(
    IServiceProvider services, InvoiceUse invoices, IssueClaims uses, PledgeLookup claims, PartyDirectory parties,
    TimeProvider time, IOptions<ClaimDemand> demand)
{
    /// <summary>The chain has not answered yet; the same again finds out.</summary>
    public const string Pending = "issue-claim-pending";

    /// <summary>A claim takes three blocks; who waits longer than this asks again.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Whether issues need claims here.</summary>
    public bool Demanded => demand.Value.Required;

    /// <summary>Claims every invoice of an issue for its voucher; what is claimed already is found to be.</summary>
    /// <exception cref="ProblemException">One can't be claimed, or the issue would be refused anyway.</exception>
    public async Task ClaimAsync(VoucherCommand.Issue issue, CancellationToken cancellation)
    {
        PledgeSaga saga = Saga();
        IReadOnlyList<InvoicePart> parts = await invoices.PlanAsync(IssueBasis.Of(issue), cancellation);
        await services.GetRequiredService<VoucherLedger>().TryAsync(issue, cancellation);
        try
        {
            await WaitAsync(issue.Root, token => Task.WhenAll(parts.Select(
                p => ClaimAsync(saga, issue.Party, issue.Root, p.Invoice, p.Fen, token))), cancellation);
        }
        catch (ProblemException e) when (e.Problem.Code != Pending)
        {
            await GiveUpAsync(issue.Root, cancellation);
            throw;
        }
    }

    /// <summary>
    /// Lets a voucher rest on a second invoice: claims it first, in the name of whoever has the first; what is refused
    /// after all is given back.
    /// </summary>
    /// <param name="old">The invoice that it rests on.</param>
    /// <param name="other">The one that is to stand in for part of it.</param>
    /// <param name="voucher">The voucher.</param>
    /// <param name="fen">How much.</param>
    /// <param name="work">Gets what makes the claim's own facts for the transaction.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    public async Task<T> WithClaimAsync<T>(
        TradeFile old, TradeFile other, string voucher, long fen,
        Func<Func<CancellationToken, Task<IEnumerable<AppendedWith>>>, Task<T>> work, CancellationToken cancellation)
    {
        if (!Demanded || await claims.OfThingAsync(old.Thing, cancellation) is not { } first)
            return await work(_ => Task.FromResult<IEnumerable<AppendedWith>>([]));
        PledgeSaga saga = Saga();
        string tenant = first.State.Tenant;
        try
        {
            await WaitAsync(voucher, token => ClaimAsync(saga, tenant, voucher, other, fen, token), cancellation);
            EventContext context = new(time, "top-up", tenant);
            return await work(token => uses.UseAsync(other, tenant, voucher, fen, context, token));
        }
        catch (ProblemException e) when (e.Problem.Code != Pending)
        {
            if (await claims.OfThingAsync(other.Thing, cancellation) is { } claim)
                await saga.WithdrawAsync(claim.Id, voucher, cancellation);
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

    private PledgeSaga Saga() =>
        services.GetService<PledgeSaga>() ?? throw new ProblemException(Problem.Of("issue-claims-off"));

    private static async Task WaitAsync(
        string voucher, Func<CancellationToken, Task> work, CancellationToken cancellation)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        try
        {
            await work(patience.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new ProblemException(Problem.Of(Pending, ("root", voucher)));
        }
    }

    private async Task ClaimAsync(
        PledgeSaga saga, string tenant, string voucher, TradeFile invoice, long fen, CancellationToken cancellation)
    {
        string? supplier = (await parties.FindAsync(invoice.Body.Seller, cancellation)).Account;
        PledgeResult result = await PledgeProblems.TranslateAsync(() => saga.ClaimAsync(
            CanonicalId.Of(invoice.Thing),
            new PledgeRequest(tenant, voucher, fen, invoice.Body.GrossFen!.Value, supplier, invoice.ReversedFen),
            cancellation));
        if (!result.Claimed)
            throw new ProblemException(PledgeProblems.Refused(result));
    }
}
