using System.Globalization;
using System.Text.Json.Nodes;

namespace Services.Integration.Traceability;

/// <summary>EPCIS events for tests, in the JSON form.</summary>
internal static class Events
{
    public const string Context = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld";

    private static int s_serial;

    /// <summary>A serial that no other test uses.</summary>
    public static string NewSerial() =>
        $"S{Interlocked.Increment(ref s_serial).ToString(CultureInfo.InvariantCulture)}X{Environment.ProcessId}";

    public static string Item(string serial, string gtin = "06901234567892") => $"https://id.gs1.org/01/{gtin}/21/{serial}";

    public static string Pallet(int number)
    {
        string digits = $"0690123456{number:D7}";
        int sum = digits.Select((c, i) => (c - '0') * (i % 2 == 0 ? 3 : 1)).Sum();
        return $"https://id.gs1.org/00/{digits}{(10 - sum % 10) % 10}";
    }

    public static JsonObject Object(
        IEnumerable<string> epcs, string action = "OBSERVE", string bizStep = "inspecting",
        string time = "2026-11-01T08:00:00.000+08:00") => new()
        {
            ["type"] = "ObjectEvent",
            ["eventTime"] = time,
            ["eventTimeZoneOffset"] = "+08:00",
            ["epcList"] = new JsonArray([.. epcs.Select(e => JsonValue.Create(e))]),
            ["action"] = action,
            ["bizStep"] = bizStep,
        };

    public static JsonObject Pack(
        string parent, IEnumerable<string> children, string action = "ADD", string time = "2026-11-01T09:00:00.000+08:00")
        => new()
        {
            ["type"] = "AggregationEvent",
            ["eventTime"] = time,
            ["eventTimeZoneOffset"] = "+08:00",
            ["parentID"] = parent,
            ["childEPCs"] = new JsonArray([.. children.Select(e => JsonValue.Create(e))]),
            ["action"] = action,
            ["bizStep"] = "packing",
        };

    public static string Document(IEnumerable<JsonObject> events) => new JsonObject
    {
        ["@context"] = new JsonArray(Context),
        ["type"] = "EPCISDocument",
        ["schemaVersion"] = "2.0",
        ["creationDate"] = "2026-11-01T00:00:00.000Z",
        ["epcisBody"] = new JsonObject { ["eventList"] = new JsonArray([.. events.Select(e => e.DeepClone())]) },
    }.ToJsonString();

    public static string Single(JsonObject e)
    {
        JsonObject copy = (JsonObject)e.DeepClone();
        copy["@context"] = new JsonArray(Context);
        return copy.ToJsonString();
    }

    public static IReadOnlyList<JsonObject> Of(JsonObject document) =>
        [.. document["epcisBody"]!["queryResults"]!["resultsBody"]!["eventList"]!.AsArray().Select(e => (JsonObject)e!)];
}
