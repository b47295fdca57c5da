using EventStore;
using Prepaid.Cards;
using Proofs;
using Proofs.Liabilities;
using ServiceDefaults.Anchoring;
using ServiceDefaults.Auth;
using ServiceDefaults.Problems;

namespace Prepaid.Days;

/// <summary>What a replay of the feed came to, beside what the chain holds; amounts in fen.</summary>
/// <param name="Merchant">Who owes.</param>
/// <param name="Day">The day in China.</param>
/// <param name="Events">Events of the merchant that were replayed.</param>
/// <param name="Through">Position of the last event of the feed that was read; none is missing below.</param>
/// <param name="Cards">Cards that the replay found.</param>
/// <param name="Principal">What the replay says is owed of what was paid.</param>
/// <param name="Gift">And of what was given on top.</param>
/// <param name="ChainPrincipal">What the root on the chain says; null where it is not proven.</param>
/// <param name="ChainGift">And of gifts.</param>
/// <param name="Chain">Reason of the chain's answer: <c>ok</c> or why not.</param>
/// <param name="Agrees">Whether both are the same to the fen.</param>
public sealed record ReplayedDay(
    string Merchant, DateOnly Day, long Events, long Through, int Cards, long Principal, long Gift,
    long? ChainPrincipal, long? ChainGift, string Chain, bool Agrees);

/// <summary>
/// Replays the gap-free feed for the regulator: every event is folded again by the rules of cards, beside tables and trees,
/// and must come to the total of the root that the chain holds.
/// </summary>
internal static class ReplayDay
{
    private const int Page = 5_000;

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/days/{day}/replay/{merchant}", GetAsync).RequireRoles(Role.Regulator)
            .WithName("ReplayDay").WithSummary("The feed replayed, beside the root on the chain.");

    /// <summary>Folds the feed of a merchant up to the end of a day.</summary>
    /// <exception cref="InvalidOperationException">The feed or a stream has a gap.</exception>
    public static async Task<(Dictionary<Guid, Card> Cards, long Events, long Through)> FoldAsync(
        Store store, string merchant, DateOnly day, long through, CancellationToken cancellation)
    {
        Dictionary<Guid, (Card Card, long Version)> cards = [];
        (long events, long at) = (0, 0);
        while (at < through)
        {
            IReadOnlyList<StoredEvent> page = await store.ReadEventsAsync(at, Page, cancellation);
            foreach (StoredEvent stored in page.TakeWhile(e => e.Position <= through))
            {
                if (stored.Position != ++at)
                    throw new InvalidOperationException($"The feed has no event at position {at}.");
                if (stored.Tenant != merchant || stored.Data is not CardEvent e)
                    continue;
                Guid id = CardEvents.CardOf(stored.Stream);
                (Card card, long version) = cards.GetValueOrDefault(id, (Card.Initial, 0));
                if (stored.Version != version + 1)
                    throw new InvalidOperationException($"Card {id} has no event {version + 1}.");
                // What happened after the day is left out, but its place is counted.
                bool counts = CardRun.Day(stored.OccurredAt) <= day;
                cards[id] = (counts ? Card.Evolve(card, e) : card, stored.Version);
                events += counts ? 1 : 0;
            }
            if (page.Count == 0)
                throw new InvalidOperationException($"The feed ends at {at}, before {through}.");
        }
        return (cards.Where(c => c.Value.Card.Exists).ToDictionary(c => c.Key, c => c.Value.Card), events, at);
    }

    private static async Task<IResult> GetAsync(
        string merchant, DateOnly day, Store store, TreeRows trees, AnchorClient anchor, CancellationToken token)
    {
        if (await trees.FindAsync(merchant, day, token) is not { } row)
            return Problem.Of("day-not-closed", ("day", day));
        (Dictionary<Guid, Card> cards, long events, long through) =
            await FoldAsync(store, merchant, day, row.Position, token);
        Owed owed = cards.Values.Aggregate(default(Owed), (sum, card) => sum + Owed.For(card, day));
        (LiabilityRoot? root, string reason) = await RootAsync(row, anchor, token);
        return TypedResults.Json(new ReplayedDay(
            merchant, day, events, through, cards.Count, owed.PrincipalFen, owed.GiftFen, root?.Total.PrincipalFen,
            root?.Total.GiftFen, reason,
            root is not null && root.Total == new Liability(owed.PrincipalFen, owed.GiftFen)),
            PrepaidJson.Default.ReplayedDay);
    }

    private static async Task<(LiabilityRoot? Root, string Reason)> RootAsync(
        DayRow row, AnchorClient anchor, CancellationToken token)
    {
        if (row.State is null || LiabilityRootFile.Parse(row.State) is not { } file)
            return (null, "no-root");
        if (await anchor.TrustAsync(token) is not { } bytes || TrustFile.Parse(bytes) is not { } trust)
            return (null, "trust-file");
        (Answer answer, _, LiabilityRoot? root) = file.Read(trust);
        return (root, answer.Reason);
    }
}
