using System.Text.Json;

namespace Traceability.Epcis.Documents;

/// <summary>
/// An active context of JSON-LD 1.1 (API §4) with what EPCIS uses: prefixes, terms, types, sets and contexts scoped to
/// a property. Languages, lists, indexes, nesting and contexts to fetch are not there.
/// </summary>
internal sealed class LinkedDataContext
{
    private const string Delimiters = ":/?#[]@";
    private readonly Dictionary<string, Term> _terms;

    private LinkedDataContext(Dictionary<string, Term> terms) => _terms = terms;

    /// <param name="Uri">What the term stands for, a keyword perhaps.</param>
    /// <param name="Type">What its values are: @id, @vocab, a datatype, or nothing.</param>
    /// <param name="IsPrefix">Whether it makes CURIEs.</param>
    /// <param name="Scope">A context in force below it.</param>
    public sealed record Term(string Uri, string? Type, bool IsPrefix, JsonElement? Scope);

    public static LinkedDataContext Empty { get; } = new([]);

    public static LinkedDataContext Standard { get; } = Empty.Enter(StandardContext.Json);

    public Term? Find(string name) => _terms.GetValueOrDefault(name);

    /// <summary>This context with a local one on top (API §4.1.2).</summary>
    public LinkedDataContext Enter(JsonElement local)
    {
        switch (local.ValueKind)
        {
            case JsonValueKind.Array:
                return local.EnumerateArray().Aggregate(this, (context, part) => context.Enter(part));
            case JsonValueKind.String when Namespaces.ContextUris.Contains(local.GetString()!):
                return ReferenceEquals(this, Empty) ? Standard : Enter(StandardContext.Json);
            case JsonValueKind.Object:
                return Define(local);
            default:
                throw new EpcisFormatException("context-unknown", "/@context", "Nothing is fetched for a context.");
        }
    }

    /// <summary>A name or value in full (API §5.2); nothing for what looks like a keyword and is none.</summary>
    public string? Expand(string text, bool asTerm)
    {
        if (text.StartsWith('@')) return text;
        if (asTerm && _terms.TryGetValue(text, out Term? term)) return term.Uri;
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || text.AsSpan(colon + 1).StartsWith("//")) return text;
        return _terms.TryGetValue(text[..colon], out Term? prefix) && prefix.IsPrefix
            ? prefix.Uri + text[(colon + 1)..]
            : text;
    }

    private LinkedDataContext Define(JsonElement local)
    {
        var defined = new LinkedDataContext(new Dictionary<string, Term>(_terms, StringComparer.Ordinal));

        // Prefixes first: terms are written with them, in whatever order the members stand.
        foreach (JsonProperty member in local.EnumerateObject())
        {
            if (!member.Name.StartsWith('@') && member.Value.ValueKind == JsonValueKind.String
                && !member.Value.GetString()!.StartsWith('@'))
            {
                defined._terms[member.Name] = new Term(member.Value.GetString()!, null, false, null);
            }
        }

        foreach (JsonProperty member in local.EnumerateObject())
        {
            if (!member.Name.StartsWith('@')) defined._terms[member.Name] = defined.TermOf(member, local);
        }

        return defined;
    }

    private Term TermOf(JsonProperty member, JsonElement local)
    {
        if (member.Value.ValueKind == JsonValueKind.String)
        {
            string uri = InFull(member.Value.GetString()!, local);
            return new Term(uri, null, uri.Length > 0 && Delimiters.Contains(uri[^1], StringComparison.Ordinal), null);
        }

        string id = member.Value.TryGetProperty("@id"u8, out JsonElement given) ? given.GetString()! : member.Name;
        string? type = member.Value.TryGetProperty("@type"u8, out JsonElement typed) ? typed.GetString() : null;
        return new Term(
            InFull(id, local), type is null || type.StartsWith('@') ? type : InFull(type, local),
            member.Value.TryGetProperty("@prefix"u8, out JsonElement prefix) && prefix.ValueKind == JsonValueKind.True,
            member.Value.TryGetProperty("@context"u8, out JsonElement scope) ? scope : null);
    }

    /// <summary>Inside a context a prefix counts whatever its last character is (API §4.2.2, step 14).</summary>
    private string InFull(string text, JsonElement local)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (text.StartsWith('@') || colon <= 0 || text.AsSpan(colon + 1).StartsWith("//")) return text;
        string prefix = text[..colon];
        string? uri = local.TryGetProperty(prefix, out JsonElement own) && own.ValueKind == JsonValueKind.String
            ? own.GetString()
            : _terms.GetValueOrDefault(prefix)?.Uri;
        return uri is null ? text : uri + text[(colon + 1)..];
    }
}
