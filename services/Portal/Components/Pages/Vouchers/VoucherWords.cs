namespace Portal.Components.Pages.Vouchers;

/// <summary>Words about vouchers, their parts and what happened to them.</summary>
public static class VoucherWords
{
    /// <summary>Where a whole voucher stands: the tag's class and words.</summary>
    public static (string Kind, string Words) Stage(Language words, string? stage) => stage switch
    {
        "offered" => ("", words["… 待签收", "… to be accepted"]),
        "active" => ("ok", words["✓ 有效", "✓ in force"]),
        "leaving" or "handed-over" => ("warn", words["… 移交外部平台中", "… being handed to another platform"]),
        "moved" => ("", words["已移交外部平台", "handed to another platform"]),
        "presented" => ("warn", words["… 兑付中", "… being paid"]),
        "overdue" => ("bad", words["✗ 逾期", "✗ overdue"]),
        "paid" => ("ok", words["✓ 已付清", "✓ paid"]),
        "void" => ("", words["已作废", "void"]),
        "returned" => ("", words["已退回", "returned"]),
        _ => ("", stage ?? ""),
    };

    /// <summary>Where a part of a voucher stands.</summary>
    public static string State(Language words, string? state) => state switch
    {
        null => words["他人持有", "held by others"],
        "held" or "active" => words["持有中", "held"],
        "issue-pending" or "offered" => words["待签收", "to be accepted"],
        "transfer-pending" => words["转让中", "in transfer"],
        "pledge-pending" => words["出质中", "pledge offered"],
        "sale-pending" => words["融资中", "sale offered"],
        "return-pending" => words["退回中", "return offered"],
        "statement-pending" => words["待确认（原平台声明）", "stated, to be confirmed"],
        "leaving" => words["移交外部平台中", "being handed to another platform"],
        "moved" => words["已移交外部平台", "handed to another platform"],
        "recourse-pending" => words["追索中", "recourse claimed"],
        "pledged" => words["已质押", "pledged"],
        "frozen" => words["已冻结", "frozen"],
        "part-paid" => words["部分兑付", "paid in part"],
        "paid" => words["已付清", "paid"],
        "presented" => words["兑付中", "being paid"],
        "overdue" => words["逾期", "overdue"],
        "void" => words["已作废", "void"],
        "returned" => words["已退回", "returned"],
        _ => state,
    };

    /// <summary>The pattern that a part is drawn with.</summary>
    public static string Pattern(string? state) => state switch
    {
        "held" or "active" => "held",
        "pledged" => "pledged",
        "frozen" => "frozen",
        "paid" or "void" or "returned" or "moved" => "ended",
        null => "others",
        _ when state.EndsWith("-pending", StringComparison.Ordinal) || state is "offered" => "pending",
        _ => "due",
    };

    /// <summary>What an offer is.</summary>
    public static string Offer(Language words, string? kind) => kind switch
    {
        "issue" => words["开立", "Issue"],
        "transfer" => words["转让", "Transfer"],
        "pledge" => words["质押", "Pledge"],
        "sale" => words["融资转让", "Sale for financing"],
        "return" => words["退回", "Return"],
        "recourse" => words["追索", "Recourse"],
        "statement" => words["外部平台声明的份额", "Part stated by another platform"],
        _ => kind ?? "",
    };

    /// <summary>What happened to a part.</summary>
    public static string Movement(Language words, string? kind) => kind switch
    {
        "issued" => words["签收开立", "issued and accepted"],
        "taken-over" => words["从外部平台接续", "taken over from another platform"],
        "moved" => words["移交外部平台", "handed to another platform"],
        "transferred" => words["转让", "transferred"],
        "sold" => words["融资转让", "sold for financing"],
        "repurchased" => words["回购", "repurchased"],
        "pledged" => words["质押", "pledged"],
        "released" => words["解除质押", "pledge released"],
        "frozen" => words["司法冻结", "frozen by a court"],
        "unfrozen" => words["解除冻结", "freeze lifted"],
        "merged" => words["合并份额", "parts merged"],
        "returned" => words["退回", "returned"],
        "paid" => words["兑付", "paid"],
        _ => kind ?? "",
    };
}
