using System.Text.Json.Serialization;
using ServiceDefaults;

namespace Prepaid.Cards;

/// <summary>How the consumer's part in a redemption was proven; the receipt says it.</summary>
[JsonConverter(typeof(KebabEnum<HolderProof>))]
public enum HolderProof
{
    /// <summary>A code signed on the holder's page, at most a minute old, used once.</summary>
    PageKey,

    /// <summary>The printed card with its PIN.</summary>
    CardAndPin,

    /// <summary>The clerk entered it; the holder may object for 24 hours.</summary>
    Clerk,

    /// <summary>An offline till reported it later, at the merchant's risk.</summary>
    Queued,
}

/// <summary>What a redemption took of one lot.</summary>
/// <param name="Lot">The lot.</param>
/// <param name="Units">Fen of value, times; 0 for a visit under a timed lot.</param>
/// <param name="ListFen">What was got, at the list price of that day.</param>
/// <param name="PriceFen">The same at the price agreed on.</param>
/// <param name="Taken">How much less is owed for the lot now.</param>
public sealed record Draw(string Lot, long Units, long ListFen, long PriceFen, Owed Taken);

/// <summary>Facts about a card. Each movement carries the number of its receipt: 1, 2, 3 without a gap.</summary>
public abstract record CardEvent
{
    private CardEvent()
    {
    }

    /// <summary>A card was opened.</summary>
    /// <param name="Merchant">The organisation that owes what is on it.</param>
    /// <param name="Branch">Where it was sold.</param>
    /// <param name="Key">The holder's public key, base64url SPKI; null for a printed or unnamed card.</param>
    /// <param name="Named">Whether the merchant knows whose it is.</param>
    /// <param name="Access">SHA-256 of the secret in the holder's link, hexadecimal.</param>
    /// <param name="StatedByMerchant">
    /// Whether it was taken over from a list and its holder has not confirmed it.
    /// </param>
    public sealed record Opened(
        string Merchant, string Branch, string? Key, bool Named, string Access, bool StatedByMerchant) : CardEvent;

    /// <summary>The holder confirmed a balance that the merchant had stated.</summary>
    public sealed record Confirmed : CardEvent;

    /// <summary>The holder says that another balance is owed than the merchant stated.</summary>
    /// <param name="Claimed">What the holder says.</param>
    /// <param name="Words">Why.</param>
    public sealed record Disputed(Owed Claimed, string Words) : CardEvent;

    /// <summary>A dispute about a stated balance ended: the lot stands with these figures from now on.</summary>
    /// <param name="Receipt">Its receipt's number.</param>
    /// <param name="Lot">The lot as it stands now.</param>
    /// <param name="Change">What is owed more than was stated; less where negative.</param>
    /// <param name="By"><c>merchant</c> who agrees with the holder, or <c>regulator</c> who decides.</param>
    /// <param name="Words">Why.</param>
    public sealed record DisputeEnded(long Receipt, Lot Lot, Owed Change, string By, string Words) : CardEvent;

    /// <summary>Something was sold on the card.</summary>
    public sealed record Sold(long Receipt, Lot Lot, string Branch) : CardEvent;

    /// <summary>Something was redeemed.</summary>
    /// <param name="Receipt">Its receipt's number.</param>
    /// <param name="Id">The till's name for it; the same twice is one.</param>
    /// <param name="Branch">Where.</param>
    /// <param name="Proof">How the holder's part was proven.</param>
    /// <param name="Draws">What it took, in the order it was taken.</param>
    /// <param name="Code">The number used once of the holder's code; null without one.</param>
    /// <param name="ObjectBy">Until when the holder may object; null unless a clerk entered it.</param>
    public sealed record Redeemed(
        long Receipt, string Id, string Branch, HolderProof Proof, IReadOnlyList<Draw> Draws, string? Code,
        DateTimeOffset? ObjectBy) : CardEvent;

    /// <summary>A redemption was taken back, by the merchant or because the holder objected.</summary>
    /// <param name="Receipt">Its receipt's number.</param>
    /// <param name="Id">The redemption.</param>
    /// <param name="Reason">Why.</param>
    /// <param name="Draws">
    /// What goes back to which lot. A share of a fen may have been rounded the other way by what happened in between,
    /// so it is stated again.
    /// </param>
    public sealed record Reversed(long Receipt, string Id, string Reason, IReadOnlyList<Draw> Draws) : CardEvent;

    /// <summary>
    /// An offline till gave something out that the card did not hold when its report came in: the merchant bears it, and
    /// nothing was taken.
    /// </summary>
    /// <param name="Id">The till's name for it; the same twice is one.</param>
    /// <param name="Branch">Where.</param>
    /// <param name="PriceFen">What it would have taken.</param>
    /// <param name="Reason">The rule that stood against it.</param>
    /// <param name="TakenAt">When, by the till's clock, which decides nothing.</param>
    public sealed record LostByMerchant(
        string Id, string Branch, long PriceFen, string Reason, DateTimeOffset TakenAt) : CardEvent;

    /// <summary>
    /// What was left of a lot was paid back; <paramref name="PaidFen"/> may differ from what was owed.
    /// </summary>
    /// <param name="Receipt">Its receipt's number.</param>
    /// <param name="Lot">The lot.</param>
    /// <param name="Ended">What was owed for it.</param>
    /// <param name="PaidFen">What was paid.</param>
    /// <param name="Ground">Why.</param>
    /// <param name="Timed">Whether days used it up.</param>
    public sealed record Refunded(
        long Receipt, string Lot, Owed Ended, long PaidFen, string Ground, bool Timed = false) : CardEvent;

    /// <summary>A lot was activated again after its term, or its term was made longer (art. 24).</summary>
    /// <param name="Receipt">Its receipt's number.</param>
    /// <param name="Lot">The lot.</param>
    /// <param name="Ends">First day after the new term; null for no term.</param>
    public sealed record Reactivated(long Receipt, string Lot, DateOnly? Ends) : CardEvent;

    /// <summary>The card has another holder's key: handed over, or issued again after a loss.</summary>
    public sealed record KeyChanged(long Receipt, string? Key, string Reason) : CardEvent;

    /// <summary>Nothing may be redeemed for now.</summary>
    public sealed record Frozen(string Reason) : CardEvent;

    /// <summary>It may again.</summary>
    public sealed record Unfrozen(string Reason) : CardEvent;
}
