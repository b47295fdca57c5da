using System.Text.Json.Serialization;
using EventStore;
using EventStore.Idempotency;
using FluentValidation;
using Prepaid.Cards;
using Prepaid.Merchants;
using ServiceDefaults;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;

namespace Prepaid.Refunds;

/// <summary>What a holder asks. The figures come from the ledger; the holder says the rest.</summary>
/// <param name="Lots">Which lots; null for all that are left.</param>
/// <param name="Cause">Whose cause it is.</param>
/// <param name="HadSameBefore">Whether the same goods or services were got before (art. 14).</param>
/// <param name="GiftGoods">Whether goods were given away besides (art. 21).</param>
/// <param name="ListPriceDisputed">Whether the list price is far off (art. 19(2)).</param>
/// <param name="Words">Why; no names or numbers of people.</param>
public sealed record AskRefundRequest(
    IReadOnlyList<string>? Lots = null, RefundCause? Cause = null, bool HadSameBefore = false, bool GiftGoods = false,
    bool ListPriceDisputed = false, string? Words = null);

/// <summary>What a merchant answers: its view of what the ledger does not show, and an offer in fen.</summary>
public sealed record ReplyRefundRequest(
    RefundCause? Cause = null, bool? HadSameBefore = null, bool? GiftGoods = null, long OfferFen = 0,
    string? Words = null);

/// <summary>What a regulator decides, in fen.</summary>
public sealed record DecideRefundRequest(long Fen = 0, string? Reason = null, string? Power = null);

/// <summary>A refund with the same numbers for both sides.</summary>
/// <param name="Refund">Its number.</param>
/// <param name="Stage">How far it has come.</param>
/// <param name="Asked">What the holder asked.</param>
/// <param name="AskedAnswer">What the engine says on the holder's facts, lot by lot with articles.</param>
/// <param name="Answered">The merchant's answer.</param>
/// <param name="AnsweredAnswer">What the engine says on the merchant's facts.</param>
/// <param name="Ordered">What stands.</param>
public sealed record RefundDetails(
    Guid Refund, RefundStage Stage, RefundEvent.Asked Asked, RefundAnswerDetails AskedAnswer,
    RefundEvent.Answered? Answered, RefundAnswerDetails? AnsweredAnswer, RefundEvent.Ordered? Ordered);

internal sealed class AskRefundShape : AbstractValidator<AskRefundRequest>
{
    public AskRefundShape()
    {
        RuleFor(r => r.Cause).NotNull().WithErrorCode("field-required");
        RuleFor(r => r.Words).Required();
        RuleFor(r => r.Words).Text(1, 2000);
    }
}

internal sealed class ReplyRefundShape : AbstractValidator<ReplyRefundRequest>
{
    public ReplyRefundShape()
    {
        RuleFor(r => r.OfferFen).InclusiveBetween(0, CardDecider.MostFen).WithErrorCode("field-range");
        RuleFor(r => r.Words).Required();
        RuleFor(r => r.Words).Text(1, 2000);
    }
}

internal sealed class DecideRefundShape : AbstractValidator<DecideRefundRequest>
{
    public DecideRefundShape()
    {
        RuleFor(r => r.Fen).InclusiveBetween(0, CardDecider.MostFen).WithErrorCode("field-range");
        RuleFor(r => r.Reason).Required();
        RuleFor(r => r.Reason).Text(1, 2000);
        RuleFor(r => r.Power).Required();
        RuleFor(r => r.Power).Text(1, 300);
    }
}

/// <summary>Refunds over HTTP: the holder asks, the merchant answers, a person decides what the law leaves open.</summary>
internal static class RefundSlice
{
    private const int LimitMax = 200;

    public static void Map(IEndpointRouteBuilder app)
    {
        RouteGroupBuilder open = app.MapGroup("/open/cards/{id:guid}/refunds").OpenToAll();
        open.MapPost("", AskAsync).Validate(new AskRefundShape())
            .WithName("AskRefund").WithSummary("The holder asks for money back; the engine says how much.");
        open.MapGet("", OwnAsync)
            .WithName("ListOwnRefunds").WithSummary("The refunds of the own card.");
        open.MapGet("/{refund:guid}", OwnOneAsync)
            .WithName("GetOwnRefund").WithSummary("A refund with both sides' numbers.");
        open.MapPost("/{refund:guid}/acceptance", AcceptAsync)
            .WithName("AcceptRefundOffer").WithSummary("The holder takes the merchant's offer.");
        open.MapPost("/{refund:guid}/escalation", EscalateAsync)
            .WithName("EscalateRefund").WithSummary("The holder goes to the regulator.");
        open.MapPost("/{refund:guid}/withdrawal", WithdrawAsync)
            .WithName("WithdrawRefund").WithSummary("The holder keeps the card.");
        open.MapPost("/{refund:guid}/receipt", ReceivedAsync)
            .WithName("ConfirmRefundReceived").WithSummary("The holder has the money.");
        RouteGroupBuilder refunds = app.MapGroup("/refunds");
        refunds.MapGet("", ListAsync).RequireRoles(Role.Member, Role.Admin, Role.Regulator)
            .WithName("ListRefunds").WithSummary("Refunds of the own organisation; all for a regulator.");
        refunds.MapGet("/{refund:guid}", GetAsync).RequireRoles(Role.Member, Role.Admin, Role.Regulator)
            .WithName("GetRefund").WithSummary("A refund with both sides' numbers.");
        refunds.MapPost("/{refund:guid}/answers", ReplyAsync).RequireRoles(Role.Member, Role.Admin)
            .Validate(new ReplyRefundShape())
            .WithName("AnswerRefundRequest").WithSummary("The merchant answers with its facts and an offer.");
        refunds.MapPost("/{refund:guid}/decision", DecideAsync).RequireRoles(Role.Regulator)
            .Validate(new DecideRefundShape())
            .WithName("DecideRefund").WithSummary("The regulator decides an escalated refund.");
    }

    /// <summary>Wires the terms.</summary>
    public static void Add(WebApplicationBuilder builder) => builder.Services.AddHostedService<RefundWorker>();

    private static async Task<IResult> AskAsync(
        Guid id, HttpContext http, JsonBody<AskRefundRequest> body, Store store)
    {
        Card own = await HolderAccess.OwnAsync(id, http, store, http.RequestAborted);
        Caller holder = HolderAccess.Of(own);
        IdempotencyKey? key = Once.Key(http.Request, holder, $"refund {id}", body.Bytes.Span);
        return await Once.RunAsync(http, holder, key, async (session, token) =>
        {
            if ((await RefundRows.ReadAsync(store.DataSource, null, id, true, null, 1, token)).Refunds.Count > 0)
                throw new ProblemException(Problem.Of("refund-open"));
            DateOnly today = CardRun.Day(session.Context.Now);
            RefundRequest facts = await FactsAsync(session, id, body.Value, today, token);
            if (facts.Lots.Count == 0)
                throw new ProblemException(Problem.Of(CardDecider.LotEmpty));
            RefundAnswer answer = RefundEngine.Answer(facts)
                ?? throw new ProblemException(Problem.Of("refund-no-rule", ("from", RefundEngine.InForce)));
            RefundEvent.Asked asked = new(id, own.Merchant, facts, answer.LowFen, answer.HighFen, body.Value.Words!,
                today.AddDays(RefundCase.AnswerDays), answer.PayBy ?? today.AddDays(RefundCase.PayDays));
            Guid refund = session.Context.NewId();
            session.StartStream(RefundEvents.Stream(refund), session.Context.Stamp(RefundEvents.NameOf(asked), asked));
            return Answer(refund, RefundCase.Evolve(RefundCase.Initial, asked), StatusCodes.Status201Created);
        });
    }

    private static async Task<RefundRequest> FactsAsync(
        Session session, Guid id, AskRefundRequest r, DateOnly today, CancellationToken token)
    {
        Card card = await session.AggregateStreamAsync<Card>(CardEvents.Stream(id), token);
        Merchant merchant = await session.AggregateStreamAsync<Merchant>(MerchantEvents.Stream(card.Merchant), token);
        LotFacts[] lots = [.. RefundCase.FactsOf(card, r.Lots?.ToArray(), today).Select(l => l with
        {
            HadSameBefore = r.HadSameBefore,
            GiftGoods = r.GiftGoods,
            ListPriceDisputed = r.ListPriceDisputed,
        })];
        return new RefundRequest(today, r.Cause!.Value, lots, merchant.Filing?.Jurisdiction ?? "000000",
            UsedInSevenDays.AskCounsel,
            [new("amounts", Asserter.Ledger), new("cause", Asserter.Consumer), new("circumstances", Asserter.Consumer)]);
    }

    private static async Task<IResult> OwnAsync(Guid id, HttpContext http, Store store, CancellationToken token)
    {
        await HolderAccess.OwnAsync(id, http, store, token);
        return TypedResults.Json(await RefundRows.ReadAsync(store.DataSource, null, id, false, null, LimitMax, token),
            RefundJson.Default.RefundPage);
    }

    private static async Task<IResult> OwnOneAsync(
        Guid id, Guid refund, HttpContext http, Store store, CancellationToken token)
    {
        await HolderAccess.OwnAsync(id, http, store, token);
        return await ShownAsync(refund, asked => asked.Card == id, store, token);
    }

    private static Task<IResult> AcceptAsync(Guid id, Guid refund, HttpContext http, Store store) => OfHolderAsync(
        id, refund, http, store, (c, order, _) => RefundCase.AcceptOffer(c, order(c.Answer?.OfferFen ?? 0)));

    private static Task<IResult> EscalateAsync(Guid id, Guid refund, HttpContext http, Store store) => OfHolderAsync(
        id, refund, http, store, (c, _, today) => RefundCase.Escalate(c, today));

    private static Task<IResult> WithdrawAsync(Guid id, Guid refund, HttpContext http, Store store) => OfHolderAsync(
        id, refund, http, store, (c, _, _) => RefundCase.Withdraw(c));

    private static Task<IResult> ReceivedAsync(Guid id, Guid refund, HttpContext http, Store store) => OfHolderAsync(
        id, refund, http, store, (c, _, _) => RefundCase.Settle(c, "holder"));

    private static async Task<IResult> OfHolderAsync(
        Guid id, Guid refund, HttpContext http, Store store,
        Func<RefundCase, Func<long, string?>, DateOnly, Decision<RefundEvent>> decide)
    {
        Card own = await HolderAccess.OwnAsync(id, http, store, http.RequestAborted);
        return await RunAsync(http, HolderAccess.Of(own), refund, default, asked => asked.Card == id, decide);
    }

    private static async Task<IResult> ListAsync(
        string? merchant, bool? open, Guid? before, int? limit, Caller caller, Store store, CancellationToken token) =>
        TypedResults.Json(await RefundRows.ReadAsync(
            store.DataSource, caller.Is(Role.Regulator) ? merchant : caller.Tenant, null, open == true, before,
            Math.Clamp(limit ?? 50, 1, LimitMax), token), RefundJson.Default.RefundPage);

    private static Task<IResult> GetAsync(Guid refund, Caller caller, Store store, CancellationToken token) =>
        ShownAsync(refund, asked => asked.Merchant == caller.Tenant || caller.Is(Role.Regulator), store, token);

    private static async Task<IResult> ShownAsync(
        Guid refund, Func<RefundEvent.Asked, bool> maySee, Store store, CancellationToken token)
    {
        RefundCase known = await store.AggregateStreamAsync<RefundCase>(RefundEvents.Stream(refund), token);
        return known.Request is { } asked && maySee(asked)
            ? TypedResults.Json(Details(refund, known), RefundJson.Default.RefundDetails)
            : Problem.Of(RefundCase.Missing);
    }

    private static Task<IResult> ReplyAsync(
        Guid refund, HttpContext http, Caller caller, JsonBody<ReplyRefundRequest> body)
    {
        ReplyRefundRequest r = body.Value;
        return RunAsync(http, caller, refund, body.Bytes, asked => asked.Merchant == caller.Tenant, (c, order, _) =>
        {
            RefundRequest told = c.Request!.Facts;
            RefundRequest facts = told with
            {
                Cause = r.Cause ?? told.Cause,
                Lots = [.. told.Lots.Select(l => l with
                {
                    HadSameBefore = r.HadSameBefore ?? l.HadSameBefore,
                    GiftGoods = r.GiftGoods ?? l.GiftGoods,
                })],
                Assertions = [new("amounts", Asserter.Ledger), new("cause", Asserter.Merchant),
                    new("circumstances", Asserter.Merchant)],
            };
            RefundAnswer answer = RefundEngine.Answer(facts)!;
            return RefundCase.Reply(c, new RefundEvent.Answered(
                facts, answer.LowFen, answer.HighFen, r.OfferFen, r.Words!), order(r.OfferFen));
        });
    }

    private static Task<IResult> DecideAsync(
        Guid refund, HttpContext http, Caller caller, JsonBody<DecideRefundRequest> body)
    {
        DecideRefundRequest r = body.Value;
        return RunAsync(http, caller, refund, body.Bytes, _ => true, (c, order, _) => RefundCase.Decide(
            c, new RefundEvent.Decided(r.Fen, r.Reason!, r.Power!), order(r.Fen)));
    }

    private static Task<IResult> RunAsync(
        HttpContext http, Caller caller, Guid refund, ReadOnlyMemory<byte> body,
        Func<RefundEvent.Asked, bool> mayTouch,
        Func<RefundCase, Func<long, string?>, DateOnly, Decision<RefundEvent>> decide)
    {
        IdempotencyKey? key = Once.Key(http.Request, caller, $"{http.Request.Path}", body.Span);
        return Once.RunAsync(http, caller, key, async (session, token) => Answer(refund, await RefundDesk.RunAsync(
            session, refund, mayTouch, (c, order) => decide(c, order, CardRun.Day(session.Context.Now)), token)));
    }

    private static StoredResponse Answer(Guid refund, RefundCase c, int status = StatusCodes.Status200OK) =>
        Once.Json(status, Details(refund, c), RefundJson.Default.RefundDetails);

    private static RefundDetails Details(Guid refund, RefundCase c) => new(
        refund, c.Stage, c.Request!, AnswerRefund.Details(RefundEngine.Answer(c.Request!.Facts)!), c.Answer,
        c.Answer is null ? null : AnswerRefund.Details(RefundEngine.Answer(c.Answer.Facts)!), c.Ordered);
}

/// <summary>Stored forms, requests and answers of refunds.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RefundEvent.Asked))]
[JsonSerializable(typeof(RefundEvent.Answered))]
[JsonSerializable(typeof(RefundEvent.Escalated))]
[JsonSerializable(typeof(RefundEvent.Decided))]
[JsonSerializable(typeof(RefundEvent.Ordered))]
[JsonSerializable(typeof(RefundEvent.Paid))]
[JsonSerializable(typeof(RefundEvent.Withdrawn))]
[JsonSerializable(typeof(AskRefundRequest))]
[JsonSerializable(typeof(ReplyRefundRequest))]
[JsonSerializable(typeof(DecideRefundRequest))]
[JsonSerializable(typeof(RefundDetails))]
[JsonSerializable(typeof(RefundPage))]
internal sealed partial class RefundJson : JsonSerializerContext;
