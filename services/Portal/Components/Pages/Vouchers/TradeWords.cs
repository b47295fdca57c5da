namespace Portal.Components.Pages.Vouchers;

/// <summary>Words about documents of the underlying trade.</summary>
public static class TradeWords
{
    /// <summary>Kinds in the order in which they are asked for, with what they are for.</summary>
    public static readonly IReadOnlyList<(string Kind, string Zh, string En)> Kinds =
    [
        ("invoice", "发票", "invoice"),
        ("contract", "合同", "contract"),
        ("delivery", "签收单", "delivery note"),
        ("term-clause", "付款期限条款", "clause on the time for payment"),
        ("voucher-clause", "凭证付款条款", "clause on payment by voucher"),
        ("custom", "行业惯例证明", "proof of a custom"),
        ("consent", "收款方书面同意", "creditor's written consent"),
        ("grounds", "例外理由", "grounds for an exception"),
    ];

    /// <summary>The name of a kind.</summary>
    public static string Kind(Language words, string? kind) =>
        Kinds.FirstOrDefault(k => k.Kind == kind) is { Kind: not null } k ? words[k.Zh, k.En] : kind ?? "";
}
