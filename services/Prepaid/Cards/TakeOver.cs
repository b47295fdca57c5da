using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EventStore;
using EventStore.Idempotency;
using FluentValidation;
using Microsoft.Extensions.Options;
using Prepaid.Merchants;
using ServiceDefaults;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;

namespace Prepaid.Cards;

/// <summary>A holder's own figures against what the merchant stated; in fen.</summary>
/// <param name="PrincipalFen">What the holder says is owed of what was paid.</param>
/// <param name="GiftFen">And of what was given on top.</param>
/// <param name="Words">Why.</param>
public sealed record DisputeRequest(long PrincipalFen = 0, long GiftFen = 0, string? Words = null);

/// <summary>The end of a dispute about a stated balance; in fen.</summary>
/// <param name="PrincipalFen">What is owed of what was paid; left out by a merchant who agrees with the holder.</param>
/// <param name="GiftFen">And of what was given on top.</param>
/// <param name="Words">Why.</param>
public sealed record EndDisputeRequest(long? PrincipalFen = null, long? GiftFen = null, string? Words = null);

/// <summary>A card that was taken over.</summary>
/// <param name="Name">The merchant's own name for it, which is kept nowhere.</param>
/// <param name="Card">Its id.</param>
/// <param name="Secret">Of the holder's link; null where the card was taken over before.</param>
public sealed record TakenCard(string Name, Guid Card, string? Secret);

/// <summary>The cards of a list.</summary>
public sealed record TakeOverAnswer(IReadOnlyList<TakenCard> Cards);

/// <summary>A line of a list.</summary>
internal sealed record OldCard(string Name, string Branch, Lot Lot);

internal sealed class DisputeShape : AbstractValidator<DisputeRequest>
{
    public DisputeShape()
    {
        RuleFor(r => r.PrincipalFen).InclusiveBetween(0, CardDecider.MostFen).WithErrorCode("field-range");
        RuleFor(r => r.GiftFen).InclusiveBetween(0, CardDecider.MostFen).WithErrorCode("field-range");
        RuleFor(r => r.Words).Required();
        RuleFor(r => r.Words).Text(1, 1000);
    }
}

internal sealed class EndDisputeShape : AbstractValidator<EndDisputeRequest>
{
    public EndDisputeShape(bool decides)
    {
        RuleFor(r => r.PrincipalFen).Must(f => decides ? f is >= 0 and <= CardDecider.MostFen : f is null)
            .WithErrorCode("field-range");
        RuleFor(r => r.GiftFen).Must(f => decides ? f is >= 0 and <= CardDecider.MostFen : f is null)
            .WithErrorCode("field-range");
        RuleFor(r => r.Words).Required();
        RuleFor(r => r.Words).Text(1, 1000);
    }
}

/// <summary>
/// Takes cards over that were sold before, from a list: what is left of each, as the merchant states it. A holder confirms
/// it or says otherwise; until then nothing can be redeemed.
/// </summary>
/// <param name="key">A secret, so that nobody finds a card by guessing the merchant's names.</param>
internal sealed class TakeOver(byte[] key)
{
    /// <summary>The name of what is left on a card that was taken over.</summary>
    public const string LotId = "taken-over";

    private const string Head = "name,branch,kind,units,principal,gift,item,starts,ends";
    private const int MostLines = 5_000;
    private static readonly string s_noContract = new('0', 64);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/cards/take-over", TakeAsync).RequireRoles(Role.Member)
            .WithName("TakeCardsOver").WithSummary("Opens cards sold before from a list (CSV or .xlsx), as the merchant states them.");
        app.MapPost("/open/cards/{id:guid}/dispute", DisputeAsync).OpenToAll().Validate(new DisputeShape())
            .WithName("DisputeCard").WithSummary("The holder says that another balance is owed than the merchant stated.");
        app.MapPost("/cards/{id:guid}/dispute/agreement", AgreeAsync).RequireRoles(Role.Member)
            .Validate(new EndDisputeShape(decides: false))
            .WithName("AgreeWithHolder").WithSummary("The merchant agrees with what the holder says.");
        app.MapPost("/cards/{id:guid}/dispute/decision", DecideAsync).RequireRoles(Role.Regulator)
            .Validate(new EndDisputeShape(decides: true))
            .WithName("DecideDispute").WithSummary("The regulator decides between both balances.");
    }

    /// <summary>Wires it with a secret made at the first start.</summary>
    public static void Add(WebApplicationBuilder builder) => builder.Services.AddSingleton(s => new TakeOver(
        SecretFile.ReadOrCreate(Path.Combine(
            s.GetRequiredService<IOptions<ServiceOptions>>().Value.Data, "take-over.key"))));

    /// <summary>The lines of a list with the number of the first that is wrong, from 2; 0 where all are right.</summary>
    public static (IReadOnlyList<OldCard> Cards, int Wrong) Read(IReadOnlyList<string[]>? lines, DateOnly today)
    {
        if (lines is not { Count: >= 2 and <= MostLines } || string.Join(',', lines[0]) != Head)
            return ([], 1);
        List<OldCard> cards = [];
        for (int i = 1; i < lines.Count; i++)
        {
            if (Line(lines[i], today) is not { } card || cards.Any(c => c.Name == card.Name))
                return ([], i + 1);
            cards.Add(card);
        }
        return (cards, 0);
    }

    /// <summary>The id of a card by the merchant's own name: the same list twice opens each card once.</summary>
    public Guid IdOf(string merchant, string name)
    {
        byte[] bytes = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"take-over/1|{merchant}|{name}"))[..16];
        // RFC 9562 version 8: made from a digest.
        bytes[6] = (byte)(bytes[6] & 0x0f | 0x80);
        bytes[8] = (byte)(bytes[8] & 0x3f | 0x80);
        return new Guid(bytes, bigEndian: true);
    }

    private static OldCard? Line(string[] f, DateOnly today)
    {
        if (f.Length != 9 || f[0].Length is 0 or > 100 || f[1].Length is 0 or > 100)
            return null;
        LotKind? kind = f[2] switch { "value" => LotKind.Value, "counted" => LotKind.Counted, "timed" => LotKind.Timed, _ => null };
        if (kind is null || Fen(f[4]) is not { } principal || Fen(f[5]) is not { } gift
            || !TryDay(f[7], out DateOnly? starts) || !TryDay(f[8], out DateOnly? ends))
            return null;
        long? units = kind switch
        {
            LotKind.Value => principal + gift,
            LotKind.Timed => ends?.DayNumber - starts?.DayNumber,
            _ => long.TryParse(f[3], NumberStyles.None, CultureInfo.InvariantCulture, out long times) ? times : null,
        };
        Lot lot = new(LotId, kind.Value, today, principal, gift, units ?? 0, f[6].Length == 0 ? null : f[6], starts,
            ends, DrawOrder.InProportion, s_noContract);
        Card opened = Card.Initial with { Exists = true };
        return (f[6].Length == 0 || CardNames.IsName(f[6]))
            && CardDecider.Decide(opened, new CardCommand.Sell(lot, f[1])) is Decision<CardEvent>.Accepted
            ? new OldCard(f[0], f[1], lot) : null;
    }

    private static long? Fen(string yuan) => decimal.TryParse(
        yuan, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal value)
        && value * 100 == decimal.Truncate(value * 100) && value * 100 <= CardDecider.MostFen ? (long)(value * 100) : null;

    private static bool TryDay(string text, out DateOnly? day)
    {
        bool read = DateOnly.TryParseExact(
            text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly parsed);
        day = read ? parsed : null;
        return read || text.Length == 0;
    }

    private static async Task<IResult> TakeAsync(
        HttpContext http, Caller caller, Store store, TimeProvider time, TakeOver taker, CancellationToken token)
    {
        if ((await store.AggregateStreamAsync<Merchant>(MerchantEvents.Stream(caller.Tenant), token)).Filing is null)
            return Problem.Of(Merchant.Missing);
        using MemoryStream body = new();
        await http.Request.Body.CopyToAsync(body, token);
        (IReadOnlyList<OldCard> cards, int wrong) =
            Read(TakeOverSheet.Rows(body.ToArray()), CardRun.Day(time.GetUtcNow()));
        if (wrong > 0)
            return Problem.Of("take-over-line", ("line", wrong));
        List<TakenCard> taken = [];
        foreach (OldCard old in cards)
            taken.Add(await taker.OpenAsync(old, caller, store, time, token));
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Json(new TakeOverAnswer(taken), PrepaidJson.Default.TakeOverAnswer);
    }

    private async Task<TakenCard> OpenAsync(
        OldCard old, Caller caller, Store store, TimeProvider time, CancellationToken token)
    {
        Guid id = IdOf(caller.Tenant, old.Name);
        string secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));
        await using Session session = store.OpenSession(caller.Context(time));
        session.StartStream(CardEvents.Stream(id), new CardEvent[]
        {
            new CardEvent.Opened(caller.Tenant, old.Branch, null, true, SellCards.HashOf(secret), true),
            new CardEvent.Sold(1, old.Lot, old.Branch),
        }.Select(e => session.Context.Stamp(CardEvents.NameOf(e), e)));
        try
        {
            await session.SaveChangesAsync(token);
            return new TakenCard(old.Name, id, secret);
        }
        catch (ConcurrencyException)
        {
            // Taken over before, with a secret that is nowhere kept.
            return new TakenCard(old.Name, id, null);
        }
    }

    private static Task<IResult> AgreeAsync(
        Guid id, HttpContext http, Caller caller, JsonBody<EndDisputeRequest> body) => EndAsync(
        id, http, caller, body, CardRun.OwnedBy(caller.Tenant), today =>
            new CardCommand.EndDispute(null, "merchant", body.Value.Words!, today));

    private static Task<IResult> DecideAsync(
        Guid id, HttpContext http, Caller caller, JsonBody<EndDisputeRequest> body) => EndAsync(
        id, http, caller, body, _ => { }, today => new CardCommand.EndDispute(
            new Owed(body.Value.PrincipalFen!.Value, body.Value.GiftFen!.Value), "regulator", body.Value.Words!, today));

    private static Task<IResult> EndAsync(
        Guid id, HttpContext http, Caller caller, JsonBody<EndDisputeRequest> body, Action<Card> check,
        Func<DateOnly, CardCommand> end)
    {
        IdempotencyKey? key = Once.Key(http.Request, caller, $"end-dispute {id}", body.Bytes.Span);
        return Once.RunAsync(http, caller, key, async (session, token) => CardRun.Answer(await CardRun.RunAsync(
            session, id, check, _ => end(CardRun.Day(session.Context.Now)), token)));
    }

    private static Task<IResult> DisputeAsync(
        Guid id, HttpContext http, JsonBody<DisputeRequest> body, Store store) => HolderAccess.RunAsync(
        id, http, store, "dispute",
        _ => new CardCommand.Dispute(new Owed(body.Value.PrincipalFen, body.Value.GiftFen), body.Value.Words!));
}
