using System.Globalization;
using System.Text.Json.Nodes;

namespace Cli.Demos.Trace;

/// <summary>EPCIS 2.0 events as a company's own system would write them.</summary>
public static class Happening
{
    private const string Stem = "https://id.gs1.org";

    public static string Item(string gtin, string serial) => $"{Stem}/01/{gtin}/21/{serial}";

    public static string Lot(string gtin, string lot) => $"{Stem}/01/{gtin}/10/{lot}";

    public static string Pallet(string sscc) => $"{Stem}/00/{sscc}";

    public static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Something happens to items.</summary>
    public static JsonObject Object(
        string action, string step, string? disposition, DateTimeOffset at, string gln, IEnumerable<string> items, string? lot = null)
    {
        var e = Event("ObjectEvent", action, step, disposition, at, gln);
        e["epcList"] = List(items);
        if (lot is not null) e["ilmd"] = new JsonObject { ["cbvmda:lotNumber"] = lot };
        return e;
    }

    /// <summary>An amount of a lot appears, moves or is used.</summary>
    public static JsonObject Amount(
        string action, string step, string? disposition, DateTimeOffset at, string gln, string lot, decimal amount, string unit)
    {
        var e = Event("ObjectEvent", action, step, disposition, at, gln);
        e["quantityList"] = new JsonArray(Quantity(lot, amount, unit));
        return e;
    }

    /// <summary>Items are put into something, or taken out of it.</summary>
    public static JsonObject Packing(string action, DateTimeOffset at, string gln, string parent, IEnumerable<string> items)
    {
        var e = Event("AggregationEvent", action, action == "ADD" ? "packing" : "unpacking", "in_progress", at, gln);
        e["parentID"] = parent;
        e["childEPCs"] = List(items);
        return e;
    }

    /// <summary>Something is fixed to an item for good, such as a second label.</summary>
    public static JsonObject Association(DateTimeOffset at, string gln, string parent, IEnumerable<string> items)
    {
        var e = Event("AssociationEvent", "ADD", "assembling", "in_progress", at, gln);
        e["parentID"] = parent;
        e["childEPCs"] = List(items);
        return e;
    }

    /// <summary>Inputs become outputs.</summary>
    public static JsonObject Transformation(string id, DateTimeOffset at, string gln, string? lot = null)
    {
        var e = Event("TransformationEvent", null, "creating_class_instance", "active", at, gln);
        e["transformationID"] = $"urn:uuid:{id}";
        if (lot is not null) e["ilmd"] = new JsonObject { ["cbvmda:lotNumber"] = lot };
        return e;
    }

    public static JsonObject Quantity(string lot, decimal amount, string? unit)
    {
        var quantity = new JsonObject { ["epcClass"] = lot, ["quantity"] = amount };
        if (unit is not null) quantity["uom"] = unit;
        return quantity;
    }

    /// <summary>Says who gave the goods to whom, and by which document.</summary>
    public static JsonObject Between(this JsonObject e, string from, string to, string? kind = null, string? document = null)
    {
        e["sourceList"] = new JsonArray(new JsonObject { ["type"] = "owning_party", ["source"] = $"{Stem}/417/{from}" });
        e["destinationList"] = new JsonArray(new JsonObject { ["type"] = "owning_party", ["destination"] = $"{Stem}/417/{to}" });
        if (document is not null) e["bizTransactionList"] = new JsonArray(new JsonObject { ["type"] = kind, ["bizTransaction"] = $"urn:epcglobal:cbv:bt:{from}:{document}" });
        return e;
    }

    public static JsonArray List(IEnumerable<string> items) => new([.. items.Select(i => (JsonNode)i)]);

    private static JsonObject Event(string type, string? action, string step, string? disposition, DateTimeOffset at, string gln)
    {
        var e = new JsonObject
        {
            ["type"] = type,
            ["eventTime"] = Time(at),
            ["eventTimeZoneOffset"] = "+08:00",
            ["bizStep"] = step,
            ["readPoint"] = new JsonObject { ["id"] = $"{Stem}/414/{gln}" },
        };
        if (action is not null) e["action"] = action;
        if (disposition is not null) e["disposition"] = disposition;
        if (step is not ("shipping" or "transporting")) e["bizLocation"] = new JsonObject { ["id"] = $"{Stem}/414/{gln}" };
        return e;
    }
}
