using System.Collections.Frozen;

namespace Traceability.Epcis.Documents;

/// <summary>The namespaces whose prefixes the standard context declares (EPCIS 2.0 §10.2).</summary>
internal static class Namespaces
{
    public const string Epcis = "https://ref.gs1.org/epcis/";
    public const string Cbv = "https://ref.gs1.org/cbv/";
    public const string Gs1 = "https://gs1.org/voc/";
    public const string MasterData = "urn:epcglobal:cbv:mda:";

    public static readonly FrozenDictionary<string, string> Standard = new Dictionary<string, string>
    {
        ["epcis"] = Epcis,
        ["cbv"] = Cbv,
        ["cbvmda"] = MasterData,
        ["gs1"] = Gs1,
        ["rdfs"] = "http://www.w3.org/2000/01/rdf-schema#",
        ["owl"] = "http://www.w3.org/2002/07/owl#",
        ["xsd"] = "http://www.w3.org/2001/XMLSchema#",
        ["dcterms"] = "http://purl.org/dc/terms/"
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Addresses under which documents name the standard context; all mean the vendored one.</summary>
    public static readonly FrozenSet<string> ContextUris = new[]
    {
        EpcisDocuments.ContextUri,
        "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
        "https://ref.gs1.org/standards/epcis/2.0.1/epcis-context.jsonld",
        "https://gs1.github.io/EPCIS/epcis-context.jsonld"
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The web URI with its namespace as prefix.</summary>
    public static string Compact(string uri)
    {
        if (uri.StartsWith(Cbv, StringComparison.Ordinal)) return "cbv:" + uri[Cbv.Length..];
        if (uri.StartsWith(Gs1, StringComparison.Ordinal)) return "gs1:" + uri[Gs1.Length..];
        return uri;
    }
}
