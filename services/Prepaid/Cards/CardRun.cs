using EventStore;
using EventStore.Idempotency;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;

namespace Prepaid.Cards;

/// <summary>What a movement came to.</summary>
/// <param name="Card">The card.</param>
/// <param name="Receipt">The number of its last receipt.</param>
/// <param name="Balance">What is owed for it now.</param>
/// <param name="Redemption">What was taken, where something was redeemed.</param>
public sealed record CardAnswer(Guid Card, long Receipt, Owed Balance, CardEvent.Redeemed? Redemption = null);

/// <summary>Runs commands of cards in a session.</summary>
internal static class CardRun
{
    /// <summary>The day in China.</summary>
    public static DateOnly Day(DateTimeOffset at) => DateOnly.FromDateTime(at.UtcDateTime.AddHours(8));

    /// <summary>Decides a command and appends what it comes to.</summary>
    /// <param name="session">The unit of work.</param>
    /// <param name="id">The card.</param>
    /// <param name="check">Throws where the caller may not touch this card, or a rule outside it stands against
    /// it.</param>
    /// <param name="command">Makes the command of the card as it is.</param>
    /// <param name="token">Stops reading.</param>
    /// <exception cref="ProblemException">It may not be.</exception>
    public static async Task<CardAnswer> RunAsync(
        Session session, Guid id, Action<Card> check, Func<Card, CardCommand> command, CancellationToken token)
    {
        WritableStream<Card> stream = await session.FetchForWriting<Card>(CardEvents.Stream(id), token);
        Card card = stream.Aggregate;
        check(card);
        IReadOnlyList<CardEvent> events = CardDecider.Decide(card, command(card)).EventsOrProblem(("card", id));
        foreach (CardEvent e in events)
            card = Append(session, stream, card, e);
        return new CardAnswer(id, card.Receipts, Owed.For(card, Day(session.Context.Now)),
            events.OfType<CardEvent.Redeemed>().FirstOrDefault());
    }

    /// <summary>Decides several commands one after the other, whoever acts: a regulator, or the service.</summary>
    /// <exception cref="ProblemException">One of them may not be.</exception>
    public static async Task<Card> AppendAsync(
        Session session, Guid id, Func<Card, IEnumerable<CardCommand>> commands, CancellationToken token)
    {
        WritableStream<Card> stream = await session.FetchForWriting<Card>(CardEvents.Stream(id), token);
        Card card = stream.Aggregate;
        foreach (CardCommand command in commands(card))
        {
            foreach (CardEvent e in CardDecider.Decide(card, command).EventsOrProblem(("card", id)))
                card = Append(session, stream, card, e);
        }
        return card;
    }

    /// <summary>A card's events belong to its merchant, whoever acts: day balances and replays go by that.</summary>
    private static Card Append(Session session, WritableStream<Card> stream, Card card, CardEvent e)
    {
        stream.AppendOne(session.Context.Stamp(CardEvents.NameOf(e), e) with { Tenant = card.Merchant });
        return Card.Evolve(card, e);
    }

    /// <summary>Its stored answer.</summary>
    public static StoredResponse Answer(CardAnswer answer, int status = StatusCodes.Status200OK) =>
        Once.Json(status, answer, PrepaidJson.Default.CardAnswer);

    /// <summary>Lets only the merchant pass that owes what is on the card.</summary>
    public static Action<Card> OwnedBy(string merchant) => card =>
    {
        if (!card.Exists || card.Merchant != merchant)
            throw new ProblemException(Problem.Of(CardDecider.Missing));
    };
}
