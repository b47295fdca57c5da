using Portal.Components.Pages.Bank;
using Portal.Components.Pages.Evidence;
using Portal.Components.Pages.Goods;
using Portal.Components.Pages.Prepaid;
using Portal.Components.Pages.Site;
using Portal.Components.Pages.Vouchers;

namespace Portal.Components;

/// <summary>
/// A part of the site. Each service keeps its pages in one folder under <c>Pages</c> and is one line here.
/// </summary>
/// <param name="Path">Address of its first page, which all its others begin with.</param>
/// <param name="Chinese">Its name in the navigation.</param>
/// <param name="English">The same in English.</param>
/// <param name="Map">Maps what its pages load besides themselves: downloads, live states.</param>
/// <param name="For">Roles that it is for, with commas between; null for everybody.</param>
/// <param name="About">What it is for, in Chinese and English; null for what the start page need not name.</param>
/// <param name="Listed">Whether the navigation names it; the desk does in any case.</param>
public sealed record Section(
    string Path, string Chinese, string English, Action<IEndpointRouteBuilder>? Map = null, string? For = null,
    (string Chinese, string English)? About = null, bool Listed = true)
{
    /// <summary>All parts, in the order of the navigation.</summary>
    public static readonly IReadOnlyList<Section> All =
    [
        new("/verify", "核验", "Verify", OfflineVerifier.Map, About: (
            "不用登录：核对一份文件、证明或商品的码，可以离线。",
            "Without an account, and offline if need be: check a file, a proof or the code of goods.")),
        new("/deposits", "存证", "Deposits", DepositEndpoints.Map, About: (
            "登记文件的摘要，保存保管经过，出具证书和证明文件。",
            "Record digests of files and who kept them, with certificates and proof files.")),
        new("/goods", "溯源", "Goods", app => { GoodsEndpoints.Map(app); AlarmsEndpoints.Map(app); }, About: (
            "一物一码：商品、批次、发码、现场采集、追溯、窜货与仿冒告警、召回。扫码的人在手机上就能核验。",
            "One item, one code: products, lots, codes, records in the field, traces, alarms and recalls. Whoever scans can verify on the phone.")),
        new("/vouchers", "凭证", "Vouchers", VoucherEndpoints.Map, About: (
            "应收账款电子凭证：开立、签收、拆分转让、融资、到期收款；每一步由您的人在自己的设备上签署。",
            "Receivable vouchers: issue, accept, split and transfer, finance, be paid; your people sign every step on their own devices.")),
        new("/prepaid", "预付卡", "Prepaid cards", PrepaidEndpoints.Map, About: (
            "商户备案、售卡、核销、存管；每次变动都有签名收据，持卡人随时能核对余额。",
            "Merchants file, sell, redeem and hold custody; every movement has a signed receipt and holders can check their balance.")),
        new("/my/cards", "我的卡", "My cards", About: (
            "持卡人：不用登录，看余额和收据，出示付款码，核对余额是否计入总账。",
            "For holders, without an account: balance, receipts, payment codes, and whether the balance is counted."), Listed: false),
        new("/refund", "退费计算", "Refunds", About: (
            "预付卡退费：按法释〔2025〕4号和当地规定，算出应退多少。",
            "What goes back of a prepaid card by 法释〔2025〕4号 and local rules."), Listed: false),
        new("/watch/goods", "监管", "Watch", For: ServiceDefaults.Auth.Role.Regulator, About: (
            "供监管机构：查任意码和批次、物料平衡、记录中的矛盾、召回与演练。",
            "For authorities: any code or lot, mass balance, contradictions, recalls and drills.")),
        new("/watch/vouchers", "凭证监管", "Voucher watch", For: ServiceDefaults.Auth.Role.Regulator, About: (
            "供监管机构：未兑付凭证的集中度、到期阶梯、逾期，以及一家核心企业倒下时谁损失多少。",
            "For authorities: concentration, maturities, overdue vouchers, and who loses what if a core enterprise fails.")),
        new("/watch/prepaid", "预付卡监管", "Prepaid watch", For: ServiceDefaults.Auth.Role.Regulator, About: (
            "供监管机构：商户的覆盖率和等级、一家商户的对账与历史、责令停止售卡。",
            "For authorities: coverage and grades of merchants, one merchant's reconciliation and history, orders against selling.")),
        new("/bank/offers", "银行台", "Bank desk", BankEndpoints.Map,
            For: $"{ServiceDefaults.Auth.Role.Member},{ServiceDefaults.Auth.Role.Reader},{ServiceDefaults.Auth.Role.Admin}", About: (
            "供银行和保理商：融资申请与报价、授信额度、兑付清算。",
            "For banks and factors: applications and offers, credit lines, clearing."), Listed: false),
        new("/bank/clearing", "兑付清算", "Clearing", For: ServiceDefaults.Auth.Role.Operator, About: (
            "到期凭证的付款指令、银行回单和挂账。",
            "Instructions, the bank's receipts and suspense of vouchers that fall due.")),
        new("/org/clients", "接入", "Clients", For: ServiceDefaults.Auth.Role.Admin, About: (
            "给贵机构的程序发放、更换和撤销接口密钥。",
            "Give your organisation's programs secrets for the API, change and revoke them.")),
        new("/org/people", "人员", "People", For: $"{ServiceDefaults.Auth.Role.Admin},{ServiceDefaults.Auth.Role.Operator}", About: (
            "添加和停用贵机构的账号；运营方在这里登记机构。",
            "Add and disable your organisation's accounts; the operator registers organisations here.")),
        new("/status", "运行状态", "Status", AnchorDelay.Map, About: (
            "验证节点、日志和锚定现在是否正常。",
            "Whether validators, logs and anchoring are well now.")),
    ];

    /// <summary>Whether somebody may open it; what is for everybody also before signing in.</summary>
    public bool IsFor(System.Security.Claims.ClaimsPrincipal reader) => For is null || For.Split(',').Any(reader.IsInRole);

    /// <summary>Whether a page belongs to this part.</summary>
    public bool Holds(PathString page) => page.StartsWithSegments(Path);
}
