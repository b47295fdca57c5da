using EventStore;
using EventStore.Idempotency;
using FluentValidation;
using Npgsql;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;
using Traceability.Codes.Keys;
using Traceability.Codes.Validation;

namespace Traceability.Codes.Batches;

/// <summary>
/// Labels set under others (套标). Before printing: every label of one batch takes <c>ratio</c> labels of another in a
/// row. After printing: one parent label takes the labels from a first to a last one.
/// </summary>
/// <param name="Parent">The first parent label as scanned or typed.</param>
/// <param name="First">The first child label.</param>
/// <param name="Last">The last child label; or give a ratio.</param>
/// <param name="Ratio">Children under each parent.</param>
/// <param name="Parents">How many parents in a row; one when missing.</param>
public sealed record SetRequest(
    string? Parent = null, string? First = null, string? Last = null, int? Ratio = null, int? Parents = null);

/// <summary>Shape of a set.</summary>
internal sealed class SetShape : AbstractValidator<SetRequest>
{
    private const int Max = 1 << 30;

    public SetShape()
    {
        RuleFor(r => r.Parent).Required();
        RuleFor(r => r.Parent).Text(1, ItemCode.LengthMax);
        RuleFor(r => r.First).Required();
        RuleFor(r => r.First).Text(1, ItemCode.LengthMax);
        RuleFor(r => r.Last).Text(1, ItemCode.LengthMax);
        RuleFor(r => r.Ratio).Must(n => n is null or (>= 1 and <= Max)).WithErrorCode("field-form");
        RuleFor(r => r.Parents).Must(n => n is null or (>= 1 and <= Max)).WithErrorCode("field-form");
        RuleFor(r => r.Ratio).NotNull().When(r => r.Last is null).WithErrorCode("field-required");
        RuleFor(r => r.Ratio).Null().When(r => r.Last is not null).WithErrorCode("field-form");
        RuleFor(r => r.Parents).Null().When(r => r.Last is not null).WithErrorCode("field-form");
    }
}

/// <summary>A set.</summary>
public sealed record SetAnswer(
    Guid Id, Guid Batch, int From, int Ratio, Guid ParentBatch, int ParentFrom, int Parents, Guid EventId);

/// <summary>A label's place in its sets: the label above it, and the ranges of labels below it.</summary>
public sealed record SetMembers(string Code, string? Parent, IReadOnlyList<SetChildren> Children);

/// <summary>Labels in a row under a parent.</summary>
public sealed record SetChildren(Guid Batch, string Gtin, int From, int Count, string First, string Last);

/// <summary>Sets labels and tells what stands under and above one.</summary>
internal static class SetLabels
{
    public static void Map(IEndpointRouteBuilder codes)
    {
        codes.MapPost("/sets", HandleAsync).RequireRoles(Role.Member, Role.Admin).Validate(new SetShape())
            .WithName("SetLabels").WithSummary("Sets labels under others, before or after printing.");
        codes.MapGet("/sets", FindAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin)
            .WithName("FindSet").WithSummary("The labels above and below one.");
    }

    private static Task<IResult> HandleAsync(
        HttpContext http, Caller caller, JsonBody<SetRequest> body, CodeValidator validator)
    {
        SetRequest request = body.Value;
        CodeFinding parent = BatchAccess.Label(validator, caller.Tenant, request.Parent!);
        CodeFinding first = BatchAccess.Label(validator, caller.Tenant, request.First!);
        int parents = request.Parents ?? 1;
        CodeRange range;
        if (request.Last is { } text)
        {
            CodeFinding last = BatchAccess.Label(validator, caller.Tenant, text);
            if (last.Batch!.Id != first.Batch!.Id)
                return Task.FromResult<IResult>(Problem.Of("labels-of-two-batches"));
            range = BatchAccess.Between(first, last);
        }
        else
        {
            long count = (long)request.Ratio!.Value * parents;
            range = count <= int.MaxValue ? CodeRange.Of(first.Counter, (int)count) : default;
        }
        if (parent.Batch!.Id == first.Batch!.Id)
            return Task.FromResult<IResult>(Problem.Of("set-within-batch"));
        if ((long)parent.Counter + parents > parent.Batch.Opened.Count)
            return Task.FromResult<IResult>(Problem.Of(CodeBatch.OutOfBatch,
                [.. BatchAccess.Numbers(parent.Counter, parents), ("size", parent.Batch.Opened.Count)]));
        IdempotencyKey? key = Once.Key(http.Request, caller, "set-labels", body.Bytes.Span);
        return BatchAccess.RunAsync(
            http, caller, key, first.Batch.Id,
            session => new CodeBatchCommand.Set(
                session.Context.NewId(), range, range.Count / parents, parent.Batch.Id, parent.Counter, parents),
            (_, decided, e) => Answer(first.Batch.Id, (CodeBatchEvent.Set)decided, e));
    }

    private static StoredResponse Answer(Guid batch, CodeBatchEvent.Set set, NewEvent e) => Once.Json(
        StatusCodes.Status201Created,
        new SetAnswer(set.Id, batch, set.From, set.Ratio, set.ParentBatch, set.ParentFrom, set.Parents, e.Id),
        CodeJson.Default.SetAnswer);

    private static async Task<IResult> FindAsync(
        string? code, Caller caller, Store store, CodeValidator validator, CodeKeys keys,
        CancellationToken cancellationToken)
    {
        CodeFinding found = BatchAccess.Label(validator, caller.Tenant, code ?? "");
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            """
            select true, parent_batch, parent_from + ($2 - from_code) / ratio, 1 from code_sets
            where batch = $1 and from_code <= $2 and to_code > $2
            union all
            select false, batch, from_code + ($2 - parent_from) * ratio, ratio from code_sets
            where parent_batch = $1 and parent_from <= $2 and parent_to > $2
            """);
        command.Parameters.Add(new() { Value = found.Batch!.Id });
        command.Parameters.Add(new() { Value = found.Counter });
        string? parent = null;
        List<SetChildren> children = [];
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            if (validator.Batch(reader.GetGuid(1)) is not { } batch)
                continue;
            int from = reader.GetInt32(2);
            int count = reader.GetInt32(3);
            if (reader.GetBoolean(0))
                parent = Link(batch, from, keys);
            else
                children.Add(new SetChildren(batch.Id, batch.Gtin, from, count, Link(batch, from, keys),
                    Link(batch, from + count - 1, keys)));
        }
        return TypedResults.Json(
            new SetMembers(Link(found.Batch, found.Counter, keys), parent, children), CodeJson.Default.SetMembers);
    }

    private static string Link(KnownBatch batch, int counter, CodeKeys keys) =>
        $"{batch.Opened.Stem}/01/{batch.Gtin}/21/{batch.SerialOf(keys[batch.Opened.KeyVersion], counter)}";
}
