namespace Traceability.Simple;

/// <summary>What somebody who knows no EPCIS says that happened, and what EPCIS 2.0 and CBV 2.0 call it.</summary>
/// <param name="Name">Its name in requests.</param>
/// <param name="Chinese">Its name in sheets and forms.</param>
/// <param name="Type">EPCIS event type.</param>
/// <param name="Action">EPCIS action; null for transformations, which have none.</param>
/// <param name="BizStep">CBV 2.0 §7.1.</param>
/// <param name="Disposition">CBV 2.0 §7.2; null where nothing is known of the items' state afterwards.</param>
public sealed record Activity(
    string Name, string Chinese, string Type, string? Action, string BizStep, string? Disposition)
{
    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<Activity> All =
    [
        new("harvest", "采收", "ObjectEvent", "ADD", "commissioning", "active"),
        new("produce", "生产", "ObjectEvent", "ADD", "commissioning", "active"),
        new("process", "加工", "TransformationEvent", null, "creating_class_instance", "active"),
        new("pack", "装箱", "AggregationEvent", "ADD", "packing", "in_progress"),
        new("unpack", "拆箱", "AggregationEvent", "DELETE", "unpacking", "in_progress"),
        new("load", "装车", "ObjectEvent", "OBSERVE", "loading", "in_transit"),
        new("unload", "卸车", "ObjectEvent", "OBSERVE", "unloading", "in_progress"),
        new("ship", "发货", "ObjectEvent", "OBSERVE", "shipping", "in_transit"),
        new("transport", "运输", "ObjectEvent", "OBSERVE", "transporting", "in_transit"),
        new("receive", "收货", "ObjectEvent", "OBSERVE", "receiving", "in_progress"),
        new("store", "入库", "ObjectEvent", "OBSERVE", "storing", "in_progress"),
        new("inspect", "检验", "ObjectEvent", "OBSERVE", "inspecting", "conformant"),
        new("reject", "检验不合格", "ObjectEvent", "OBSERVE", "inspecting", "non_conformant"),
        new("sample", "抽样", "ObjectEvent", "OBSERVE", "sampling", null),
        new("hold", "封存", "ObjectEvent", "OBSERVE", "holding", "non_conformant"),
        new("sell", "零售", "ObjectEvent", "OBSERVE", "retail_selling", "retail_sold"),
        new("return", "退货", "ObjectEvent", "OBSERVE", "receiving", "returned"),
        new("destroy", "销毁", "ObjectEvent", "DELETE", "destroying", "destroyed"),
        new("decommission", "作废", "ObjectEvent", "DELETE", "decommissioning", "inactive"),
    ];

    private static readonly Dictionary<string, Activity> ByName = new(
        All.SelectMany(a => new[] { KeyValuePair.Create(a.Name, a), KeyValuePair.Create(a.Chinese, a) }),
        StringComparer.OrdinalIgnoreCase);

    /// <summary>The activity of either name; null if there is none.</summary>
    public static Activity? Find(string name) => ByName.GetValueOrDefault(name.Trim() is "检验合格" ? "inspect" : name.Trim());

    /// <summary>Whether the items are put into, or taken out of, a container.</summary>
    public bool NeedsParent => Type == "AggregationEvent";

    /// <summary>Whether items go in and others come out.</summary>
    public bool Transforms => Type == "TransformationEvent";

    /// <summary>Whether items come to be.</summary>
    public bool Begins => Transforms || BizStep == "commissioning";

    /// <summary>Whether the items may still be where it happened afterwards (CBV 2.0 §9: else no business location).</summary>
    public bool Stays => BizStep is not ("shipping" or "transporting");
}
