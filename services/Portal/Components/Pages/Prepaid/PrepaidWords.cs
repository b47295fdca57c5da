using System.Text.Json.Nodes;
using Portal.Components.Pages.Vouchers;

namespace Portal.Components.Pages.Prepaid;

/// <summary>Words of prepaid cards for the service's stable names.</summary>
public sealed class PrepaidWords(Language words)
{
    /// <summary>Places with rules of their own, and the others (GB/T 2260).</summary>
    public static readonly IReadOnlyList<(string Code, string Chinese, string English)> Places =
    [
        ("110000", "北京市", "Beijing"), ("310000", "上海市", "Shanghai"), ("120000", "天津市", "Tianjin"),
        ("130000", "河北省", "Hebei"), ("140000", "山西省", "Shanxi"), ("150000", "内蒙古自治区", "Inner Mongolia"),
        ("210000", "辽宁省", "Liaoning"), ("220000", "吉林省", "Jilin"), ("230000", "黑龙江省", "Heilongjiang"),
        ("320000", "江苏省", "Jiangsu"), ("330000", "浙江省", "Zhejiang"), ("340000", "安徽省", "Anhui"),
        ("350000", "福建省", "Fujian"), ("360000", "江西省", "Jiangxi"), ("370000", "山东省", "Shandong"),
        ("410000", "河南省", "Henan"), ("420000", "湖北省", "Hubei"), ("430000", "湖南省", "Hunan"),
        ("440000", "广东省", "Guangdong"), ("450000", "广西壮族自治区", "Guangxi"), ("460000", "海南省", "Hainan"),
        ("500000", "重庆市", "Chongqing"), ("510000", "四川省", "Sichuan"), ("520000", "贵州省", "Guizhou"),
        ("530000", "云南省", "Yunnan"), ("540000", "西藏自治区", "Tibet"), ("610000", "陕西省", "Shaanxi"),
        ("620000", "甘肃省", "Gansu"), ("630000", "青海省", "Qinghai"), ("640000", "宁夏回族自治区", "Ningxia"),
        ("650000", "新疆维吾尔自治区", "Xinjiang"), ("710000", "台湾省", "Taiwan"),
        ("810000", "香港特别行政区", "Hong Kong"), ("820000", "澳门特别行政区", "Macao"),
    ];

    /// <summary>Industries as rules name them.</summary>
    public static readonly IReadOnlyList<(string Name, string Chinese, string English)> Industries =
    [
        ("resident-services", "居民服务（美容美发、洗染、家政等）", "Resident services (hair, beauty, laundry …)"),
        ("lodging-catering", "住宿和餐饮", "Lodging and catering"), ("retail", "零售", "Retail"),
        ("fitness", "体育健身", "Fitness"), ("tutoring", "校外培训", "Tutoring"), ("education", "其他教育", "Other education"),
        ("entertainment", "文化娱乐", "Entertainment"), ("other", "其他", "Other"),
    ];

    /// <summary>Classes of issuers (商务部令2012年第9号).</summary>
    public static readonly IReadOnlyList<(string Name, string Chinese, string English)> Classes =
    [
        ("other", "其他发卡企业", "Other issuer"), ("scale", "规模发卡企业", "Scale issuer"),
        ("group", "集团发卡企业", "Group issuer"), ("brand", "品牌发卡企业", "Brand issuer"),
    ];

    /// <summary>What a lot entitles to.</summary>
    public static readonly IReadOnlyList<(string Name, string Chinese, string English)> Kinds =
        [("value", "储值", "Value"), ("counted", "次卡", "Counted"), ("timed", "期限卡", "Timed")];

    /// <summary>Signals of the early warning, caps and parts of a grade.</summary>
    public static readonly IReadOnlyList<(string Name, string Chinese, string English)> Signals =
    [
        ("shortfall", "四周平均存管缺口", "mean shortfall of four weeks"),
        ("shortfall-days", "常有缺口", "days with a shortfall"),
        ("sales-spike", "售卡突增", "a surge of sales"),
        ("gift-depth", "赠送过多", "deep gifts"),
        ("deep-spike", "突增并多赠", "a surge with deep gifts"),
        ("lasting-spike", "突增并多赠，持续数周", "such a surge for weeks"),
        ("use-drop", "核销骤降", "a fall of use"),
        ("sales-drop", "售卡骤降", "a fall of sales"),
        ("refund-backlog", "退费逾期", "refunds past their term"),
        ("refunds-asked", "退费增多", "more refunds asked for"),
        ("complaints", "投诉增多", "more complaints"),
        ("refusals", "拒绝核销", "redemptions refused"),
        ("late-reconciliation", "对账迟交", "late reconciliation"),
        ("silence", "数据中断", "silence of the feed"),
        ("new-representative", "法定代表人变更", "a new legal representative"),
        ("lease-ends", "租约将到期", "the lease ends"),
        ("lawsuit", "涉诉", "lawsuits"),
        ("tax-arrears", "欠税或欠社保", "tax or social insurance arrears"),
        ("branch-closed", "关闭门店", "branches closed"),
        ("spike-before-leaving", "租约或法人变动时突增", "a surge while the lease ends or the representative is new"),
        ("spike-uncovered", "突增而存管未跟上", "a surge that custody does not follow"),
        ("ban-listed", "在禁止名单上", "on the ban list"),
        ("half-covered", "存管不到应存一半已十天", "less than half of what is required for ten days"),
        ("silent", "十五天没有数据", "fifteen days without a report"),
        ("coverage", "存管与应存", "custody and requirement"),
        ("liquidity", "流动性", "liquidity"),
        ("conduct", "经营行为", "conduct"),
        ("reporting", "按时报送", "reporting"),
        ("governance", "主体变化", "governance"),
        ("history", "历史", "history"),
    ];

    /// <summary>A list as a choice shows it.</summary>
    public IEnumerable<(string Value, string Words)> Choices(IEnumerable<(string Name, string Chinese, string English)> list) =>
        list.Select(l => (l.Name, words[l.Chinese, l.English]));

    public string Place(string? code) => Of(Places, code);

    public string Industry(string? name) => Of(Industries, name);

    public string Class(string? name) => Of(Classes, name);

    public string Kind(string? name) => Of(Kinds, name);

    /// <summary>What is left of a lot, in its own unit.</summary>
    public string Left(JsonNode lot) => lot["lot"]?["kind"]?.ToString() switch
    {
        "value" => Yuan.Write(lot["remaining"]!.GetValue<long>()),
        "counted" => words[$"{lot["remaining"]}次", $"{lot["remaining"]} times"],
        _ => words[$"{lot["remaining"]}天", $"{lot["remaining"]} days"],
    };

    /// <summary>Why a rule asks what it asks, with the figures that it rests on.</summary>
    public string Because(JsonNode finding)
    {
        string Fen(string name) => finding["figures"]?[name] is { } fen ? Yuan.Write(fen.GetValue<long>()) : "—";
        var share = finding["figures"]?["ppm"] is { } ppm ? $"{ppm.GetValue<long>() / 10_000m:0.##}%" : "";
        return finding["because"]?.ToString() switch
        {
            "class-without-custody" => words["本类发卡企业没有存管要求", "this class of issuer needs none"],
            "share-of-quarter-end" => words[$"上季度末余额{Fen("quarterEnd")} × {share}", $"{share} of the balance at the end of last quarter, {Fen("quarterEnd")}"],
            "first-quarter" => words[$"上季度末还没有余额，所以{share}为零", $"{share} of nothing: there was no balance at the end of last quarter"],
            "below-threshold" => words[$"余额{Fen("balance")}没有达到起点", $"the balance {Fen("balance")} is below the threshold"],
            "all" => words[$"余额{Fen("balance")}全额存管", $"all of the balance, {Fen("balance")}"],
            "first-year" => words[$"成立不满一年，余额{Fen("balance")}全额存管", $"first year of business: all of the balance, {Fen("balance")}"],
            "special-line" => words[$"余额{Fen("balance")}超过特别警示线{Fen("line")}，全额存管", $"the balance {Fen("balance")} is above the special line {Fen("line")}: all of it"],
            "warning-line" => words[$"余额{Fen("balance")} × {share}", $"{share} of the balance {Fen("balance")}"],
            "revenue-unknown" => words["没有登记上年收入，按比例或全额，请咨询律师", "last year's revenue is not filed: a share or all of it, ask counsel"],
            "line-below-floor" => words["规定没有说清：按比例或全额，请咨询律师", "the text is silent: a share or all of it, ask counsel"],
            "unknown" => words["不知道现行规定，请咨询律师或主管部门", "the rule in force is not known: ask counsel or the authority"],
            var other => other ?? "",
        };
    }

    /// <summary>A difference of a day's reconciliation.</summary>
    public string Break(string? name) => name switch
    {
        "chain-differs" => words["卡账与链上不同", "cards and chain differ"],
        "no-root" => words["链上没有当日总额", "no total on the chain"],
        "no-statement" => words["银行没有当日对账单", "no bank statement of the day"],
        "payment-without-order" => words["未经指令划出", "money left without an order"],
        "order-returned" => words["指令退回", "an order came back"],
        "shortfall" => words["存管不足", "less than required"],
        "no-rule-known" => words["不知道现行规定", "no rule known"],
        _ => name ?? "",
    };

    /// <summary>A signal of the early warning, a cap or a part of a grade.</summary>
    public string Signal(string? name) => Of(Signals, name);

    /// <summary>How the holder's part was proven.</summary>
    public string Proof(string? name) => name switch
    {
        "page-key" => words["付款码", "holder's code"],
        "card-and-pin" => words["实体卡和密码", "card and PIN"],
        "clerk" => words["店员代录，24小时内可异议", "entered by the clerk; objection for 24 hours"],
        "queued" => words["离线补记", "reported by an offline till"],
        _ => name ?? "",
    };

    private string Of(IReadOnlyList<(string Name, string Chinese, string English)> list, string? name) =>
        list.FirstOrDefault(l => l.Name == name) is { Name: not null } found ? words[found.Chinese, found.English] : name ?? "—";
}
