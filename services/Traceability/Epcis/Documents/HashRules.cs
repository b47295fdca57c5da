namespace Traceability.Epcis.Documents;

/// <summary>
/// Where the reference algorithm of the event hash tells XML and JSON apart: in XML the namespaces are the document's
/// own (<c>urn:epcglobal:cbv:mda</c> mostly lacks the colon that the JSON context gives it) and of the prefixes in
/// values only gs1 and cbv are known.
/// </summary>
internal sealed record HashRules
{
    public static HashRules Json { get; } = new();

    /// <summary>Extension members left out, as full names.</summary>
    public IReadOnlySet<string> Ignored { get; init; } = new HashSet<string>();

    /// <summary>In XML, what the prefix cbvmda stands for.</summary>
    public string? MasterData { get; init; }

    public bool IsXml { get; init; }

    /// <summary>A member's name as <c>{namespace}local</c> when it has a declared prefix.</summary>
    public string NameOf(string name, PrefixScope scope)
    {
        int colon = name.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0) return name;
        string prefix = name[..colon];
        string? found = MasterData is not null && prefix == "cbvmda" ? MasterData : scope.NamespaceOf(prefix);
        return found is null ? name : string.Concat("{", found, "}", name.AsSpan(colon + 1));
    }

    /// <summary>A value with its CURIE written out.</summary>
    public string ExpandValue(string text, PrefixScope scope)
    {
        if (!IsXml) return scope.Expand(text);
        return text.StartsWith("gs1:", StringComparison.Ordinal) || text.StartsWith("cbv:", StringComparison.Ordinal)
            ? PrefixScope.Standard.Expand(text)
            : text;
    }
}
