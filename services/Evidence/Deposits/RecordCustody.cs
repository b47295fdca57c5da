using EventStore;
using EventStore.Idempotency;
using FluentValidation;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;

namespace Evidence.Deposits;

/// <summary>What happened to a deposit.</summary>
/// <param name="Kind"><c>handed-over</c>, <c>accessed</c>, <c>supplemented</c> or <c>superseded</c>.</param>
/// <param name="To">Who got custody (handed-over).</param>
/// <param name="Purpose">Why (accessed).</param>
/// <param name="Sha256">Digest of what was added (supplemented).</param>
/// <param name="Sm3">The same for SM3.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="By">The deposit that takes its place (superseded).</param>
/// <param name="Note">A remark.</param>
public sealed record CustodyRequest(
    string? Kind = null, string? To = null, string? Purpose = null, string? Sha256 = null, string? Sm3 = null,
    long? Size = null, DepositId? By = null, string? Note = null);

/// <summary>Shape of a custody entry: exactly the members that its kind has.</summary>
internal sealed class CustodyShape : AbstractValidator<CustodyRequest>
{
    private static readonly string[] Kinds = ["handed-over", "accessed", "supplemented", "superseded"];

    public CustodyShape()
    {
        RuleFor(r => r.Kind).Required();
        RuleFor(r => r.Kind).Must(k => k is null || Kinds.Contains(k)).WithErrorCode("field-form");
        RuleFor(r => r.Note).Text(1, 500);
        RuleFor(r => r.To).Text(1, 200);
        RuleFor(r => r.Purpose).Text(1, 200);
        RuleFor(r => r.Sm3).Must(d => d is null || Digests.IsValid(d)).WithErrorCode("digest-form");
        RuleFor(r => r.Sha256).Must(d => d is null || Digests.IsValid(d)).WithErrorCode("digest-form");
        RuleFor(r => r.Size).Must(s => s is null or >= 0 and <= DepositShape.IntegerMax).WithErrorCode("field-form");
        Belongs(r => r.To, "handed-over");
        Belongs(r => r.Purpose, "accessed");
        Belongs(r => r.Sha256, "supplemented");
        Belongs(r => r.By, "superseded");
        RuleFor(r => r.Sm3).Null().When(r => r.Kind != "supplemented").WithErrorCode("field-form");
        RuleFor(r => r.Size).Null().When(r => r.Kind != "supplemented").WithErrorCode("field-form");
    }

    private void Belongs<T>(System.Linq.Expressions.Expression<Func<CustodyRequest, T>> member, string kind)
    {
        RuleFor(member).NotNull().When(r => r.Kind == kind).WithErrorCode("field-required");
        RuleFor(member).Null().When(r => r.Kind != kind).WithErrorCode("field-form");
    }
}

/// <summary>The answer to a custody entry.</summary>
public sealed record CustodyAnswer(Guid EventId, DateTimeOffset At, long Version);

/// <summary>Records what happened to a deposit; with <c>If-Match</c>, only if nothing else happened meanwhile.</summary>
internal static class RecordCustody
{
    public static void Map(IEndpointRouteBuilder deposits) =>
        deposits.MapPost("/{id}/custody", HandleAsync).RequireRoles(Role.Member, Role.Admin)
            .Validate(new CustodyShape())
            .WithName("RecordCustody").WithSummary("Adds to a deposit's custody history.");

    private static Task<IResult> HandleAsync(
        string id, HttpContext http, Caller caller, JsonBody<CustodyRequest> body, Store store, DepositLookup lookup)
    {
        long? expected = EntityVersion.Expected(http.Request);
        IdempotencyKey? key = Once.Key(http.Request, caller, $"custody {id}", body.Bytes.Span);
        return Once.RunAsync(http, caller, key, async (session, token) =>
        {
            IReadOnlyList<StoredEvent> events = await DepositAccess.FetchAsync(store, caller.Tenant, id, token);
            if (expected is { } version && version != events.Count)
                throw new ProblemException(Problem.Of("version-stale"));
            DepositState state = events.Select(e => (DepositEvent)e.Data)
                .Aggregate(DepositState.Initial, DepositState.Evolve);
            DepositCommand command = await ParseAsync(id, caller.Tenant, body.Value, lookup, token);
            DepositEvent decided = Deposit.Decide(state, command).EventsOrProblem(("id", id))[0];
            NewEvent e = session.Context.Stamp(EvidenceEvents.NameOf(decided), decided);
            session.Append(events[0].Stream, events.Count, e);
            return Once.Json(StatusCodes.Status201Created, new CustodyAnswer(e.Id, e.OccurredAt, events.Count + 1),
                ApiJson.Default.CustodyAnswer);
        });
    }

    private static async Task<DepositCommand> ParseAsync(
        string id, string tenant, CustodyRequest request, DepositLookup lookup, CancellationToken cancellationToken)
    {
        switch (request.Kind)
        {
            case "handed-over": return new DepositCommand.HandOver(request.To!, request.Note);
            case "accessed": return new DepositCommand.Access(request.Purpose!);
            case "supplemented":
                return new DepositCommand.Supplement(
                    new Content(request.Sha256!, request.Sm3, request.Size), request.Note);
            default:
                _ = DepositId.TryParse(id, out DepositId self);
                return new DepositCommand.Supersede(
                    self, request.By!.Value, await lookup.ExistsAsync(tenant, request.By.Value, cancellationToken),
                    request.Note);
        }
    }
}
