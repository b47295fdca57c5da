using System.Text.Json;
using System.Text.Json.Nodes;

namespace Traceability.Epcis.Documents;

/// <summary>Expansion of JSON-LD 1.1 (API §5.1) for what EPCIS documents hold: names and words in full, values with
/// their types, everything in lists.</summary>
internal static class LinkedData
{
    /// <summary>A document in expanded form.</summary>
    public static JsonArray Expand(JsonElement root, LinkedDataContext context)
    {
        var result = new JsonArray();
        Add(result, Element(root, context, null));

        // What only has an id, or nothing, says nothing by itself (§5.1, step 19).
        for (int i = result.Count - 1; i >= 0; i--)
        {
            if (result[i] is not JsonObject one || one.Count == 0 || (one.Count == 1 && one.ContainsKey("@id")))
            {
                result.RemoveAt(i);
            }
        }

        return result;
    }

    private static JsonNode? Element(JsonElement value, LinkedDataContext context, string? property)
    {
        LinkedDataContext.Term? term = property is null ? null : context.Find(property);
        switch (value.ValueKind)
        {
            case JsonValueKind.Null:
                return null;
            case JsonValueKind.Array:
                var list = new JsonArray();
                foreach (JsonElement item in value.EnumerateArray()) Add(list, Element(item, context, property));
                return list;
            case JsonValueKind.Object:
                return Node(value, term?.Scope is { } scope ? context.Enter(scope) : context);
            default:
                if (property is null) return null;
                return Value(value, term?.Scope is { } inner ? context.Enter(inner) : context, term?.Type);
        }
    }

    private static JsonObject? Node(JsonElement value, LinkedDataContext context)
    {
        if (value.TryGetProperty("@context"u8, out JsonElement local)) context = context.Enter(local);
        var node = new JsonObject();
        foreach (JsonProperty member in value.EnumerateObject())
        {
            if (member.NameEquals("@context"u8)) continue;
            string? name = context.Expand(member.Name, asTerm: true);
            if (name is null || !name.Contains(':', StringComparison.Ordinal) && !name.StartsWith('@')) continue;
            if (name.StartsWith('@')) AddKeyword(node, name, member.Value, context);
            else if (Element(member.Value, context, member.Name) is { } expanded) AddTo(node, name, expanded);
        }

        if (!node.ContainsKey("@value")) return node;
        return node["@value"] is null ? null : node;
    }

    private static void AddKeyword(JsonObject node, string keyword, JsonElement value, LinkedDataContext context)
    {
        switch (keyword)
        {
            case "@id" when value.ValueKind == JsonValueKind.String:
                node[keyword] = context.Expand(value.GetString()!, asTerm: false);
                break;
            case "@type":
                bool several = value.ValueKind == JsonValueKind.Array;
                IEnumerable<JsonElement> types = several ? value.EnumerateArray() : [value];
                foreach (JsonElement type in types)
                {
                    if (type.ValueKind != JsonValueKind.String) continue;
                    AddTo(node, keyword, context.Expand(type.GetString()!, asTerm: true));
                }

                break;
            case "@value":
                node[keyword] = JsonValue.Create(value);
                break;
        }
    }

    private static JsonObject Value(JsonElement value, LinkedDataContext context, string? type)
    {
        if (type is "@id" or "@vocab" && value.ValueKind == JsonValueKind.String)
        {
            return new JsonObject { ["@id"] = context.Expand(value.GetString()!, asTerm: type == "@vocab") };
        }

        var one = new JsonObject { ["@value"] = JsonValue.Create(value) };
        if (type is not null && !type.StartsWith('@')) one["@type"] = type;
        return one;
    }

    private static void AddTo(JsonObject node, string name, JsonNode? value)
    {
        if (node[name] is not JsonArray all) node[name] = all = [];
        Add(all, value);
    }

    private static void Add(JsonArray all, JsonNode? value)
    {
        if (value is JsonArray list)
        {
            foreach (JsonNode? item in list) all.Add(item?.DeepClone());
        }
        else if (value is not null)
        {
            all.Add(value);
        }
    }
}
