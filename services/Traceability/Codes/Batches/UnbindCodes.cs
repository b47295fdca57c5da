using EventStore;
using EventStore.Idempotency;
using FluentValidation;
using Npgsql;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Stores;

namespace Traceability.Codes.Batches;

/// <summary>Takes an activation back.</summary>
/// <param name="Reason">Why, for instance a mistyped lot.</param>
public sealed record UnbindRequest(string? Reason = null);

internal sealed class UnbindShape : AbstractValidator<UnbindRequest>
{
    public UnbindShape()
    {
        RuleFor(r => r.Reason).Required();
        RuleFor(r => r.Reason).Text(1, 200);
    }
}

/// <summary>An activation that was taken back.</summary>
/// <param name="Id">The activation.</param>
/// <param name="From">First counter.</param>
/// <param name="Count">How many.</param>
/// <param name="Lot">The lot that they were bound to.</param>
/// <param name="Reason">Why.</param>
/// <param name="At">When it was taken back.</param>
/// <param name="EventId">The event that says so.</param>
public sealed record UnbindAnswer(
    Guid Id, int From, int Count, string Lot, string Reason, DateTimeOffset At, Guid EventId);

/// <summary>
/// Takes an activation back, so that its labels can be bound anew. What was captured of it is declared an error by
/// <see cref="UnbindCapture"/>; both stay on record.
/// </summary>
internal static class UnbindCodes
{
    public const string Schema =
        """
        create table code_unbound (
            activation uuid        primary key,
            batch      uuid        not null,
            event_id   uuid        not null,
            at         timestamptz not null,
            from_code  int         not null,
            to_code    int         not null,
            lot        text        not null,
            reason     text        not null
        );
        create index code_unbound_batch on code_unbound (batch, at);
        create table code_unbound_captures (
            activation uuid primary key,
            chunks     int  not null
        );
        """;

    private const int ShownMax = 200;

    public static void Map(IEndpointRouteBuilder codes) =>
        codes.MapPost("/batches/{id:guid}/activations/{activation:guid}/unbind", HandleAsync)
            .RequireRoles(Role.Member, Role.Admin).Validate(new UnbindShape())
            .WithName("UnbindCodes").WithSummary("Takes an activation back, so that its labels can be bound anew.");

    private static Task<IResult> HandleAsync(
        Guid id, Guid activation, HttpContext http, Caller caller, JsonBody<UnbindRequest> body)
    {
        string reason = body.Value.Reason!;
        IdempotencyKey? key = Once.Key(http.Request, caller, $"unbind {activation}", body.Bytes.Span);
        return BatchAccess.RunAsync(
            http, caller, key, id, _ => new CodeBatchCommand.Unbind(activation, reason),
            (_, decided, e) =>
            {
                CodeBatchEvent.Unbound undone = (CodeBatchEvent.Unbound)decided;
                return Once.Json(
                    StatusCodes.Status201Created,
                    new UnbindAnswer(
                        activation, undone.From, undone.Count, undone.Lot, reason, e.OccurredAt, e.Id),
                    CodeJson.Default.UnbindAnswer);
            });
    }

    /// <summary>The last activations of a batch that were taken back.</summary>
    public static async Task<IReadOnlyList<UnbindAnswer>> OfAsync(
        Store store, Guid batch, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            $"""
             select activation, from_code, to_code - from_code, lot, reason, at, event_id from code_unbound
             where batch = $1 order by at desc limit {ShownMax}
             """);
        command.Parameters.Add(new() { Value = batch });
        List<UnbindAnswer> undone = [];
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            undone.Add(new UnbindAnswer(
                reader.GetGuid(0), reader.GetInt32(1), reader.GetInt32(2), reader.GetString(3), reader.GetString(4),
                reader.GetFieldValue<DateTimeOffset>(5), reader.GetGuid(6)));
        }
        return undone;
    }
}
