using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Traceability.Epcis.Documents;

/// <summary>The standard context (EPCIS 2.0 §10.2), put together from the standard's tables of members and words.
/// </summary>
internal static class StandardContext
{
    /// <summary>As JSON-LD 1.1.</summary>
    public static readonly JsonElement Json = JsonSerializer.SerializeToElement(Build());

    private static readonly FrozenSet<string> Terms = Json.EnumerateObject().Select(member => member.Name)
        .Where(name => !name.StartsWith('@') && !Namespaces.Standard.ContainsKey(name)).Append("baseURL")
        .ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Whether a document may not give the name another meaning.</summary>
    public static bool IsTerm(string name) => Terms.Contains(name);

    private static JsonObject Build()
    {
        var root = new JsonObject { ["@version"] = 1.1, ["@protected"] = true };
        foreach ((string prefix, string uri) in Namespaces.Standard) root[prefix] = uri;
        (root["id"], root["type"], root["eventID"]) = ("@id", "@type", "@id");
        Plain(root, "ObjectEvent AggregationEvent TransactionEvent TransformationEvent AssociationEvent Collection " +
            "EPCISDocument EPCISQueryDocument eventTimeZoneOffset action uom instanceIdentifier epcisHeader " +
            "masterData vocabularyList epcisBody queryResults subscriptionID queryName resultsBody eventList ilmd");
        root["schemaVersion"] = "owl:versionInfo";
        root["creationDate"] = Typed("dcterms:created", "xsd:dateTime");
        root["member"] = Set(Typed("rdfs:member", "@id"));
        Typed(root, "eventTime recordTime", "xsd:dateTimeStamp");
        Typed(root, "sender receiver", "xsd:string");
        Typed(root, "quantity", "xsd:decimal");
        Typed(root, "bizLocation readPoint transformationID parentID epcClass", "@id");
        foreach (string list in "certificationInfo epcList childEPCs inputEPCList outputEPCList children".Split(' '))
        {
            root[list] = Set(Typed("epcis:" + list, "@id"));
        }

        foreach (string list in "quantityList childQuantityList inputQuantityList outputQuantityList".Split(' '))
        {
            root[list] = Set(new JsonObject { ["@id"] = "epcis:" + list });
        }

        root["bizStep"] = Words("epcis:bizStep", Vocabulary.BizSteps);
        root["disposition"] = Words("epcis:disposition", Vocabulary.Dispositions);
        root["bizTransactionList"] = Links(
            "bizTransactionList", "epcis:bizTransactionType", Vocabulary.TransactionTypes, "bizTransaction", "@id");
        root["sourceList"] = SourceOrDestination("sourceList", "source");
        root["destinationList"] = SourceOrDestination("destinationList", "destination");
        root["persistentDisposition"] = PersistentDisposition();
        root["errorDeclaration"] = ErrorDeclaration();
        root["sensorElementList"] = SensorElements();
        return root;
    }

    private static JsonObject SourceOrDestination(string list, string idName) =>
        Links(list, "epcis:sourceOrDestinationType", Vocabulary.SourceDestinationTypes, idName,
            Typed("epcis:sourceOrDestination", "@id"));

    private static JsonObject Links(string list, string typeUri, WordSet types, string idName, JsonNode id) =>
        Set(Scoped("epcis:" + list, new JsonObject { [idName] = id, ["type"] = Words(typeUri, types) }));

    private static JsonObject PersistentDisposition()
    {
        JsonObject scope = TermsOf(Vocabulary.Dispositions);
        foreach (string name in new[] { "set", "unset" }) scope[name] = Set(Typed("epcis:" + name, "@vocab"));
        return Set(Scoped("epcis:persistentDisposition", scope));
    }

    private static JsonObject ErrorDeclaration() => Scoped("epcis:errorDeclaration", new JsonObject
    {
        ["reason"] = Words("epcis:reason", Vocabulary.ErrorReasons),
        ["correctiveEventIDs"] = Set(Typed("epcis:correctiveEventIDs", "@id")),
        ["declarationTime"] = Typed("epcis:declarationTime", "xsd:dateTimeStamp")
    });

    private static JsonObject SensorElements()
    {
        var metadata = new JsonObject();
        Typed(metadata, "startTime endTime", "xsd:dateTimeStamp");
        Typed(metadata, "bizRules", "@id");
        var report = new JsonObject
        {
            ["type"] = Words("epcis:measurementType", Vocabulary.Measurements),
            ["exception"] = Words("epcis:exception", Vocabulary.Alerts),
            ["component"] = Words("epcis:component", Vocabulary.Components)
        };
        Plain(report, "stringValue");
        Typed(report, "time", "xsd:dateTimeStamp");
        Typed(report, "coordinateReferenceSystem microorganism chemicalSubstance uriValue", "@id");
        Typed(report, "value minValue maxValue meanValue sDev percRank percValue", "xsd:double");
        Typed(report, "booleanValue", "xsd:boolean");
        Typed(report, "hexBinaryValue", "xsd:hexBinary");
        var scope = new JsonObject { ["type"] = "@type" };
        Typed(scope, "deviceID deviceMetadata rawData dataProcessingMethod", "@id");
        Typed(scope, "time", "xsd:dateTimeStamp");
        scope["sensorMetadata"] = Scoped("epcis:sensorMetadata", metadata);
        scope["sensorReport"] = Scoped("epcis:sensorReport", report);
        return Set(Scoped("epcis:sensorElementList", scope));
    }

    private static void Plain(JsonObject scope, string names)
    {
        foreach (string name in names.Split(' ')) scope[name] = "epcis:" + name;
    }

    private static void Typed(JsonObject scope, string names, string type)
    {
        foreach (string name in names.Split(' ')) scope[name] = Typed("epcis:" + name, type);
    }

    private static JsonObject Typed(string uri, string type) => new() { ["@id"] = uri, ["@type"] = type };

    private static JsonObject Set(JsonObject term)
    {
        term["@container"] = "@set";
        return term;
    }

    private static JsonObject Scoped(string uri, JsonObject scope)
    {
        scope["@protected"] = true;
        return new JsonObject { ["@id"] = uri, ["@context"] = scope };
    }

    private static JsonObject Words(string uri, WordSet words) =>
        new() { ["@id"] = uri, ["@type"] = "@vocab", ["@context"] = TermsOf(words) };

    private static JsonObject TermsOf(WordSet words)
    {
        var terms = new JsonObject();
        foreach (string word in words.Words) terms[word] = Namespaces.Compact(words.UriPrefix + word);
        return terms;
    }
}
