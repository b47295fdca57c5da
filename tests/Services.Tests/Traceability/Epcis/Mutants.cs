using System.Text.Json.Nodes;
using Traceability.Epcis;

namespace Services.Tests.Traceability.Epcis;

/// <summary>Events as published and with something in them changed; the same seed gives the same ones.</summary>
internal sealed class Mutants(int seed)
{
    private static readonly string[] Odd =
    [
        "null", "5", "-1", "1e400", "0.50", "true", "\"\"", "\"x\"", "[]", "{}", "\"not a uri\"", "\"urn:x:y\"",
        "\"ADD\"",
        "\"OBSERVE\"", "\"DELETE\"", "\"shipping\"", "\"recalled\"", "\"po\"", "\"location\"", "\"Temperature\"",
        "\"urn:epcglobal:cbv:bizstep:shipping\"", "\"https://gs1.org/voc/Mass\"", "\"https://ns.gs1.org/cbv/x\"",
        "\"2026-01-31T10:00:00Z\"", "\"2026-01-31\"", "\"2026-01-31T25:00:00Z\"", "\"+08:00\"", "\"+14:30\"", "\"KGM\"",
        "\"kgm\"", "\"ObjectEvent\"", "\"AggregationEvent\"", "\"TransactionEvent\"", "\"TransformationEvent\"",
        "\"AssociationEvent\"", "\"f0F0\"", "\"100%\"", "\"urn:a:%zz\"", "[\"urn:a:1\",\"urn:a:1\"]", "[{}]", "[[]]",
        "{\"id\":\"urn:a:1\"}", "{\"ext:a\":1}", "\"https://id.gs1.org/01/04012345111118/21/1\"",
        "\"https://id.gs1.org/01/04012345111119/21/1\"", "\"\\u4ea7\\u5730\"", "79228162514264337593543950336"
    ];

    private static readonly string[] Names =
    [
        "foo", "ext:foo", "id", "type", "uom", "quantity", "action", "ilmd", "parentID", "epcList", "childEPCs", "set",
        "inputEPCList", "outputQuantityList", "transformationID", "persistentDisposition", "sensorReport", "reason",
        "https://example.com/x", "recordTime", "exception", "certificationInfo", "bad name:x"
    ];

    private readonly Random _random = new(seed);

    /// <summary>Every event of every published valid document, in the JSON form.</summary>
    public static IReadOnlyList<EpcisEvent> Published { get; } =
    [
        .. GivenDocuments.OpenEpcis.Concat(GivenDocuments.EventHash)
            .Where(f => !f.Key.Contains("/Invalid/", StringComparison.Ordinal))
            .SelectMany(f => Read(f.Key, f.Value).Events)
    ];

    public static Reading Read(string name, byte[] text)
    {
        var limits = new EpcisLimits(CheckIds: false);
        return name.EndsWith(".xml", StringComparison.Ordinal) ? EpcisDocuments.ReadXml(text, limits)
            : name.Contains(".json", StringComparison.Ordinal) ? EpcisDocuments.ReadJson(text, limits)
            : new Reading(null, []);
    }

    public JsonObject Next()
    {
        EpcisEvent chosen = Published[_random.Next(Published.Count)];
        var json = (JsonObject)JsonNode.Parse(chosen.Body.Span)!;
        for (int i = _random.Next(1, 4); i > 0; i--) Change(json);
        return json;
    }

    private void Change(JsonObject root)
    {
        List<JsonNode> containers = [];
        Collect(root, containers);
        switch (containers[_random.Next(containers.Count)])
        {
            case JsonObject one:
                ChangeObject(one);
                break;
            case JsonArray list:
                ChangeArray(list);
                break;
        }
    }

    private void ChangeObject(JsonObject one)
    {
        string[] names = [.. one.Select(member => member.Key).Where(name => name != "@context")];
        string name = names.Length == 0 ? "foo" : names[_random.Next(names.Length)];
        switch (_random.Next(4))
        {
            case 0:
                one.Remove(name);
                break;
            case 1:
                one[Pick(Names)] = Value();
                break;
            case 2 when one.TryGetPropertyValue(name, out JsonNode? value):
                one.Remove(name);
                one[Pick(Names)] = value?.DeepClone();
                break;
            default:
                one[name] = Value();
                break;
        }
    }

    private void ChangeArray(JsonArray list)
    {
        int at = _random.Next(list.Count + 1);
        if (at < list.Count && _random.Next(2) == 0) list.RemoveAt(at);
        else if (list.Count > 0 && _random.Next(2) == 0) list.Add(list[_random.Next(list.Count)]?.DeepClone());
        else list.Insert(at, Value());
    }

    private JsonNode? Value() => JsonNode.Parse(Pick(Odd));

    private string Pick(string[] from) => from[_random.Next(from.Length)];

    private static void Collect(JsonNode node, List<JsonNode> containers)
    {
        containers.Add(node);
        IEnumerable<JsonNode?> inner = node is JsonObject one
            ? one.Where(member => member.Key != "@context").Select(member => member.Value)
            : (JsonArray)node;
        foreach (JsonNode? child in inner)
        {
            if (child is JsonObject or JsonArray) Collect(child, containers);
        }
    }
}
