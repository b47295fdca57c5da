using EventStore;
using EventStore.Idempotency;
using FluentValidation;
using Prepaid.Merchants;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;

namespace Prepaid.Cards;

/// <summary>A redemption.</summary>
/// <param name="Id">The till's own name for it: the same twice is one.</param>
/// <param name="Branch">Where.</param>
/// <param name="Wanted">What the holder gets.</param>
/// <param name="Code">The holder's code; without one a clerk enters it, and the holder may object for 24 hours.</param>
public sealed record RedeemRequest(
    string? Id = null, string? Branch = null, IReadOnlyList<Wanted>? Wanted = null, HolderCode? Code = null);

/// <summary>What an offline till gave out, at the merchant's risk.</summary>
/// <param name="Id">The till's own name for it: the same twice is one.</param>
/// <param name="Branch">Where.</param>
/// <param name="Wanted">What the holder got.</param>
/// <param name="TakenAt">When, by the till's clock.</param>
public sealed record QueueRequest(
    string? Id = null, string? Branch = null, IReadOnlyList<Wanted>? Wanted = null, DateTimeOffset? TakenAt = null);

/// <summary>What became of it.</summary>
/// <param name="Card">The card.</param>
/// <param name="Outcome"><c>redeemed</c>, or <c>loss</c>: the merchant bears it.</param>
/// <param name="Reason">Why it is a loss.</param>
/// <param name="Receipt">The number of the card's last receipt.</param>
/// <param name="Balance">What is owed for it now.</param>
public sealed record QueueAnswer(Guid Card, string Outcome, string? Reason, long Receipt, Owed Balance);

/// <summary>A PIN that is told once, to be printed.</summary>
public sealed record PinAnswer(Guid Card, string Pin);

/// <summary>Why a redemption is taken back.</summary>
public sealed record ReverseRequest(string? Reason = null);

internal sealed class RedeemShape : AbstractValidator<RedeemRequest>
{
    private const int MostLines = 100;

    public RedeemShape()
    {
        RuleFor(r => r.Id).Required();
        RuleFor(r => r.Id).Must(CardNames.IsName).WithErrorCode("field-form");
        RuleFor(r => r.Branch).Required();
        RuleFor(r => r.Branch).Text(1, 100);
        RuleFor(r => r.Wanted).Required();
        RuleFor(r => r.Wanted).Must(w => w is null || w.Count <= MostLines && w.All(l => CardNames.IsName(l.Item)))
            .WithErrorCode("field-form");
    }
}

internal sealed class QueueShape : AbstractValidator<QueueRequest>
{
    public QueueShape()
    {
        RuleFor(r => r.TakenAt).Required();
        RuleFor(r => r).Custom((r, context) =>
        {
            foreach (var failure in new RedeemShape().Validate(new RedeemRequest(r.Id, r.Branch, r.Wanted)).Errors)
                context.AddFailure(failure);
        });
    }
}

internal sealed class ReverseShape : AbstractValidator<ReverseRequest>
{
    public ReverseShape()
    {
        RuleFor(r => r.Reason).Required();
        RuleFor(r => r.Reason).Text(1, 200);
    }
}

/// <summary>Redeems, and takes redemptions back.</summary>
internal static class RedeemCard
{
    public static void Map(IEndpointRouteBuilder cards)
    {
        cards.MapPost("/{id:guid}/redemptions", RedeemAsync).RequireRoles(Role.Member).Validate(new RedeemShape())
            .WithName("Redeem").WithSummary("Takes what a holder gets from a card: all of it, or nothing.");
        cards.MapPost("/{id:guid}/pin", PinAsync).RequireRoles(Role.Member)
            .WithName("IssuePin").WithSummary("Gives a printed card a new PIN, told once.");
        cards.MapPost("/{id:guid}/queued-redemptions", QueueAsync).RequireRoles(Role.Member).Validate(new QueueShape())
            .WithName("QueueRedemption").WithSummary("What an offline till gave out: taken now, or the merchant's loss.");
        cards.MapPost("/{id:guid}/redemptions/{redemption}/reversal", ReverseAsync).RequireRoles(Role.Member)
            .Validate(new ReverseShape())
            .WithName("ReverseRedemption").WithSummary("Gives a redemption back to the card.");
    }

    private static async Task<IResult> RedeemAsync(
        Guid id, HttpContext http, Caller caller, JsonBody<RedeemRequest> body, CardPins pins)
    {
        RedeemRequest r = body.Value;
        IdempotencyKey? key = Once.Key(http.Request, caller, $"redeem {id}", body.Bytes.Span);
        HolderProof proof = await ProofAsync(id, http, caller, r.Code, pins);
        return await Once.RunAsync(http, caller, key, async (session, token) =>
        {
            Merchant merchant = await session.AggregateStreamAsync<Merchant>(
                MerchantEvents.Stream(caller.Tenant), token);
            DateTimeOffset now = session.Context.Now;
            CardAnswer answer = await CardRun.RunAsync(session, id, card =>
            {
                CardRun.OwnedBy(caller.Tenant)(card);
                // A redemption that is known is answered again, also when its code is no longer good.
                if (r.Code is { } code && !card.Redemptions.ContainsKey(r.Id!)
                    && code.Fault(id, card.Key, now) is { } fault)
                    throw new ProblemException(Problem.Of(fault));
            }, _ => new CardCommand.Redeem(
                r.Id!, r.Branch!, proof, r.Wanted!, r.Code?.Nonce,
                merchant.Filing?.Order ?? LotOrder.OldestFirst, now, CardRun.Day(now)), token);
            return CardRun.Answer(answer);
        });
    }

    /// <summary>How the holder's part is proven; a PIN is looked at only for the merchant's own cards.</summary>
    private static async Task<HolderProof> ProofAsync(
        Guid id, HttpContext http, Caller caller, HolderCode? code, CardPins pins)
    {
        string pin = http.Request.Headers[CardPins.Header].ToString();
        if (code is not null || pin.Length == 0)
            return code is null ? HolderProof.Clerk : HolderProof.PageKey;
        await RequireOwnAsync(id, http, caller);
        await pins.RequireAsync(id, pin, http.RequestAborted);
        return HolderProof.CardAndPin;
    }

    private static async Task RequireOwnAsync(Guid id, HttpContext http, Caller caller) =>
        CardRun.OwnedBy(caller.Tenant)(await http.RequestServices.GetRequiredService<Store>()
            .AggregateStreamAsync<Card>(CardEvents.Stream(id), http.RequestAborted));

    private static async Task<IResult> PinAsync(Guid id, HttpContext http, Caller caller, CardPins pins)
    {
        await RequireOwnAsync(id, http, caller);
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Json(
            new PinAnswer(id, await pins.MakeAsync(id, http.RequestAborted)), PrepaidJson.Default.PinAnswer);
    }

    private static Task<IResult> QueueAsync(Guid id, HttpContext http, Caller caller, JsonBody<QueueRequest> body)
    {
        QueueRequest r = body.Value;
        IdempotencyKey? key = Once.Key(http.Request, caller, $"queue {id}", body.Bytes.Span);
        return Once.RunAsync(http, caller, key, async (session, token) =>
        {
            Merchant merchant = await session.AggregateStreamAsync<Merchant>(
                MerchantEvents.Stream(caller.Tenant), token);
            WritableStream<Card> stream = await session.FetchForWriting<Card>(CardEvents.Stream(id), token);
            CardRun.OwnedBy(caller.Tenant)(stream.Aggregate);
            DateTimeOffset now = session.Context.Now;
            CardCommand.Redeem given = new(r.Id!, r.Branch!, HolderProof.Queued, r.Wanted!, null,
                merchant.Filing?.Order ?? LotOrder.OldestFirst, now, CardRun.Day(now));
            Card card = stream.Aggregate;
            foreach (CardEvent e in CardDecider.Decide(card, new CardCommand.Queue(given, r.TakenAt!.Value))
                .EventsOrProblem(("card", id)))
            {
                stream.AppendOne(session.Context.Stamp(CardEvents.NameOf(e), e));
                card = Card.Evolve(card, e);
            }
            card.Losses.TryGetValue(r.Id!, out string? reason);
            return Once.Json(StatusCodes.Status200OK, new QueueAnswer(id, reason is null ? "redeemed" : "loss", reason,
                card.Receipts, Owed.For(card, CardRun.Day(now))), PrepaidJson.Default.QueueAnswer);
        });
    }

    private static Task<IResult> ReverseAsync(
        Guid id, string redemption, HttpContext http, Caller caller, JsonBody<ReverseRequest> body)
    {
        IdempotencyKey? key = Once.Key(http.Request, caller, $"reverse {id} {redemption}", body.Bytes.Span);
        return Once.RunAsync(http, caller, key, async (session, token) => CardRun.Answer(await CardRun.RunAsync(
            session, id, CardRun.OwnedBy(caller.Tenant),
            _ => new CardCommand.Reverse(redemption, body.Value.Reason!, CardRun.Day(session.Context.Now)), token)));
    }
}
