using System.Text.Json.Serialization;
using EventStore;
using EventStore.Idempotency;
using FluentValidation;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;
using Traceability.Gs1;
using Traceability.MasterData;

namespace Traceability.Recalls;

/// <summary>Begins a recall or a drill.</summary>
/// <param name="Title">At most 200 characters of each language; a plain text is in the language of its letters.</param>
/// <param name="Reason">At most 2000 characters.</param>
/// <param name="Domain"><c>food</c> or <c>drug</c>.</param>
/// <param name="Class">1 to 3.</param>
/// <param name="Drill">Whether it is only practised.</param>
/// <param name="LearnedAt">When the risk became known; now where it is missing.</param>
/// <param name="Targets">Lots, ingredients or items; up to 100.</param>
public sealed record OpenRecallRequest(
    [property: JsonConverter(typeof(RecallWording))] Wording? Title = null, string? Reason = null,
    string? Domain = null, int? Class = null, bool Drill = false, DateTimeOffset? LearnedAt = null, IReadOnlyList<string>? Targets = null);

/// <summary>Its shape.</summary>
internal sealed class OpenRecallShape : AbstractValidator<OpenRecallRequest>
{
    private const int TargetsMax = 100;

    public OpenRecallShape()
    {
        this.Words(r => r.Title, 200);
        RuleFor(r => r.Reason).Required();
        RuleFor(r => r.Reason).Text(1, 2000);
        RuleFor(r => r.Domain).Required();
        RuleFor(r => r.Class).Required();
        RuleFor(r => r.Targets).Required();
        RuleFor(r => r.Targets).Must(t => t is null || t.Count <= TargetsMax
            && t.All(i => i is { Length: > 0 and <= 2000 } && !i.Any(char.IsControl))).WithErrorCode("field-form");
    }
}

/// <summary>The answer to an opened recall.</summary>
public sealed record RecallOpenedAnswer(
    Guid Id, Guid EventId, Guid ScopeEventId, RecallEvent.ScopeFound Scope, IReadOnlyList<RecallDeadline> Deadlines);

/// <summary>Opens a recall, and finds at once what it reaches.</summary>
internal static class OpenRecall
{
    public static void Map(IEndpointRouteBuilder recalls) =>
        recalls.MapPost("", HandleAsync).RequireRoles(Role.Member, Role.Admin, Role.Regulator)
            .Validate(new OpenRecallShape())
            .WithName("OpenRecall").WithSummary("Opens a recall or a drill and finds what it reaches.");

    private static Task<IResult> HandleAsync(
        HttpContext http, Caller caller, JsonBody<OpenRecallRequest> body, RecallScopes scopes, TimeProvider time)
    {
        OpenRecallRequest request = body.Value;
        IdempotencyKey? key = Once.Key(http.Request, caller, "recall", body.Bytes.Span);
        return Once.RunAsync(http, caller, key, async (session, token) =>
        {
            string[] targets = [.. request.Targets!.Select(Epc.ToCanonicalUri).Distinct()];
            DateTimeOffset now = session.Context.Now;
            DateTimeOffset learned = request.LearnedAt is { } known && known < now ? known.ToUniversalTime() : now;
            RecallEvent.Opened opened = new(
                request.Title!, request.Reason!, request.Domain!, request.Class!.Value, request.Drill, learned,
                targets, caller.Is(Role.Regulator));
            RecallEvent accepted = Recall.Decide(RecallState.Initial, opened).EventsOrProblem()[0];
            RecallScope scope = await scopes.FindAsync(caller.Tenant, caller.Is(Role.Regulator), targets, token)
                ?? throw new ProblemException(Problem.Of("recall-target-unknown"));
            Guid id = session.Context.NewId();
            NewEvent first = session.Context.Stamp(RecallEvents.NameOf(accepted), accepted);
            NewEvent second = session.Context.Stamp(RecallEvents.NameOf(scope.Found), scope.Found);
            session.StartStream(RecallEvents.Stream(id), first, second);
            RecallTables.QueueScope(session, id, scope);
            RecallState state = RecallState.Evolve(RecallState.Initial, accepted, now);
            return Once.Json(StatusCodes.Status201Created, new RecallOpenedAnswer(
                id, first.Id, second.Id, scope.Found, RecallRules.Deadlines(state, time.GetUtcNow())),
                RecallJson.Default.RecallOpenedAnswer, $"recalls/{id}");
        });
    }
}
