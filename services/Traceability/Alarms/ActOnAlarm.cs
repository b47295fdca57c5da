using EventStore;
using EventStore.Idempotency;
using FluentValidation;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;

namespace Traceability.Alarms;

/// <summary>Puts an alarm to an organisation.</summary>
/// <param name="Organisation">Its account; the dealer's own where it is missing.</param>
/// <param name="AnswerBy">Until when it may answer; in 15 days where it is missing, at least one day ahead.</param>
/// <param name="Note">What it is asked.</param>
public sealed record PutRequest(string? Organisation = null, DateTimeOffset? AnswerBy = null, string? Note = null);

/// <summary>Answers an alarm.</summary>
/// <param name="Text">The answer.</param>
/// <param name="Attachments">Files that belong to it, by digest; they stay with whoever answers.</param>
public sealed record AnswerRequest(string? Text = null, IReadOnlyList<AlarmAttachment>? Attachments = null);

/// <summary>Adds a comment.</summary>
public sealed record CommentRequest(string? Text = null);

/// <summary>Closes an alarm.</summary>
/// <param name="Outcome"><c>upheld</c>, <c>explained</c> or <c>withdrawn</c>.</param>
/// <param name="Grounds">Why.</param>
public sealed record CloseRequest(string? Outcome = null, string? Grounds = null);

/// <summary>The answer to what was recorded.</summary>
/// <param name="EventId">The event.</param>
/// <param name="State">Where the alarm stands.</param>
/// <param name="AnswerBy">Until when the one it was put to may answer.</param>
public sealed record AlarmAnswer(Guid EventId, AlarmStage State, DateTimeOffset? AnswerBy);

internal sealed class PutShape : AbstractValidator<PutRequest>
{
    public PutShape()
    {
        RuleFor(r => r.Organisation).Text(1, 100);
        RuleFor(r => r.Note).Text(1, ActOnAlarm.TextMax);
    }
}

internal sealed class AnswerShape : AbstractValidator<AnswerRequest>
{
    private const int FilesMax = 20;

    public AnswerShape()
    {
        RuleFor(r => r.Text).Required();
        RuleFor(r => r.Text).Text(1, ActOnAlarm.TextMax);
        RuleFor(r => r.Attachments).Must(a => a is null || a.Count <= FilesMax).WithErrorCode("list-length")
            .WithState(_ => new Dictionary<string, object?> { ["max"] = FilesMax });
        RuleFor(r => r.Attachments).Must(a => a is null || a.Take(FilesMax).All(IsFile)).WithErrorCode("field-form");
    }

    private static bool IsFile(AlarmAttachment? file) => file is
    {
        Name: { Length: > 0 and <= 200 } name,
        Sha256: { Length: 64 } digest,
        Size: null or (>= 0 and <= 9_007_199_254_740_991),
    } && digest.All(char.IsAsciiHexDigitLower) && !name.Any(char.IsControl) && name.IsWellFormed();
}

internal sealed class CommentShape : AbstractValidator<CommentRequest>
{
    public CommentShape()
    {
        RuleFor(r => r.Text).Required();
        RuleFor(r => r.Text).Text(1, ActOnAlarm.TextMax);
    }
}

internal sealed class CloseShape : AbstractValidator<CloseRequest>
{
    public CloseShape()
    {
        RuleFor(r => r.Outcome).Required();
        RuleFor(r => r.Outcome).Must(o => o is null or "upheld" or "explained" or "withdrawn").WithErrorCode("field-form");
        RuleFor(r => r.Grounds).Required();
        RuleFor(r => r.Grounds).Text(1, ActOnAlarm.TextMax);
    }
}

/// <summary>Records what those who take part in an alarm say and decide.</summary>
internal static class ActOnAlarm
{
    public const int TextMax = 10_000;

    public static void Map(IEndpointRouteBuilder alarms)
    {
        alarms.MapPost("/{id:guid}/put", PutAsync).RequireRoles(Role.Member, Role.Admin).Validate(new PutShape())
            .WithName("PutAlarm").WithSummary("Puts an alarm to the dealer, who then sees it and may answer.");
        alarms.MapPost("/{id:guid}/answer", AnswerAsync).RequireRoles(Role.Member, Role.Admin)
            .Validate(new AnswerShape())
            .WithName("AnswerAlarm").WithSummary("Answers an alarm that was put to the organisation.");
        alarms.MapPost("/{id:guid}/comments", CommentAsync).RequireRoles(Role.Member, Role.Admin, Role.Regulator)
            .Validate(new CommentShape()).WithName("CommentAlarm").WithSummary("Adds to an alarm, closed or not.");
        alarms.MapPost("/{id:guid}/close", CloseAsync).RequireRoles(Role.Member, Role.Admin).Validate(new CloseShape())
            .WithName("CloseAlarm").WithSummary("Closes an alarm: upheld, explained or withdrawn, with grounds.");
    }

    /// <summary>What a caller may do to an alarm now.</summary>
    public static IEnumerable<string> Allowed(AlarmState state, Caller caller, AlarmKind kind, DateTimeOffset now)
    {
        bool regulator = caller.Is(Role.Regulator);
        bool writes = caller.Is(Role.Member) || caller.Is(Role.Admin);
        (string Name, AlarmEvent Fact, bool May)[] acts =
        [
            ("put", new AlarmEvent.Put("", now + Alarm.AnswerUsual, null), writes),
            ("answer", new AlarmEvent.Answered("", []), writes),
            ("comment", new AlarmEvent.Commented(""), writes || regulator),
            ("close", new AlarmEvent.Closed(AlarmOutcome.Explained, ""), writes),
            ("uphold", new AlarmEvent.Closed(AlarmOutcome.Upheld, ""), writes),
        ];
        return acts.Where(a => a.May && Alarm.Decide(state, caller.Tenant, regulator, kind, a.Fact, now)
            is ServiceDefaults.Decision<AlarmEvent>.Accepted).Select(a => a.Name);
    }

    private static Task<IResult> PutAsync(Guid id, HttpContext http, Caller caller, JsonBody<PutRequest> body, Store store) =>
        RecordAsync(id, http, caller, body.Bytes, store, (finding, now) => new AlarmEvent.Put(
            body.Value.Organisation ?? finding.Subject.Dealer?.Organisation
                ?? throw new ProblemException(Problem.Of("alarm-no-addressee")),
            Milliseconds(body.Value.AnswerBy?.ToUniversalTime()) ?? now + Alarm.AnswerUsual, body.Value.Note));

    private static Task<IResult> AnswerAsync(
        Guid id, HttpContext http, Caller caller, JsonBody<AnswerRequest> body, Store store) =>
        RecordAsync(id, http, caller, body.Bytes, store, (_, _) =>
            new AlarmEvent.Answered(body.Value.Text!, body.Value.Attachments ?? []));

    private static Task<IResult> CommentAsync(
        Guid id, HttpContext http, Caller caller, JsonBody<CommentRequest> body, Store store) =>
        RecordAsync(id, http, caller, body.Bytes, store, (_, _) => new AlarmEvent.Commented(body.Value.Text!));

    private static Task<IResult> CloseAsync(
        Guid id, HttpContext http, Caller caller, JsonBody<CloseRequest> body, Store store) =>
        RecordAsync(id, http, caller, body.Bytes, store, (_, _) => new AlarmEvent.Closed(
            Enum.Parse<AlarmOutcome>(body.Value.Outcome!, ignoreCase: true), body.Value.Grounds!));

    private static Task<IResult> RecordAsync(
        Guid id, HttpContext http, Caller caller, ReadOnlyMemory<byte> body, Store store,
        Func<AlarmFinding, DateTimeOffset, AlarmEvent> fact)
    {
        IdempotencyKey? key = Once.Key(http.Request, caller, $"{http.Request.Path}", body.Span);
        return Once.RunAsync(http, caller, key, async (session, token) =>
        {
            (IReadOnlyList<StoredEvent> events, AlarmState state) = await GetAlarms.FindAsync(id, caller, store, token);
            AlarmFinding finding = ((AlarmEvent.Raised)events[0].Data).Finding;
            AlarmEvent decided = Alarm.Decide(
                state, caller.Tenant, caller.Is(Role.Regulator), finding.Kind, fact(finding, session.Context.Now),
                session.Context.Now).EventsOrProblem(("days", (int)Alarm.AnswerMin.TotalDays))[0];
            NewEvent e = session.Context.Stamp(AlarmEvents.NameOf(decided), decided);
            session.Append(events[0].Stream, events.Count, e);
            AlarmState after = AlarmState.Evolve(state, caller.Tenant, decided);
            foreach (string told in new[] { after.Owner, after.PutTo }.OfType<string>().Where(t => t != caller.Tenant))
                AlarmNotices.Queue(session, told, id, Happened(decided), null);
            return Once.Json(
                StatusCodes.Status201Created, new AlarmAnswer(e.Id, after.Stage, after.AnswerBy),
                AlarmJson.Default.AlarmAnswer);
        });
    }

    private static string Happened(AlarmEvent e) => e switch
    {
        AlarmEvent.Put => "put",
        AlarmEvent.Answered => "answered",
        AlarmEvent.Closed => "closed",
        _ => "commented",
    };

    // Events hold whole milliseconds.
    private static DateTimeOffset? Milliseconds(DateTimeOffset? at) =>
        at is { } time ? time.AddTicks(-(time.Ticks % TimeSpan.TicksPerMillisecond)) : null;
}
