using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using ServiceDefaults.Problems;

namespace Traceability.Epcis.Queries;

/// <summary>The document in which a query is answered.</summary>
internal static class EventDocument
{
    /// <summary>The context of every document, which bodies of standard events are written in.</summary>
    public const string Context = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld";

    private static readonly JsonWriterOptions Readable =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Refuses a request that takes no JSON.</summary>
    /// <exception cref="ProblemException">It does not.</exception>
    public static void RequireJson(HttpRequest request)
    {
        var accepted = request.GetTypedHeaders().Accept;
        if (accepted.Count > 0 && !accepted.Any(a => a.MediaType.ToString().ToLowerInvariant()
                is "*/*" or "application/*" or "application/json" or "application/ld+json"))
            throw new ProblemException(EpcisProblems.NotAcceptable("epcis-not-acceptable"));
    }

    /// <summary>Writes an <c>EPCISQueryDocument</c> (EPCIS 2.0 §12.7).</summary>
    public static byte[] Write(
        IReadOnlyList<FoundEvent> events, DateTimeOffset now, string queryName, Guid? subscription = null)
    {
        ArrayBufferWriter<byte> output = new(1024 + events.Sum(e => e.Json.Length + 1));
        using (Utf8JsonWriter writer = new(output, Readable))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("@context");
            writer.WriteStringValue(Context);
            writer.WriteEndArray();
            writer.WriteString("type", "EPCISQueryDocument");
            writer.WriteString("schemaVersion", "2.0");
            writer.WriteString("creationDate", now.UtcDateTime.ToString(
                "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            writer.WriteStartObject("epcisBody");
            writer.WriteStartObject("queryResults");
            if (subscription is { } id)
                writer.WriteString("subscriptionID", id.ToString());
            writer.WriteString("queryName", queryName);
            writer.WriteStartObject("resultsBody");
            writer.WriteStartArray("eventList");
            foreach (FoundEvent e in events)
                writer.WriteRawValue(e.Json.Span, skipInputValidation: true);
            writer.WriteEndArray();
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
        return output.WrittenSpan.ToArray();
    }

    /// <summary>The answer to a query in the form that the request asks for.</summary>
    public static IResult Answer(
        HttpRequest request, IReadOnlyList<FoundEvent> events, DateTimeOffset now, string queryName)
    {
        if (EpcFormat.IsLinks(request))
            events = [.. events.Select(e => e with { Json = EpcFormat.AsLinks(e.Json) })];
        return IsXml(request) && CbvFormat(request)
            ? TypedResults.Bytes(
                EpcisDocuments.WriteXmlQuery(events.Select(e => e.Json), queryName, null, now), "application/xml")
            : TypedResults.Bytes(Write(events, now, queryName), "application/json");
    }

    /// <summary>Whether the form asked for first is XML.</summary>
    /// <exception cref="ProblemException">The request takes neither JSON nor XML.</exception>
    public static bool IsXml(HttpRequest request)
    {
        foreach (var accepted in request.GetTypedHeaders().Accept.OrderByDescending(a => a.Quality ?? 1))
        {
            switch (accepted.MediaType.ToString().ToLowerInvariant())
            {
                case "application/xml" or "text/xml":
                    return true;
                case "*/*" or "application/*" or "application/json" or "application/ld+json":
                    return false;
                default:
                    break;
            }
        }
        return request.Headers.Accept.Count == 0
            ? false
            : throw new ProblemException(EpcisProblems.NotAcceptable("epcis-not-acceptable"));
    }

    /// <summary>
    /// Tells the form of words in XML (header <c>GS1-CBV-XML-Format</c>): always Web URIs, as JSON's short words have no
    /// URN that would be right for every version.
    /// </summary>
    /// <exception cref="ProblemException">It asks for another.</exception>
    private static bool CbvFormat(HttpRequest request)
    {
        const string Header = "GS1-CBV-XML-Format", WebUri = "Always_Web_URI";
        string asked = request.Headers[Header].ToString();
        if (asked is not ("" or "No_Preference" or WebUri))
            throw new ProblemException(EpcisProblems.NotAcceptable("cbv-format", ("value", asked)));
        request.HttpContext.Response.Headers[Header] = WebUri;
        return true;
    }

    /// <summary>A collection of names.</summary>
    public static IResult Collection(IEnumerable<string> members)
    {
        ArrayBufferWriter<byte> output = new(1024);
        using (Utf8JsonWriter writer = new(output, Readable))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("@context");
            writer.WriteStringValue(Context);
            writer.WriteEndArray();
            writer.WriteString("type", "Collection");
            writer.WriteStartArray("member");
            foreach (string member in members)
                writer.WriteStringValue(member);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return TypedResults.Bytes(output.WrittenSpan.ToArray(), "application/json");
    }
}
