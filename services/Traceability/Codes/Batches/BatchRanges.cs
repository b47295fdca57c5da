using EventStore.Idempotency;
using FluentValidation;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Stores;
using Traceability.Codes.Keys;
using Traceability.Codes.Validation;

namespace Traceability.Codes.Batches;

/// <summary>Shape of a range.</summary>
internal sealed class RangeShape : AbstractValidator<RangeRequest>
{
    public RangeShape(bool reasonNeeded)
    {
        RuleFor(r => r.First).Text(1, ItemCode.LengthMax);
        RuleFor(r => r.Last).Text(1, ItemCode.LengthMax);
        RuleFor(r => r.Order).Text(1, 100);
        RuleFor(r => r.Reason).Text(1, 200);
        RuleFor(r => r.From).Null().When(r => r.First is not null).WithErrorCode("field-form");
        if (reasonNeeded)
            RuleFor(r => r.Reason).Required();
    }
}

/// <summary>Records that labels were printed or destroyed.</summary>
internal static class BatchRanges
{
    public static void Map(IEndpointRouteBuilder codes)
    {
        codes.MapPost("/batches/{id:guid}/printed", PrintAsync).RequireRoles(Role.Member, Role.Admin)
            .Validate(new RangeShape(reasonNeeded: false))
            .WithName("RecordPrinted").WithSummary("Records that labels of a batch were printed.");
        codes.MapPost("/batches/{id:guid}/destroyed", DestroyAsync).RequireRoles(Role.Member, Role.Admin)
            .Validate(new RangeShape(reasonNeeded: true))
            .WithName("RecordDestroyed").WithSummary("Records that labels were destroyed or will never be printed.");
    }

    private static Task<IResult> PrintAsync(
        Guid id, HttpContext http, Caller caller, JsonBody<RangeRequest> body, CodeValidator validator,
        CodeKeys keys) =>
        RunAsync(id, http, caller, body, validator, keys, "printed",
            range => new CodeBatchCommand.Print(range, body.Value.Order));

    private static Task<IResult> DestroyAsync(
        Guid id, HttpContext http, Caller caller, JsonBody<RangeRequest> body, CodeValidator validator,
        CodeKeys keys) =>
        RunAsync(id, http, caller, body, validator, keys, "destroyed",
            range => new CodeBatchCommand.Destroy(range, body.Value.Reason!));

    private static Task<IResult> RunAsync(
        Guid id, HttpContext http, Caller caller, JsonBody<RangeRequest> body, CodeValidator validator, CodeKeys keys,
        string operation, Func<CodeRange, CodeBatchCommand> command)
    {
        CodeRange range = BatchAccess.Resolve(validator, BatchAccess.Known(validator, caller.Tenant, id), body.Value);
        IdempotencyKey? key = Once.Key(http.Request, caller, $"codes-{operation} {id}", body.Bytes.Span);
        return BatchAccess.RunAsync(http, caller, key, id, _ => command(range), (state, _, e) =>
            Once.Json(
                StatusCodes.Status201Created, BatchAnswer.Of(id, state, keys, e.Id), CodeJson.Default.BatchAnswer));
    }
}
