using System.Security.Cryptography;
using System.Text;
using EventStore;
using EventStore.Idempotency;
using FluentValidation;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;

namespace Traceability.Scanning;

/// <summary>What the producer does about a complaint.</summary>
/// <param name="Kind"><c>received</c>, <c>answer</c> or <c>close</c>.</param>
/// <param name="Text">The answer, at most 4000 characters. Whoever has the complaint's number reads it.</param>
public sealed record ComplaintStepRequest(string? Kind = null, string? Text = null);

/// <summary>What was recorded.</summary>
/// <param name="EventId">The event.</param>
/// <param name="State">Where the complaint stands.</param>
public sealed record ComplaintStepAnswer(Guid EventId, string State);

internal sealed class ComplaintStepShape : AbstractValidator<ComplaintStepRequest>
{
    private const int TextMax = 4000;

    public ComplaintStepShape()
    {
        RuleFor(r => r.Kind).Required();
        RuleFor(r => r.Kind).Must(k => k is null or "received" or "answer" or "close").WithErrorCode("field-form");
        RuleFor(r => r.Text).NotEmpty().When(r => r.Kind == "answer").WithErrorCode("field-required");
        RuleFor(r => r.Text).Text(1, TextMax);
        RuleFor(r => r.Text).Must(t => t is null).When(r => r.Kind is "received" or "close").WithErrorCode("field-form");
    }
}

/// <summary>Takes a complaint up, answers and closes it.</summary>
internal static class AnswerComplaint
{
    public const string Schema =
        """
        alter table complaints add state smallint not null default 1;
        create index complaints_open on complaints (tenant, filed_at) where state < 3;
        create table complaint_steps (
            number   text        collate "C" not null,
            n        int         not null,
            kind     smallint    not null,
            at       timestamptz not null,
            event_id uuid        not null,
            words    text,
            secret   bytea,
            primary key (number, n)
        );
        """;

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/complaints/{number}/steps", HandleAsync).RequireRoles(Role.Member, Role.Admin)
            .Validate(new ComplaintStepShape())
            .WithName("AnswerComplaint").WithSummary("Takes a complaint up, answers or closes it.");

    /// <summary>The name of a stage in answers.</summary>
    public static string Name(ComplaintStage stage) => stage.ToString().ToLowerInvariant();

    private static Task<IResult> HandleAsync(
        string number, HttpContext http, Caller caller, JsonBody<ComplaintStepRequest> body, Store store)
    {
        IdempotencyKey? key = Once.Key(http.Request, caller, $"complaint {number}", body.Bytes.Span);
        return Once.RunAsync(http, caller, key, async (session, token) =>
        {
            IReadOnlyList<StoredEvent> events = await store.FetchStreamAsync($"complaint-{number}", token);
            if (events.Count == 0 || events[0].Tenant != caller.Tenant)
                throw new ProblemException(Problem.Of(ComplaintStates.Missing));
            ComplaintStage stage = events.Aggregate(ComplaintStage.None, (s, e) => ComplaintStates.Evolve(s, e.Data));
            byte[] secret = RandomNumberGenerator.GetBytes(16);
            string text = body.Value.Text ?? "";
            (string type, object fact) = body.Value.Kind switch
            {
                "received" => (ComplaintReceived.Type, (object)new ComplaintReceived(number)),
                "answer" => (ComplaintAnswered.Type, new ComplaintAnswered(
                    number, Convert.ToHexStringLower(SHA256.HashData([.. secret, .. Encoding.UTF8.GetBytes(text)])))),
                _ => (ComplaintClosed.Type, new ComplaintClosed(number)),
            };
            object decided = ComplaintStates.Decide(stage, fact).EventsOrProblem()[0];
            ComplaintStage after = ComplaintStates.Evolve(stage, decided);
            NewEvent e = session.Context.Stamp(type, decided);
            session.Append(events[0].Stream, events.Count, e);
            session.QueueSqlCommand("update complaints set state = $2 where number = $1", number, (short)after);
            session.QueueSqlCommand(
                """
                insert into complaint_steps (number, n, kind, at, event_id, words, secret)
                values ($1, $2, $3, $4, $5, nullif($6, ''), case when $6 <> '' then $7::bytea end)
                """,
                number, events.Count, (short)ComplaintStates.Evolve(stage, decided), e.OccurredAt.UtcDateTime, e.Id, text, secret);
            return Once.Json(
                StatusCodes.Status201Created, new ComplaintStepAnswer(e.Id, Name(after)),
                ComplaintJson.Default.ComplaintStepAnswer);
        });
    }
}
