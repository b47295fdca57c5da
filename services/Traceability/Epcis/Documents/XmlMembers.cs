using System.Text.Json;
using System.Xml;
using System.Xml.Linq;

namespace Traceability.Epcis.Documents;

/// <summary>Members of one event as elements and attributes.</summary>
internal sealed class XmlMembers(XElement root, PrefixScope scope)
{
    private const string MasterData = "urn:epcglobal:cbv:mda";

    public void Add(string name, JsonElement value)
    {
        switch (name)
        {
            case "certificationInfo" when value.ValueKind == JsonValueKind.Array:
                foreach (JsonElement item in value.EnumerateArray()) root.Add(new XElement(name, Text(item)));
                break;
            case "epcList" or "childEPCs" or "inputEPCList" or "outputEPCList":
                root.Add(List(name, value, item => new XElement("epc", Text(item))));
                break;
            case "quantityList" or "childQuantityList" or "inputQuantityList" or "outputQuantityList":
                root.Add(List(name, value, Quantity));
                break;
            case "bizTransactionList":
                root.Add(List(name, value, item => Link(item, "bizTransaction", Vocabulary.TransactionTypes)));
                break;
            case "sourceList":
                root.Add(List(name, value, item => Link(item, "source", Vocabulary.SourceDestinationTypes)));
                break;
            case "destinationList":
                root.Add(List(name, value, item => Link(item, "destination", Vocabulary.SourceDestinationTypes)));
                break;
            case "sensorElementList":
                root.Add(List(name, value, Sensor));
                break;
            case "persistentDisposition":
                root.Add(PersistentDisposition(value));
                break;
            case "errorDeclaration":
                root.Add(ErrorDeclaration(value));
                break;
            case "readPoint" or "bizLocation":
                root.Add(Extended(new XElement(name, new XElement("id", Text(value.GetProperty("id"u8)))), value));
                break;
            case "ilmd":
                root.Add(Extended(new XElement(name), value));
                break;
            case "bizStep":
                root.Add(new XElement(name, Word(value, Vocabulary.BizSteps)));
                break;
            case "disposition":
                root.Add(new XElement(name, Word(value, Vocabulary.Dispositions)));
                break;
            default:
                root.Add(new XElement(name, Text(value)));
                break;
        }
    }

    public XElement AddExtensions(JsonElement json) => Extended(root, json);

    private static XElement List(string name, JsonElement list, Func<JsonElement, XElement> write) =>
        new(name, list.EnumerateArray().Select(write));

    private static XElement Quantity(JsonElement value)
    {
        var element = new XElement("quantityElement");
        foreach (string name in new[] { "epcClass", "quantity", "uom" })
        {
            if (value.TryGetProperty(name, out JsonElement member)) element.Add(new XElement(name, Text(member)));
        }

        return element;
    }

    private XElement Link(JsonElement value, string name, WordSet types)
    {
        var element = new XElement(name, Text(value.GetProperty(name)));
        if (value.TryGetProperty("type"u8, out JsonElement type)) element.SetAttributeValue("type", Word(type, types));
        return element;
    }

    private XElement PersistentDisposition(JsonElement value)
    {
        var element = new XElement("persistentDisposition");
        foreach (string name in new[] { "unset", "set" })
        {
            if (!value.TryGetProperty(name, out JsonElement words)) continue;
            element.Add(words.EnumerateArray().Select(word => new XElement(name, Word(word, Vocabulary.Dispositions))));
        }

        return element;
    }

    private XElement ErrorDeclaration(JsonElement value)
    {
        var element = new XElement("errorDeclaration",
            new XElement("declarationTime", Text(value.GetProperty("declarationTime"u8))));
        if (value.TryGetProperty("reason"u8, out JsonElement reason))
        {
            element.Add(new XElement("reason", Word(reason, Vocabulary.ErrorReasons)));
        }

        if (value.TryGetProperty("correctiveEventIDs"u8, out JsonElement ids))
        {
            element.Add(List("correctiveEventIDs", ids, id => new XElement("correctiveEventID", Text(id))));
        }

        return Extended(element, value);
    }

    private XElement Sensor(JsonElement value)
    {
        var element = new XElement("sensorElement");
        if (value.TryGetProperty("sensorMetadata"u8, out JsonElement metadata))
        {
            element.Add(Attributed("sensorMetadata", metadata));
        }

        foreach (JsonElement report in value.GetProperty("sensorReport"u8).EnumerateArray())
        {
            element.Add(Attributed("sensorReport", report));
        }

        return Extended(element, value);
    }

    private XElement Attributed(string name, JsonElement value)
    {
        var element = new XElement(name);
        foreach (JsonProperty member in value.EnumerateObject())
        {
            bool isSimple = member.Value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array);
            if (!isSimple) AddExtension(element, member.Name, member.Value);
            else element.SetAttributeValue(NameOf(member.Name), SensorValue(member.Name, member.Value));
        }

        return element;
    }

    private string SensorValue(string name, JsonElement value) => name switch
    {
        "type" when !HashValues.IsExtension(Text(value)) => Namespaces.Gs1 + Text(value),
        "type" or "exception" => Word(value, Vocabulary.Alerts),
        "component" => Word(value, Vocabulary.Components),
        _ => Text(value)
    };

    private XElement Extended(XElement element, JsonElement value)
    {
        foreach (JsonProperty member in value.EnumerateObject())
        {
            if (HashValues.IsExtension(member.Name)) AddExtension(element, member.Name, member.Value);
        }

        return element;
    }

    private void AddExtension(XElement parent, string name, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in value.EnumerateArray()) AddExtension(parent, name, item);
            return;
        }

        var element = new XElement(NameOf(name));
        parent.Add(element);
        if (value.ValueKind != JsonValueKind.Object)
        {
            element.Value = Text(value);
            return;
        }

        foreach (JsonProperty member in value.EnumerateObject())
        {
            if (member.Name is "#text" or "@value") element.Add(new XText(Text(member.Value)));
            else AddExtension(element, member.Name, member.Value);
        }
    }

    /// <summary>A CURIE's namespace and local name; a URI is cut behind its last delimiter.</summary>
    private XName NameOf(string key)
    {
        int colon = key.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0) return XmlConvert.EncodeLocalName(key);
        string prefix = key[..colon];
        bool isUri = key.AsSpan(colon + 1).StartsWith("//");
        int cut = isUri ? key.LastIndexOfAny(['/', '#']) : colon;
        string uri = isUri ? key[..(cut + 1)]
            : prefix == "cbvmda" && scope.NamespaceOf(prefix) == Namespaces.MasterData ? MasterData
            : scope.NamespaceOf(prefix) ?? key[..(colon + 1)];
        if (!isUri && root.Attribute(XNamespace.Xmlns + prefix) is null && uri.Length > 0)
        {
            root.Add(new XAttribute(XNamespace.Xmlns + prefix, uri));
        }

        string local = key[(cut + 1)..];
        return XNamespace.Get(uri) + (local.Length == 0 ? "_" : XmlConvert.EncodeLocalName(local));
    }

    private string Word(JsonElement value, WordSet words) =>
        words.TryGetUri(Text(value), out string uri) ? uri : scope.Expand(Text(value));

    /// <summary>The text of a value; characters that XML has no place for become U+FFFD.</summary>
    private static string Text(JsonElement value)
    {
        string text = value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!,
            JsonValueKind.Number => value.GetRawText(),
            JsonValueKind.True => "true",
            JsonValueKind.False => "false",
            _ => ""
        };
        for (int i = 0; i < text.Length; i++)
        {
            if (XmlConvert.IsXmlChar(text[i])) continue;
            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1])) i++;
            else text = string.Concat(text.AsSpan(0, i), "\uFFFD", text.AsSpan(i + 1));
        }

        return text;
    }
}
