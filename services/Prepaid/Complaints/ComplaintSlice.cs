using EventStore;
using EventStore.Idempotency;
using FluentValidation;
using Prepaid.Cards;
using Prepaid.Merchants;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;

namespace Prepaid.Complaints;

/// <summary>A holder's complaint. Its words go on record and to the merchant: no names or numbers of people.</summary>
public sealed record ComplainRequest(ComplaintKind? Kind = null, string? Words = null);

/// <summary>A merchant's answer.</summary>
public sealed record AnswerComplaintRequest(string? Words = null);

/// <summary>The end of a complaint.</summary>
public sealed record CloseComplaintRequest(ComplaintOutcome? Outcome = null, string? Words = null);

/// <summary>A complaint that was recorded.</summary>
public sealed record ComplaintAnswer(Guid Complaint, string Merchant, ComplaintKind Kind, ComplaintOutcome? Outcome);

internal sealed class ComplainShape : AbstractValidator<ComplainRequest>
{
    public ComplainShape()
    {
        RuleFor(r => r.Kind).NotNull().WithErrorCode("field-required");
        RuleFor(r => r.Words).Required();
        RuleFor(r => r.Words).Text(1, 2000);
    }
}

internal sealed class AnswerComplaintShape : AbstractValidator<AnswerComplaintRequest>
{
    public AnswerComplaintShape()
    {
        RuleFor(r => r.Words).Required();
        RuleFor(r => r.Words).Text(1, 2000);
    }
}

internal sealed class CloseComplaintShape : AbstractValidator<CloseComplaintRequest>
{
    public CloseComplaintShape()
    {
        RuleFor(r => r.Outcome).NotNull().WithErrorCode("field-required");
        RuleFor(r => r.Words).Required();
        RuleFor(r => r.Words).Text(1, 2000);
    }
}

/// <summary>Complaints over HTTP: the holder makes and settles, the merchant answers, the regulator ends.</summary>
internal static class ComplaintSlice
{
    private const int LimitMax = 200;
    private const int ExportMax = 10_000;

    public static void Map(IEndpointRouteBuilder app)
    {
        RouteGroupBuilder open = app.MapGroup("/open/cards/{id:guid}/complaints").OpenToAll();
        open.MapPost("", MakeAsync).Validate(new ComplainShape())
            .WithName("Complain").WithSummary("The holder complains about the merchant.");
        open.MapGet("", OwnAsync)
            .WithName("ListOwnComplaints").WithSummary("The complaints of the own card.");
        open.MapPost("/{complaint:guid}/settlement", SettleAsync)
            .WithName("SettleComplaint").WithSummary("The holder says that the complaint is settled.");
        RouteGroupBuilder complaints = app.MapGroup("/complaints");
        complaints.MapGet("", ListAsync).RequireRoles(Role.Member, Role.Admin, Role.Regulator)
            .WithName("ListComplaints").WithSummary("Complaints about the own organisation; all for a regulator.");
        complaints.MapGet("/export", ExportAsync).RequireRoles(Role.Admin, Role.Regulator)
            .WithName("ExportComplaints").WithSummary("A merchant's complaints as a file for 12315 (CSV).");
        complaints.MapPost("/{complaint:guid}/answers", AnswerAsync).RequireRoles(Role.Member, Role.Admin)
            .Validate(new AnswerComplaintShape())
            .WithName("AnswerComplaint").WithSummary("The merchant answers a complaint.");
        complaints.MapPost("/{complaint:guid}/outcome", CloseAsync).RequireRoles(Role.Regulator)
            .Validate(new CloseComplaintShape())
            .WithName("CloseComplaint").WithSummary("The regulator ends a complaint.");
    }

    private static async Task<IResult> MakeAsync(
        Guid id, HttpContext http, JsonBody<ComplainRequest> body, Store store)
    {
        Card own = await HolderAccess.OwnAsync(id, http, store, http.RequestAborted);
        Caller holder = HolderAccess.Of(own);
        IdempotencyKey? key = Once.Key(http.Request, holder, $"complain {id}", body.Bytes.Span);
        return await Once.RunAsync(http, holder, key, (session, _) =>
        {
            Guid complaint = session.Context.NewId();
            ComplaintEvent.Made made = new(own.Merchant, id, body.Value.Kind!.Value, body.Value.Words!);
            session.StartStream(
                ComplaintEvents.Stream(complaint), session.Context.Stamp(ComplaintEvents.NameOf(made), made));
            return Task.FromResult(Once.Json(StatusCodes.Status201Created,
                new ComplaintAnswer(complaint, own.Merchant, made.Kind, null), ComplaintJson.Default.ComplaintAnswer));
        });
    }

    private static async Task<IResult> OwnAsync(Guid id, HttpContext http, Store store, CancellationToken token)
    {
        await HolderAccess.OwnAsync(id, http, store, token);
        return TypedResults.Json(
            await ComplaintRows.ReadAsync(store.DataSource, null, id, false, null, LimitMax, token),
            ComplaintJson.Default.ComplaintPage);
    }

    private static async Task<IResult> SettleAsync(Guid id, Guid complaint, HttpContext http, Store store)
    {
        Card own = await HolderAccess.OwnAsync(id, http, store, http.RequestAborted);
        return await RunAsync(http, HolderAccess.Of(own), complaint, default, about => about.Card == id,
            new ComplaintEvent.Closed(ComplaintOutcome.Settled, "-"));
    }

    private static async Task<IResult> ListAsync(
        string? merchant, bool? open, Guid? before, int? limit, Caller caller, Store store, CancellationToken token) =>
        TypedResults.Json(await ComplaintRows.ReadAsync(
            store.DataSource, caller.Is(Role.Regulator) ? merchant : caller.Tenant, null, open == true, before,
            Math.Clamp(limit ?? 50, 1, LimitMax), token), ComplaintJson.Default.ComplaintPage);

    private static async Task<IResult> ExportAsync(
        string? merchant, Caller caller, Store store, CancellationToken token)
    {
        string of = caller.Is(Role.Regulator) && merchant is not null ? merchant : caller.Tenant;
        Merchant known = await store.AggregateStreamAsync<Merchant>(MerchantEvents.Stream(of), token);
        if (known.Filing is not { } filing)
            return Problem.Of("merchant-unknown");
        ComplaintPage all = await ComplaintRows.ReadAsync(store.DataSource, of, null, false, null, ExportMax, token);
        return TypedResults.Bytes(
            ComplaintExport.Csv(all.Complaints, filing), "text/csv; charset=utf-8", $"complaints-{of}.csv");
    }

    private static Task<IResult> AnswerAsync(
        Guid complaint, HttpContext http, Caller caller, JsonBody<AnswerComplaintRequest> body) => RunAsync(
        http, caller, complaint, body.Bytes, about => about.Merchant == caller.Tenant,
        new ComplaintEvent.Answered(body.Value.Words!));

    private static Task<IResult> CloseAsync(
        Guid complaint, HttpContext http, Caller caller, JsonBody<CloseComplaintRequest> body) => RunAsync(
        http, caller, complaint, body.Bytes, _ => true,
        new ComplaintEvent.Closed(body.Value.Outcome!.Value, body.Value.Words!));

    private static Task<IResult> RunAsync(
        HttpContext http, Caller caller, Guid id, ReadOnlyMemory<byte> body, Func<ComplaintEvent.Made, bool> mayTouch,
        ComplaintEvent wanted)
    {
        IdempotencyKey? key = Once.Key(http.Request, caller, $"{http.Request.Path}", body.Span);
        return Once.RunAsync(http, caller, key, async (session, token) =>
        {
            WritableStream<Complaint> stream =
                await session.FetchForWriting<Complaint>(ComplaintEvents.Stream(id), token);
            Complaint complaint = stream.Aggregate;
            if (complaint.About is not { } about || !mayTouch(about))
                throw new ProblemException(Problem.Of(Complaint.Missing));
            foreach (ComplaintEvent e in Complaint.Decide(complaint, wanted).EventsOrProblem())
            {
                stream.AppendOne(session.Context.Stamp(ComplaintEvents.NameOf(e), e));
                complaint = Complaint.Evolve(complaint, e);
            }
            return Once.Json(StatusCodes.Status200OK,
                new ComplaintAnswer(id, about.Merchant, about.Kind, complaint.Outcome),
                ComplaintJson.Default.ComplaintAnswer);
        });
    }
}
