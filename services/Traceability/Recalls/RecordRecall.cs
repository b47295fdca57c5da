using System.Text.Json.Serialization;
using EventStore;
using EventStore.Idempotency;
using FluentValidation;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;
using Traceability.MasterData;

namespace Traceability.Recalls;

/// <summary>What happened in a recall.</summary>
/// <param name="Kind"><c>plan</c>, <c>notice</c>, <c>progress</c>, <c>disposal</c>, <c>end</c> or <c>scope</c> (find
/// anew).</param>
/// <param name="Text">
/// The plan, the notice, what was done. At most 10000 characters; the notice may be in two languages, the others in one.
/// </param>
/// <param name="Recovered">Pieces that came back so far (progress).</param>
/// <param name="Method">How they were disposed of (disposal).</param>
/// <param name="Pieces">How many (disposal).</param>
/// <param name="EvidenceSha256">Digest of what proves it (disposal).</param>
public sealed record RecallStepRequest(
    string? Kind = null, [property: JsonConverter(typeof(RecallWording))] Wording? Text = null, long? Recovered = null, string? Method = null, long? Pieces = null,
    string? EvidenceSha256 = null);

/// <summary>Its shape.</summary>
internal sealed class RecallStepShape : AbstractValidator<RecallStepRequest>
{
    private static readonly string[] Kinds = ["plan", "notice", "progress", "disposal", "end", "scope"];
    private const int TextMax = 10_000;

    public RecallStepShape()
    {
        RuleFor(r => r.Kind).Required();
        RuleFor(r => r.Kind).Must(k => k is null || Kinds.Contains(k)).WithErrorCode("field-form");
        RuleFor(r => r.Text).Must(t => t is { Zh: not null } or { En: not null }).When(r => r.Kind is not (null or "scope"))
            .WithErrorCode("field-required");
        this.Words(r => r.Text, TextMax, required: false);
        RuleFor(r => r.Text).Must(t => t is not { Zh: not null, En: not null }).When(r => r.Kind is not "notice")
            .WithErrorCode("field-form");
        RuleFor(r => r.Method).Text(1, 200);
        RuleFor(r => r.Recovered).NotNull().When(r => r.Kind == "progress").WithErrorCode("field-required");
        RuleFor(r => r.Method).NotEmpty().When(r => r.Kind == "disposal").WithErrorCode("field-required");
        RuleFor(r => r.Pieces).NotNull().When(r => r.Kind == "disposal").WithErrorCode("field-required");
        RuleFor(r => r.Recovered).Must(IsCount).WithErrorCode("field-form");
        RuleFor(r => r.Pieces).Must(IsCount).WithErrorCode("field-form");
        RuleFor(r => r.EvidenceSha256).Must(d => d is null || d.Length == 64 && d.All(char.IsAsciiHexDigitLower))
            .WithErrorCode("field-form");
    }

    private static bool IsCount(long? count) => count is null or >= 0 and <= 9_007_199_254_740_991;
}

/// <summary>The answer to a recorded step.</summary>
public sealed record RecallStepAnswer(Guid EventId, DateTimeOffset At, IReadOnlyList<RecallDeadline> Deadlines);

/// <summary>Records what happens in a recall.</summary>
internal static class RecordRecall
{
    public static void Map(IEndpointRouteBuilder recalls) =>
        recalls.MapPost("/{id:guid}/steps", HandleAsync).RequireRoles(Role.Member, Role.Admin, Role.Regulator)
            .Validate(new RecallStepShape())
            .WithName("RecordRecall").WithSummary("Records a plan, notice, progress, disposal or the end of a recall.");

    private static Task<IResult> HandleAsync(
        Guid id, HttpContext http, Caller caller, JsonBody<RecallStepRequest> body, Store store, RecallScopes scopes)
    {
        IdempotencyKey? key = Once.Key(http.Request, caller, $"recall {id}", body.Bytes.Span);
        return Once.RunAsync(http, caller, key, async (session, token) =>
        {
            IReadOnlyList<StoredEvent> events = await store.FetchStreamAsync(RecallEvents.Stream(id), token);
            if (events.Count == 0 || events[0].Tenant != caller.Tenant)
                throw new ProblemException(Problem.Of(Recall.Missing));
            RecallState state = events.Aggregate(RecallState.Initial, RecallEvents.Evolve);
            RecallEvent proposed;
            if (body.Value.Kind == "scope")
            {
                RecallScope scope = await scopes.FindAsync(
                    caller.Tenant, caller.Is(Role.Regulator), ((RecallEvent.Opened)events[0].Data).Targets, token,
                    events[0].Position)
                    ?? throw new ProblemException(Problem.Of("recall-target-unknown"));
                proposed = scope.Found;
                RecallTables.QueueScope(session, id, scope);
            }
            else
            {
                proposed = Fact(body.Value);
            }
            long? reached = await RecallTables.PiecesAsync(store, id, token);
            RecallEvent decided = Recall.Decide(state, proposed, reached).EventsOrProblem(
                ("reached", reached), ("pieces", body.Value.Recovered ?? body.Value.Pieces))[0];
            NewEvent e = session.Context.Stamp(RecallEvents.NameOf(decided), decided);
            session.Append(events[0].Stream, events.Count, e);
            if (decided is RecallEvent.NoticeGiven notice && !state.Drill)
                RecallWebhooks.Queue(session, id, (RecallEvent.Opened)events[0].Data, notice.Text);
            return Once.Json(StatusCodes.Status201Created, new RecallStepAnswer(e.Id, e.OccurredAt,
                RecallRules.Deadlines(RecallState.Evolve(state, decided, e.OccurredAt), e.OccurredAt)),
                RecallJson.Default.RecallStepAnswer);
        });
    }

    private static RecallEvent Fact(RecallStepRequest request)
    {
        string text = request.Text!.In(chinese: true);
        return request.Kind switch
        {
            "plan" => new RecallEvent.PlanFiled(text),
            "notice" => new RecallEvent.NoticeGiven(request.Text),
            "progress" => new RecallEvent.ProgressReported(request.Recovered!.Value, text),
            "disposal" =>
                new RecallEvent.Disposed(request.Method!, request.Pieces!.Value, text, request.EvidenceSha256),
            _ => new RecallEvent.Ended(text),
        };
    }
}
