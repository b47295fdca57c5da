using System.Collections.Immutable;

namespace Prepaid.Cards;

/// <summary>A redemption as the card remembers it.</summary>
/// <param name="Draws">What it took.</param>
/// <param name="Code">The holder's code that it used up.</param>
/// <param name="ObjectBy">Until when the holder may object.</param>
/// <param name="Reversed">Whether it was taken back.</param>
public sealed record Redemption(IReadOnlyList<Draw> Draws, string? Code, DateTimeOffset? ObjectBy, bool Reversed);

/// <summary>A card, folded.</summary>
/// <param name="Exists">Whether it was opened.</param>
/// <param name="Merchant">Who owes what is on it.</param>
/// <param name="Key">The holder's public key.</param>
/// <param name="Named">Whether the merchant knows whose it is.</param>
/// <param name="Access">SHA-256 of the secret in the holder's link.</param>
/// <param name="StatedByMerchant">Whether only the merchant says so.</param>
/// <param name="IsFrozen">Whether nothing may be redeemed.</param>
/// <param name="Receipts">The number of the last receipt; 0 before the first.</param>
/// <param name="Lots">In the order of their sale.</param>
/// <param name="Redemptions">By the till's name.</param>
/// <param name="Claimed">What the holder says against what the merchant stated; null where nothing is disputed.</param>
/// <param name="Losses">What offline tills gave out and the merchant bears, by the till's name.</param>
public sealed record Card(
    bool Exists, string Merchant, string? Key, bool Named, string Access, bool StatedByMerchant, bool IsFrozen,
    long Receipts, ImmutableList<HeldLot> Lots,
    ImmutableDictionary<string, Redemption> Redemptions, ImmutableDictionary<string, string> Losses,
    Owed? Claimed = null)
{
    /// <summary>Before the first event.</summary>
    public static readonly Card Initial = new(false, "", null, false, "", false, false, 0, [],
        ImmutableDictionary<string, Redemption>.Empty, ImmutableDictionary<string, string>.Empty);

    /// <summary>Folds one event.</summary>
    public static Card Evolve(Card card, CardEvent e) => e switch
    {
        CardEvent.Opened o => Initial with
        {
            Exists = true,
            Merchant = o.Merchant,
            Key = o.Key,
            Named = o.Named,
            Access = o.Access,
            StatedByMerchant = o.StatedByMerchant,
        },
        CardEvent.Confirmed => card with { StatedByMerchant = false, Claimed = null },
        CardEvent.Disputed d => card with { Claimed = d.Claimed },
        CardEvent.DisputeEnded d => card.Change(d.Lot.Id, l => l with { Lot = d.Lot }) with
        {
            Receipts = d.Receipt,
            StatedByMerchant = false,
            Claimed = null,
        },
        CardEvent.Sold s => card with
        {
            Receipts = s.Receipt,
            Lots = card.Lots.Add(new HeldLot(s.Lot, 0, 0, 0, false)),
        },
        CardEvent.Redeemed r => card.Apply(r.Draws, 1) with
        {
            Receipts = r.Receipt,
            Redemptions = card.Redemptions.Add(r.Id, new Redemption(r.Draws, r.Code, r.ObjectBy, false)),
        },
        CardEvent.LostByMerchant l => card with { Losses = card.Losses.SetItem(l.Id, l.Reason) },
        CardEvent.Reversed r => card.Apply(r.Draws, -1) with
        {
            Receipts = r.Receipt,
            Redemptions = card.Redemptions.SetItem(r.Id, card.Redemptions[r.Id] with { Reversed = true }),
        },
        CardEvent.Refunded r => card.Change(r.Lot, l => l with { Refunded = true }) with { Receipts = r.Receipt },
        CardEvent.Reactivated r => card.Change(r.Lot, l => l with { Lot = l.Lot with { Ends = r.Ends } }) with
        {
            Receipts = r.Receipt,
        },
        CardEvent.KeyChanged k => card with { Receipts = k.Receipt, Key = k.Key },
        CardEvent.Frozen => card with { IsFrozen = true },
        CardEvent.Unfrozen => card with { IsFrozen = false },
        _ => throw new InvalidOperationException($"{e.GetType().Name} is no event of a card."),
    };

    /// <summary>A lot by its name; null where there is none.</summary>
    public HeldLot? Find(string lot) => Lots.Find(l => l.Lot.Id == lot);

    /// <summary>The card after draws, with sign 1; or before them, with -1.</summary>
    internal Card Apply(IReadOnlyList<Draw> draws, int sign) => draws.Aggregate(this, (card, d) => card.Change(
        d.Lot, l => l with
        {
            UsedUnits = l.UsedUnits + sign * d.Units,
            ListFen = l.ListFen + sign * d.ListFen,
            PriceFen = l.PriceFen + sign * d.PriceFen,
        }));

    private Card Change(string lot, Func<HeldLot, HeldLot> change)
    {
        int at = Lots.FindIndex(l => l.Lot.Id == lot);
        return this with { Lots = Lots.SetItem(at, change(Lots[at])) };
    }
}
