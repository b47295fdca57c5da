using System.Text;
using System.Text.Json;
using System.Xml;
using System.Xml.Linq;

namespace Traceability.Epcis.Documents;

/// <summary>Writes events of the JSON form as EPCIS 2.0 XML, in the order of the standard's XML Schema.</summary>
internal static class XmlWriting
{
    private static readonly string[] Start =
        ["eventTime", "recordTime", "eventTimeZoneOffset", "eventID", "errorDeclaration", "certificationInfo"];

    private static readonly string[] Object =
    [
        .. Start, "epcList", "action", "bizStep", "disposition", "readPoint", "bizLocation", "bizTransactionList",
        "quantityList", "sourceList", "destinationList", "sensorElementList", "persistentDisposition", "ilmd"
    ];

    private static readonly string[] Aggregation =
    [
        .. Start, "parentID", "childEPCs", "action", "bizStep", "disposition", "readPoint", "bizLocation",
        "bizTransactionList", "childQuantityList", "sourceList", "destinationList", "sensorElementList",
        "persistentDisposition"
    ];

    private static readonly string[] Association =
    [
        .. Start, "parentID", "childEPCs", "childQuantityList", "action", "bizStep", "disposition", "readPoint",
        "bizLocation", "bizTransactionList", "sourceList", "destinationList", "sensorElementList",
        "persistentDisposition"
    ];

    private static readonly string[] Transaction =
    [
        .. Start, "bizTransactionList", "parentID", "epcList", "action", "bizStep", "disposition", "readPoint",
        "bizLocation", "quantityList", "sourceList", "destinationList", "sensorElementList", "persistentDisposition"
    ];

    private static readonly string[] Transformation =
    [
        .. Start, "inputEPCList", "inputQuantityList", "outputEPCList", "outputQuantityList", "transformationID",
        "bizStep", "disposition", "readPoint", "bizLocation", "bizTransactionList", "sourceList", "destinationList",
        "sensorElementList", "persistentDisposition", "ilmd"
    ];

    /// <summary>A document around the events.</summary>
    public static byte[] Document(IEnumerable<ReadOnlyMemory<byte>> bodies, DateTimeOffset created)
    {
        XNamespace epcis = "urn:epcglobal:epcis:xsd:2";
        return Write(Frame(epcis + "EPCISDocument", "epcis", created, Events(bodies)));
    }

    /// <summary>A query document around the events.</summary>
    public static byte[] QueryDocument(
        IEnumerable<ReadOnlyMemory<byte>> bodies, string queryName, string? subscriptionId, DateTimeOffset created)
    {
        XNamespace query = "urn:epcglobal:epcis-query:xsd:2";
        var results = new XElement(query + "QueryResults", new XElement("queryName", queryName));
        if (subscriptionId is not null) results.Add(new XElement("subscriptionID", subscriptionId));
        results.Add(new XElement("resultsBody", Events(bodies)));
        return Write(Frame(query + "EPCISQueryDocument", "epcisq", created, results));
    }

    private static XElement Frame(XName name, string prefix, DateTimeOffset created, XElement content) => new(
        name, new XAttribute(XNamespace.Xmlns + prefix, name.NamespaceName), new XAttribute("schemaVersion", "2.0"),
        new XAttribute("creationDate", EpcisTime.ToMilliseconds(created)),
        new XElement("EPCISBody", content));

    private static XElement Events(IEnumerable<ReadOnlyMemory<byte>> bodies) => new("EventList", bodies.Select(Event));

    private static byte[] Write(XElement root)
    {
        var stream = new MemoryStream();
        var settings = new XmlWriterSettings { Encoding = new UTF8Encoding(false) };
        using (XmlWriter writer = XmlWriter.Create(stream, settings))
        {
            root.WriteTo(writer);
        }

        return stream.ToArray();
    }

    private static XElement Event(ReadOnlyMemory<byte> body)
    {
        using JsonDocument document = JsonDocument.Parse(body);
        JsonElement json = document.RootElement;
        PrefixScope scope = json.TryGetProperty("@context"u8, out JsonElement context)
            ? PrefixScope.Standard.Enter(context, "/@context", out _)
            : PrefixScope.Standard;
        string type = json.GetProperty("type"u8).GetString()!;
        var writer = new XmlMembers(new XElement(type), scope);
        string[] order = type switch
        {
            "ObjectEvent" => Object,
            "TransactionEvent" => Transaction,
            "TransformationEvent" => Transformation,
            "AssociationEvent" => Association,
            _ => Aggregation
        };
        foreach (string name in order)
        {
            if (json.TryGetProperty(name, out JsonElement value)) writer.Add(name, value);
        }

        return writer.AddExtensions(json);
    }
}
