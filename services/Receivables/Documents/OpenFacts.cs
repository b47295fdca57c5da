using EventStore;
using ServiceDefaults.Anchoring;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;

namespace Receivables.Documents;

/// <summary>What anybody who holds a document may know of the fact behind it.</summary>
/// <param name="Id">The event that the document names.</param>
/// <param name="Digest">SHA-256 of its bytes.</param>
/// <param name="RecordedAt">When it was recorded.</param>
/// <param name="State">How far it has come; missing while the anchor does not answer.</param>
internal sealed record OpenFact(Guid Id, string Digest, DateTimeOffset RecordedAt, string? State = null);

/// <summary>
/// Open verification of documents: when a fact was recorded and its proof by digest alone. Never whose it is or what it
/// says.
/// </summary>
internal static class OpenFacts
{
    // What documents are printed of. Other events have nothing to show to a stranger.
    private static readonly HashSet<string> Printed =
    [
        "receivables.voucher-issued.v1", "receivables.voucher-accepted.v1", "receivables.transferred.v1",
        "receivables.sold.v1", "receivables.financing-chosen.v1", "receivables.clearing-opened.v1",
    ];

    public static void Map(IEndpointRouteBuilder app)
    {
        RouteGroupBuilder facts = app.MapGroup("/open/events/{id:guid}").OpenToAll();
        facts.MapGet("", FindAsync).WithName("FindOpenFact")
            .WithSummary("When the fact behind a document was recorded, and its digest.");
        facts.MapGet("/proof", ProveAsync).WithName("ProveOpenFact").WithSummary("Its proof, by digest only.");
        app.MapGet("/open/seal.cer", (DocumentSealFile seal) =>
                TypedResults.File(seal.Seal.Certificate, "application/pkix-cert", "seal.cer")).OpenToAll()
            .WithName("GetDocumentSeal").WithSummary("The certificate that seals documents.");
    }

    private static async Task<IResult> FindAsync(
        Guid id, Store store, AnchorClient anchor, CancellationToken cancellation)
    {
        if (await PrintedAsync(id, store, cancellation) is not { } e)
            return Problem.Of("not-found");
        string? state = null;
        try
        {
            state = (await anchor.StateAsync(e.Id, cancellation)).State;
        }
        catch (ProblemException)
        {
            // When and what digest are this service's own knowledge and stand without the anchor.
        }
        return TypedResults.Json(
            new OpenFact(e.Id, Convert.ToHexStringLower(e.Digest.Span), e.OccurredAt, state),
            DocumentJson.Default.OpenFact);
    }

    private static async Task<IResult> ProveAsync(
        Guid id, HttpContext http, Store store, ProofBundles bundles, CancellationToken cancellation) =>
        await PrintedAsync(id, store, cancellation) is { } e
            ? await bundles.AnswerAsync(http, e, withEvent: false, wait: 0, cancellation)
            : Problem.Of("not-found");

    private static async Task<StoredEvent?> PrintedAsync(Guid id, Store store, CancellationToken cancellation) =>
        await store.FindEventAsync(id, cancellation) is { } e && Printed.Contains(e.Type) ? e : null;
}
