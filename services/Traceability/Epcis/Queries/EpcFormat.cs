using System.Text.Json;
using System.Text.Json.Nodes;
using ServiceDefaults.Problems;
using Traceability.Gs1;

namespace Traceability.Epcis.Queries;

/// <summary>
/// How ids are written in answers (header <c>GS1-EPC-Format</c>): as they were captured, or as GS1 Digital Links. URNs
/// can't be made of links, whose GS1 keys don't tell how long the company prefix is.
/// </summary>
internal static class EpcFormat
{
    private const string Header = "GS1-EPC-Format";
    private const string Links = "Always_GS1_Digital_Link";
    private const string AsCaptured = "Never_Translates";

    private static readonly string[] Members =
    [
        "epcList", "childEPCs", "inputEPCList", "outputEPCList", "parentID", "quantityList", "childQuantityList",
        "inputQuantityList", "outputQuantityList", "readPoint", "bizLocation", "sourceList", "destinationList",
    ];

    /// <summary>Whether the request asks for Digital Links; the answer says what it gets.</summary>
    /// <exception cref="ProblemException">It asks for what there is not.</exception>
    public static bool IsLinks(HttpRequest request)
    {
        string asked = request.Headers[Header].ToString();
        if (asked is not ("" or "No_Preference" or AsCaptured or Links))
            throw new ProblemException(EpcisProblems.NotAcceptable("epc-format", ("value", asked)));
        request.HttpContext.Response.Headers[Header] = asked == Links ? Links : AsCaptured;
        return asked == Links;
    }

    /// <summary>The event with the ids of its items and places as Digital Links.</summary>
    public static ReadOnlyMemory<byte> AsLinks(ReadOnlyMemory<byte> json)
    {
        if (json.Span.IndexOf("urn:epc:"u8) < 0)
            return json;
        JsonObject e = (JsonObject)JsonNode.Parse(json.Span)!;
        foreach (string member in Members)
        {
            if (e[member] is { } value)
                e[member] = Translated(value);
        }
        return JsonSerializer.SerializeToUtf8Bytes(e);
    }

    private static JsonNode? Translated(JsonNode? value)
    {
        switch (value)
        {
            case JsonArray list:
                return new JsonArray([.. list.Select(Translated)]);
            case JsonObject part:
                return new JsonObject(part.Select(m => KeyValuePair.Create(m.Key, Translated(m.Value))));
            case JsonValue text when text.TryGetValue(out string? uri)
                && uri.StartsWith("urn:epc:", StringComparison.Ordinal):
                return Epc.ToCanonicalUri(uri);
            default:
                return value?.DeepClone();
        }
    }
}
