using EventStore;
using ServiceDefaults.Auth;
using ServiceDefaults.Problems;

namespace Evidence.Deposits;

/// <summary>The answer to an erasure.</summary>
/// <param name="Erased">What can't be read any more.</param>
/// <param name="RemainsInClear">
/// What a deposit's events hold in clear, wherever it was given, and what no erasure reaches.
/// </param>
public sealed record SubjectErasedAnswer(string Erased, IReadOnlyList<string> RemainsInClear);

/// <summary>
/// Erases the person that a deposit concerns, in all deposits of the organisation about the same identity document.
/// Digests and proofs stay valid.
/// </summary>
internal static class EraseSubject
{
    private static readonly SubjectErasedAnswer Answer = new(
        "subject", ["name", "businessId", "provenance", "custody.to", "custody.purpose", "custody.note"]);

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
        return TypedResults.Json(Answer, ApiJson.Default.SubjectErasedAnswer);
    }
}
