using EventStore;
using ServiceDefaults.Auth;
using ServiceDefaults.Problems;

namespace Evidence.Deposits;

/// <summary>
/// Erases the person that a deposit concerns, in all deposits of the organisation about the same identity document.
/// Digests and proofs stay valid.
/// </summary>
internal static class EraseSubject
{
    public static void Map(IEndpointRouteBuilder deposits) =>
        deposits.MapPost("/{id}/subject/erase", HandleAsync).RequireRoles(Role.Admin)
            .WithName("EraseSubject").WithSummary("Erases the person that a deposit concerns.");

    private static async Task<IResult> HandleAsync(
        string id, Caller caller, Store store, Subjects subjects, CancellationToken cancellationToken)
    {
        IReadOnlyList<StoredEvent> events = await DepositAccess.FetchAsync(store, caller.Tenant, id, cancellationToken);
        if (((DepositEvent.Deposited)events[0].Data).Subject is not { } subject)
            return Problem.Of("not-found");
        await subjects.EraseAsync(subject, cancellationToken);
        return TypedResults.NoContent();
    }
}
