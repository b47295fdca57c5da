using System.Text.Json;
using System.Text.Json.Nodes;
using Traceability.Epcis.Documents;

namespace Traceability.Epcis;

/// <summary>
/// Reads EPCIS documents, query documents, single events and bare lists of events, without any I/O. Nothing that a
/// document names is fetched: contexts come from this assembly, DTDs and external entities are refused.
/// </summary>
public static class EpcisDocuments
{
    /// <summary>The standard context's address, which documents around <see cref="EpcisEvent.Body"/> name.</summary>
    public const string ContextUri = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld";

    /// <summary>The JSON Schema of one event (draft 2020-12): what <see cref="ReadJson"/> checks besides GS1's ids,
    /// contexts and the order of times.</summary>
    public static ReadOnlyMemory<byte> Schema { get; } = Embedded("epcis-event.json");

    /// <summary>Reads EPCIS 2.0 JSON: an EPCISDocument, an EPCISQueryDocument, one event, or an array of events.
    /// </summary>
    public static Reading ReadJson(ReadOnlyMemory<byte> utf8, EpcisLimits? limits = null)
    {
        try
        {
            using JsonDocument document = StrictJson.Parse(utf8, limits ?? EpcisLimits.Default);
            return JsonDocuments.Read(document.RootElement, limits ?? EpcisLimits.Default);
        }
        catch (EpcisFormatException e)
        {
            return new Reading(e.ToProblem(null), []);
        }
    }

    /// <summary>The standard context as this assembly holds it, JSON-LD 1.1.</summary>
    public static string Context => $$"""{"@context":{{StandardContext.Json.GetRawText()}}}""";

    /// <summary>A document, or an event's body, in JSON-LD's expanded form: names and words as full URIs, values with
    /// their types. A body without the standard context's address is read as if it had it.</summary>
    /// <exception cref="JsonException">The text is not JSON.</exception>
    /// <exception cref="FormatException">A context would have to be fetched.</exception>
    public static byte[] Expand(ReadOnlyMemory<byte> utf8)
    {
        using JsonDocument document = JsonDocument.Parse(utf8);
        JsonArray expanded = LinkedData.Expand(document.RootElement, LinkedDataContext.Standard);
        return JsonSerializer.SerializeToUtf8Bytes(expanded);
    }

    /// <summary>Reads EPCIS 1.2 or 2.0 XML: an EPCISDocument, an EPCISQueryDocument or one event.</summary>
    public static Reading ReadXml(ReadOnlyMemory<byte> xml, EpcisLimits? limits = null)
    {
        try
        {
            return XmlDocuments.Read(xml, limits ?? EpcisLimits.Default);
        }
        catch (EpcisFormatException e)
        {
            return new Reading(e.ToProblem(null), []);
        }
    }

    /// <summary>Reads an EPCISQueryDocument of EPCIS 1.2 or 2.0 XML that asks: one <c>Poll</c>, without SOAP.</summary>
    internal static (PollRequest? Poll, EpcisProblem? Problem) ReadXmlPoll(ReadOnlyMemory<byte> xml, EpcisLimits limits)
    {
        try
        {
            return (XmlDocuments.ReadPoll(xml, limits), null);
        }
        catch (EpcisFormatException e)
        {
            return (null, e.ToProblem(null));
        }
    }

    /// <summary>An EPCISDocument of EPCIS 2.0 XML, UTF-8, around the bodies of checked events.</summary>
    public static byte[] WriteXml(IEnumerable<ReadOnlyMemory<byte>> bodies, DateTimeOffset created) =>
        XmlWriting.Document(bodies, created);

    /// <summary>An EPCISQueryDocument of EPCIS 2.0 XML, UTF-8, around the bodies of checked events.</summary>
    public static byte[] WriteXmlQuery(
        IEnumerable<ReadOnlyMemory<byte>> bodies, string queryName, string? subscriptionId, DateTimeOffset created) =>
        XmlWriting.QueryDocument(bodies, queryName, subscriptionId, created);

    private static byte[] Embedded(string name)
    {
        using Stream stream = typeof(EpcisDocuments).Assembly
            .GetManifestResourceStream($"Traceability.Epcis.Documents.Schema.{name}")!;
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
