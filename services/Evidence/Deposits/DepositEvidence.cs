using EventStore;
using EventStore.Idempotency;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;

namespace Evidence.Deposits;

/// <summary>The answer to a deposit.</summary>
/// <param name="Id">The deposit's number.</param>
/// <param name="EventId">Id of the event that records it.</param>
/// <param name="State"><c>accepted</c>: stored for good; anchoring follows by itself.</param>
/// <param name="Sha256">Digest deposited.</param>
/// <param name="Sm3">SM3 digest, where given or computed.</param>
/// <param name="RecordedAt">When.</param>
/// <param name="Earlier">The organisation's own earlier deposits of the same digest, oldest first, at most ten.</param>
public sealed record DepositAnswer(
    DepositId Id, Guid EventId, string State, string Sha256, string? Sm3, DateTimeOffset RecordedAt,
    IReadOnlyList<EarlierDeposit> Earlier);

/// <summary>Deposits one piece of evidence by its digest.</summary>
internal static class DepositEvidence
{
    private const long BodyBytesMax = 64 * 1024;

    public static void Map(IEndpointRouteBuilder deposits) =>
        deposits.MapPost("", HandleAsync).RequireRoles(Role.Member).WithBodyLimit(BodyBytesMax)
            .WithName("DepositEvidence").WithSummary("Deposits evidence by its digest.");

    private static Task<IResult> HandleAsync(
        HttpContext http, Caller caller, JsonBody<DepositRequest> body, DepositLookup lookup)
    {
        List<ProblemItem> problems = [];
        new DepositShape(problems, index: null, problemsMax: 100).Check(body.Value);
        if (problems.Count > 0)
            return Task.FromResult<IResult>(RequestValidation.Invalid(problems));
        IdempotencyKey? key = Once.Key(http.Request, caller, "deposit", body.Bytes.Span);
        return RecordAsync(http, caller, key, body.Value, keep: null, lookup, "deposits/");
    }

    /// <summary>
    /// Records a deposit of checked shape. Where a file came with it, <paramref name="keep"/> keeps the file: only for a
    /// deposit about to be written, never for an answer given again, whose file may have been erased since.
    /// </summary>
    public static Task<IResult> RecordAsync(
        HttpContext http, Caller caller, IdempotencyKey? key, DepositRequest request, Func<CancellationToken, Task>? keep,
        DepositLookup lookup, string locationPrefix) =>
        Once.RunAsync(http, caller, key, async (session, token) =>
        {
            bool stored = keep is not null;
            DepositRow[] same = [.. (await lookup.OfDigestsAsync(
                caller.Tenant, [(request.Sha256!, request.BusinessId)], token))[request.Sha256!]];
            EarlierDeposit[] earlier = [.. same.Select(r => new EarlierDeposit(r.Id, r.RecordedAt))];
            // A file that comes for a digest deposited without one is a new deposit: the event says that it is kept.
            DepositRow? existing = key is null
                ? same.FirstOrDefault(r => r.BusinessId == request.BusinessId && (r.Stored || !stored))
                : null;
            if (existing is not null)
            {
                return Once.Json(StatusCodes.Status200OK, new DepositAnswer(
                    existing.Id, existing.EventId, "accepted", existing.Sha256, existing.Sm3, existing.RecordedAt,
                    [.. earlier.Where(e => e.Id != existing.Id)]), ApiJson.Default.DepositAnswer);
            }

            if (keep is not null)
                await keep(token);
            DepositId id = key is null && same.All(r => r.BusinessId != request.BusinessId)
                ? DepositId.Natural(caller.Tenant, request.Sha256!, request.BusinessId)
                : new DepositId(session.Context.NewId());
            NewEvent e = await StampAsync(http, session, request, stored, token);
            session.StartStream(id.ToString(), e);
            return Once.Json(StatusCodes.Status201Created, new DepositAnswer(
                id, e.Id, "accepted", request.Sha256!, request.Sm3, e.OccurredAt, earlier),
                ApiJson.Default.DepositAnswer, locationPrefix + id);
        });

    /// <summary>The event of a deposit, its personal fields sealed for exactly this event.</summary>
    public static async Task<NewEvent> StampAsync(
        HttpContext http, Session session, DepositRequest request, bool stored, CancellationToken cancellationToken)
    {
        Guid eventId = session.Context.NewId();
        SealedSubject? subject = request.Subject is { } clear
            ? await http.RequestServices.GetRequiredService<Subjects>().SealAsync(
                session, eventId, clear, cancellationToken)
            : null;
        DepositCommand command = new DepositCommand.Deposit(
            request.Content, request.Name, request.BusinessId, subject, request.Provenance?.Parsed, stored);
        DepositEvent e = Deposit.Decide(DepositState.Initial, command).EventsOrProblem()[0];
        return session.Context.Stamp(EvidenceEvents.Deposited, e, eventId);
    }
}
