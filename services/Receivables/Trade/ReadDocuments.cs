using EventStore;
using Proofs;
using ServiceDefaults.Auth;
using ServiceDefaults.Problems;

namespace Receivables.Trade;

/// <summary>A document with what happened to it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="EventId">The event that records it.</param>
/// <param name="Sha256">Digest of its file.</param>
/// <param name="Content">What it says.</param>
/// <param name="ReversedFen">Taken back by red-letter notes.</param>
/// <param name="UsedFen">What vouchers rest on.</param>
/// <param name="Uses">By voucher; for the document's parties.</param>
/// <param name="ShortfallFen">What vouchers lack since a red-letter note; 0 where none.</param>
/// <param name="Check">Whether anybody looked the invoice up.</param>
public sealed record TradeDetails(
    Guid Id, Guid EventId, string Sha256, TradeBody Content, long ReversedFen, long UsedFen,
    IReadOnlyDictionary<string, long>? Uses, long ShortfallFen, InvoiceCheck? Check);

/// <summary>Documents.</summary>
/// <param name="Items">A page of them, newest first.</param>
/// <param name="Next">Where the next page begins; null for the last.</param>
public sealed record TradeList(IReadOnlyList<TradeDetails> Items, Guid? Next = null);

/// <summary>
/// Reads documents: their parties always; a bank only for an application that the supplier consented to, while the
/// consent lasts. To everybody else they are not there.
/// </summary>
internal sealed class ReadDocuments(Store store, TradeFiles files, IInvoiceCheck check, TimeProvider time)
{
    private const int PageMax = 500;

    public static void Map(RouteGroupBuilder trade)
    {
        string[] readers = [Role.Member, Role.Reader, Role.Admin];
        trade.MapGet("/documents", async (
                Guid? cursor, int? limit, Caller caller, ReadDocuments read, CancellationToken cancellation) =>
            TypedResults.Json(await read.ListAsync(caller, shortOnly: false, cursor, limit, cancellation),
                TradeApiJson.Default.TradeList)).RequireRoles(readers)
            .WithName("ListTradeDocuments").WithSummary("Documents that the organisation takes part in.");
        trade.MapGet("/consented", async (
                string application, Caller caller, ReadDocuments read, CancellationToken cancellation) =>
            TypedResults.Json(new TradeList(await read.ConsentedAsync(application, caller, cancellation)),
                TradeApiJson.Default.TradeList)).RequireRoles(readers)
            .WithName("ListConsentedDocuments")
            .WithSummary("Documents that a bank may see for an application while consent lasts.");
        trade.MapGet("/alarms", async (
                Guid? cursor, int? limit, Caller caller, ReadDocuments read, CancellationToken cancellation) =>
            TypedResults.Json(await read.ListAsync(caller, shortOnly: true, cursor, limit, cancellation),
                TradeApiJson.Default.TradeList)).RequireRoles(readers)
            .WithName("ListTradeAlarms").WithSummary("Invoices whose vouchers lack cover: top up, or return.");
        trade.MapGet("/documents/{id:guid}", async (
                Guid id, string? application, Caller caller, ReadDocuments read, CancellationToken cancellation) =>
            TypedResults.Json(await read.GetAsync(id, application, caller, cancellation),
                TradeApiJson.Default.TradeDetails)).RequireRoles(readers)
            .WithName("GetTradeDocument").WithSummary("A document; a bank names the application it has consent for.");
        trade.MapGet("/documents/{id:guid}/statements", async (
                Guid id, string show, string? application, Caller caller, ReadDocuments read,
                CancellationToken cancellation) =>
            TypedResults.Bytes(await read.StatementsAsync(id, show, application, caller, cancellation),
                "application/json")).RequireRoles(readers)
            .WithName("GetTradeStatements").WithSummary("Some of what a document says, provable (event-statements/1).");
    }

    /// <summary>A document that the caller may see.</summary>
    /// <exception cref="ProblemException">There is none.</exception>
    public async Task<TradeFile> FindAsync(
        Guid id, string? application, Caller caller, CancellationToken cancellation)
    {
        TradeFile? file = await files.FindAsync(id, cancellation);
        bool seen = file is not null && (file.IsOf(caller.Tenant) || application is not null
            && await files.ConsentsAsync(id, caller.Tenant, application, time.GetUtcNow(), cancellation));
        return seen ? file! : throw new ProblemException(Problem.Of(TradeDocument.Missing, ("id", id)));
    }

    public async Task<TradeDetails> GetAsync(Guid id, string? application, Caller caller, CancellationToken cancellation) =>
        await DescribeAsync(await FindAsync(id, application, caller, cancellation), caller, cancellation);

    private async Task<IReadOnlyList<TradeDetails>> ConsentedAsync(
        string application, Caller caller, CancellationToken cancellation)
    {
        List<TradeDetails> list = [];
        foreach (Guid id in await files.ConsentedAsync(caller.Tenant, application, time.GetUtcNow(), cancellation))
            list.Add(await GetAsync(id, application, caller, cancellation));
        return list;
    }

    /// <summary>A page of documents; of alarms only those that lack cover, looked for until the page is full.</summary>
    private async Task<TradeList> ListAsync(
        Caller caller, bool shortOnly, Guid? cursor, int? limit, CancellationToken cancellation)
    {
        int size = Math.Clamp(limit ?? PageMax, 1, PageMax);
        List<TradeDetails> list = [];
        while (true)
        {
            List<TradeFile> page = await files.OfPartyAsync(caller.Tenant, shortOnly, cursor, PageMax + 1, cancellation);
            for (int i = 0; i < Math.Min(page.Count, PageMax); i++)
            {
                TradeDetails details = await DescribeAsync(page[i], caller, cancellation);
                cursor = page[i].Id;
                if (!shortOnly || details.ShortfallFen > 0)
                    list.Add(details);
                if (list.Count == size)
                    return new TradeList(list, i + 1 < page.Count ? cursor : null);
            }
            if (page.Count <= PageMax)
                return new TradeList(list);
        }
    }

    private async Task<byte[]> StatementsAsync(
        Guid id, string show, string? application, Caller caller, CancellationToken cancellation)
    {
        TradeFile file = await FindAsync(id, application, caller, cancellation);
        IReadOnlyList<Statement> statements = TradeFiles.StatementsOf(file.Body);
        string[] pointers = show.Split(',', StringSplitOptions.RemoveEmptyEntries);
        int[] shown = [.. Enumerable.Range(0, statements.Count).Where(i => pointers.Contains(statements[i].Pointer))];
        return shown.Length > 0 && shown.Length == pointers.Length
            ? Statements.Disclose(file.Secret, statements, shown)
            : throw new ProblemException(Problem.Of("trade-statement-not-found"));
    }

    /// <summary>
    /// What the reader itself saw last, else what anybody but the seller did: a seller's word must not take the place of a
    /// bank's own look.
    /// </summary>
    internal static StoredEvent? LookedUp(IReadOnlyList<StoredEvent> events, TradeFile file, string reader)
    {
        List<StoredEvent> looks = [.. events.Where(e => e.Data is TradeEvent.Checked)];
        return looks.FindLast(e => e.Tenant == reader) ?? looks.FindLast(e => e.Tenant != file.Body.Seller)
            ?? looks.LastOrDefault();
    }

    private async Task<TradeDetails> DescribeAsync(TradeFile file, Caller caller, CancellationToken cancellation)
    {
        IReadOnlyList<StoredEvent> events = await store.FetchStreamAsync(TradeDocument.Stream(file.Id), cancellation);
        TradeState state = events.Select(e => (TradeEvent)e.Data).Aggregate(TradeState.Initial, TradeState.Evolve);
        StoredEvent? looked = LookedUp(events, file, caller.Tenant);
        InvoiceCheck? recorded = looked?.Data is TradeEvent.Checked c
            ? new InvoiceCheck("checked-manually", c.Result, looked.Actor, looked.OccurredAt, c.EvidenceSha256)
            : null;
        return new TradeDetails(
            file.Id, events[0].Id, file.Sha256, file.Body, file.ReversedFen, state.UsedFen,
            file.IsOf(caller.Tenant) ? state.Uses : null,
            file.Body.Kind == TradeKind.Invoice ? Math.Max(0, state.UsedFen - file.WorthFen) : 0,
            file.Body.Kind == TradeKind.Invoice ? check.Of(recorded) : null);
    }
}
