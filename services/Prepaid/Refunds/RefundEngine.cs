namespace Prepaid.Refunds;

/// <summary>
/// What goes back of a prepaid lot, by 法释〔2025〕4号 (in force from 2025-05-01) and the rules of the place; pure, and
/// the same for consumer, merchant and court. Principal only: interest stands in <see cref="RefundInterest"/>.
/// </summary>
public static class RefundEngine
{
    /// <summary>First day of 法释〔2025〕4号.</summary>
    public static readonly DateOnly InForce = new(2025, 5, 1);

    private const int SevenDays = 7;

    /// <summary>Answers a request; null where no provision known here was in force on its day.</summary>
    public static RefundAnswer? Answer(RefundRequest request)
    {
        if (request.AskedOn < InForce)
            return null;
        LotRefund[] lots = [.. request.Lots.Select(
            lot => Better(lot, ByLaw(lot, request), LocalRefunds.Of(lot, request)))];
        (DateOnly? by, string? rule) = LocalRefunds.PayBy(request, lots);
        return new RefundAnswer(lots, by, rule, request);
    }

    /// <summary>Whether a request comes within seven days of payment, that day not counted (民法典 art. 201).</summary>
    internal static bool IsWithinSevenDays(DateOnly paidOn, DateOnly askedOn) =>
        askedOn <= paidOn.AddDays(SevenDays);

    private static LotRefund ByLaw(LotFacts lot, RefundRequest request)
    {
        if (IsWithinSevenDays(lot.PaidOn, request.AskedOn) && !lot.HadSameBefore)
            return WithinSevenDays(lot, request);
        if (lot.Term is { } term)
            return One(lot, Share(lot.PaidFen, term.RemainingDays, term.TotalDays), "法释〔2025〕4号 art. 22");
        LotRefund counted = request.Cause == RefundCause.Consumer ? AtListPrice(lot) : AtAgreedPrice(lot);
        return lot.GiftGoods ? WeighGiftGoods(lot, counted) : counted;
    }

    /// <summary>
    /// Art. 14: the principal, whatever the reason. Whether use in these days is deducted is for counsel.
    /// </summary>
    private static LotRefund WithinSevenDays(LotFacts lot, RefundRequest request)
    {
        const string rule = "法释〔2025〕4号 art. 14";
        if (lot.PriceFen == 0 || request.SevenDays == UsedInSevenDays.GiveAllBack)
            return One(lot, lot.PaidFen, rule);
        LotRefund deducted = AtAgreedPrice(lot);
        return request.SevenDays == UsedInSevenDays.Deduct
            ? deducted with { Rule = rule, Also = [deducted.Rule] }
            : new LotRefund(lot.Lot, deducted.LowFen, lot.PaidFen, rule, [deducted.Rule], "used-within-seven-days");
    }

    /// <summary>
    /// Art. 15 and 18: not the consumer's cause. Goods count at the price agreed on; of a lot with gift credit, at the
    /// share that paid money has in all of it, rounded to the fen in the consumer's favour.
    /// </summary>
    private static LotRefund AtAgreedPrice(LotFacts lot)
    {
        long used = lot.GiftFen == 0
            ? lot.PriceFen
            : Share(lot.ListFen ?? lot.PriceFen, lot.PaidFen, lot.PaidFen + lot.GiftFen);
        return One(lot, Math.Max(0, lot.PaidFen - used), "法释〔2025〕4号 art. 18", "法释〔2025〕4号 art. 15");
    }

    /// <summary>
    /// Art. 19: the consumer's cause. Goods count at list price, or at the market's where no deal at list price is on
    /// record. Art. 20: where that comes to more than was paid, nothing goes back and nothing more is owed.
    /// </summary>
    private static LotRefund AtListPrice(LotFacts lot)
    {
        if ((lot.ListFen ?? lot.MarketFen) is not { } used)
            return Open(lot, AtAgreedPrice(lot), 0, "market-price-unknown");
        LotRefund answer = used > lot.PaidFen
            ? One(lot, 0, "法释〔2025〕4号 art. 20", "法释〔2025〕4号 art. 19")
            : One(lot, lot.PaidFen - used, "法释〔2025〕4号 art. 19", "法释〔2025〕4号 art. 15");
        return lot.ListPriceDisputed ? Open(lot, AtAgreedPrice(lot), answer.LowFen, "list-price-disputed") : answer;
    }

    /// <summary>Art. 19(2): a court weighs between list price and the price agreed on.</summary>
    private static LotRefund Open(LotFacts lot, LotRefund most, long leastFen, string person) => new(
        lot.Lot, Math.Min(leastFen, most.HighFen), most.HighFen, "法释〔2025〕4号 art. 19(2)", [most.Rule], person);

    /// <summary>Art. 21: gifts in goods or services are weighed; a court may deduct for them or not.</summary>
    private static LotRefund WeighGiftGoods(LotFacts lot, LotRefund counted) => counted with
    {
        Lot = lot.Lot,
        LowFen = 0,
        Also = [.. counted.Also, "法释〔2025〕4号 art. 21"],
        Person = counted.Person ?? "gift-goods",
    };

    /// <summary>
    /// The contract's own terms, and the place's rules, count where they are better for the consumer.
    /// </summary>
    private static LotRefund Better(LotFacts lot, LotRefund law, LotRefund? local)
    {
        LotRefund best = local is not null && local.LowFen > law.LowFen
            ? local with { Also = [.. local.Also, law.Rule] } : law;
        return lot.ContractFen is { } agreed && agreed > best.LowFen
            ? best with
            {
                LowFen = agreed,
                HighFen = Math.Max(agreed, best.HighFen),
                Rule = "contract",
                Also = [best.Rule, .. best.Also],
                Person = agreed >= best.HighFen ? null : best.Person,
            }
            : best;
    }

    private static LotRefund One(LotFacts lot, long fen, string rule, params string[] also) =>
        new(lot.Lot, fen, fen, rule, also, null);

    /// <summary>fen · part ÷ whole, half up.</summary>
    private static long Share(long fen, long part, long whole) =>
        (long)((2 * (Int128)fen * part + whole) / (2 * (Int128)whole));
}
