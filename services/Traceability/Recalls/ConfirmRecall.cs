using EventStore;
using EventStore.Idempotency;
using FluentValidation;
using Npgsql;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;

namespace Traceability.Recalls;

/// <summary>What a holder did with its recalled pieces.</summary>
/// <param name="Kind"><c>held</c>, kept apart from sale and use, or <c>returned</c>.</param>
/// <param name="Pieces">How many so far.</param>
/// <param name="Text">A remark of at most 2000 characters.</param>
public sealed record ConfirmRecallRequest(string? Kind = null, long? Pieces = null, string? Text = null);

internal sealed class ConfirmRecallShape : AbstractValidator<ConfirmRecallRequest>
{
    public ConfirmRecallShape()
    {
        RuleFor(r => r.Kind).Required();
        RuleFor(r => r.Kind).Must(k => k is null or "held" or "returned").WithErrorCode("field-form");
        RuleFor(r => r.Pieces).NotNull().WithErrorCode("field-required");
        RuleFor(r => r.Pieces).Must(p => p is null or >= 0 and <= int.MaxValue).WithErrorCode("field-form");
        RuleFor(r => r.Text).Text(1, 2000);
    }
}

/// <summary>What was recorded.</summary>
public sealed record RecallConfirmedAnswer(Guid EventId, DateTimeOffset At);

/// <summary>A holder tells the recalling organisation that its pieces are held apart or were sent back.</summary>
internal static class ConfirmRecall
{
    public static void Map(IEndpointRouteBuilder recalls) =>
        recalls.MapPost("/{id:guid}/confirmations", HandleAsync).RequireRoles(Role.Member, Role.Admin)
            .Validate(new ConfirmRecallShape())
            .WithName("ConfirmRecall").WithSummary("A holder says that its recalled pieces are held apart or returned.");

    private static Task<IResult> HandleAsync(
        Guid id, HttpContext http, Caller caller, JsonBody<ConfirmRecallRequest> body, Store store)
    {
        IdempotencyKey? key = Once.Key(http.Request, caller, $"recall confirmation {id}", body.Bytes.Span);
        return Once.RunAsync(http, caller, key, async (session, token) =>
        {
            IReadOnlyList<StoredEvent> events = await store.FetchStreamAsync(RecallEvents.Stream(id), token);
            if (await HeldAsync(store, id, caller.Tenant, token) is not { } held || events.Count == 0)
                throw new ProblemException(Problem.Of(Recall.Missing));
            RecallState state = events.Aggregate(RecallState.Initial, RecallEvents.Evolve);
            ConfirmRecallRequest said = body.Value;
            RecallEvent decided = Recall.Decide(
                state, new RecallEvent.HolderConfirmed(caller.Tenant, said.Kind!, said.Pieces!.Value, said.Text), held)
                .EventsOrProblem(("reached", held), ("pieces", said.Pieces))[0];
            NewEvent e = session.Context.Stamp(RecallEvents.NameOf(decided), decided);
            session.Append(events[0].Stream, events.Count, e);
            return Once.Json(StatusCodes.Status201Created, new RecallConfirmedAnswer(e.Id, e.OccurredAt),
                RecallJson.Default.RecallConfirmedAnswer);
        });
    }

    /// <summary>How many pieces an organisation has, or said to have; null where the recall does not reach it.</summary>
    private static async Task<long?> HeldAsync(Store store, Guid recall, string holder, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            """
            select greatest(
                (select (items + claimed)::bigint from recall_holders where recall = $1 and holder = $2),
                (select max(pieces) from recall_confirmations where recall = $1 and holder = $2))
            """);
        command.Parameters.Add(new() { Value = recall });
        command.Parameters.Add(new() { Value = holder });
        return await command.ExecuteScalarAsync(cancellation) as long?;
    }
}
