using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json.Serialization;
using EventStore;
using EventStore.Idempotency;
using Prepaid.Cards;
using Prepaid.Days;
using Prepaid.Merchants;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;

namespace Prepaid.Rehearsal;

/// <summary>One movement of the past: a sale, or a redemption that a clerk entered.</summary>
/// <param name="At">When.</param>
/// <param name="Lot">What was sold; null for a redemption.</param>
/// <param name="Id">The till's name for a redemption.</param>
/// <param name="Wanted">What the holder got; null for a sale.</param>
public sealed record PastMovement(
    DateTimeOffset At, LotRequest? Lot = null, string? Id = null, IReadOnlyList<Wanted>? Wanted = null);

/// <summary>A card with its movements in their order, the first of them a sale.</summary>
public sealed record PastCard(string Branch, bool Named, IReadOnlyList<PastMovement> Movements);

/// <summary>Cards of one merchant.</summary>
/// <param name="Merchant">Who sold them.</param>
/// <param name="Cards">The cards.</param>
/// <param name="AsOf">The day for whose end the answer says what is owed; today without it.</param>
public sealed record RehearsalRequest(string Merchant, IReadOnlyList<PastCard> Cards, DateOnly? AsOf = null);

/// <summary>The cards with the secrets of their links, in the order of the request, and what is owed for all of them.</summary>
public sealed record RehearsalAnswer(IReadOnlyList<RehearsedCard> Cards, int Events, Owed Owed);

/// <summary>A card that was made.</summary>
public sealed record RehearsedCard(Guid Card, string Secret);

/// <summary>
/// Plays the past of a merchant for demonstrations and drills: every movement is decided by the rules of its own day, as
/// if it had come then. It is there only where <c>Rehearsal:Enabled</c> is set and is the operator's alone. The events say
/// that they were rehearsed (actor), and their proofs name blocks of today, so that nothing of it can be passed off as old.
/// </summary>
internal static class RehearseCards
{
    /// <summary>Who acts in events that were rehearsed.</summary>
    public const string Actor = "rehearsal";

    private const int CardsMax = 500;
    private const long BytesMax = 16 << 20;

    public static void Map(WebApplication app)
    {
        if (app.Configuration.GetValue<bool>("Rehearsal:Enabled"))
        {
            app.MapPost("/rehearsals/cards", HandleAsync).RequireRoles(Role.Operator)
                .WithBodyLimit(BytesMax)
                .WithName("RehearseCards").WithSummary("Plays cards of the past, each movement by the rules of its day.");
        }
    }

    private static Task<IResult> HandleAsync(
        HttpContext http, Caller caller, JsonBody<RehearsalRequest> body, DayClosing closing, TimeProvider time)
    {
        RehearsalRequest r = body.Value;
        if (r.Cards.Count is 0 or > CardsMax || r.Cards.Any(c => !IsShaped(c, time.GetUtcNow())))
            return Task.FromResult<IResult>(Problem.Of("request-malformed"));
        // Days wait until the past is whole: a root is recorded once.
        closing.Hold();
        IdempotencyKey? key = Once.Key(http.Request, caller, $"rehearse {r.Merchant}", body.Bytes.Span);
        return Once.RunAsync(http, caller, key, async (session, token) =>
        {
            Merchant merchant = await session.AggregateStreamAsync<Merchant>(MerchantEvents.Stream(r.Merchant), token);
            List<RehearsedCard> made = [];
            (int events, Owed owed) = (0, default);
            foreach (PastCard past in r.Cards)
            {
                string secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));
                Guid id = Guid.CreateVersion7(past.Movements[0].At);
                (Card card, List<NewEvent> stamped) = Play(r.Merchant, merchant, past, SellCards.HashOf(secret));
                session.StartStream(CardEvents.Stream(id), stamped);
                made.Add(new RehearsedCard(id, secret));
                events += stamped.Count;
                owed += Owed.For(card, r.AsOf ?? CardRun.Day(session.Context.Now));
            }
            return Once.Json(StatusCodes.Status200OK, new RehearsalAnswer(made, events, owed),
                RehearsalJson.Default.RehearsalAnswer);
        });
    }

    private static bool IsShaped(PastCard card, DateTimeOffset now) =>
        card.Movements is [{ Lot: not null }, ..] && card.Movements[^1].At <= now
        && card.Movements.Zip(card.Movements.Skip(1)).All(m => m.First.At <= m.Second.At)
        && card.Movements.All(m => m.Lot is { Id: not null, Kind: not null, Contract: not null }
            || m is { Lot: null, Wanted: not null } && CardNames.IsName(m.Id));

    /// <summary>Decides a card's movements one after the other.</summary>
    /// <exception cref="ProblemException">One of them may not be.</exception>
    private static (Card Card, List<NewEvent> Events) Play(string tenant, Merchant merchant, PastCard past, string access)
    {
        List<NewEvent> stamped = [];
        Card card = Card.Initial;
        void Run(DateTimeOffset at, CardCommand command)
        {
            EventContext then = new(new Clock(at), Actor, tenant);
            foreach (CardEvent e in CardDecider.Decide(card, command).EventsOrProblem())
            {
                stamped.Add(then.Stamp(CardEvents.NameOf(e), e));
                card = Card.Evolve(card, e);
            }
        }
        Run(past.Movements[0].At, new CardCommand.Open(tenant, past.Branch, null, past.Named, access, false));
        foreach (PastMovement m in past.Movements)
        {
            DateOnly day = CardRun.Day(m.At);
            if (m.Lot is not { } sold)
            {
                Run(m.At, new CardCommand.Redeem(m.Id!, past.Branch, HolderProof.Clerk, m.Wanted!, null,
                    merchant.Filing?.Order ?? LotOrder.OldestFirst, m.At, day));
                continue;
            }
            Lot lot = SellCards.LotOf(sold, day);
            if (SaleChecks.Against(merchant with { Stop = null }, card, past.Named, lot, day) is { } problem)
                throw new ProblemException(problem);
            Run(m.At, new CardCommand.Sell(lot, past.Branch));
        }
        return (card, stamped);
    }

    private sealed class Clock(DateTimeOffset at) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => at;
    }
}

/// <summary>How a rehearsal is read and answered.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RehearsalRequest))]
[JsonSerializable(typeof(RehearsalAnswer))]
internal sealed partial class RehearsalJson : JsonSerializerContext;
