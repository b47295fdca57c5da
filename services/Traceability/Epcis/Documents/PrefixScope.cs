using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Traceability.Epcis.Documents;

/// <summary>
/// The contexts in force (JSON-LD 1.1 §4.1, the part that EPCIS needs): the standard context, which is always meant,
/// and the prefixes and terms that a document adds in its text. Addresses other than the standard context's are
/// refused, since nothing is fetched.
/// </summary>
internal sealed class PrefixScope
{
    /// <summary>So many definitions a document may add; each event pays for all of them.</summary>
    public const int AddedMax = 200;

    private readonly Dictionary<string, Definition> _added;

    private PrefixScope(Dictionary<string, Definition> added) => _added = added;

    /// <param name="Namespace">What a prefix stands for; null for other terms.</param>
    /// <param name="Json">The definition as received.</param>
    /// <param name="Mark">The text that shows a prefix in use; null where none shows it for certain.</param>
    private sealed record Definition(string? Namespace, byte[] Json, byte[]? Mark);

    public static PrefixScope Standard { get; } = new([]);

    /// <summary>Whether the document added anything.</summary>
    public bool HasAdded => _added.Count > 0;

    /// <summary>The scope inside an object with this <c>@context</c>.</summary>
    /// <param name="context">The value of <c>@context</c>.</param>
    /// <param name="path">JSON pointer of the value, for problems.</param>
    /// <param name="hasStandard">Whether the standard context is named.</param>
    public PrefixScope Enter(JsonElement context, string path, out bool hasStandard)
    {
        hasStandard = false;
        var added = new Dictionary<string, Definition>(_added, StringComparer.Ordinal);
        if (context.ValueKind == JsonValueKind.Array)
        {
            int index = 0;
            foreach (JsonElement part in context.EnumerateArray())
            {
                hasStandard |= Add(part, $"{path}/{index++}", added);
            }
        }
        else
        {
            hasStandard = Add(context, path, added);
        }

        return added.Count == 0 ? Standard : new PrefixScope(added);
    }

    /// <summary>The namespace of a prefix, or null.</summary>
    public string? NamespaceOf(string prefix) =>
        _added.TryGetValue(prefix, out Definition? definition)
            ? definition.Namespace
            : Namespaces.Standard.GetValueOrDefault(prefix);

    /// <summary>A CURIE with a declared prefix in full; other text unchanged.</summary>
    public string Expand(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || text.AsSpan(colon + 1).StartsWith("//")) return text;
        return NamespaceOf(text[..colon]) is { } found ? found + text[(colon + 1)..] : text;
    }

    /// <summary>Writes the added definitions that an event uses as its <c>@context</c>.</summary>
    /// <param name="writer">Inside the object that gets the member.</param>
    /// <param name="body">The event's other members, written as they will stand.</param>
    public void WriteUsed(Utf8JsonWriter writer, ReadOnlySpan<byte> body)
    {
        bool open = false;
        foreach ((string name, Definition definition) in _added)
        {
            if (definition.Mark is { } mark && body.IndexOf(mark) < 0) continue;
            if (!open)
            {
                writer.WriteStartArray("@context"u8);
                writer.WriteStartObject();
                open = true;
            }

            writer.WritePropertyName(name);
            writer.WriteRawValue(definition.Json);
        }

        if (!open) return;
        writer.WriteEndObject();
        writer.WriteEndArray();
    }

    private static bool Add(JsonElement part, string path, Dictionary<string, Definition> added)
    {
        if (part.ValueKind == JsonValueKind.String)
        {
            if (Namespaces.ContextUris.Contains(part.GetString()!)) return true;
            throw new EpcisFormatException("context-unknown", path,
                "Only the standard context can be named by its address; write others out in the document.");
        }

        if (part.ValueKind != JsonValueKind.Object)
        {
            throw new EpcisFormatException("context-form", path, "A context is an address or an object.");
        }

        foreach (JsonProperty member in part.EnumerateObject()) Define(member, path, added);
        return false;
    }

    private static void Define(JsonProperty member, string path, Dictionary<string, Definition> added)
    {
        string name = member.Name;
        string at = $"{path}/{JsonPointer.Escape(name)}";
        bool isText = member.Value.ValueKind == JsonValueKind.String;
        if (name is "@version" or "@protected") return;
        if (name.StartsWith('@') || name.Length == 0 || name.Contains(':', StringComparison.Ordinal))
        {
            throw new EpcisFormatException("context-unsupported", at, $"{name} is not supported in a context here.");
        }

        if (StandardContext.IsTerm(name)) throw Redefined(name, at);
        string? uri = isText ? member.Value.GetString() : null;
        if (isText && !UriForm.IsUri(uri + "x"))
        {
            throw new EpcisFormatException("context-form", at, $"The prefix {name} does not stand for a URI.");
        }

        // Upstream examples give cbvmda another meaning, against the standard context's protection: it is let through.
        if (Namespaces.Standard.TryGetValue(name, out string? standard))
        {
            if (uri == standard) return;
            if (name != "cbvmda" || uri is null) throw Redefined(name, at);
        }

        if (!isText
            && (member.Value.ValueKind != JsonValueKind.Object || member.Value.TryGetProperty("@context"u8, out _)))
        {
            throw new EpcisFormatException("context-form", at, $"{name} is neither a prefix nor a term.");
        }

        byte[] json = JsonMarshal.GetRawUtf8Value(member.Value).ToArray();
        if (added.Count == AddedMax && !added.ContainsKey(name)) throw TooMany(path);
        bool shows = uri is not null && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.');
        added[name] = new Definition(uri, json, shows ? Encoding.UTF8.GetBytes($"\"{name}:") : null);
    }

    public static EpcisFormatException TooMany(string path) =>
        new("context-too-large", path, $"More than {AddedMax} prefixes and terms are added.");

    private static EpcisFormatException Redefined(string name, string at) =>
        new("context-redefines", at, $"{name} is a term of the standard context and keeps its meaning.");
}
