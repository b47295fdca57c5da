namespace Prepaid.Refunds;

/// <summary>Refunds by the rules of a place, computed beside the national ones.</summary>
internal static class LocalRefunds
{
    /// <summary>Beijing (GB/T 2260).</summary>
    public const string Beijing = "110000";

    /// <summary>First day of 北京市单用途预付卡管理条例.</summary>
    private static readonly DateOnly BeijingInForce = new(2022, 6, 1);

    private const int UnusedDays = 5;
    private const int OtherDays = 15;

    /// <summary>What the place's rule gives for a lot; null where it has none.</summary>
    public static LotRefund? Of(LotFacts lot, RefundRequest request) =>
        IsUnusedInBeijing(lot, request)
            ? new LotRefund(lot.Lot, lot.PaidFen, lot.PaidFen, "北京市单用途预付卡管理条例 art. 16", [], null)
            : null;

    /// <summary>By when it has to be paid.</summary>
    public static (DateOnly? Day, string? Rule) PayBy(RefundRequest request, IReadOnlyList<LotRefund> lots)
    {
        if (!IsBeijing(request) || lots.Count == 0)
            return (null, null);
        return request.Lots.All(l => IsUnusedInBeijing(l, request))
            ? (request.AskedOn.AddDays(UnusedDays), "北京市单用途预付卡管理条例 art. 16")
            : (request.AskedOn.AddDays(OtherDays), "北京市单用途预付卡管理条例 art. 17");
    }

    /// <summary>Art. 16: asked within seven days and not used.</summary>
    private static bool IsUnusedInBeijing(LotFacts lot, RefundRequest request) =>
        IsBeijing(request) && lot.PriceFen == 0 && (lot.ListFen ?? 0) == 0
        && RefundEngine.IsWithinSevenDays(lot.PaidOn, request.AskedOn);

    private static bool IsBeijing(RefundRequest request) =>
        request.Jurisdiction == Beijing && request.AskedOn >= BeijingInForce;
}
