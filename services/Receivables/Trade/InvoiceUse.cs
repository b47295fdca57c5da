using EventStore;
using Microsoft.Extensions.Options;
using Receivables.Pledges;
using Receivables.Signatures;
using Receivables.Vouchers;
using ServiceDefaults.Problems;

namespace Receivables.Trade;

/// <summary>What vouchers must rest on.</summary>
public sealed class TradeOptions
{
    /// <summary>Configuration section.</summary>
    public const string Section = "Trade";

    /// <summary>Refuses an issue that names a document which is not deposited. Off unless set.</summary>
    public bool RequireDocuments { get; set; }
}

/// <summary>What an issue rests on, as its command or its event has it.</summary>
/// <param name="Root">The voucher.</param>
/// <param name="Issuer">Who issues it.</param>
/// <param name="Debtor">Who pays it.</param>
/// <param name="Holder">Who gets it.</param>
/// <param name="FaceFen">What is promised.</param>
/// <param name="Trade">Documents named.</param>
internal sealed record IssueBasis(
    string Root, string Issuer, string Debtor, string Holder, long FaceFen, IReadOnlyList<TradeReference> Trade)
{
    public static IssueBasis Of(VoucherCommand.Issue c) => new(c.Root, c.Party, c.Debtor, c.Holder, c.FaceFen, c.Trade);

    public static IssueBasis Of(VoucherEvent.Issued e) => new(e.Root, e.Issuer, e.Debtor, e.Holder, e.FaceFen, e.Trade);
}

/// <summary>How much of one invoice, or of another whole thing, a voucher takes.</summary>
/// <param name="Invoice">The thing.</param>
/// <param name="State">It, folded.</param>
/// <param name="Version">Version of its stream.</param>
/// <param name="Fen">How much; above zero.</param>
internal sealed record InvoicePart(TradeFile Invoice, TradeState State, long Version, long Fen);

/// <summary>
/// Counts what a new voucher uses of its invoices, in the transaction of its issue: never more than gross less red-letter
/// notes over all vouchers, nor than the claim to the invoice has left.
/// </summary>
internal sealed class InvoiceUse(
    Store store, TradeFiles files, PledgeLookup claims, TimeProvider time, IOptions<TradeOptions> options,
    IOptions<ClaimDemand> demand)
{
    // Names of kinds as references have them.
    private static readonly string[] Things = ["invoice", "land-right", "animal", "warehouse-receipt"];

    /// <summary>The events to append with an issue, invoice by invoice in the order that the issue names them.</summary>
    /// <exception cref="ProblemException">The invoices are not enough, or not of these parties.</exception>
    public async Task<IReadOnlyList<AppendedWith>> OfAsync(
        string actor, VoucherCommand.Issue issue, CancellationToken cancellation)
    {
        List<AppendedWith> record = [];
        foreach (InvoicePart part in await PlanAsync(IssueBasis.Of(issue), cancellation))
        {
            TradeEvent used = TradeDocument.Use(
                part.State, part.Invoice.WorthFen, issue.Root, part.Fen).EventsOrProblem()[0];
            // The fact belongs to whoever deposited the invoice.
            EventContext context = new(time, actor, part.Invoice.Owner);
            record.Add(new AppendedWith(
                TradeDocument.Stream(part.Invoice.Id), part.Version, context.Stamp(TradeEvents.NameOf(used), used)));
        }
        return record;
    }

    /// <summary>What an issue takes of each invoice.</summary>
    /// <exception cref="ProblemException">The invoices are not enough, or not of these parties.</exception>
    public async Task<IReadOnlyList<InvoicePart>> PlanAsync(IssueBasis issue, CancellationToken cancellation)
    {
        List<TradeFile> known = await files.OfDigestsAsync(issue.Trade.Select(t => t.Sha256), cancellation);
        foreach (TradeReference reference in issue.Trade)
            RequireFitting(reference, known.Find(f => f.Sha256 == reference.Sha256), issue);
        List<TradeFile> things = [.. issue.Trade.Select(t => t.Sha256).Distinct(StringComparer.Ordinal)
            .Select(d => known.Find(f => f.Sha256 == d && TradeDocument.IsThing(f.Body.Kind))).OfType<TradeFile>()];
        List<InvoicePart> parts = [];
        long open = issue.FaceFen;
        foreach (TradeFile named in things)
        {
            IReadOnlyList<StoredEvent> events =
                await store.FetchStreamAsync(TradeDocument.Stream(named.Id), cancellation);
            TradeState state = events.Select(e => (TradeEvent)e.Data).Aggregate(TradeState.Initial, TradeState.Evolve);
            // After the version: a note that came meanwhile is then seen, or the version is no longer right.
            TradeFile thing = await files.FindAsync(named.Id, cancellation) ?? named;
            bool invoice = thing.Body.Kind == TradeKind.Invoice;
            if (!invoice && state.UsedFen > 0)
                throw Missing(thing.WorthFen);
            long part = invoice ? Math.Min(open, thing.WorthFen - state.UsedFen) : thing.WorthFen;
            if (invoice && demand.Value.Required && part > 0)
                part = Math.Min(part, await LeftAsync(thing, issue.Root, cancellation));
            if (part <= 0)
                continue;
            parts.Add(new InvoicePart(thing, state, events.Count, part));
            // Other things stand behind the voucher whole; only invoices are what it is for.
            open -= invoice ? part : 0;
        }
        bool elsewhere = !demand.Value.Required && (things.TrueForAll(t => t.Body.Kind != TradeKind.Invoice)
            || issue.Trade.Any(t => t.Kind == "invoice" && known.TrueForAll(f => f.Sha256 != t.Sha256)));
        if (open > 0 && !elsewhere)
            throw Missing(open);
        return parts;
    }

    private static ProblemException Missing(long fen) =>
        new(Problem.Of(TradeDocument.Exhausted, ("missing", ChineseAmount.Figures(fen))));

    /// <summary>What the claim to an invoice lets this voucher have: what is set aside for it, or what is free.</summary>
    private async Task<long> LeftAsync(TradeFile invoice, string voucher, CancellationToken cancellation) =>
        await claims.OfThingAsync(invoice.Thing, cancellation) is not { } claim ? long.MaxValue
        : claim.State.Locks.TryGetValue(voucher, out VoucherLock? held) ? held.Fen
        : claim.State.LeftFen;

    private void RequireFitting(TradeReference reference, TradeFile? file, IssueBasis issue)
    {
        if (file is null)
        {
            // What nobody deposited can't be claimed: its number is not known.
            if (options.Value.RequireDocuments || demand.Value.Required && Things.Contains(reference.Kind))
                throw new ProblemException(Problem.Of(TradeDocument.Missing, ("id", reference.Sha256)));
            return;
        }
        bool buys = file.Body.Buyer == issue.Issuer || file.Body.Buyer == issue.Debtor;
        if (!buys || file.Body.Seller != issue.Holder)
            throw new ProblemException(Problem.Of("trade-other-parties", ("number", file.Body.Number)));
    }
}
