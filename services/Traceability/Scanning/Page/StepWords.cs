using Traceability.Epcis.Documents;
using Traceability.MasterData;

namespace Traceability.Scanning.Page;

/// <summary>Business steps and dispositions of CBV 2.0 in the words of a consumer.</summary>
internal static class StepWords
{
    private static readonly Dictionary<string, Wording> Steps = new(StringComparer.Ordinal)
    {
        ["accepting"] = new("接收", "Accepted"),
        ["arriving"] = new("到达", "Arrived"),
        ["assembling"] = new("组装", "Assembled"),
        ["collecting"] = new("收集", "Collected"),
        ["commissioning"] = new("赋码", "Given its code"),
        ["consigning"] = new("托运", "Consigned"),
        ["creating_class_instance"] = new("生产", "Produced"),
        ["cycle_counting"] = new("盘点", "Counted"),
        ["decommissioning"] = new("注销编码", "Code retired"),
        ["departing"] = new("离开", "Departed"),
        ["destroying"] = new("销毁", "Destroyed"),
        ["disassembling"] = new("拆解", "Disassembled"),
        ["dispensing"] = new("配发", "Dispensed"),
        ["encoding"] = new("写码", "Code written"),
        ["entering_exiting"] = new("进出场", "Passed a gate"),
        ["holding"] = new("封存待查", "Held for a check"),
        ["inspecting"] = new("检验", "Inspected"),
        ["installing"] = new("安装", "Installed"),
        ["killing"] = new("标签失效", "Tag disabled"),
        ["loading"] = new("装车", "Loaded"),
        ["other"] = new("其他", "Other"),
        ["packing"] = new("装箱", "Packed"),
        ["picking"] = new("拣货", "Picked"),
        ["receiving"] = new("收货", "Received"),
        ["removing"] = new("取下", "Removed"),
        ["repackaging"] = new("改包装", "Repackaged"),
        ["repairing"] = new("维修", "Repaired"),
        ["replacing"] = new("更换", "Replaced"),
        ["reserving"] = new("预留", "Reserved"),
        ["retail_selling"] = new("零售售出", "Sold at retail"),
        ["sampling"] = new("抽样", "Sampled"),
        ["sensor_reporting"] = new("传感器读数", "Sensor readings"),
        ["shipping"] = new("发货", "Shipped"),
        ["staging_outbound"] = new("待发", "Ready to ship"),
        ["stock_taking"] = new("盘库", "Stock taken"),
        ["stocking"] = new("上架", "Put on the shelf"),
        ["storing"] = new("入库", "Stored"),
        ["transporting"] = new("运输", "Transported"),
        ["unloading"] = new("卸车", "Unloaded"),
        ["unpacking"] = new("拆箱", "Unpacked"),
        ["void_shipping"] = new("撤销发货", "Shipment cancelled"),
    };

    private static readonly Dictionary<string, Wording> Dispositions = new(StringComparer.Ordinal)
    {
        ["conformant"] = new("检验合格", "conforms"),
        ["non_conformant"] = new("检验不合格", "does not conform"),
        ["recalled"] = new("已召回", "recalled"),
        ["damaged"] = new("损坏", "damaged"),
        ["expired"] = new("过期", "expired"),
        ["stolen"] = new("失窃", "stolen"),
        ["returned"] = new("已退回", "returned"),
        ["destroyed"] = new("已销毁", "destroyed"),
        ["sellable_not_accessible"] = new("可售，未上架", "for sale, not on the shelf"),
    };

    private static readonly Wording Unknown = new("已记录", "Recorded");

    /// <summary>A step by its URI; whatever else an organisation calls its steps is no word of ours.</summary>
    public static Wording Step(string? uri) => Word(uri, "BizStep-") is { } word ? Steps.GetValueOrDefault(word, Unknown) : Unknown;

    /// <summary>A disposition where it tells a consumer something, else null.</summary>
    public static Wording? Disposition(string? uri) =>
        Word(uri, "Disp-") is { } word ? Dispositions.GetValueOrDefault(word) : null;

    /// <summary>A box or pallet by the end of its number, which is what stands on it in large letters.</summary>
    public static Wording Holder(string uri)
    {
        string number = Uri.UnescapeDataString(uri[(uri.LastIndexOf('/') + 1)..]);
        string end = number.Length > 6 ? $"…{number[^6..]}" : number;
        return uri.Contains("/00/", StringComparison.Ordinal)
            ? new($"箱或托盘{end}", $"case or pallet {end}")
            : new($"外包装{end}", $"outer pack {end}");
    }

    /// <summary>The word of a step of the Core Business Vocabulary, such as <c>commissioning</c>, else null.</summary>
    public static string? Short(string uri) => Word(uri, "BizStep-");

    private static string? Word(string? uri, string kind) =>
        uri is not null && uri.StartsWith(Namespaces.Cbv + kind, StringComparison.Ordinal)
            ? uri[(Namespaces.Cbv.Length + kind.Length)..]
            : null;
}
