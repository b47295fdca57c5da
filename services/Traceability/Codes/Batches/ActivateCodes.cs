using EventStore;
using EventStore.Idempotency;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;
using Traceability.Codes.Validation;
using Traceability.MasterData;

namespace Traceability.Codes.Batches;

/// <summary>A roll or box to bind.</summary>
/// <param name="First">Its first label as scanned or typed.</param>
/// <param name="Last">Its last label.</param>
/// <param name="Lot">Lot, AI (10): at most 20 characters of set 82.</param>
/// <param name="Line">Production line.</param>
/// <param name="Dealer">To whom the goods go.</param>
/// <param name="At">When, for a line that worked without a network; now when missing.</param>
public sealed record ActivateRequest(
    string? First = null, string? Last = null, string? Lot = null, string? Line = null, string? Dealer = null,
    DateTimeOffset? At = null);

/// <summary>Shape of an activation.</summary>
internal sealed class ActivateShape : AbstractValidator<ActivateRequest>
{
    public ActivateShape()
    {
        RuleFor(r => r.First).Required();
        RuleFor(r => r.First).Text(1, ItemCode.LengthMax);
        RuleFor(r => r.Last).Required();
        RuleFor(r => r.Last).Text(1, ItemCode.LengthMax);
        RuleFor(r => r.Lot).Required();
        RuleFor(r => r.Lot).Must(l => string.IsNullOrEmpty(l) || Gs1.ElementString.IsValue("10", l))
            .WithErrorCode("lot-form");
        RuleFor(r => r.Line).Text(1, 100);
        RuleFor(r => r.Dealer).Text(1, 100);
    }
}

/// <summary>An activation.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Batch">The batch.</param>
/// <param name="Gtin">14 digits.</param>
/// <param name="From">First counter.</param>
/// <param name="Count">How many.</param>
/// <param name="Lot">Lot.</param>
/// <param name="Line">Line.</param>
/// <param name="Dealer">Dealer.</param>
/// <param name="At">When.</param>
/// <param name="EventId">Id of the event.</param>
public sealed record ActivationAnswer(
    Guid Id, Guid Batch, string Gtin, int From, int Count, string Lot, string? Line, string? Dealer, DateTimeOffset At,
    Guid EventId);

/// <summary>Activations of a batch by their ranges, and those that were taken back.</summary>
public sealed record ActivationPage(
    IReadOnlyList<ActivationAnswer> Items, IReadOnlyList<UnbindAnswer>? Undone = null);

/// <summary>Binds a roll or box to lot, line and dealer by its first and last label. Stored as one range.</summary>
internal static class ActivateCodes
{
    // As far as clocks of lines may be ahead, as of all events.
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);

    public static void Map(IEndpointRouteBuilder codes)
    {
        codes.MapPost("/activations", HandleAsync).RequireRoles(Role.Member, Role.Admin).Validate(new ActivateShape())
            .WithName("ActivateCodes").WithSummary("Binds a roll or box to a lot by its first and last label.");
        codes.MapGet("/batches/{id:guid}/activations", ListAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin)
            .WithName("ListActivations").WithSummary("A batch's activations.");
        codes.MapGet("/activations", FindAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin)
            .WithName("FindActivations").WithSummary("The activations for a lot of a product.");
    }

    private static async Task<IResult> HandleAsync(
        HttpContext http, Caller caller, JsonBody<ActivateRequest> body, CodeValidator validator, Store store,
        TimeProvider time)
    {
        ActivateRequest request = body.Value;
        DateTimeOffset? at = request.At?.ToUniversalTime();
        if (at > time.GetUtcNow() + ClockTolerance)
            return Problem.Of("activation-in-future");
        CodeFinding first = BatchAccess.Label(validator, caller.Tenant, request.First!);
        CodeFinding last = BatchAccess.Label(validator, caller.Tenant, request.Last!);
        KnownBatch batch = first.Batch!;
        if (batch.Id != last.Batch!.Id)
            return Problem.Of("labels-of-two-batches");
        if (Undescribed.IsRefused(http.Request)
            && await UndescribedAsync(store, batch.Gtin, request.Lot!, http.RequestAborted) is { } goods)
            return Problem.Of(goods.Code, ("field", "lot"), ("gtin", goods.Gtin), ("lot", goods.Lot));
        CodeRange range = BatchAccess.Between(first, last);
        IdempotencyKey? key = Once.Key(http.Request, caller, "activate", body.Bytes.Span);
        return await BatchAccess.RunAsync(
            http, caller, key, batch.Id,
            session => new CodeBatchCommand.Activate(
                session.Context.NewId(), range, request.Lot!, request.Line, request.Dealer, at),
            (_, decided, e) => Once.Json(
                StatusCodes.Status201Created,
                new ActivationAnswer(
                    ((CodeBatchEvent.Activated)decided).Id, batch.Id, batch.Gtin, range.From, range.Count, request.Lot!,
                    request.Line, request.Dealer, at ?? e.OccurredAt, e.Id),
                CodeJson.Default.ActivationAnswer));
    }

    private static async Task<UndescribedGoods?> UndescribedAsync(
        Store store, string gtin, string lot, CancellationToken cancellation)
    {
        string uri = Gs1.Epc.ToCanonicalUri(
            $"{Gs1.DigitalLink.CanonicalStem}/01/{gtin}/10/{Uri.EscapeDataString(lot)}");
        return (await Undescribed.OfAsync(store, [uri], cancellation)).Values.FirstOrDefault();
    }

    private static async Task<IResult> FindAsync(
        Caller caller, Store store, CancellationToken cancellationToken, string gtin = "", string lot = "")
    {
        if (!Gs1.CheckDigit.TryGtin14(gtin, out string gtin14))
            return Problem.Of("code-query-form", ("field", nameof(gtin)));
        if (!Gs1.ElementString.IsValue("10", lot))
            return Problem.Of("code-query-form", ("field", nameof(lot)));
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            """
            select a.id, a.batch, from_code, to_code - from_code, lot, line, dealer, at, event_id
            from code_activations a join code_batches b on b.id = a.batch
            where b.tenant = $1 and b.gtin = $2 and a.lot = $3 order by at desc limit 1000
            """);
        command.Parameters.Add(new() { Value = caller.Tenant });
        command.Parameters.Add(new() { Value = gtin14 });
        command.Parameters.Add(new() { Value = lot });
        List<ActivationAnswer> items = [];
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            items.Add(new ActivationAnswer(
                reader.GetGuid(0), reader.GetGuid(1), gtin14, reader.GetInt32(2), reader.GetInt32(3),
                reader.GetString(4), reader.IsDBNull(5) ? null : reader.GetString(5),
                reader.IsDBNull(6) ? null : reader.GetString(6), reader.GetFieldValue<DateTimeOffset>(7),
                reader.GetGuid(8)));
        }
        return TypedResults.Json(new ActivationPage(items), CodeJson.Default.ActivationPage);
    }

    private static async Task<JsonHttpResult<ActivationPage>> ListAsync(
        Guid id, Caller caller, CodeValidator validator, Store store, CancellationToken cancellationToken)
    {
        KnownBatch batch = BatchAccess.Known(validator, caller.Tenant, id);
        return TypedResults.Json(
            new ActivationPage([.. batch.Activations.Select(a => new ActivationAnswer(
                a.Id, id, batch.Gtin, a.Range.From, a.Range.Count, a.Lot, a.Line, a.Dealer, a.At, a.EventId))],
                await UnbindCodes.OfAsync(store, id, cancellationToken)),
            CodeJson.Default.ActivationPage);
    }
}
