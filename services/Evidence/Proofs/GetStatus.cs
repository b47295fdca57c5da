using EventStore;
using Evidence.Deposits;
using ServiceDefaults.Anchoring;
using ServiceDefaults.Auth;

namespace Evidence.Proofs;

/// <summary>How far a deposit has come, once or as a stream of changes.</summary>
internal static class GetStatus
{
    public static void Map(IEndpointRouteBuilder deposits) =>
        deposits.MapGet("/{id}/status", HandleAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin)
            .WithName("GetStatus").WithSummary("The state of a deposit, once or as a stream of changes.");

    private static async Task<IResult> HandleAsync(
        string id, HttpContext http, Caller caller, Store store, AnchorClient anchor, TimeProvider time,
        CancellationToken cancellationToken)
    {
        IReadOnlyList<StoredEvent> events = await DepositAccess.FetchAsync(store, caller.Tenant, id, cancellationToken);
        return await AnchorStatus.AnswerAsync(http, anchor, events[0].Id, time, cancellationToken);
    }
}
