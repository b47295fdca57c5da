using System.Text.Json.Serialization;
using ServiceDefaults;

namespace Prepaid.Cards;

/// <summary>What a lot entitles its holder to.</summary>
[JsonConverter(typeof(KebabEnum<LotKind>))]
public enum LotKind
{
    /// <summary>Money's worth: one unit is a fen of what the card can buy, paid and gift together.</summary>
    Value,

    /// <summary>A number of times; one unit is once.</summary>
    Counted,

    /// <summary>Use without limit for a time; one unit is a day.</summary>
    Timed,
}

/// <summary>Which part of a value lot is used first. The contract says it; in proportion where it is silent.</summary>
[JsonConverter(typeof(KebabEnum<DrawOrder>))]
public enum DrawOrder
{
    /// <summary>Paid and gift together, as 法释〔2025〕4号 art. 18 counts them.</summary>
    InProportion,

    /// <summary>What was paid, then the gift.</summary>
    PaidFirst,

    /// <summary>The gift, then what was paid.</summary>
    GiftFirst,
}

/// <summary>One sale or top-up, for ever apart from the others: its price, gift and terms are its own.</summary>
/// <param name="Id">Its name within the card.</param>
/// <param name="Kind">What it entitles to.</param>
/// <param name="PaidOn">The day of payment in China; the seven days of art. 14 run from it.</param>
/// <param name="PaidFen">What the consumer paid.</param>
/// <param name="GiftFen">Worth of what was given on top; never cash.</param>
/// <param name="Units">All units: fen of value, times, or days of the term.</param>
/// <param name="Item">What a counted lot is for, by the merchant's code; null for anything.</param>
/// <param name="Starts">First day of a timed lot.</param>
/// <param name="Ends">
/// First day after its term; null where it has none. A timed lot is used up by then. Others can't be redeemed until
/// they are activated again, and stay owed in full (法释〔2025〕4号 art. 24).
/// </param>
/// <param name="Order">Which part of a value lot goes first.</param>
/// <param name="Contract">SHA-256 of the contract's text, hexadecimal.</param>
public sealed record Lot(
    string Id, LotKind Kind, DateOnly PaidOn, long PaidFen, long GiftFen, long Units, string? Item, DateOnly? Starts,
    DateOnly? Ends, DrawOrder Order, string Contract);

/// <summary>A lot with what has become of it.</summary>
/// <param name="Lot">The lot.</param>
/// <param name="UsedUnits">Units that were redeemed; 0 for a timed lot, which days use up.</param>
/// <param name="ListFen">What was redeemed, at list prices (S of art. 18 to 20).</param>
/// <param name="PriceFen">The same at the prices agreed on (D).</param>
/// <param name="Refunded">Whether what was left was paid back.</param>
public sealed record HeldLot(Lot Lot, long UsedUnits, long ListFen, long PriceFen, bool Refunded)
{
    /// <summary>Units that are left on a day.</summary>
    public long Remaining(DateOnly day) => Refunded ? 0 : Lot.Kind switch
    {
        LotKind.Timed => Math.Clamp(Lot.Ends!.Value.DayNumber - Max(day, Lot.Starts!.Value).DayNumber, 0, Lot.Units),
        _ => Lot.Units - UsedUnits,
    };

    /// <summary>Whether it can be redeemed on a day.</summary>
    public bool IsUsable(DateOnly day) =>
        Remaining(day) > 0 && (Lot.Starts is null || Lot.Starts <= day) && (Lot.Ends is null || day < Lot.Ends);

    private static DateOnly Max(DateOnly a, DateOnly b) => a > b ? a : b;
}
