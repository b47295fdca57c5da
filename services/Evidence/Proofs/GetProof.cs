using EventStore;
using Evidence.Deposits;
using ServiceDefaults.Auth;
using ServiceDefaults.Problems;

namespace Evidence.Proofs;

/// <summary>Serves a deposit's proof bundle, waiting for it when asked to.</summary>
internal static class GetProof
{
    private const int WaitMaxSeconds = 60;

    public static void Map(IEndpointRouteBuilder deposits) =>
        deposits.MapGet("/{id}/proof", HandleAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin)
            .WithName("GetProof").WithSummary("The proof bundle, or 202 and the state until it exists.");

    private static async Task<IResult> HandleAsync(
        string id, Caller caller, Store store, ProofBundles bundles, HttpContext http,
        CancellationToken cancellationToken, int wait = 0, Guid? @event = null)
    {
        IReadOnlyList<StoredEvent> events = await DepositAccess.FetchAsync(store, caller.Tenant, id, cancellationToken);
        StoredEvent? proven = @event is null ? events[0] : events.FirstOrDefault(e => e.Id == @event);
        return proven is null
            ? Problem.Of("not-found")
            : await AnswerAsync(http, bundles, proven.Id, proven.Bytes, proven.Digest, withEvent: true, wait, cancellationToken);
    }

    /// <summary>The bundle as a file, or 202 with the state.</summary>
    public static async Task<IResult> AnswerAsync(
        HttpContext http, ProofBundles bundles, Guid eventId, ReadOnlyMemory<byte> bytes, ReadOnlyMemory<byte> digest,
        bool withEvent, int wait, CancellationToken cancellationToken)
    {
        TimeSpan patience = TimeSpan.FromSeconds(Math.Clamp(wait, 0, WaitMaxSeconds));
        (byte[]? bundle, AnchorState state) =
            await bundles.GetAsync(eventId, bytes, digest, withEvent, patience, cancellationToken);
        if (bundle is null)
            return TypedResults.Json(state, AnchorJson.Default.AnchorState, statusCode: StatusCodes.Status202Accepted);
        http.Response.Headers.CacheControl = withEvent ? "private, max-age=31536000, immutable" : "public, max-age=86400";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        return TypedResults.Bytes(bundle, "application/json");
    }
}
