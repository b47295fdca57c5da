using EventStore;
using EventStore.Idempotency;
using FluentValidation;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Stores;
using Traceability.Codes.Keys;
using Traceability.Codes.Quotas;
using Traceability.Codes.Serials;
using Traceability.Codes.Validation;
using Traceability.Gs1;
using Traceability.MasterData;

namespace Traceability.Codes.Batches;

/// <summary>A batch to open.</summary>
/// <param name="Gtin">8, 12, 13 or 14 digits.</param>
/// <param name="Count">How many codes, up to 2³⁰.</param>
/// <param name="Mode">Kind of serial; text when missing.</param>
/// <param name="Activation">When codes come into use; required when missing.</param>
/// <param name="Stem">Host and path before the printed link's key; this origin when missing.</param>
/// <param name="Purpose">A remark.</param>
public sealed record OpenBatchRequest(
    string? Gtin = null, int? Count = null, SerialMode? Mode = null, Activation? Activation = null, string? Stem = null,
    string? Purpose = null);

/// <summary>Shape of a batch.</summary>
internal sealed class OpenBatchShape : AbstractValidator<OpenBatchRequest>
{
    public const int CountMax = 1 << 30;

    public OpenBatchShape()
    {
        RuleFor(r => r.Gtin).Required();
        RuleFor(r => r.Gtin).Must(g => g is null || CheckDigit.TryGtin14(g, out _)).WithErrorCode("gtin-form");
        RuleFor(r => r.Count).NotNull().WithErrorCode("field-required");
        RuleFor(r => r.Count).Must(c => c is null or (>= 1 and <= CountMax)).WithErrorCode("field-range")
            .WithState(_ => new Dictionary<string, object?> { ["min"] = 1, ["max"] = CountMax });
        RuleFor(r => r.Stem).Text(10, 200);
        RuleFor(r => r.Stem).Must(IsStem).WithErrorCode("field-form");
        RuleFor(r => r.Purpose).Text(1, 200);
    }

    /// <summary>Whether a printed link can begin with it.</summary>
    public static bool IsStem(string? stem) => stem is null
        || (!stem.AsSpan().ContainsAny('?', '#', '%') && !stem.EndsWith('/')
            && DigitalLink.TryParse(stem + "/01/00000000000000", out DigitalLink? link, out _) && link.Stem == stem);
}

/// <summary>A batch as it stands.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Gtin">14 digits.</param>
/// <param name="Count">Codes issued: printed + destroyed + stock.</param>
/// <param name="Printed">Printed and not destroyed.</param>
/// <param name="Destroyed">Destroyed.</param>
/// <param name="Stock">Neither.</param>
/// <param name="Activated">Bound to a lot.</param>
/// <param name="Mode">Kind of serial.</param>
/// <param name="Activation">When codes come into use.</param>
/// <param name="KeyVersion">Version of the keys.</param>
/// <param name="Stem">Host and path of the printed link.</param>
/// <param name="Purpose">A remark.</param>
/// <param name="FirstCode">The first code's link.</param>
/// <param name="EventId">Id of the event that a command recorded.</param>
public sealed record BatchAnswer(
    Guid Id, string Gtin, int Count, int Printed, int Destroyed, int Stock, int Activated, SerialMode Mode,
    Activation Activation, int KeyVersion, string Stem, string? Purpose, string FirstCode, Guid? EventId = null)
{
    /// <summary>A batch with its numbers.</summary>
    internal static BatchAnswer Of(Guid id, CodeBatchState state, CodeKeys keys, Guid? eventId = null)
    {
        CodeBatchEvent.Opened b = state.Opened!;
        KnownBatch batch = new(id, "", b.Gtin, b, state.Printed, state.Destroyed, []);
        return new BatchAnswer(
            id, b.Gtin, b.Count, state.Printed.Count, state.Destroyed.Count, state.Stock, state.Activated.Count, b.Mode,
            b.Activation, b.KeyVersion, b.Stem, b.Purpose,
            $"{b.Stem}/01/{b.Gtin}/21/{batch.SerialOf(keys[b.KeyVersion], 0)}", eventId);
    }
}

/// <summary>Opens a batch: a few parameters, whatever its size.</summary>
internal static class OpenBatch
{
    public static void Map(IEndpointRouteBuilder codes) =>
        codes.MapPost("/batches", HandleAsync).RequireRoles(Role.Member, Role.Admin).Validate(new OpenBatchShape())
            .WithName("OpenCodeBatch").WithSummary("Issues codes for a GTIN, within its quota.");

    private static async Task<IResult> HandleAsync(
        HttpContext http, Caller caller, JsonBody<OpenBatchRequest> body, CodeKeys keys, CodeTables tables)
    {
        OpenBatchRequest request = body.Value;
        _ = CheckDigit.TryGtin14(request.Gtin!, out string gtin);
        IdempotencyKey? key = Once.Key(http.Request, caller, "code-batch", body.Bytes.Span);
        IResult result = await Once.RunAsync(http, caller, key, async (session, token) =>
        {
            Guid id = session.Context.NewId();
            SerialMode mode = request.Mode ?? SerialMode.Text;
            int version = keys.Current;
            DateOnly day = GtinCodesState.DayOf(session.Context.Now);
            WritableStream<GtinCodesState> stream =
                await session.FetchForWriting<GtinCodesState>(CodeEvents.StreamOfGtin(gtin), token);
            GtinCodesState state = stream.Aggregate;
            // Whose product it is may issue its codes, and nobody else.
            MasterState product = await session.AggregateStreamAsync<MasterState>($"product-{gtin}", token);
            var allotted = (GtinCodesEvent.CodesAllotted)GtinCodes
                .Allot(state, caller.Tenant, id, request.Count!.Value, mode, version, day, product.Tenant)
                .EventsOrProblem(Words(state, gtin, caller.Tenant, request.Count.Value, version, day))[0];
            stream.AppendOne(allotted);
            CodeBatchEvent.Opened opened = new(
                gtin, allotted.Number, allotted.Count, mode,
                mode == SerialMode.Numeric ? state.NumericIssued(version) : 0, version,
                request.Stem ?? OwnStem(http.Request), request.Activation ?? Activation.Required, request.Purpose);
            NewEvent e = session.Context.Stamp(CodeEvents.Opened, opened);
            session.StartStream(CodeEvents.StreamOf(id), e);
            return Once.Json(
                StatusCodes.Status201Created,
                BatchAnswer.Of(id, CodeBatchState.Evolve(CodeBatchState.Initial, opened), keys, e.Id),
                CodeJson.Default.BatchAnswer, $"batches/{id}");
        });
        await tables.CatchUpAsync(http.RequestAborted);
        return result;
    }

    /// <summary>Where labels lead that nobody led elsewhere: to the public origin that the gateway names, else to id.gs1.org.</summary>
    private static string OwnStem(HttpRequest request) =>
        request.Headers["X-Forwarded-Host"].FirstOrDefault() is { } host && $"{request.Scheme}://{host}" is var stem
        && OpenBatchShape.IsStem(stem) ? stem : DigitalLink.CanonicalStem;

    private static (string, object?)[] Words(
        GtinCodesState state, string gtin, string owner, int asked, int version, DateOnly day)
    {
        List<Quota> valid = [.. state.BindingOf(owner).Where(q => q.IsValid(day))];
        return
        [
            ("gtin", gtin), ("asked", asked), ("certified", valid.Sum(q => q.Amount)),
            ("issued", valid.Sum(q => q.Used)), ("left", valid.Sum(q => q.Left)), ("max", NumericSerial.IssuedMax),
            ("numeric", state.NumericIssued(version)),
        ];
    }
}
