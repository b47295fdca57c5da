using System.Collections.Frozen;
using System.Text.Json;
using static Contracts.SignedPages.FieldKind;

namespace Contracts.SignedPages;

/// <summary>
/// The pages of all commands. services/docs/signed-pages.md repeats these tables for programs that share no code with
/// this one; a page that was signed is never changed: another wording is another format.
/// </summary>
public static class PageForms
{
    private static readonly PageField[] Sources =
    [
        new("from[].root", Text, "来自凭证", "From voucher"),
        new("from[].fen", Fen, "来自金额", "From amount"),
        new("from[].start", Integer, "起始分位", "First fen"),
    ];

    private static readonly PageField[] Answer =
    [
        new("in[]", Text, "涉及凭证", "In voucher"),
    ];

    /// <summary>What is answered, as the ledger has it.</summary>
    private static readonly PageField[] Shown =
    [
        new("shown.fen", Fen, "金额", "Amount"),
        new("shown.counterparty", Party, "对方", "Counterparty"),
        new("shown.withRecourse", Flag, "有追索权", "With recourse"),
        new("shown.offerSha256", Text, "对方签署页面摘要", "SHA-256 of the page answered"),
        new("shown.parts[].root", Text, "凭证", "Voucher"),
        new("shown.parts[].fen", Fen, "其中金额", "Amount of it"),
        new("shown.parts[].dueDate", Text, "到期日", "Due date"),
    ];

    /// <summary>Every form, commands of vouchers first.</summary>
    public static readonly IReadOnlyList<PageForm> All =
    [
        new("issue",
            new("开立应收账款电子凭证", "债务人承诺在到期日向届时的持有人付款；签收后不得撤销，拆分出的各份同日到期。"),
            new("Issue a receivable voucher",
                "The debtor promises to pay whoever holds it on the due date; once accepted it can't be revoked, and all parts fall due on that day."),
            new("root", Text, "凭证编号", "Voucher"),
            new("debtor", Party, "付款债务人", "Debtor"),
            new("holder", Party, "首个持有人", "First holder"),
            new("faceFen", Fen, "金额", "Amount"),
            new("issueDate", Text, "开立日", "Issue date"),
            new("dueDate", Text, "到期日", "Due date"),
            new("line", Text, "占用的授信额度", "Credit line"),
            new("trade[].kind", Word, "贸易单据种类", "Trade document"),
            new("trade[].sha256", Text, "贸易单据摘要", "Its SHA-256"),
            new("terms.minPartFen", Fen, "每份最低金额", "Least part"),
            new("terms.maxDepth", Integer, "最多流转次数", "Passes at most"),
            new("terms.maxFragments", Integer, "最多份数", "Parts at most")),
        new("take-over",
            new("接续外部平台的凭证", "债务人在本平台继续承担所列凭证的付款责任；各持有人确认后方可处分各自的份额。"),
            new("Take over a voucher of another platform",
                "The debtor owes here what it owed there; each holder disposes of its part once it has confirmed it."),
            new("platform", Text, "原平台", "Other platform"),
            new("number", Text, "移交编号", "Handover"),
            new("fileSha256", Text, "移交文件摘要", "File's SHA-256"),
            new("root", Text, "凭证编号", "Voucher"),
            new("holder", Party, "首个持有人", "First holder"),
            new("faceFen", Fen, "金额", "Amount"),
            new("issueDate", Text, "开立日", "Issue date"),
            new("dueDate", Text, "到期日", "Due date"),
            new("trade[].kind", Word, "贸易单据种类", "Trade document"),
            new("trade[].sha256", Text, "贸易单据摘要", "Its SHA-256"),
            new("terms.minPartFen", Fen, "每份最低金额", "Least part"),
            new("terms.maxDepth", Integer, "最多流转次数", "Passes at most"),
            new("terms.maxFragments", Integer, "最多份数", "Parts at most"),
            new("stated[].to", Party, "持有人", "Holder"),
            new("stated[].fen", Fen, "持有金额", "Held"),
            new("stated[].start", Integer, "起始分位", "First fen"),
            new("stated[].depth", Integer, "已流转次数", "Passes so far")),
        new("hand-over",
            new("移交外部平台", "凭证今后由所列平台登记，债务人在那里继续承担付款责任；此后在本平台不得转让、质押，所列平台拒收的除外。"),
            new("Have another platform keep a voucher",
                "The platform named keeps the voucher from now on and the debtor owes it there; here nothing of it is passed on any more, unless that platform declines it."),
            new("root", Text, "凭证编号", "Voucher"),
            new("platform", Text, "接收平台", "To platform"),
            new("faceFen", Fen, "金额", "Amount")),
        new("accept",
            new("签收", "操作方成为所列凭证份额的持有人。"),
            new("Accept an offer", "The acting party becomes the holder of what is offered."),
            [new("offer", Text, "对方的命令", "Offer"), .. Answer, .. Shown]),
        new("reject",
            new("拒收", "所列份额退回提出方，如同从未提出。"),
            new("Refuse an offer", "What was offered stays with whoever offered it."),
            [new("offer", Text, "对方的命令", "Offer"), .. Answer]),
        new("withdraw",
            new("撤回", "对方签收之前撤回，份额恢复原状。"),
            new("Withdraw an offer", "The offer ends before anybody accepted it; everything is as before."),
            [new("offer", Text, "原命令", "Offer"), .. Answer]),
        new("transfer",
            new("转让", "受让人签收后成为持有人；操作方不再持有该份额。"),
            new("Transfer", "Each receiver that accepts becomes the holder; the acting party holds that part no longer."),
            new("parts[].root", Text, "凭证", "Voucher"),
            new("parts[].to", Party, "受让人", "Receiver"),
            new("parts[].fen", Fen, "金额", "Amount"),
            new("parts[].start", Integer, "起始分位", "First fen")),
        new("pay-from-many",
            new("合并转让付款", "收款方签收后全部转让，否则一分不转。"),
            new("Pay from several vouchers", "When the receiver accepts, all of it passes; otherwise none of it."),
            [new("to", Party, "收款方", "Receiver"), new("fen", Fen, "合计金额", "Sum"), .. Sources]),
        new("offer-pledge",
            new("出质", "质权人确认后，到期由质权人收款；操作方仍是持有人。"),
            new("Offer a pledge", "Once confirmed the pledgee is paid at maturity; the acting party stays the holder."),
            [
                new("pledgee", Party, "质权人", "Pledgee"), .. Sources,
                new("agreementSha256", Text, "协议摘要", "Agreement's SHA-256"),
            ]),
        new("confirm-pledge",
            new("确认质押", "操作方成为到期收款人。"),
            new("Confirm a pledge", "The acting party becomes the payee at maturity."),
            [new("pledge", Text, "质押编号", "Pledge"), .. Answer, .. Shown]),
        new("release-pledge",
            new("解除质押", "持有人恢复到期收款权。"),
            new("Release a pledge", "The holder is the payee again."),
            [new("pledge", Text, "质押编号", "Pledge"), .. Answer, .. Shown]),
        new("sell",
            new("转让融资", "买受人确认后成为持有人；有追索权的，债务人到期不付时须回购。"),
            new("Sell for financing",
                "Once confirmed the buyer is the holder; with recourse the seller repurchases if the debtor does not pay."),
            [
                new("buyer", Party, "买受人", "Buyer"), .. Sources,
                new("withRecourse", Flag, "有追索权", "With recourse"),
                new("financing", Text, "融资申请", "Financing"),
                new("agreementSha256", Text, "协议摘要", "Agreement's SHA-256"),
            ]),
        new("confirm-sale",
            new("确认转让融资", "操作方成为持有人。"),
            new("Confirm a sale", "The acting party becomes the holder."),
            [new("sale", Text, "融资编号", "Sale"), .. Answer, .. Shown]),
        new("claim-recourse",
            new("追索", "要求出让人回购（民法典第七百六十六条）。"),
            new("Claim recourse", "The seller is asked to repurchase (Civil Code art. 766)."),
            [new("root", Text, "凭证编号", "Voucher concerned"), new("sale", Text, "融资编号", "Sale"), .. Shown]),
        new("repurchase",
            new("回购", "操作方重新成为持有人。"),
            new("Repurchase", "The acting party is the holder again."),
            [new("root", Text, "凭证编号", "Voucher concerned"), new("sale", Text, "融资编号", "Sale"), .. Shown]),
        new("freeze",
            new("司法冻结", "冻结期间不得转让、质押；到期付入法院账户。"),
            new("Freeze by court order", "What is frozen can't be passed on; at maturity it is paid into the court's account."),
            new("root", Text, "凭证", "Voucher"),
            new("holder", Party, "被冻结的持有人", "Holder"),
            new("fen", Fen, "冻结金额", "Amount"),
            new("legalBasis", Text, "法律依据", "Legal basis"),
            new("caseNumber", Text, "案号", "Case number"),
            new("account", Text, "法院账户", "Court's account")),
        new("unfreeze",
            new("解除冻结", "该冻结解除；有轮候冻结的，下一顺位生效。"),
            new("Lift a freeze", "The freeze ends; the next in the queue takes effect."),
            [
                new("root", Text, "凭证编号", "Voucher concerned"), new("order", Text, "冻结编号", "Freeze"),
                new("legalBasis", Text, "法律依据", "Legal basis"), new("caseNumber", Text, "案号", "Case number"),
                .. Shown,
            ]),
        new("return",
            new("退回凭证", "开立方签收后，凭证终止，不再有付款义务。"),
            new("Return a voucher", "When the issuer accepts, the voucher ends and nothing is owed."),
            [new("root", Text, "凭证编号", "Voucher concerned"), .. Shown]),
        new("void",
            new("作废凭证", "凭证终止，不再有付款义务。"),
            new("Void a voucher", "The voucher ends and nothing is owed."),
            [new("root", Text, "凭证编号", "Voucher concerned"), new("reason", Text, "原因", "Reason"), .. Shown]),
        new("merge",
            new("合并份额", "相邻份额合为一份，历史保留。"),
            new("Merge parts", "Adjacent parts become one; their history stays."),
            new("root", Text, "凭证", "Voucher"),
            new("start", Integer, "起始分位", "First fen"),
            new("end", Integer, "终止分位", "Fen after the last")),
        new("set-account",
            new("设定收付款账户", "开户行确认后，应付操作方的款项只付入该账户，该账户付出的款项视为操作方付款；确认之前不付入。"),
            new("Set the account for payments",
                "Once its bank has confirmed it, what is due to the acting party is paid to this account alone, and what this account pays counts as paid by the acting party; before that nothing is paid there."),
            new("bank", Text, "开户行联行号", "Bank's number"),
            new("number", Text, "账号", "Account number")),
        new("consent-to-term",
            new("同意延长付款期限", "操作方自愿同意付款期限超过法定天数（国务院令第802号第九条）；不同意不影响交易。"),
            new("Consent to a longer term",
                "The acting party agrees freely to be paid later than by law (State Council Decree 802, art. 9); nothing depends on it."),
            new("debtor", Party, "付款债务人", "Debtor"),
            new("faceFen", Fen, "单张凭证最高金额", "Most of one voucher"),
            new("dueDate", Text, "最晚付款日", "Latest day of payment"),
            new("free", Flag, "出于自愿", "Of its own free will")),
        new("bind-key",
            new("绑定签署密钥", "此后该密钥的签署代表操作方。"),
            new("Bind a signing key", "From now on what this key signs is signed for the acting party."),
            new("keyId", Text, "密钥", "Key"),
            new("x", Text, "坐标x", "Coordinate x"),
            new("y", Text, "坐标y", "Coordinate y"),
            new("person", Text, "持有人员", "Person"),
            new("roles[]", Word, "身份", "Capacity"),
            new("limitFen", Fen, "单笔限额", "Limit of one command"),
            new("validFrom", Text, "有效期自", "Valid from"),
            new("validUntil", Text, "有效期至", "Valid until")),
        new("revoke-key",
            new("撤销签署密钥", "该密钥此后的签署无效，之前的签署不受影响。"),
            new("Revoke a signing key", "What this key signs from now on is void; what it signed before stays."),
            new("keyId", Text, "密钥", "Key"),
            new("reason", Text, "原因", "Reason")),
        new("set-policy",
            new("设定签署规则", "此后的命令按此规则签署。"),
            new("Set the approval policy", "Commands from now on need these signatures."),
            [new("secondCheckerAboveFen", Fen, "超过此金额须二次复核", "Second checker above")]),
    ];

    /// <summary>Words that stand in commands, in both languages.</summary>
    public static readonly FrozenDictionary<string, (string Zh, string En)> Words =
        new Dictionary<string, (string, string)>
        {
            ["contract"] = ("合同", "contract"),
            ["invoice"] = ("发票", "invoice"),
            ["delivery"] = ("签收单", "delivery note"),
            ["maker"] = ("经办", "maker"),
            ["checker"] = ("复核", "checker"),
            ["second-checker"] = ("二次复核", "second checker"),
            ["admin"] = ("管理员", "administrator"),
            ["holder"] = ("密钥持有人", "holder of the key"),
        }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, PageForm> ByKind =
        All.ToFrozenDictionary(f => f.Kind, StringComparer.Ordinal);

    /// <summary>The form of a command.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public static PageForm Of(JsonElement command) =>
        command.GetProperty("kind").GetString() is { } kind && ByKind.TryGetValue(kind, out PageForm? form)
            ? form
            : throw new InvalidOperationException("The command's kind has no page.");
}
