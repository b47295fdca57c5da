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
        cards.MapPost("/{id:guid}/redemptions/{redemption}/reversal", ReverseAsync).RequireRoles(Role.Member)
            .Validate(new ReverseShape())
            .WithName("ReverseRedemption").WithSummary("Gives a redemption back to the card.");
    }

    private static Task<IResult> RedeemAsync(
        Guid id, HttpContext http, Caller caller, JsonBody<RedeemRequest> body)
    {
        RedeemRequest r = body.Value;
        IdempotencyKey? key = Once.Key(http.Request, caller, $"redeem {id}", body.Bytes.Span);
        return Once.RunAsync(http, caller, key, async (session, token) =>
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
                r.Id!, r.Branch!, r.Code is null ? HolderProof.Clerk : HolderProof.PageKey, r.Wanted!, r.Code?.Nonce,
                merchant.Filing?.Order ?? LotOrder.OldestFirst, now, CardRun.Day(now)), token);
            return CardRun.Answer(answer);
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
