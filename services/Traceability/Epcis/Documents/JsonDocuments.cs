using System.Text.Json;

namespace Traceability.Epcis.Documents;

/// <summary>The frames around events: document, query document, list, single event (EPCIS 2.0 §9.2).</summary>
internal static class JsonDocuments
{
    public static Reading Read(JsonElement root, EpcisLimits limits)
    {
        if (root.ValueKind == JsonValueKind.Array)
        {
            return ReadEvents(root, PrefixScope.Standard, limits, HashRules.Json);
        }

        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new EpcisFormatException("document-type-unknown", "", "An EPCIS document is an object.");
        }

        string? type = root.TryGetProperty("type"u8, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
        if (type is not ("EPCISDocument" or "EPCISQueryDocument")) return ReadSingle(root, limits);

        PrefixScope scope = Scope(root);
        CheckHeader(root, isQuery: type == "EPCISQueryDocument");
        JsonElement body = Member(root, "epcisBody", "", JsonValueKind.Object);
        if (type == "EPCISDocument")
        {
            JsonElement events = Member(body, "eventList", "/epcisBody", JsonValueKind.Array);
            return ReadEvents(events, scope, limits, HashRules.Json with { Ignored = Ignored(root, scope, limits) });
        }

        JsonElement results = Member(body, "queryResults", "/epcisBody", JsonValueKind.Object);
        CheckText(results, "queryName", "/epcisBody/queryResults", needed: true);
        CheckText(results, "subscriptionID", "/epcisBody/queryResults", needed: false);
        JsonElement list = Member(results, "resultsBody", "/epcisBody/queryResults", JsonValueKind.Object);
        return ReadEvents(
            Member(list, "eventList", "/epcisBody/queryResults/resultsBody", JsonValueKind.Array), scope, limits,
            HashRules.Json with { Ignored = Ignored(results, scope, limits) });
    }

    private static Reading ReadSingle(JsonElement root, EpcisLimits limits)
    {
        Scope(root);
        var ids = new Identifiers(limits.CheckIds);
        return new Reading(null, [ReadEvent(root, 0, PrefixScope.Standard, ids, HashRules.Json)]);
    }

    private static Reading ReadEvents(JsonElement list, PrefixScope scope, EpcisLimits limits, HashRules rules)
    {
        int count = list.GetArrayLength();
        if (count > limits.Events)
        {
            throw new EpcisFormatException("too-many-events", "", $"The list has more than {limits.Events} events.");
        }

        var ids = new Identifiers(limits.CheckIds);
        var items = new List<ReadingItem>(count);
        foreach (JsonElement element in list.EnumerateArray())
        {
            items.Add(ReadEvent(element, items.Count, scope, ids, rules));
        }

        return new Reading(null, items);
    }

    public static ReadingItem ReadEvent(
        JsonElement element, int index, PrefixScope scope, Identifiers ids, HashRules rules)
    {
        try
        {
            return new ReadingItem(EventReader.Read(element, scope, ids, rules), null);
        }
        catch (EpcisFormatException e)
        {
            return new ReadingItem(null, e.ToProblem(index));
        }
    }

    private static PrefixScope Scope(JsonElement root)
    {
        if (root.TryGetProperty("@context"u8, out JsonElement context))
        {
            PrefixScope scope = PrefixScope.Standard.Enter(context, "/@context", out bool hasStandard);
            if (hasStandard) return scope;
        }

        throw new EpcisFormatException("context-missing", "/@context", "The document does not name the EPCIS context.");
    }

    private static void CheckHeader(JsonElement root, bool isQuery)
    {
        CheckText(root, "schemaVersion", "", needed: !isQuery);
        CheckText(root, "creationDate", "", needed: !isQuery);
        if (root.TryGetProperty("schemaVersion"u8, out JsonElement version)
            && !version.GetString()!.StartsWith("2.", StringComparison.Ordinal))
        {
            throw new EpcisFormatException("version-unknown", "/schemaVersion", "The JSON form belongs to EPCIS 2.");
        }

        if (root.TryGetProperty("creationDate"u8, out JsonElement date) && !EpcisTime.TryParse(date.GetString(), out _))
        {
            throw new EpcisFormatException("time-form", "/creationDate", "The creation date is a time with offset.");
        }

        foreach (JsonProperty member in root.EnumerateObject())
        {
            bool known = member.Name is "@context" or "id" or "type" or "schemaVersion" or "creationDate" or "epcisBody"
                || (!isQuery && member.Name is "instanceIdentifier" or "sender" or "receiver" or "epcisHeader");
            if (known || UriForm.IsUri(member.Name)) continue;
            throw new EpcisFormatException("member-unknown", "/" + JsonPointer.Escape(member.Name),
                "The document has no such member; extensions are named with a prefix or a URI.");
        }
    }

    private static JsonElement Member(JsonElement owner, string name, string path, JsonValueKind kind)
    {
        if (!owner.TryGetProperty(name, out JsonElement value))
        {
            throw new EpcisFormatException("member-missing", path, $"{name} is missing.");
        }

        return value.ValueKind == kind
            ? value
            : throw new EpcisFormatException("value-type", $"{path}/{name}", $"{name} has another type.");
    }

    private static void CheckText(JsonElement owner, string name, string path, bool needed)
    {
        if (needed || owner.TryGetProperty(name, out _)) Member(owner, name, path, JsonValueKind.String);
    }

    /// <summary>Extension members that the document asks to leave out of the hash: the reference algorithm's
    /// <c>ignoreFields</c>, under any prefix.</summary>
    private static HashSet<string> Ignored(JsonElement owner, PrefixScope scope, EpcisLimits limits)
    {
        HashSet<string> ignored = new(StringComparer.Ordinal);
        if (!limits.HashTool) return ignored;
        foreach (JsonProperty member in owner.EnumerateObject())
        {
            if (member.Value.ValueKind != JsonValueKind.Array
                || !member.Name.EndsWith(":ignoreFields", StringComparison.Ordinal)) continue;
            foreach (JsonElement item in member.Value.EnumerateArray())
            {
                if (item.ValueKind == JsonValueKind.String) ignored.Add(scope.Expand(item.GetString()!));
            }
        }

        return ignored;
    }
}
