using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace Traceability.Epcis.Documents;

/// <summary>
/// EPCIS 1.2 and 2.0 XML (EPCIS 2.0 §9.5). The text is walked once for form and limits before any event is made of it,
/// so a document broken at its end yields nothing. DTDs, and with them entities, are refused; nothing is resolved.
/// </summary>
internal static partial class XmlDocuments
{
    private static readonly HashSet<string> Own = new(StringComparer.Ordinal)
    {
        "", "urn:epcglobal:epcis:xsd:1", "urn:epcglobal:epcis:xsd:2",
        "urn:epcglobal:epcis-query:xsd:1", "urn:epcglobal:epcis-query:xsd:2"
    };

    private static readonly HashSet<string> EventNames = new(StringComparer.Ordinal)
    {
        "ObjectEvent", "AggregationEvent", "TransactionEvent", "TransformationEvent", "AssociationEvent",
        "QuantityEvent"
    };

    public static Reading Read(ReadOnlyMemory<byte> xml, EpcisLimits limits) => Walk(xml, limits, reader =>
        IsOwn(reader, EventNames)
            ? new Reading(null, [ReadEvent(reader, 0, new Identifiers(limits.CheckIds), [], limits.Depth)])
            : ReadDocument(reader, limits));

    /// <summary>Reads from the root on what is well-formed and within the limits to its end.</summary>
    private static T Walk<T>(ReadOnlyMemory<byte> xml, EpcisLimits limits, Func<XmlReader, T> read)
    {
        if (xml.Length > limits.Bytes)
        {
            throw new EpcisFormatException(
                "document-too-large", "", $"The document has more than {limits.Bytes} bytes.");
        }

        try
        {
            CheckForm(xml, limits);
            using XmlReader reader = Open(xml, limits);
            reader.MoveToContent();
            return read(reader);
        }
        catch (Exception e) when (e is XmlException or DecoderFallbackException)
        {
            throw Broken(e);
        }
    }

    private static EpcisFormatException Broken(Exception fault)
    {
        if (fault.Message.Contains("DTD", StringComparison.Ordinal))
        {
            return new EpcisFormatException("xml-dtd", "", "Document type declarations and entities are not accepted.");
        }

        string where = fault is XmlException { LineNumber: > 0 } at
            ? $" (line {at.LineNumber}, {at.LinePosition})"
            : "";
        return new EpcisFormatException("xml-broken", "", $"The text is not well-formed XML{where}.");
    }

    private static XmlReader Open(ReadOnlyMemory<byte> xml, EpcisLimits limits) =>
        XmlReader.Create(new MemoryStream(WithoutEmptyDoctype(xml), writable: false), new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            MaxCharactersInDocument = limits.Bytes,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
            IgnoreWhitespace = true
        });

    /// <summary>GS1's own documents carry <c>&lt;!DOCTYPE project&gt;</c>, which declares nothing: it is blanked, so
    /// that everything that does declare something stays refused.</summary>
    private static byte[] WithoutEmptyDoctype(ReadOnlyMemory<byte> xml)
    {
        byte[] text = xml.ToArray();
        string start = Encoding.Latin1.GetString(text.AsSpan(0, Math.Min(text.Length, 512)));
        Match match = EmptyDoctype().Match(start);
        if (match.Success) text.AsSpan(match.Groups[1].Index, match.Groups[1].Length).Fill((byte)' ');
        return text;
    }

    private static void CheckForm(ReadOnlyMemory<byte> xml, EpcisLimits limits)
    {
        using XmlReader reader = Open(xml, limits);
        while (reader.Read())
        {
            if (reader.Depth > limits.Depth)
            {
                throw new EpcisFormatException(
                    "xml-too-deep", "", $"The text nests deeper than {limits.Depth} levels.");
            }
        }
    }

    private static Reading ReadDocument(XmlReader reader, EpcisLimits limits)
    {
        if (!IsOwn(reader, "EPCISDocument") && !IsOwn(reader, "EPCISQueryDocument"))
        {
            throw new EpcisFormatException("document-type-unknown", "", "The root is no EPCIS document and no event.");
        }

        CheckVersion(reader);
        var ids = new Identifiers(limits.CheckIds);
        var items = new List<ReadingItem>();
        HashSet<string> ignored = new(StringComparer.Ordinal);
        bool listed = false;
        reader.Read();
        while (!reader.EOF)
        {
            if (reader.NodeType != XmlNodeType.Element)
            {
                reader.Read();
            }
            else if (IsOwn(reader, EventNames) && listed)
            {
                if (items.Count == limits.Events)
                {
                    throw new EpcisFormatException(
                        "too-many-events", "", $"The list has more than {limits.Events} events.");
                }

                items.Add(ReadEvent(reader, items.Count, ids, ignored, limits.Depth));
            }
            else if (limits.HashTool && reader.LocalName == "ignoreFields" && !IsOwn(reader))
            {
                AddIgnored(reader, ignored);
            }
            else if (IsFrame(reader) || (listed && IsOwn(reader, "extension")))
            {
                listed |= reader.LocalName == "EventList";
                reader.Read();
            }
            else
            {
                // Header, master data, query names and what others add around the events.
                reader.Skip();
            }
        }

        return listed
            ? new Reading(null, items)
            : throw new EpcisFormatException("member-missing", "", "EventList is missing.");
    }

    private static ReadingItem ReadEvent(
        XmlReader reader, int index, Identifiers ids, HashSet<string> ignored, int depth)
    {
        var element = (XElement)XNode.ReadFrom(reader);
        try
        {
            var names = new XmlNames(IsOwn);
            JsonObject json = new XmlEvents(names).ToJson(element);
            var rules = new HashRules { IsXml = true, Ignored = ignored, MasterData = names.MasterData };
            var options = new JsonDocumentOptions { MaxDepth = depth };
            using JsonDocument document = JsonDocument.Parse(Encoding.UTF8.GetBytes(json.ToJsonString()), options);
            return JsonDocuments.ReadEvent(document.RootElement, index, PrefixScope.Standard, ids, rules);
        }
        catch (EpcisFormatException e)
        {
            return new ReadingItem(null, e.ToProblem(index));
        }
        catch (JsonException)
        {
            // Elements that repeat are a list, and so nest deeper in JSON than in XML.
            return new ReadingItem(null, new EpcisProblem(
                index, "xml-too-deep", "", $"The event nests deeper than {depth} levels in its JSON form."));
        }
    }

    private static void AddIgnored(XmlReader reader, HashSet<string> ignored)
    {
        var element = (XElement)XNode.ReadFrom(reader);
        foreach (XElement field in element.Elements()) ignored.Add(field.Name.NamespaceName + field.Name.LocalName);
    }

    private static void CheckVersion(XmlReader reader)
    {
        string? version = reader.GetAttribute("schemaVersion");
        if (version is not ("1" or "1.0" or "1.1" or "1.2" or "2.0" or "2.0.0" or "2.0.1"))
        {
            throw new EpcisFormatException("version-unknown", "/schemaVersion", "EPCIS 1.0 to 1.2 and 2.0 are known.");
        }

        // Query documents in use write the attribute otherwise or leave it away.
        string? created = reader.GetAttribute("creationDate");
        if (created is not null && !EpcisTime.TryParse(created.Trim(), out _))
        {
            throw new EpcisFormatException("time-form", "/creationDate", "The creation date is a time with offset.");
        }
    }

    private static bool IsFrame(XmlReader reader) =>
        IsOwn(reader) && reader.LocalName is "EPCISBody" or "EventList" or "QueryResults" or "resultsBody";

    private static bool IsOwn(XmlReader reader) => Own.Contains(reader.NamespaceURI);

    private static bool IsOwn(XmlReader reader, string name) => reader.LocalName == name && IsOwn(reader);

    private static bool IsOwn(XmlReader reader, HashSet<string> names) =>
        names.Contains(reader.LocalName) && IsOwn(reader);

    private static bool IsOwn(string uri) => Own.Contains(uri);

    [GeneratedRegex("^(?:\u00EF\u00BB\u00BF)?(?:<\\?xml [^<>]*\\?>)?\\s*(<!DOCTYPE\\s+[A-Za-z:_.-]+\\s*>)",
        RegexOptions.CultureInvariant)]
    private static partial Regex EmptyDoctype();
}
