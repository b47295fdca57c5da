using System.Security.Cryptography;
using System.Text;
using EventStore;
using EventStore.Idempotency;
using Microsoft.AspNetCore.Http.HttpResults;
using Prepaid.Receipts;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;

namespace Prepaid.Cards;

/// <summary>A lot as its holder sees it.</summary>
public sealed record LotDetails(Lot Lot, long Remaining, Owed Owed, bool Usable);

/// <summary>A card as its holder and its merchant see it.</summary>
public sealed record CardDetails(
    Guid Card, string Merchant, bool Named, bool StatedByMerchant, bool Frozen, long Receipts, Owed Balance,
    string BalanceRule, IReadOnlyList<LotDetails> Lots, string? Key = null);

/// <summary>
/// What a holder may do without an account: the secret of the link, in the header <c>Card-Secret</c>, is the right.
/// </summary>
internal static class HolderAccess
{
    /// <summary>The header that carries the secret; never the address, which logs keep.</summary>
    public const string Header = "Card-Secret";

    public static void Map(IEndpointRouteBuilder app)
    {
        RouteGroupBuilder open = app.MapGroup("/open/cards/{id:guid}").OpenToAll();
        open.MapGet("", GetAsync)
            .WithName("GetOwnCard").WithSummary("The holder's card with its lots and balance.");
        open.MapGet("/receipts/{number:long}", ReceiptAsync)
            .WithName("GetOwnReceipt").WithSummary("A receipt: a note signed by the service.");
        open.MapPost("/confirmation", ConfirmAsync)
            .WithName("ConfirmCard").WithSummary("Confirms a balance that the merchant stated.");
        open.MapPost("/redemptions/{redemption}/objection", ObjectAsync)
            .WithName("ObjectToRedemption").WithSummary("Objects to what a clerk entered, within 24 hours.");
        app.MapGet("/cards/{id:guid}", MerchantGetAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin)
            .WithName("GetCard").WithSummary("A card of one's own organisation.");
        app.MapGet("/cards/{id:guid}/receipts/{number:long}", MerchantReceiptAsync)
            .RequireRoles(Role.Member, Role.Reader, Role.Admin)
            .WithName("GetReceipt").WithSummary("A receipt of a card of one's own organisation.");
    }

    private static async Task<IResult> GetAsync(
        Guid id, HttpContext http, Store store, TimeProvider time, CancellationToken token) =>
        Details(id, await OwnAsync(id, http, store, token), time);

    private static async Task<IResult> MerchantGetAsync(
        Guid id, Caller caller, Store store, TimeProvider time, CancellationToken token) =>
        Details(id, await OfMerchantAsync(id, caller, store, token), time);

    private static async Task<IResult> ReceiptAsync(
        Guid id, long number, HttpContext http, Store store, ReceiptSigner signer, CancellationToken token)
    {
        await OwnAsync(id, http, store, token);
        return await signer.AnswerAsync(id, number, store, token);
    }

    private static async Task<IResult> MerchantReceiptAsync(
        Guid id, long number, Caller caller, Store store, ReceiptSigner signer, CancellationToken token)
    {
        await OfMerchantAsync(id, caller, store, token);
        return await signer.AnswerAsync(id, number, store, token);
    }

    private static Task<IResult> ConfirmAsync(Guid id, HttpContext http, Store store) =>
        RunAsync(id, http, store, "confirm", _ => new CardCommand.Confirm());

    private static Task<IResult> ObjectAsync(Guid id, string redemption, HttpContext http, Store store) =>
        RunAsync(id, http, store, $"object {redemption}",
            now => new CardCommand.Object(redemption, now, CardRun.Day(now)));

    /// <summary>Runs a holder's command.</summary>
    internal static async Task<IResult> RunAsync(
        Guid id, HttpContext http, Store store, string operation, Func<DateTimeOffset, CardCommand> command,
        Action<Card>? check = null)
    {
        Card own = await OwnAsync(id, http, store, http.RequestAborted);
        Caller holder = Of(own);
        IdempotencyKey? key = Once.Key(http.Request, holder, $"{operation} {id}", []);
        return await Once.RunAsync(http, holder, key, async (session, token) => CardRun.Answer(await CardRun.RunAsync(
            session, id, check ?? (_ => { }), _ => command(session.Context.Now), token)));
    }

    /// <summary>
    /// A holder as who acts: the event belongs to the merchant's organisation; that the holder acted stands in it as actor.
    /// </summary>
    internal static Caller Of(Card own) => new("holder", own.Merchant, "holder", []);

    /// <summary>The card, for who knows its secret; for others it does not exist.</summary>
    internal static async Task<Card> OwnAsync(Guid id, HttpContext http, Store store, CancellationToken token)
    {
        Card card = await store.AggregateStreamAsync<Card>(CardEvents.Stream(id), token);
        string secret = http.Request.Headers[Header].ToString();
        bool known = CryptographicOperations.FixedTimeEquals(
            Encoding.ASCII.GetBytes(SellCards.HashOf(secret)), Encoding.ASCII.GetBytes(card.Access));
        return card.Exists && known ? card : throw new ProblemException(Problem.Of(CardDecider.Missing));
    }

    private static async Task<Card> OfMerchantAsync(Guid id, Caller caller, Store store, CancellationToken token)
    {
        Card card = await store.AggregateStreamAsync<Card>(CardEvents.Stream(id), token);
        CardRun.OwnedBy(caller.Tenant)(card);
        return card;
    }

    private static JsonHttpResult<CardDetails> Details(Guid id, Card card, TimeProvider time)
    {
        DateOnly today = CardRun.Day(time.GetUtcNow());
        return TypedResults.Json(new CardDetails(
            id, card.Merchant, card.Named, card.StatedByMerchant, card.IsFrozen, card.Receipts, Owed.For(card, today),
            Owed.Rule, [.. card.Lots.Select(l => new LotDetails(
                l.Lot, l.Remaining(today), Owed.For(l, today), l.IsUsable(today)))], card.Key), PrepaidJson.Default.CardDetails);
    }
}
