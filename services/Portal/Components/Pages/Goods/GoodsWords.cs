namespace Portal.Components.Pages.Goods;

/// <summary>Words of the field for what the service names.</summary>
public static class GoodsWords
{
    private static readonly Dictionary<string, (string Zh, string En)> Steps = new(StringComparer.Ordinal)
    {
        ["commissioning"] = ("产出、赋码", "produced, given its code"),
        ["creating_class_instance"] = ("加工产出", "made"),
        ["packing"] = ("装箱", "packed"),
        ["unpacking"] = ("拆箱", "unpacked"),
        ["shipping"] = ("发货", "shipped"),
        ["transporting"] = ("运输", "transported"),
        ["receiving"] = ("收货", "received"),
        ["storing"] = ("入库", "put in store"),
        ["inspecting"] = ("检验", "inspected"),
        ["sampling"] = ("抽样", "sampled"),
        ["holding"] = ("封存", "put on hold"),
        ["retail_selling"] = ("零售", "sold"),
        ["destroying"] = ("销毁", "destroyed"),
        ["decommissioning"] = ("作废", "decommissioned"),
        ["cycle_counting"] = ("盘点", "counted"),
        ["stock_taking"] = ("盘点", "counted"),
        ["loading"] = ("装车", "loaded"),
        ["unloading"] = ("卸车", "unloaded"),
        ["departing"] = ("发出", "departed"),
        ["arriving"] = ("到达", "arrived"),
        ["entering_exiting"] = ("进出", "entered or left"),
        ["void_shipping"] = ("撤销发货", "shipping voided"),
        ["accepting"] = ("验收", "accepted"),
        ["repackaging"] = ("分装", "repacked"),
        ["dispensing"] = ("发药", "dispensed"),
        ["sensor_reporting"] = ("上报读数", "readings reported"),
    };

    /// <summary>What a batch of codes is called: its remark, else the end of its id.</summary>
    public static string Batch(Language words, System.Text.Json.Nodes.JsonNode? batch, string? id = null) =>
        batch?["purpose"]?.ToString() ?? $"{words["码批", "Batch"]} {(batch?["id"]?.ToString() ?? id ?? "")[^6..]}";

    /// <summary>A business step of the CBV in words; any other as it is named.</summary>
    public static string Step(Language words, string? step)
    {
        var name = step is null ? "" : step[(step.LastIndexOfAny(['-', ':', '/']) + 1)..];
        return Steps.TryGetValue(name, out var found) ? words[found.Zh, found.En] : name.Length > 0 ? name : words["记录", "recorded"];
    }

    /// <summary>What became of an item.</summary>
    public static string State(Language words, string? state) => state switch
    {
        "held" => words["在库", "held"],
        "in-transit" => words["在途", "in transit"],
        "sold" => words["已售", "sold"],
        "used" => words["已用", "used up"],
        "destroyed" => words["已销毁", "destroyed"],
        _ => words["未知", "unknown"],
    };

    /// <summary>Why an item is in a trace.</summary>
    public static string Relation(Language words, string? relation, bool down = true) => relation switch
    {
        "start" => words["起点", "start"],
        "transformed" => down ? words["由它制成", "made from it"] : words["它的原料", "went into it"],
        "contained" => down ? words["装在其中", "was inside"] : words["装过它", "held it"],
        "member" => down ? words["本批的单件", "piece of the lot"] : words["所属批次", "its lot"],
        _ => relation ?? "—",
    };

    /// <summary>A unit of UN/ECE Recommendation 20; of one or of several.</summary>
    public static string Unit(Language words, string? unit, bool one = false) => unit switch
    {
        "KGM" => words["千克", "kg"],
        "GRM" => words["克", "g"],
        "TNE" => words["吨", "t"],
        "LTR" => words["升", "L"],
        "MLT" => words["毫升", "mL"],
        "MTR" => words["米", "m"],
        null or "" or "EA" or "C62" or "H87" => words["件", one ? "piece" : "pieces"],
        _ => unit,
    };

    /// <summary>A step of a recall.</summary>
    public static string RecallStep(Language words, string? step) => step switch
    {
        "opened" => words["启动", "Opened"],
        "scope" => words["查明范围", "Reach found"],
        "plan" => words["召回计划", "Plan"],
        "notice" => words["召回通知", "Notice"],
        "progress" => words["进展报告", "Progress report"],
        "disposal" => words["处置记录", "Disposal"],
        "held" => words["持有方已封存", "Held apart by a holder"],
        "returned" => words["持有方已退回", "Returned by a holder"],
        "end" => words["结束", "End"],
        _ => step ?? "—",
    };

    /// <summary>The law's name: English beside the Chinese.</summary>
    public static string Law(Language words, string law) => words.IsChinese ? law : law switch
    {
        "食品召回管理办法" => "Measures for Food Recall (食品召回管理办法)",
        "食品召回管理办法（2015）" => "Measures for Food Recall, 2015 (食品召回管理办法（2015）)",
        "药品召回管理办法（2022）" => "Measures for Drug Recall, 2022 (药品召回管理办法（2022）)",
        "药品召回管理办法（2007）" => "Measures for Drug Recall, 2007 (药品召回管理办法（2007）)",
        _ => law,
    };
}
