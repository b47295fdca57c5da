using System.Text.Json.Serialization;
using ServiceDefaults;

namespace Prepaid.Cards;

/// <summary>Which lot a redemption takes first; the contract says it.</summary>
[JsonConverter(typeof(KebabEnum<LotOrder>))]
public enum LotOrder
{
    /// <summary>The one that was sold first.</summary>
    OldestFirst,

    /// <summary>The one whose term is over first; those without a term come last, the oldest first.</summary>
    FirstToEnd,
}

/// <summary>One thing that a holder gets.</summary>
/// <param name="Kind">From which kind of lots it is taken.</param>
/// <param name="Item">What it is, by the merchant's code.</param>
/// <param name="Times">How many.</param>
/// <param name="ListFen">List price of all of them.</param>
/// <param name="PriceFen">Price agreed on for all of them; this much is taken of value lots.</param>
public sealed record Wanted(LotKind Kind, string Item, long Times, long ListFen, long PriceFen);

/// <summary>What somebody wants done with a card.</summary>
public abstract record CardCommand
{
    private CardCommand()
    {
    }

    /// <summary>Opens it.</summary>
    public sealed record Open(
        string Merchant, string Branch, string? Key, bool Named, string Access, bool StatedByMerchant) : CardCommand;

    /// <summary>Confirms what the merchant stated.</summary>
    public sealed record Confirm : CardCommand;

    /// <summary>The holder says that another balance is owed than the merchant stated.</summary>
    public sealed record Dispute(Owed Claimed, string Words) : CardCommand;

    /// <summary>Ends a dispute: the merchant agrees with what the holder says, or the regulator decides between both.</summary>
    /// <param name="Agreed">What is owed; null for what the holder says.</param>
    /// <param name="By"><c>merchant</c> or <c>regulator</c>.</param>
    /// <param name="Words">Why.</param>
    /// <param name="Today">The day in China.</param>
    public sealed record EndDispute(Owed? Agreed, string By, string Words, DateOnly Today) : CardCommand;

    /// <summary>Sells a lot on it.</summary>
    public sealed record Sell(Lot Lot, string Branch) : CardCommand;

    /// <summary>Redeems.</summary>
    /// <param name="Id">The till's name for it.</param>
    /// <param name="Branch">Where.</param>
    /// <param name="Proof">How the holder's part was proven.</param>
    /// <param name="Wanted">What the holder gets.</param>
    /// <param name="Code">The number used once of the holder's code.</param>
    /// <param name="Order">Which lots go first.</param>
    /// <param name="At">When, by the server.</param>
    /// <param name="Today">That day in China.</param>
    public sealed record Redeem(
        string Id, string Branch, HolderProof Proof, IReadOnlyList<Wanted> Wanted, string? Code, LotOrder Order,
        DateTimeOffset At, DateOnly Today) : CardCommand;

    /// <summary>An offline till reports what it gave out; <see cref="Redeem.Proof"/> is queued.</summary>
    /// <param name="Given">What it gave.</param>
    /// <param name="TakenAt">When, by its own clock.</param>
    public sealed record Queue(Redeem Given, DateTimeOffset TakenAt) : CardCommand;

    /// <summary>The merchant takes a redemption back.</summary>
    public sealed record Reverse(string Id, string Reason, DateOnly Today) : CardCommand;

    /// <summary>The holder objects to what a clerk entered.</summary>
    public sealed record Object(string Id, DateTimeOffset At, DateOnly Today) : CardCommand;

    /// <summary>Pays back what is left of a lot.</summary>
    public sealed record Refund(string Lot, long PaidFen, string Ground, DateOnly Today) : CardCommand;

    /// <summary>Activates a lot again, or makes its term longer.</summary>
    public sealed record Reactivate(string Lot, DateOnly? Ends) : CardCommand;

    /// <summary>Gives it another holder's key.</summary>
    public sealed record ChangeKey(string? Key, string Reason) : CardCommand;

    /// <summary>Stops redemptions.</summary>
    public sealed record Freeze(string Reason) : CardCommand;

    /// <summary>Lets them go on.</summary>
    public sealed record Unfreeze(string Reason) : CardCommand;
}
