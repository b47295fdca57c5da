using System.Globalization;

namespace Traceability.Gs1;

/// <summary>One part of an identifier's value.</summary>
/// <param name="Set">N, X, Y or Z: digits, set 82, set 39, file-safe base 64.</param>
/// <param name="Min">Fewest characters.</param>
/// <param name="Max">Most characters.</param>
/// <param name="Optional">Whether it may be absent.</param>
/// <param name="Linters">Names of the checks of its content.</param>
internal sealed record Component(char Set, int Min, int Max, bool Optional, IReadOnlyList<Linter> Linters)
{
    public static Component Parse(string text)
    {
        bool optional = text.StartsWith('[');
        string[] parts = (optional ? text.Replace("[", "", StringComparison.Ordinal)
            .Replace("]", "", StringComparison.Ordinal) : text).Split(',');
        string length = parts[0][1..];
        bool variable = length.StartsWith("..", StringComparison.Ordinal);
        int max = int.Parse(variable ? length[2..] : length, CultureInfo.InvariantCulture);
        return new Component(
            parts[0][0], variable ? 1 : max, max, optional,
            [.. parts.Skip(1).Select(global::Traceability.Gs1.Linters.Named)]);
    }
}

/// <summary>One Application Identifier.</summary>
public sealed class ApplicationIdentifier
{
    private ApplicationIdentifier(string code, string title) => (Code, Title) = (code, title);

    /// <summary>Two to four digits.</summary>
    public string Code { get; }

    /// <summary>GS1's short title.</summary>
    public string Title { get; }

    /// <summary>Whether its length is predefined, so that no FNC1 is needed after it.</summary>
    public bool Predefined { get; private init; }

    /// <summary>Whether it may stand in a Digital Link's query.</summary>
    public bool IsAttribute { get; private init; }

    /// <summary>Whether it may begin a Digital Link's path.</summary>
    public bool IsKey => KeyQualifiers is not null;

    /// <summary>Whether it came from data and stands in no dictionary.</summary>
    public bool IsUnknown { get; private init; }

    /// <summary>For a key, the sequences of qualifiers that may follow it in this order.</summary>
    internal IReadOnlyList<IReadOnlyList<string>>? KeyQualifiers { get; private init; }

    /// <summary>The parts of the value.</summary>
    internal IReadOnlyList<Component> Components { get; private init; } = [];

    /// <summary>Each entry is met when all patterns of one of its groups are present.</summary>
    internal IReadOnlyList<IReadOnlyList<IReadOnlyList<string>>> Requires { get; private init; } = [];

    /// <summary>Patterns that must not be present with it.</summary>
    internal IReadOnlyList<string> Excludes { get; private init; } = [];

    internal int Min => Components.Where(c => !c.Optional).Sum(c => c.Min);

    internal int Max => Components.Sum(c => c.Max);

    /// <summary>Whether an identifier meets a pattern such as <c>35nn</c>, where n is any digit.</summary>
    internal static bool Matches(string pattern, string code)
    {
        if (pattern.Length != code.Length)
            return false;
        for (int i = 0; i < code.Length; i++)
        {
            if (pattern[i] != 'n' && pattern[i] != code[i])
                return false;
        }
        return true;
    }

    internal static ApplicationIdentifier Unknown(string code) => new(code, "")
    {
        IsUnknown = true,
        Components = [new Component('X', 1, 90, Optional: false, [])],
    };

    internal static ApplicationIdentifier Parse(string code, ReadOnlySpan<string> words, string title)
    {
        string flags = char.IsAsciiLetterOrDigit(words[0][0]) || words[0][0] == '[' ? "" : words[0];
        List<Component> components = [];
        List<IReadOnlyList<IReadOnlyList<string>>> requires = [];
        List<string> excludes = [];
        IReadOnlyList<IReadOnlyList<string>>? qualifiers = null;
        foreach (string word in words[(flags.Length > 0 ? 1 : 0)..])
        {
            if (word.StartsWith("req=", StringComparison.Ordinal))
                requires.Add([.. word[4..].Split(',').Select(g => (IReadOnlyList<string>)g.Split('+'))]);
            else if (word.StartsWith("ex=", StringComparison.Ordinal))
                excludes.AddRange(word[3..].Split(','));
            else if (word == "dlpkey")
                qualifiers = [[]];
            else if (word.StartsWith("dlpkey=", StringComparison.Ordinal))
                qualifiers = [.. word[7..].Split('|').Select(s => (IReadOnlyList<string>)s.Split(','))];
            else
                components.Add(Component.Parse(word));
        }
        return new ApplicationIdentifier(code, title)
        {
            Predefined = flags.Contains('*', StringComparison.Ordinal),
            IsAttribute = flags.Contains('?', StringComparison.Ordinal),
            KeyQualifiers = qualifiers,
            Components = components,
            Requires = requires,
            Excludes = excludes,
        };
    }

    /// <summary>Checks a value: characters, lengths and the content of its parts.</summary>
    /// <returns>How many characters belong to the value; the rest is the caller's, or an excess.</returns>
    internal int Check(
        ReadOnlySpan<char> value, CompanyPrefixes prefixes, out Gs1Error error, bool contentToo = true)
    {
        int at = 0;
        error = default;
        foreach (Component part in Components)
        {
            ReadOnlySpan<char> rest = value[at..];
            if (rest.IsEmpty && part.Optional)
                break;
            if (rest.Length < part.Min)
            {
                error = new Gs1Error("value-too-short", $"AI ({Code}) is too short.", at, rest.Length);
                return at;
            }
            ReadOnlySpan<char> text = rest[..Math.Min(rest.Length, part.Max)];
            Lint lint = Linters.OfSet(part.Set)(text, prefixes);
            for (int i = 0; contentToo && lint.IsNone && i < part.Linters.Count; i++)
                lint = part.Linters[i](text, prefixes);
            if (!lint.IsNone)
            {
                error = new Gs1Error(lint.Code!, $"AI ({Code}): {Words(lint.Code!, text)}.", at + lint.Start, lint.Length);
                return at;
            }
            at += text.Length;
        }
        return at;
    }

    private static string Words(string fault, ReadOnlySpan<char> text) =>
        fault == "incorrect-check-digit" && text.Length > 1 && !text.ContainsAnyExceptInRange('0', '9')
            ? $"the check digit should be {CheckDigit.Of(text[..^1])}, not {text[^1]}"
            : fault.Replace('-', ' ');
}
