using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Traceability.Epcis.Documents;

/// <summary>
/// The event hash of CBV 2.0 §8.9: SHA-256 over name and value of everything in the event, in one order and one
/// notation, so that XML and JSON agree. recordTime, eventID and errorDeclaration stay out. Where the text of the
/// standard and the reference implementation's given results differ, the results are followed: types stand before
/// business transactions, sources and destinations, and these lists come after the sensor elements in alphabetical
/// order.
/// </summary>
internal sealed class EventHash
{
    private static readonly string[] MetadataOrder =
        ["time", "startTime", "endTime", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "bizRules"];

    private static readonly string[] ReportOrder =
    [
        "type", "exception", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "time", "microorganism",
        "chemicalSubstance", "value", "component", "stringValue", "booleanValue", "hexBinaryValue", "uriValue",
        "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue", "uom", "coordinateReferenceSystem"
    ];

    private readonly HashValues _values;
    private readonly PrefixScope _scope;
    private readonly HashRules _rules;
    private readonly StringBuilder _text = new(1024);

    private EventHash(PrefixScope scope, Identifiers ids, HashRules rules) =>
        (_scope, _rules, _values) = (scope, rules, new HashValues(scope, ids, rules));

    /// <summary>The hash as named information (RFC 6920).</summary>
    public static string Compute(JsonElement element, PrefixScope scope, Identifiers ids, HashRules rules) =>
        ToName(PreHash(element, scope, ids, rules));

    /// <summary>The name of a text that is to be hashed.</summary>
    public static string ToName(string preHash) =>
        $"ni:///sha-256;{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(preHash)))}?ver=CBV2.0";

    /// <summary>The text that is hashed; the event has been checked before.</summary>
    public static string PreHash(JsonElement element, PrefixScope scope, Identifiers ids, HashRules rules)
    {
        var hash = new EventHash(scope, ids, rules);
        hash.AppendOrdered(element);
        hash.AppendRest(element);
        return hash._text.ToString();
    }

    private void AppendOrdered(JsonElement element)
    {
        _text.Append("eventType=").Append(element.GetProperty("type"u8).GetString());
        AppendValue(element, "eventTime");
        AppendValue(element, "eventTimeZoneOffset");
        AppendAll(element, "certificationInfo", "certificationInfo", null);
        AppendAll(element, "epcList", "epc", "epcList");
        AppendValue(element, "parentID");
        AppendAll(element, "inputEPCList", "epc", "inputEPCList");
        AppendAll(element, "childEPCs", "epc", "childEPCs");
        AppendQuantities(element, "quantityList");
        AppendQuantities(element, "childQuantityList");
        AppendQuantities(element, "inputQuantityList");
        AppendAll(element, "outputEPCList", "epc", "outputEPCList");
        AppendQuantities(element, "outputQuantityList");
        AppendValue(element, "action");
        AppendValue(element, "transformationID");
        AppendValue(element, "bizStep");
        AppendValue(element, "disposition");
        AppendPersistentDisposition(element);
        AppendPlace(element, "readPoint");
        AppendPlace(element, "bizLocation");
        AppendSensorElements(element);
    }

    /// <summary>Lists of links, ilmd and extensions, and of sensor reports the bizRules, which the order forgot.
    /// </summary>
    private void AppendRest(JsonElement element)
    {
        List<string> parts = [];
        foreach (JsonProperty member in element.EnumerateObject())
        {
            switch (member.Name)
            {
                case "bizTransactionList" when member.Value.GetArrayLength() > 0:
                    parts.Add(Links(member, "bizTransaction"));
                    break;
                case "sourceList" when member.Value.GetArrayLength() > 0:
                    parts.Add(Links(member, "source"));
                    break;
                case "destinationList" when member.Value.GetArrayLength() > 0:
                    parts.Add(Links(member, "destination"));
                    break;
                case "ilmd":
                    parts.Add("ilmd" + _values.Extensions(member.Value));
                    break;
                case "sensorElementList":
                    AddForgotten(member.Value, parts);
                    break;
                case "rdfs:comment":
                    break;
                default:
                    if (HashValues.IsExtension(member.Name)
                        && !_rules.Ignored.Contains(_scope.Expand(member.Name)))
                    {
                        _values.AddExtension(member.Name, member.Value, parts);
                    }

                    break;
            }
        }

        _text.Append(HashValues.Join(parts));
    }

    private string Links(JsonProperty list, string idName)
    {
        List<string> parts = [];
        foreach (JsonElement link in list.Value.EnumerateArray())
        {
            parts.Add(_values.Named(link, "type") + _values.Named(link, idName));
        }

        return list.Name + HashValues.Join(parts);
    }

    private void AddForgotten(JsonElement list, List<string> parts)
    {
        List<string> elements = [];
        foreach (JsonElement sensor in list.EnumerateArray())
        {
            List<string> reports = [];
            foreach (JsonElement report in sensor.GetProperty("sensorReport"u8).EnumerateArray())
            {
                string rules = _values.Named(report, "bizRules");
                if (rules.Length > 0) reports.Add("sensorReport" + rules);
            }

            if (reports.Count > 0) elements.Add("sensorElement" + HashValues.Join(reports));
        }

        if (elements.Count > 0) parts.Add("sensorElementList" + HashValues.Join(elements));
    }

    private void AppendValue(JsonElement owner, string name) => _text.Append(_values.Named(owner, name));

    private void AppendAll(JsonElement owner, string list, string name, string? title)
    {
        if (!owner.TryGetProperty(list, out JsonElement value)) return;
        List<string> parts = [];
        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in value.EnumerateArray()) parts.Add(_values.Pair(name, item));
        }
        else
        {
            parts.Add(_values.Pair(name, value));
        }

        if (parts.Count > 0) _text.Append(title).Append(HashValues.Join(parts));
    }

    private void AppendQuantities(JsonElement owner, string list)
    {
        if (!owner.TryGetProperty(list, out JsonElement value) || value.GetArrayLength() == 0) return;
        List<string> parts = [];
        foreach (JsonElement item in value.EnumerateArray())
        {
            parts.Add(string.Concat(
                "quantityElement", _values.Named(item, "epcClass"), _values.Named(item, "quantity"),
                _values.Named(item, "uom")));
        }

        _text.Append(list).Append(HashValues.Join(parts));
    }

    private void AppendPersistentDisposition(JsonElement owner)
    {
        if (!owner.TryGetProperty("persistentDisposition"u8, out JsonElement value)) return;
        _text.Append("persistentDisposition");
        AppendAll(value, "set", "set", null);
        AppendAll(value, "unset", "unset", null);
    }

    private void AppendPlace(JsonElement owner, string name)
    {
        if (!owner.TryGetProperty(name, out JsonElement place)) return;
        _text.Append(name).Append(_values.Named(place, "id")).Append(_values.Extensions(place));
    }

    private void AppendSensorElements(JsonElement owner)
    {
        if (!owner.TryGetProperty("sensorElementList"u8, out JsonElement list) || list.GetArrayLength() == 0) return;
        List<string> parts = [];
        foreach (JsonElement sensor in list.EnumerateArray()) parts.Add(SensorElement(sensor));
        _text.Append("sensorElementList").Append(HashValues.Join(parts));
    }

    private string SensorElement(JsonElement sensor)
    {
        string metadata = sensor.TryGetProperty("sensorMetadata"u8, out JsonElement value)
            ? Fields(value, MetadataOrder)
            : "";
        List<string> reports = [];
        foreach (JsonElement report in sensor.GetProperty("sensorReport"u8).EnumerateArray())
        {
            reports.Add("sensorReport" + Fields(report, ReportOrder));
        }

        return string.Concat(
            metadata.Length > 0 ? "sensorElementsensorMetadata" + metadata : "sensorElement",
            HashValues.Join(reports), _values.Extensions(sensor));
    }

    private string Fields(JsonElement owner, string[] order)
    {
        var text = new StringBuilder();
        foreach (string name in order) text.Append(_values.Named(owner, name));
        return text.Append(_values.Extensions(owner)).ToString();
    }
}
