using EventStore;
using Evidence.Deposits;
using ServiceDefaults.Anchoring;
using ServiceDefaults.Auth;
using ServiceDefaults.Problems;

namespace Evidence.Proofs;

/// <summary>Serves a deposit's proof bundle, waiting for it when asked to.</summary>
internal static class GetProof
{
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
            : await bundles.AnswerAsync(http, proven, withEvent: true, wait, cancellationToken);
    }
}
