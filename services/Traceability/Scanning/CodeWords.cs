using System.Globalization;
using Traceability.MasterData;

namespace Traceability.Scanning;

/// <summary>What a serial number is to the service that issues them.</summary>
public enum CodeState
{
    /// <summary>Nobody asked: the link names no item, or codes of this product are not issued here.</summary>
    NotIssuedHere,

    /// <summary>Not one of ours.</summary>
    NotOurs,

    /// <summary>Ours, and on no product yet.</summary>
    NotInUse,

    /// <summary>Ours, and recorded as destroyed before it was on any product.</summary>
    Destroyed,

    /// <summary>Ours, and on a product.</summary>
    InUse,

    /// <summary>Made elsewhere; the producer recorded that it gave the item this code.</summary>
    Commissioned,

    /// <summary>The producer recorded that the item is no more, or its code no longer valid.</summary>
    Retired,
}

/// <summary>What is known of one item's code.</summary>
/// <param name="State">What it is.</param>
/// <param name="Issuer">Who issued it.</param>
/// <param name="Earlier">How often it was checked before.</param>
/// <param name="FirstAt">When first, to the minute.</param>
/// <param name="Sale">What is known of its sale.</param>
public sealed record CodeFacts(
    CodeState State, Wording? Issuer, int Earlier, DateTimeOffset? FirstAt, SaleRecord Sale);

/// <summary>
/// The sentences about a code: what is known, never a judgement of the goods, because a copied label shows the same page.
/// </summary>
public static class CodeWords
{
    /// <summary>What a page says, most important first.</summary>
    public static IReadOnlyList<Wording> Of(CodeFacts facts, DateTimeOffset now)
    {
        List<Wording> words = [];
        words.AddRange(Issue(facts));
        if (facts.State is not (CodeState.NotOurs or CodeState.NotInUse or CodeState.Destroyed))
        {
            words.AddRange(Sale(facts.Sale, now));
            words.Add(Checks(facts));
            words.Add(new(
                "以上只是对这个码的记录：复制的标签会显示同样的内容。请同时核对商品与包装。",
                "This is what is recorded of the code: a copied label would show the same. Compare goods and packaging too."));
        }
        return words;
    }

    private static IEnumerable<Wording> Issue(CodeFacts facts)
    {
        (string zh, string en) = (facts.Issuer?.In(true) ?? "生产者", facts.Issuer?.In(false) ?? "The producer");
        switch (facts.State)
        {
            case CodeState.NotOurs:
                yield return new(
                    $"这个序列号不是{zh}在这里发出的。可能是扫错、印错或伪造，请保留商品并投诉。",
                    $"{en} did not issue this serial number here. It may be misread, misprinted or forged; keep the goods and complain.");
                break;
            case CodeState.NotInUse:
                yield return new(
                    $"这个码由{zh}发出，但还没有启用，不应出现在出售的商品上。",
                    $"{en} issued this code, but it is not in use yet and should not be on goods for sale.");
                break;
            case CodeState.Destroyed:
                yield return new(
                    $"{zh}已登记销毁这个标签。它不应再出现，更不应在出售的商品上：可能是流出或仿制的标签，请保留商品并投诉。",
                    $"{en} recorded this label as destroyed. It should not be seen any more, least of all on goods for sale: it may have leaked or been copied. Keep the goods and complain.");
                break;
            case CodeState.InUse:
                yield return new($"这个码由{zh}发出并已启用。", $"{en} issued this code and it is in use.");
                break;
            case CodeState.Commissioned:
                yield return new(
                    $"{zh}登记过给这件商品赋这个码；序列号由生产者自己管理。",
                    $"{en} recorded giving this item its code; the producer keeps the serial numbers itself.");
                break;
            case CodeState.Retired:
                yield return new(
                    $"{zh}已登记这件商品作废或销毁。它不应再出售，请保留商品并投诉。",
                    $"{en} recorded that this item was taken out of use. It should not be on sale; keep the goods and complain.");
                break;
            default:
                yield return new("序列号由生产者管理，这里不能核对是否发出。", "The producer keeps the serial numbers; whether this one was issued can't be checked here.");
                break;
        }
    }

    private static IEnumerable<Wording> Sale(SaleRecord sale, DateTimeOffset now)
    {
        switch (sale.State(now))
        {
            case SaleState.SoldOnce:
                yield return new(
                    $"售出一次，{Day(sale.At[0], true)}（销售记录连续完整）。", $"Sold once, on {Day(sale.At[0], false)} (the seller's reports have no gap).");
                break;
            case SaleState.NotSold:
                yield return new("尚未售出（销售记录连续完整）。", "Not sold yet (the seller's reports have no gap).");
                break;
            case SaleState.SaleRecorded:
                yield return new(
                    $"{Day(sale.At[0], true)}登记过一次售出；销售记录不完整，不能说明只售出一次。",
                    $"A sale on {Day(sale.At[0], false)} is recorded; the reports are incomplete, so there may be others.");
                break;
            case SaleState.SoldTwice:
                yield return new(
                    $"登记了{sale.At.Count}次售出，存疑：一件商品只能售出一次。",
                    $"Recorded as sold {sale.At.Count} times, which is doubtful: one item is sold only once.");
                break;
            default:
                yield return new("没有完整的销售记录，是否售出过不能说明。", "Sales are not completely reported, so whether it was sold can't be said.");
                break;
        }
    }

    private static Wording Checks(CodeFacts facts) => facts is { Earlier: > 0, FirstAt: { } first }
        ? new($"此前被查询过{facts.Earlier}次，首次在{Minute(first)}（北京时间）。",
            $"Checked {facts.Earlier} {(facts.Earlier == 1 ? "time" : "times")} before, first at {Minute(first)} (Beijing time).")
        : new("首次查询：此前没有人查询过这个码。", "First check: nobody has checked this code before.");

    private static string Minute(DateTimeOffset at) =>
        at.ToOffset(TimeSpan.FromHours(8)).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    private static string Day(DateTimeOffset at, bool chinese) => at.ToOffset(TimeSpan.FromHours(8))
        .ToString(chinese ? "yyyy年M月d日" : "d MMMM yyyy", CultureInfo.InvariantCulture);
}
