using EventStore;
using Microsoft.Extensions.Options;
using Receivables.Ledger;
using Receivables.Pledges;
using Receivables.Signatures;
using Receivables.Vouchers;
using ServiceDefaults.Problems;

namespace Receivables.Import;

/// <summary>
/// A voucher goes on here only as the other platform's signed file states it, and only with its claims: each thing that it
/// rests on has been handed to this platform on the chain, and what the voucher uses of it is counted here from then on.
/// </summary>
internal sealed class ImportCompanion(
    Store store, PledgeLookup claims, TimeProvider time, IOptions<ClaimDemand> demand) : ILedgerCompanion
{
    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<AppendedWith>> FollowAsync(
        IReadOnlyList<FamilyChange> changes, HeldTurns turns, CancellationToken cancellation)
    {
        List<AppendedWith> record = [];
        foreach (FamilyChange change in changes)
        {
            if (change.Events is [VoucherEvent.Issued issued, VoucherEvent.TakenOver taken])
                record.AddRange(await TakeAsync(change, issued, taken, cancellation));
        }
        return record;
    }

    private async Task<List<AppendedWith>> TakeAsync(
        FamilyChange change, VoucherEvent.Issued issued, VoucherEvent.TakenOver taken, CancellationToken cancellation)
    {
        if (await ImportEvents.FileAsync(store, taken.Platform, taken.Number, cancellation) is not { } import
            || import.File.Vouchers.FirstOrDefault(v => v.Root == change.Root) is not { } stated)
            throw new ProblemException(Problem.Of("take-over-not-stated", ("root", change.Root)));
        if (!Same(import.File.Command(stated, import.Sha256, taken.Command), issued, taken))
            throw new ProblemException(Problem.Of("take-over-differs", ("root", change.Root)));
        List<AppendedWith> record = [await CountAsync(change, taken, cancellation)];
        if (!demand.Value.Required)
            return record;
        foreach (HandoverThing thing in stated.Things)
        {
            CanonicalId id = PledgeEndpoints.Read(thing.Kind, thing.Number, thing.Code, thing.Keeper);
            if (await claims.OfThingAsync(id.Text, cancellation) is not { } claim)
                throw new ProblemException(Problem.Of("take-over-claim-elsewhere", ("root", change.Root)));
            EventContext context = new(time, change.Context.Actor, claim.State.Tenant);
            record.AddRange(Pledges.Pledge.TakeOver(claim.State, change.Root, thing.Fen).EventsOrProblem().Select((e, i) =>
                new AppendedWith(PledgeSaga.Stream(claim.Id), claim.Version + i,
                    context.Stamp(PledgeModel.NameOf(e), e))));
        }
        return record;
    }

    /// <summary>
    /// The handover's own record of it, by which its answer can't miss it: whoever comes after the answer is refused.
    /// </summary>
    private async Task<AppendedWith> CountAsync(
        FamilyChange change, VoucherEvent.TakenOver taken, CancellationToken cancellation)
    {
        string stream = ImportEvents.Stream(taken.Platform, taken.Number);
        IReadOnlyList<StoredEvent> events = await store.FetchStreamAsync(stream, cancellation);
        if (events.Aggregate(ImportState.Initial, (s, e) => ImportState.Evolve(s, e.Data)).Answered is not null)
            throw new ProblemException(Problem.Of("take-over-answered", ("root", change.Root)));
        return new AppendedWith(stream, events.Count, change.Context.Stamp(
            ImportEvents.HandoverVoucherTaken, new HandoverVoucherTaken(change.Root)));
    }

    /// <summary>Whether what is to be written is what the file states, to the last fen.</summary>
    private static bool Same(
        VoucherCommand.TakeOver stated, VoucherEvent.Issued issued, VoucherEvent.TakenOver taken) =>
        (stated.Party, stated.Holder, stated.FaceFen, stated.IssueDate, stated.DueDate, stated.Terms, stated.FileSha256)
            == (issued.Debtor, issued.Holder, issued.FaceFen, issued.IssueDate, issued.DueDate, issued.Terms,
                taken.FileSha256)
        && stated.Trade.SequenceEqual(issued.Trade) && stated.Stated.SequenceEqual(taken.Stated);
}
