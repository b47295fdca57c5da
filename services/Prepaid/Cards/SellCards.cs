using System.Buffers.Text;
using System.Security.Cryptography;
using EventStore;
using EventStore.Idempotency;
using FluentValidation;
using Prepaid.Merchants;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;

namespace Prepaid.Cards;

/// <summary>A lot to sell; amounts in fen.</summary>
public sealed record LotRequest(
    string? Id = null, LotKind? Kind = null, long PaidFen = 0, long GiftFen = 0, long? Units = null,
    string? Item = null, DateOnly? Starts = null, DateOnly? Ends = null, DrawOrder Order = DrawOrder.InProportion,
    string? Contract = null);

/// <summary>A card to open, with the first lot on it.</summary>
/// <param name="Branch">Where.</param>
/// <param name="Named">Whether the merchant knows whose it is.</param>
/// <param name="Key">The holder's public key (SPKI, base64url); null for none.</param>
/// <param name="StatedByMerchant">A card of before, taken over from a list.</param>
/// <param name="Lot">What is sold.</param>
public sealed record OpenCardRequest(
    string? Branch = null, bool Named = false, string? Key = null, bool StatedByMerchant = false,
    LotRequest? Lot = null);

/// <summary>A top-up.</summary>
public sealed record SellLotRequest(string? Branch = null, LotRequest? Lot = null);

/// <summary>A new card.</summary>
/// <param name="Card">Its id.</param>
/// <param name="Secret">
/// The secret of the holder's link. It is told once; the service keeps its hash, so that it can't open the link itself.
/// </param>
/// <param name="Receipt">The number of the first receipt.</param>
/// <param name="Balance">What is owed for it.</param>
public sealed record CardOpenedAnswer(Guid Card, string Secret, long Receipt, Owed Balance);

internal sealed class LotShape : AbstractValidator<LotRequest>
{
    public LotShape()
    {
        RuleFor(l => l.Id).Required();
        RuleFor(l => l.Id).Must(CardNames.IsName).WithErrorCode("field-form");
        RuleFor(l => l.Kind).Required();
        RuleFor(l => l.Item).Must(i => i is null || CardNames.IsName(i)).WithErrorCode("field-form");
        RuleFor(l => l.Contract).Required();
        RuleFor(l => l.Contract).Must(CardNames.IsDigest).WithErrorCode("field-form");
        RuleFor(l => l.PaidFen).InclusiveBetween(0, CardDecider.MostFen).WithErrorCode("field-range");
        RuleFor(l => l.GiftFen).InclusiveBetween(0, CardDecider.MostFen).WithErrorCode("field-range");
    }
}

internal sealed class OpenCardShape : AbstractValidator<OpenCardRequest>
{
    public OpenCardShape()
    {
        RuleFor(r => r.Branch).Required();
        RuleFor(r => r.Branch).Text(1, 100);
        RuleFor(r => r.Key).Text(1, 200);
        RuleFor(r => r.Lot).Required();
        RuleFor(r => r.Lot!).SetValidator(new LotShape()).When(r => r.Lot is not null);
    }
}

internal sealed class SellLotShape : AbstractValidator<SellLotRequest>
{
    public SellLotShape()
    {
        RuleFor(r => r.Branch).Required();
        RuleFor(r => r.Branch).Text(1, 100);
        RuleFor(r => r.Lot).Required();
        RuleFor(r => r.Lot!).SetValidator(new LotShape()).When(r => r.Lot is not null);
    }
}

/// <summary>Forms of names that stand in receipts, where a space or a line break would make another text.</summary>
internal static class CardNames
{
    private const int Longest = 64;

    public static bool IsName(string? text) => text is { Length: > 0 and <= Longest }
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    public static bool IsDigest(string? text) => text is { Length: 64 } && text.All(char.IsAsciiHexDigitLower);
}

/// <summary>Opens cards and sells lots on them.</summary>
internal static class SellCards
{
    private const int SecretBytes = 16;

    public static void Map(IEndpointRouteBuilder cards)
    {
        cards.MapPost("", OpenAsync).RequireRoles(Role.Member).Validate(new OpenCardShape())
            .WithName("OpenCard").WithSummary("Opens a card and sells the first lot on it.");
        cards.MapPost("/{id:guid}/lots", SellAsync).RequireRoles(Role.Member).Validate(new SellLotShape())
            .WithName("SellLot").WithSummary("Sells another lot on a card.");
    }

    private static Task<IResult> OpenAsync(HttpContext http, Caller caller, JsonBody<OpenCardRequest> body)
    {
        OpenCardRequest r = body.Value;
        IdempotencyKey? key = Once.Key(http.Request, caller, "open-card", body.Bytes.Span);
        return Once.RunAsync(http, caller, key, async (session, token) =>
        {
            Guid id = session.Context.NewId();
            string secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
            DateOnly today = CardRun.Day(session.Context.Now);
            Lot lot = LotOf(r.Lot!, today);
            Merchant merchant = await MerchantAsync(session, caller.Tenant, token);
            RequireSale(merchant, Card.Initial, r.Named, lot, today);
            CardEvent.Opened opened = (CardEvent.Opened)CardDecider.Decide(Card.Initial, new CardCommand.Open(
                caller.Tenant, r.Branch!, r.Key, r.Named, HashOf(secret), r.StatedByMerchant)).EventsOrProblem()[0];
            Card card = Card.Evolve(Card.Initial, opened);
            CardEvent sold = CardDecider.Decide(card, new CardCommand.Sell(lot, r.Branch!)).EventsOrProblem()[0];
            session.StartStream(CardEvents.Stream(id),
                new CardEvent[] { opened, sold }.Select(e => session.Context.Stamp(CardEvents.NameOf(e), e)));
            card = Card.Evolve(card, sold);
            return Once.Json(StatusCodes.Status201Created,
                new CardOpenedAnswer(id, secret, card.Receipts, Owed.For(card, today)),
                PrepaidJson.Default.CardOpenedAnswer, $"cards/{id}");
        });
    }

    private static Task<IResult> SellAsync(
        Guid id, HttpContext http, Caller caller, JsonBody<SellLotRequest> body)
    {
        IdempotencyKey? key = Once.Key(http.Request, caller, $"sell-lot {id}", body.Bytes.Span);
        return Once.RunAsync(http, caller, key, async (session, token) =>
        {
            DateOnly today = CardRun.Day(session.Context.Now);
            Lot lot = LotOf(body.Value.Lot!, today);
            Merchant merchant = await MerchantAsync(session, caller.Tenant, token);
            CardAnswer answer = await CardRun.RunAsync(session, id, card =>
            {
                CardRun.OwnedBy(caller.Tenant)(card);
                RequireSale(merchant, card, card.Named, lot, today);
            }, _ => new CardCommand.Sell(lot, body.Value.Branch!), token);
            return CardRun.Answer(answer, StatusCodes.Status201Created);
        });
    }

    /// <summary>SHA-256 of a link's secret, hexadecimal.</summary>
    internal static string HashOf(string secret) =>
        Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(secret)));

    /// <summary>The lot of a request, paid on a day.</summary>
    internal static Lot LotOf(LotRequest r, DateOnly today) => new(
        r.Id!, r.Kind!.Value, today, r.PaidFen, r.GiftFen,
        r.Units ?? (r.Kind == LotKind.Value ? r.PaidFen + r.GiftFen : DaysOf(r)), r.Item, r.Starts, r.Ends, r.Order,
        r.Contract!);

    private static long DaysOf(LotRequest r) =>
        r is { Kind: LotKind.Timed, Starts: { } from, Ends: { } to } ? to.DayNumber - from.DayNumber : 0;

    private static Task<Merchant> MerchantAsync(Session session, string tenant, CancellationToken token) =>
        session.AggregateStreamAsync<Merchant>(MerchantEvents.Stream(tenant), token);

    private static void RequireSale(Merchant merchant, Card card, bool named, Lot lot, DateOnly today)
    {
        if (SaleChecks.Against(merchant, card, named, lot, today) is { } problem)
            throw new ProblemException(problem);
    }
}
