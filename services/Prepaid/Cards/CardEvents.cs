using EventStore;

namespace Prepaid.Cards;

/// <summary>The stable names and stored forms of cards.</summary>
internal static class CardEvents
{
    private const string Opened = "prepaid.card-opened.v1";
    private const string Confirmed = "prepaid.card-confirmed.v1";
    private const string Disputed = "prepaid.card-disputed.v1";
    private const string DisputeEnded = "prepaid.card-dispute-ended.v1";
    private const string Sold = "prepaid.lot-sold.v1";
    private const string Redeemed = "prepaid.redeemed.v1";
    private const string Reversed = "prepaid.redemption-reversed.v1";
    private const string LostByMerchant = "prepaid.lost-by-merchant.v1";
    private const string Refunded = "prepaid.lot-refunded.v1";
    private const string Reactivated = "prepaid.lot-reactivated.v1";
    private const string KeyChanged = "prepaid.card-key-changed.v1";
    private const string Frozen = "prepaid.card-frozen.v1";
    private const string Unfrozen = "prepaid.card-unfrozen.v1";

    private const string Prefix = "card-";

    public static string Stream(Guid card) => $"{Prefix}{card}";

    /// <summary>The card of a stream.</summary>
    public static Guid CardOf(string stream) => Guid.Parse(stream.AsSpan(Prefix.Length));

    public static string NameOf(CardEvent e) => e switch
    {
        CardEvent.Opened => Opened,
        CardEvent.Confirmed => Confirmed,
        CardEvent.Disputed => Disputed,
        CardEvent.DisputeEnded => DisputeEnded,
        CardEvent.Sold => Sold,
        CardEvent.Redeemed => Redeemed,
        CardEvent.Reversed => Reversed,
        CardEvent.LostByMerchant => LostByMerchant,
        CardEvent.Refunded => Refunded,
        CardEvent.Reactivated => Reactivated,
        CardEvent.KeyChanged => KeyChanged,
        CardEvent.Frozen => Frozen,
        CardEvent.Unfrozen => Unfrozen,
        _ => throw new InvalidOperationException($"{e.GetType().Name} has no name."),
    };

    public static EventModel AddCardEvents(this EventModel model) => model
        .Event(Opened, PrepaidJson.Default.Opened)
        .Event(Confirmed, PrepaidJson.Default.Confirmed)
        .Event(Disputed, PrepaidJson.Default.Disputed)
        .Event(DisputeEnded, PrepaidJson.Default.DisputeEnded)
        .Event(Sold, PrepaidJson.Default.Sold)
        .Event(Redeemed, PrepaidJson.Default.Redeemed)
        .Event(Reversed, PrepaidJson.Default.Reversed)
        .Event(LostByMerchant, PrepaidJson.Default.LostByMerchant)
        .Event(Refunded, PrepaidJson.Default.Refunded)
        .Event(Reactivated, PrepaidJson.Default.Reactivated)
        .Event(KeyChanged, PrepaidJson.Default.KeyChanged)
        .Event(Frozen, PrepaidJson.Default.Frozen)
        .Event(Unfrozen, PrepaidJson.Default.Unfrozen)
        .Aggregate(Card.Initial, (card, e) => Card.Evolve(card, (CardEvent)e));
}
