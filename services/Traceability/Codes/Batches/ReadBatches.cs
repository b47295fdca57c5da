using EventStore;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using ServiceDefaults.Auth;
using ServiceDefaults.Problems;
using Traceability.Codes.Keys;
using Traceability.Codes.Validation;

namespace Traceability.Codes.Batches;

/// <summary>A page of batches, newest first.</summary>
/// <param name="Items">The batches.</param>
/// <param name="Next">The cursor of the next page; null at the end.</param>
public sealed record BatchPage(IReadOnlyList<BatchAnswer> Items, Guid? Next);

/// <summary>Reads batches of the caller's organisation.</summary>
internal static class ReadBatches
{
    private const int PageMax = 200;

    public static void Map(IEndpointRouteBuilder codes)
    {
        codes.MapGet("/batches", ListAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin)
            .WithName("ListCodeBatches").WithSummary("The organisation's code batches, newest first.");
        codes.MapGet("/batches/{id:guid}", Get).RequireRoles(Role.Member, Role.Reader, Role.Admin)
            .WithName("GetCodeBatch").WithSummary("A batch: issued = printed + destroyed + stock.");
    }

    private static JsonHttpResult<BatchAnswer> Get(Guid id, Caller caller, CodeValidator validator, CodeKeys keys) =>
        TypedResults.Json(Answer(BatchAccess.Known(validator, caller.Tenant, id), keys), CodeJson.Default.BatchAnswer);

    private static async Task<IResult> ListAsync(
        Caller caller, Store store, CodeValidator validator, CodeKeys keys, CancellationToken cancellationToken,
        string? gtin = null, Guid? cursor = null, int limit = 50)
    {
        if (limit is < 1 or > PageMax)
            return Problem.Of("code-query-form", ("field", nameof(limit)));
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            "select id from code_batches where tenant = $1"
            + (gtin is null ? "" : " and gtin = $4") + (cursor is null ? "" : " and id < $3")
            + " order by id desc limit $2");
        command.Parameters.Add(new() { Value = caller.Tenant });
        command.Parameters.Add(new() { Value = limit + 1 });
        command.Parameters.Add(new() { Value = cursor ?? Guid.Empty });
        command.Parameters.Add(new() { Value = gtin ?? "" });
        List<Guid> ids = [];
        await using (NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
                ids.Add(reader.GetGuid(0));
        }
        bool more = ids.Count > limit;
        BatchAnswer[] items =
            [.. ids.Take(limit).Select(validator.Batch).OfType<KnownBatch>().Select(b => Answer(b, keys))];
        return TypedResults.Json(new BatchPage(items, more ? ids[limit - 1] : null), CodeJson.Default.BatchPage);
    }

    private static BatchAnswer Answer(KnownBatch batch, CodeKeys keys)
    {
        RangeSet activated = batch.Activations.Aggregate(RangeSet.Empty, (set, a) => set.Add(a.Range));
        return BatchAnswer.Of(
            batch.Id,
            new CodeBatchState(batch.Opened, batch.Printed, batch.Destroyed, activated, RangeSet.Empty, []), keys);
    }
}
