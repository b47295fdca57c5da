namespace Traceability.Gs1;

/// <summary>Rules between the elements of one symbol or one item, GS1 General Specifications section 4.14.</summary>
public static class ElementRules
{
    /// <summary>The first rule that elements break; none when all are kept.</summary>
    public static Gs1Error Check(IReadOnlyList<(string Ai, string Value)> elements)
    {
        Gs1Error error = Repeats(elements);
        if (error.IsNone)
            error = Exclusions(elements);
        if (error.IsNone)
            error = Requisites(elements);
        return error.IsNone ? SignedSerials(elements) : error;
    }

    /// <summary>An identifier may be repeated only with the same value.</summary>
    internal static Gs1Error Repeats(IReadOnlyList<(string Ai, string Value)> elements)
    {
        Dictionary<string, string> values = new(StringComparer.Ordinal);
        for (int i = 0; i < elements.Count; i++)
        {
            if (!values.TryAdd(elements[i].Ai, elements[i].Value) && values[elements[i].Ai] != elements[i].Value)
                return new Gs1Error("ai-repeated", $"AI ({elements[i].Ai}) has two values.", i, 1);
        }
        return default;
    }

    /// <summary>Some identifiers shut others out.</summary>
    internal static Gs1Error Exclusions(IReadOnlyList<(string Ai, string Value)> elements)
    {
        for (int i = 0; i < elements.Count; i++)
        {
            if (!SyntaxDictionary.Gs1.TryFind(elements[i].Ai, out ApplicationIdentifier? ai))
                continue;
            foreach (string pattern in ai.Excludes)
            {
                foreach ((string other, _) in elements)
                {
                    if (other != ai.Code && ApplicationIdentifier.Matches(pattern, other))
                        return new Gs1Error("ai-excluded", $"AI ({ai.Code}) can't stand with AI ({other}).", i, 1);
                }
            }
        }
        return default;
    }

    /// <summary>Some identifiers need others.</summary>
    internal static Gs1Error Requisites(IReadOnlyList<(string Ai, string Value)> elements)
    {
        for (int i = 0; i < elements.Count; i++)
        {
            if (!SyntaxDictionary.Gs1.TryFind(elements[i].Ai, out ApplicationIdentifier? ai))
                continue;
            foreach (IReadOnlyList<IReadOnlyList<string>> groups in ai.Requires)
            {
                if (!groups.Any(g => g.All(p => elements.Any(e => ApplicationIdentifier.Matches(p, e.Ai)))))
                {
                    string needed = string.Join(", ", groups.Select(g => string.Join("+", g)));
                    return new Gs1Error("ai-required", $"AI ({ai.Code}) needs one of {needed}.", i, 1);
                }
            }
        }
        return default;
    }

    /// <summary>A digital signature, AI (8030), is of one thing: the key must have its serial component.</summary>
    internal static Gs1Error SignedSerials(IReadOnlyList<(string Ai, string Value)> elements)
    {
        if (!elements.Any(e => e.Ai == "8030"))
            return default;
        for (int i = 0; i < elements.Count; i++)
        {
            (string ai, string value) = elements[i];
            if ((ai is "253" or "255" && value.Length == 13) || (ai == "8003" && value.Length == 14))
                return new Gs1Error("signature-needs-serial", $"AI ({ai}) needs its serial with a signature.", i, 1);
        }
        return default;
    }
}
