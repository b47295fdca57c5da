using System.Text.Json.Serialization;
using ServiceDefaults;

namespace Prepaid.Refunds;

/// <summary>Why money goes back. It decides how what was used is counted.</summary>
[JsonConverter(typeof(KebabEnum<RefundCause>))]
public enum RefundCause
{
    /// <summary>The merchant: it moved away, handed the contract over, can't serve, broke it (art. 13(1)).</summary>
    Merchant,

    /// <summary>Nobody's: health and other grounds of art. 13(2), a minor's contract (art. 10), invalidity.</summary>
    Nobody,

    /// <summary>The consumer, who ends it without such a ground.</summary>
    Consumer,
}

/// <summary>Who says that a fact is so.</summary>
[JsonConverter(typeof(KebabEnum<Asserter>))]
public enum Asserter
{
    /// <summary>The events of the ledger show it.</summary>
    Ledger,

    /// <summary>The consumer.</summary>
    Consumer,

    /// <summary>The merchant.</summary>
    Merchant,

    /// <summary>An authority, court or notary.</summary>
    Authority,
}

/// <summary>A fact that an answer rests on, and who says so.</summary>
/// <param name="Name">Its stable name, for example <c>cause</c>.</param>
/// <param name="By">Who says so.</param>
/// <param name="Evidence">SHA-256 of what shows it, hexadecimal; null without.</param>
public sealed record Assertion(string Name, Asserter By, string? Evidence = null);

/// <summary>What the facts are for one lot. Every amount is in fen.</summary>
/// <param name="Lot">The lot.</param>
/// <param name="PaidOn">The day of payment.</param>
/// <param name="PaidFen">P: what was paid.</param>
/// <param name="GiftFen">G: gift credit.</param>
/// <param name="ListFen">
/// S: what was redeemed, at list prices; null where the merchant has no record of deals at list price.
/// </param>
/// <param name="PriceFen">D: the same at the prices agreed on.</param>
/// <param name="MarketFen">The same at market price when and where the contract was made; null if unknown.</param>
/// <param name="Term">Set for use without limit during a term (art. 22).</param>
/// <param name="HadSameBefore">Whether the consumer had got the same goods or services before (art. 14).</param>
/// <param name="GiftGoods">Whether goods or services were given away besides (art. 21).</param>
/// <param name="ListPriceDisputed">Whether somebody says that the list price is far off (art. 19(2)).</param>
/// <param name="ContractFen">What the contract itself gives back; null where it says nothing.</param>
public sealed record LotFacts(
    string Lot, DateOnly PaidOn, long PaidFen, long GiftFen, long? ListFen, long PriceFen, long? MarketFen = null,
    TermFacts? Term = null, bool HadSameBefore = false, bool GiftGoods = false, bool ListPriceDisputed = false,
    long? ContractFen = null);

/// <summary>A term of use without limit, in days.</summary>
/// <param name="TotalDays">The term agreed on.</param>
/// <param name="RemainingDays">What is left from the end of the contract, or from the stop if that was before.</param>
public sealed record TermFacts(int TotalDays, int RemainingDays);

/// <summary>How a jurisdiction's counsel reads art. 14 where something was used within the seven days.</summary>
[JsonConverter(typeof(KebabEnum<UsedInSevenDays>))]
public enum UsedInSevenDays
{
    /// <summary>Not decided: the answer is a range.</summary>
    AskCounsel,

    /// <summary>What was used is deducted.</summary>
    Deduct,

    /// <summary>The whole principal goes back.</summary>
    GiveAllBack,
}

/// <summary>A request with its facts.</summary>
/// <param name="AskedOn">The day of the request in China.</param>
/// <param name="Cause">Whose cause it is.</param>
/// <param name="Lots">The lots concerned.</param>
/// <param name="Jurisdiction">Code of the place (GB/T 2260), for local rules beside.</param>
/// <param name="SevenDays">How art. 14 is read.</param>
/// <param name="Assertions">Who says what.</param>
public sealed record RefundRequest(
    DateOnly AskedOn, RefundCause Cause, IReadOnlyList<LotFacts> Lots, string Jurisdiction, UsedInSevenDays SevenDays,
    IReadOnlyList<Assertion> Assertions);

/// <summary>What the law gives on these facts for one lot.</summary>
/// <param name="Lot">The lot.</param>
/// <param name="LowFen">The least.</param>
/// <param name="HighFen">The most; the same unless the law, or a setting, leaves it open.</param>
/// <param name="Rule">The provision that decided.</param>
/// <param name="Also">Others that were used on the way.</param>
/// <param name="Person">Why a person has to decide between both; null where none has to.</param>
public sealed record LotRefund(
    string Lot, long LowFen, long HighFen, string Rule, IReadOnlyList<string> Also, string? Person);

/// <summary>An answer: on these facts, this amount.</summary>
/// <param name="Lots">Lot by lot.</param>
/// <param name="PayBy">The last day to pay; null where no provision in force names one.</param>
/// <param name="PayByRule">The provision that names it.</param>
/// <param name="Request">The facts it rests on.</param>
public sealed record RefundAnswer(
    IReadOnlyList<LotRefund> Lots, DateOnly? PayBy, string? PayByRule, RefundRequest Request)
{
    /// <summary>The least, together.</summary>
    public long LowFen => Lots.Sum(l => l.LowFen);

    /// <summary>The most, together.</summary>
    public long HighFen => Lots.Sum(l => l.HighFen);
}
