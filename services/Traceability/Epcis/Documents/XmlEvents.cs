using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace Traceability.Epcis.Documents;

/// <summary>Turns an XML event into the 2.0 JSON form. What is wrong in it, the reader of that form finds.</summary>
internal sealed class XmlEvents(XmlNames names)
{
    private readonly XmlExtensions _extensions = new(names);

    public JsonObject ToJson(XElement element)
    {
        var json = new JsonObject { ["type"] = element.Name.LocalName };
        List<XElement> children = [.. Flat(element)];
        CheckOrder(children);
        foreach (XElement child in children)
        {
            if (!names.IsOwn(child.Name)) _extensions.Add(json, child);
            else AddMember(json, child);
        }

        _extensions.AddAttributes(json, element, own: name => name is "schemaVersion" or "creationDate");
        if (names.Added.Count > 0) json["@context"] = new JsonArray(names.Added);
        return json;
    }

    /// <summary>Children, with those of the wrappers of EPCIS 1.2 in the wrappers' place.</summary>
    public IEnumerable<XElement> Flat(XElement element)
    {
        foreach (XElement child in element.Elements())
        {
            if (child.Name.LocalName is "extension" or "baseExtension" && names.IsOwn(child.Name))
            {
                foreach (XElement inner in Flat(child)) yield return inner;
            }
            else
            {
                yield return child;
            }
        }
    }

    /// <summary>The schema's order of elements is not asked for, since systems in use don't keep it; but the time is
    /// told before the action.</summary>
    private static void CheckOrder(List<XElement> children)
    {
        int time = children.FindIndex(child => child.Name.LocalName == "eventTime");
        int action = children.FindIndex(child => child.Name.LocalName == "action");
        if (action >= 0 && time > action)
        {
            throw new EpcisFormatException("element-order", "/eventTime", "eventTime stands before the action.");
        }
    }

    private void AddMember(JsonObject json, XElement child)
    {
        string name = child.Name.LocalName;
        if (name == "certificationInfo" && json[name] is { } before)
        {
            JsonArray all = before as JsonArray ?? [before.DeepClone()];
            all.Add(Text(child));
            json[name] = all;
            return;
        }

        if (json.ContainsKey(name))
        {
            throw new EpcisFormatException("element-twice", "/" + name, $"The element {name} stands twice.");
        }

        json[name] = Member(name, child);
    }

    private JsonNode? Member(string name, XElement child) => name switch
    {
        "eventTime" or "recordTime" => Time(child),
        "bizStep" => Vocabulary.BizSteps.ToWord(Text(child)),
        "disposition" => Vocabulary.Dispositions.ToWord(Text(child)),
        "readPoint" or "bizLocation" => Object(child, e => Text(e)),
        "epcList" or "childEPCs" or "inputEPCList" or "outputEPCList" => List(child, "epc", e => Text(e)),
        "quantityList" or "childQuantityList" or "inputQuantityList" or "outputQuantityList" =>
            List(child, "quantityElement", Quantity),
        "bizTransactionList" => List(child, "bizTransaction", e => Link(e, Vocabulary.TransactionTypes)),
        "sourceList" => List(child, "source", e => Link(e, Vocabulary.SourceDestinationTypes)),
        "destinationList" => List(child, "destination", e => Link(e, Vocabulary.SourceDestinationTypes)),
        "errorDeclaration" => ErrorDeclaration(child),
        "persistentDisposition" => PersistentDisposition(child),
        "ilmd" => Object(child, e => Text(e)),
        "sensorElementList" => List(child, "sensorElement", SensorElement),
        _ when child.HasElements => _extensions.Value(child),
        _ => Text(child)
    };

    private JsonArray List(XElement list, string itemName, Func<XElement, JsonNode?> read)
    {
        var array = new JsonArray();
        foreach (XElement item in Flat(list))
        {
            if (!names.IsOwn(item.Name) || item.Name.LocalName != itemName)
            {
                throw new EpcisFormatException("member-unknown", "/" + list.Name.LocalName,
                    $"The list holds elements {itemName} only.");
            }

            array.Add(read(item));
        }

        return array;
    }

    private JsonObject Object(XElement element, Func<XElement, JsonNode?> read)
    {
        var json = new JsonObject();
        foreach (XElement child in Flat(element))
        {
            if (!names.IsOwn(child.Name)) _extensions.Add(json, child);
            else if (IsNil(child)) continue;
            else if (!json.TryAdd(child.Name.LocalName, read(child))) throw Twice(child);
        }

        _extensions.AddAttributes(json, element, own: _ => false);
        return json;
    }

    private JsonObject Quantity(XElement element) => Object(element, child => child.Name.LocalName switch
    {
        "quantity" => XmlExtensions.Number(Text(child)),
        _ => Text(child)
    });

    private static JsonObject Link(XElement element, WordSet types)
    {
        var json = new JsonObject();
        if (element.Attribute("type") is { } type) json["type"] = types.ToWord(type.Value.Trim());
        json[element.Name.LocalName] = Text(element);
        return json;
    }

    private JsonObject ErrorDeclaration(XElement element) => Object(element, child => child.Name.LocalName switch
    {
        "declarationTime" => Time(child),
        "reason" => Vocabulary.ErrorReasons.ToWord(Text(child)),
        "correctiveEventIDs" => List(child, "correctiveEventID", e => Text(e)),
        _ => Text(child)
    });

    private JsonObject PersistentDisposition(XElement element)
    {
        var json = new JsonObject();
        foreach (XElement child in Flat(element))
        {
            string name = child.Name.LocalName;
            if (json[name] is not JsonArray words) json[name] = words = [];
            words.Add(Vocabulary.Dispositions.ToWord(Text(child)));
        }

        return json;
    }

    private JsonObject SensorElement(XElement element)
    {
        var json = new JsonObject();
        var reports = new JsonArray();
        foreach (XElement child in Flat(element))
        {
            if (!names.IsOwn(child.Name)) _extensions.Add(json, child);
            else if (child.Name.LocalName == "sensorReport") reports.Add(_extensions.Sensor(child));
            else if (!json.TryAdd(child.Name.LocalName, _extensions.Sensor(child))) throw Twice(child);
        }

        json["sensorReport"] = reports;
        return json;
    }

    private static EpcisFormatException Twice(XElement element) => new(
        "element-twice", $"/{element.Parent?.Name.LocalName}/{element.Name.LocalName}",
        $"The element {element.Name.LocalName} stands twice.");

    private static bool IsNil(XElement element) =>
        element.IsEmpty && element.Attribute(XmlExtensions.Instance + "nil")?.Value.Trim() is "true" or "1";

    private static string Text(XElement element) => element.Value.Trim();

    /// <summary>A time; some systems leave the seconds away, which the JSON form can't.</summary>
    private static string Time(XElement element)
    {
        string text = Text(element);
        return text.Length is 17 or 22 && text[10] == 'T' && text[16] is 'Z' or '+' or '-'
            ? text.Insert(16, ":00")
            : text;
    }
}
