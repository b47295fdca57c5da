using System.Text.Json.Nodes;

namespace Portal.Components.Pages.Goods;

/// <summary>Words of alarms.</summary>
public sealed class AlarmsWords(Language words)
{
    // GB/T 2260: the first two digits of a region's code are its province.
    private static readonly Dictionary<string, (string Zh, string En)> Provinces = new(StringComparer.Ordinal)
    {
        ["11"] = ("北京", "Beijing"),
        ["12"] = ("天津", "Tianjin"),
        ["13"] = ("河北", "Hebei"),
        ["14"] = ("山西", "Shanxi"),
        ["15"] = ("内蒙古", "Inner Mongolia"),
        ["21"] = ("辽宁", "Liaoning"),
        ["22"] = ("吉林", "Jilin"),
        ["23"] = ("黑龙江", "Heilongjiang"),
        ["31"] = ("上海", "Shanghai"),
        ["32"] = ("江苏", "Jiangsu"),
        ["33"] = ("浙江", "Zhejiang"),
        ["34"] = ("安徽", "Anhui"),
        ["35"] = ("福建", "Fujian"),
        ["36"] = ("江西", "Jiangxi"),
        ["37"] = ("山东", "Shandong"),
        ["41"] = ("河南", "Henan"),
        ["42"] = ("湖北", "Hubei"),
        ["43"] = ("湖南", "Hunan"),
        ["44"] = ("广东", "Guangdong"),
        ["45"] = ("广西", "Guangxi"),
        ["46"] = ("海南", "Hainan"),
        ["50"] = ("重庆", "Chongqing"),
        ["51"] = ("四川", "Sichuan"),
        ["52"] = ("贵州", "Guizhou"),
        ["53"] = ("云南", "Yunnan"),
        ["54"] = ("西藏", "Tibet"),
        ["61"] = ("陕西", "Shaanxi"),
        ["62"] = ("甘肃", "Gansu"),
        ["63"] = ("青海", "Qinghai"),
        ["64"] = ("宁夏", "Ningxia"),
        ["65"] = ("新疆", "Xinjiang"),
        ["71"] = ("台湾", "Taiwan"),
        ["81"] = ("香港", "Hong Kong"),
        ["82"] = ("澳门", "Macao"),
    };

    // The same: the first four digits are its city. Capitals, and cities with a plan of their own; others stay numbers.
    private static readonly Dictionary<string, (string Zh, string En)> Cities = new(StringComparer.Ordinal)
    {
        ["1301"] = ("石家庄", "Shijiazhuang"),
        ["1401"] = ("太原", "Taiyuan"),
        ["1501"] = ("呼和浩特", "Hohhot"),
        ["2101"] = ("沈阳", "Shenyang"),
        ["2102"] = ("大连", "Dalian"),
        ["2201"] = ("长春", "Changchun"),
        ["2301"] = ("哈尔滨", "Harbin"),
        ["3201"] = ("南京", "Nanjing"),
        ["3205"] = ("苏州", "Suzhou"),
        ["3301"] = ("杭州", "Hangzhou"),
        ["3302"] = ("宁波", "Ningbo"),
        ["3401"] = ("合肥", "Hefei"),
        ["3501"] = ("福州", "Fuzhou"),
        ["3502"] = ("厦门", "Xiamen"),
        ["3601"] = ("南昌", "Nanchang"),
        ["3701"] = ("济南", "Jinan"),
        ["3702"] = ("青岛", "Qingdao"),
        ["4101"] = ("郑州", "Zhengzhou"),
        ["4201"] = ("武汉", "Wuhan"),
        ["4301"] = ("长沙", "Changsha"),
        ["4401"] = ("广州", "Guangzhou"),
        ["4403"] = ("深圳", "Shenzhen"),
        ["4501"] = ("南宁", "Nanning"),
        ["4601"] = ("海口", "Haikou"),
        ["5101"] = ("成都", "Chengdu"),
        ["5201"] = ("贵阳", "Guiyang"),
        ["5301"] = ("昆明", "Kunming"),
        ["5401"] = ("拉萨", "Lhasa"),
        ["6101"] = ("西安", "Xi’an"),
        ["6201"] = ("兰州", "Lanzhou"),
        ["6301"] = ("西宁", "Xining"),
        ["6401"] = ("银川", "Yinchuan"),
        ["6501"] = ("乌鲁木齐", "Urumqi"),
    };

    /// <summary>Kinds in the order of the filter.</summary>
    public static readonly IReadOnlyList<string> Kinds = ["clone", "clone-lot", "diversion"];

    /// <summary>States in the order in which they follow.</summary>
    public static readonly IReadOnlyList<string> States = ["open", "put", "answered", "closed"];

    public string Kind(string? kind) => kind switch
    {
        "clone" => words["仿冒嫌疑", "Suspected clone"],
        "clone-lot" => words["批次仿冒嫌疑", "Suspected clones in a lot"],
        _ => words["窜货嫌疑", "Suspected diversion"],
    };

    /// <summary>A state to the dealer that an alarm was put to.</summary>
    public string ForDealer(string? state) => state switch
    {
        "put" => words["! 等您答复", "! waits for your answer"],
        "answered" => words["… 您已答复，等货主结案", "… answered; the owner decides"],
        _ => State(state),
    };

    public string State(string? state) => state switch
    {
        "open" => words["待处理", "open"],
        "put" => words["待说明", "put to dealer"],
        "answered" => words["已答复", "answered"],
        _ => words["已结案", "closed"],
    };

    public string Outcome(string? outcome) => outcome switch
    {
        "upheld" => words["认定成立", "upheld"],
        "explained" => words["已有解释", "explained"],
        _ => words["撤回", "withdrawn"],
    };

    public string Entry(string? kind) => kind switch
    {
        "raised" => words["发出告警", "Alarm raised"],
        "evidence" => words["固定依据", "Evidence fixed"],
        "put" => words["提请说明", "Put to the dealer"],
        "answer" => words["答复", "Answer"],
        "comment" => words["补充", "Comment"],
        _ => words["结案", "Closed"],
    };

    public string By(string? by) => by switch
    {
        "formula" => words["公式", "formula"],
        "owner" => words["货主", "owner of the goods"],
        "addressee" => words["被提请的经销商", "the dealer it was put to"],
        _ => words["监管部门", "regulator"],
    };

    /// <summary>A region by its province and city; by its code where the city has no name here.</summary>
    public string Region(string? code)
    {
        if (code is null) return words["未知地区", "unknown region"];
        if (code.Length < 2 || !Provinces.TryGetValue(code[..2], out var province)) return code;
        var name = words[province.Zh, province.En];
        return code.Length >= 4 && Cities.TryGetValue(code[..4], out var city) ? words[$"{province.Zh}{city.Zh}", $"{city.En}, {province.En}"]
            // The four municipalities are cities themselves.
            : code.Length == 2 || code[..2] is "11" or "12" or "31" or "50" ? name : $"{name} {code}";
    }

    /// <summary>Words in two languages as services write them.</summary>
    public string Text(JsonNode? wording) => words.IsChinese
        ? (wording?["zh"] ?? wording?["en"])?.ToString() ?? ""
        : (wording?["en"] ?? wording?["zh"])?.ToString() ?? "";

    /// <summary>What an identifier names, in few words: the last key of its link.</summary>
    public string Subject(string? uri)
    {
        if (uri is null || !uri.StartsWith("https://id.gs1.org/", StringComparison.Ordinal)) return uri ?? "—";
        var parts = uri["https://id.gs1.org/".Length..].Split('/');
        var (ai, value) = (parts[^2], Uri.UnescapeDataString(parts[^1]));
        return ai switch
        {
            "00" => words[$"箱 {value}", $"carton {value}"],
            "21" => words[$"单件 {value}", $"item {value}"],
            "10" => words[$"批次 {value}", $"lot {value}"],
            "01" => words[$"商品 {value}", $"product {value}"],
            _ => value,
        };
    }

    /// <summary>The same, where it is known what holds others: a serial number does not tell a carton from a bottle.</summary>
    /// <param name="uri">What it is.</param>
    /// <param name="holders">Identifiers of what something was put into.</param>
    public string Thing(string? uri, IReadOnlySet<string> holders) => uri is not null && holders.Contains(uri)
        ? words[$"箱或托盘 {Last(uri)}", $"case or pallet {Last(uri)}"] : Subject(uri);

    private static string Last(string uri) => Uri.UnescapeDataString(uri[(uri.LastIndexOf('/') + 1)..]);

    /// <summary>A share as a percentage.</summary>
    public static string Percent(JsonNode? share) => share is not null
        && double.TryParse(share.ToString(), System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var number)
            ? (Math.Round(number * 100, 1, MidpointRounding.AwayFromZero)).ToString("0.0", System.Globalization.CultureInfo.InvariantCulture) + "%"
            : "—";
}
