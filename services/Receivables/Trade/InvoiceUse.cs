using EventStore;
using Microsoft.Extensions.Options;
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

/// <summary>
/// Counts what a new voucher uses of its invoices, in the transaction of its issue: never more than gross less red-letter
/// notes over all vouchers.
/// </summary>
internal sealed class InvoiceUse(Store store, TradeFiles files, TimeProvider time, IOptions<TradeOptions> options)
{
    /// <summary>The events to append with an issue, invoice by invoice in the order that the issue names them.</summary>
    /// <exception cref="ProblemException">The invoices are not enough, or not of these parties.</exception>
    public async Task<IReadOnlyList<AppendedWith>> OfAsync(
        string actor, VoucherCommand.Issue issue, CancellationToken cancellation)
    {
        List<TradeFile> known = await files.OfDigestsAsync(issue.Trade.Select(t => t.Sha256), cancellation);
        foreach (TradeReference reference in issue.Trade)
            RequireFitting(reference, known.Find(f => f.Sha256 == reference.Sha256), issue);
        List<AppendedWith> record = [];
        long open = issue.FaceFen;
        List<TradeFile> invoices = known.FindAll(f => f.Body.Kind == TradeKind.Invoice);
        foreach (TradeFile invoice in invoices)
        {
            IReadOnlyList<StoredEvent> events = await store.FetchStreamAsync(TradeDocument.Stream(invoice.Id), cancellation);
            TradeState state = events.Select(e => (TradeEvent)e.Data).Aggregate(TradeState.Initial, TradeState.Evolve);
            long part = Math.Min(open, invoice.WorthFen - state.UsedFen);
            if (part <= 0)
                continue;
            TradeEvent used = TradeDocument.Use(state, invoice.WorthFen, issue.Root, part).EventsOrProblem()[0];
            // The fact belongs to whoever deposited the invoice.
            EventContext context = new(time, actor, invoice.Owner);
            record.Add(new AppendedWith(
                TradeDocument.Stream(invoice.Id), events.Count, context.Stamp(TradeEvents.NameOf(used), used)));
            open -= part;
        }
        bool elsewhere = issue.Trade.Any(t => t.Kind == "invoice" && known.TrueForAll(f => f.Sha256 != t.Sha256));
        if (open > 0 && invoices.Count > 0 && !elsewhere)
            throw new ProblemException(Problem.Of(TradeDocument.Exhausted, ("missing", ChineseAmount.Figures(open))));
        return record;
    }

    private void RequireFitting(TradeReference reference, TradeFile? file, VoucherCommand.Issue issue)
    {
        if (file is null)
        {
            if (options.Value.RequireDocuments)
                throw new ProblemException(Problem.Of(TradeDocument.Missing, ("id", reference.Sha256)));
            return;
        }
        bool buys = file.Body.Buyer == issue.Party || file.Body.Buyer == issue.Debtor;
        if (!buys || file.Body.Seller != issue.Holder)
            throw new ProblemException(Problem.Of("trade-other-parties", ("number", file.Body.Number)));
    }
}
