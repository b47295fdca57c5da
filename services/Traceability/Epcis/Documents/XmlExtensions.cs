using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Traceability.Epcis.Documents;

/// <summary>Extensions and sensor attributes of XML events as JSON: elements that repeat become a list, an element with
/// both attributes and text an object with <c>#text</c>.</summary>
internal sealed partial class XmlExtensions(XmlNames names)
{
    public static readonly XNamespace Instance = "http://www.w3.org/2001/XMLSchema-instance";

    public void Add(JsonObject json, XElement element) =>
        Append(json, names.ToKey(element.Name, element), Value(element));

    /// <summary>Attributes with a namespace are extensions; the schema's own are listed, others are refused later.
    /// </summary>
    public void AddAttributes(JsonObject json, XElement element, Func<string, bool> own)
    {
        foreach (XAttribute attribute in element.Attributes())
        {
            bool isOwn = attribute.Name.NamespaceName.Length == 0 && own(attribute.Name.LocalName);
            if (!isOwn && !IsTechnical(attribute)) Append(json, names.ToKey(attribute.Name, element), attribute.Value);
        }
    }

    public JsonNode? Value(XElement element)
    {
        string text = string.Concat(element.Nodes().OfType<XText>().Select(node => node.Value)).Trim();
        if (!element.HasElements && element.Attributes().All(IsTechnical)) return text;
        var json = new JsonObject();
        AddAttributes(json, element, own: _ => false);
        foreach (XElement child in element.Elements()) Add(json, child);
        if (text.Length > 0) json["#text"] = text;
        return json;
    }

    /// <summary>A sensorMetadata or sensorReport element, whose values are attributes.</summary>
    public JsonObject Sensor(XElement element)
    {
        var json = new JsonObject();
        foreach (XAttribute attribute in element.Attributes())
        {
            if (IsTechnical(attribute)) continue;
            string name = names.ToKey(attribute.Name, element);
            if (attribute.Name.NamespaceName.Length > 0) Append(json, name, attribute.Value);
            else json[name] = Attribute(name, attribute.Value.Trim());
        }

        foreach (XElement child in element.Elements()) Add(json, child);
        return json;
    }

    /// <summary>A number of XML Schema in JSON's notation, its digits kept; other text stays text.</summary>
    public static JsonNode? Number(string text)
    {
        Match match = NumberForm().Match(text);
        if (!match.Success) return text;
        string whole = match.Groups["whole"].Value.TrimStart('0');
        string fraction = match.Groups["fraction"].Value;
        string number = (text.StartsWith('-') ? "-" : "") + (whole.Length == 0 ? "0" : whole)
            + (fraction.Length == 0 ? "" : "." + fraction) + match.Groups["exponent"].Value;
        return JsonValue.Create(JsonElement.Parse(number));
    }

    private static JsonNode? Attribute(string name, string value) => name switch
    {
        "type" => Namespaces.Compact(Vocabulary.Measurements.ToWord(value)),
        "exception" => Namespaces.Compact(Vocabulary.Alerts.ToWord(value)),
        "component" => Vocabulary.Components.ToWord(value),
        "value" or "minValue" or "maxValue" or "meanValue" or "sDev" or "percRank" or "percValue" => Number(value),
        "booleanValue" when value is "true" or "1" => true,
        "booleanValue" when value is "false" or "0" => false,
        _ => value
    };

    private static void Append(JsonObject json, string key, JsonNode? value)
    {
        if (!json.TryGetPropertyValue(key, out JsonNode? before))
        {
            json.Add(key, value);
            return;
        }

        if (before is not JsonArray all)
        {
            json[key] = all = [before?.DeepClone()];
        }

        all.Add(value);
    }

    private static bool IsTechnical(XAttribute attribute) =>
        attribute.IsNamespaceDeclaration || attribute.Name.Namespace == Instance
        || attribute.Name.Namespace == XNamespace.Xml;

    [GeneratedRegex(@"^[+-]?(?=[.0-9])(?<whole>[0-9]*)(?:\.(?<fraction>[0-9]*))?(?<exponent>[eE][+-]?[0-9]+)?\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex NumberForm();
}
