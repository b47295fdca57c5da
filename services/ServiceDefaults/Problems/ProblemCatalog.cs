using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ServiceDefaults.Problems;

/// <summary>The wording of one language.</summary>
/// <param name="Title">Fixed for the code.</param>
/// <param name="Detail">
/// May hold <c>{name}</c> places that an occurrence fills, and <c>{name:one|many}</c> where words differ by its number.
/// </param>
public sealed record ProblemText(string Title, string Detail);

/// <summary>One kind of problem.</summary>
/// <param name="Status">HTTP status; 0 for codes that only appear as an item of another problem.</param>
/// <param name="Zh">Chinese.</param>
/// <param name="En">English.</param>
public sealed record ProblemEntry(int Status, ProblemText Zh, ProblemText En);

/// <summary>
/// Every problem a service can answer with, read from the <c>Problems.json</c> embedded in ServiceDefaults and in the
/// service's own assembly. A code is stable for ever; its words may improve.
/// </summary>
public sealed partial class ProblemCatalog
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
    private readonly Dictionary<string, ProblemEntry> _entries = new(StringComparer.Ordinal);

    /// <summary>Loads the catalogues of the assemblies given.</summary>
    /// <exception cref="InvalidOperationException">A code is defined twice.</exception>
    public ProblemCatalog(params IEnumerable<Assembly> assemblies)
    {
        foreach (Assembly assembly in assemblies)
        {
            string? name = assembly.GetManifestResourceNames()
                .FirstOrDefault(n => n.EndsWith("Problems.json", StringComparison.Ordinal));
            if (name is null)
                continue;
            using Stream stream = assembly.GetManifestResourceStream(name)!;
            foreach ((string code, ProblemEntry entry) in
                     JsonSerializer.Deserialize<Dictionary<string, ProblemEntry>>(stream, Json)!)
            {
                if (!_entries.TryAdd(code, entry))
                    throw new InvalidOperationException($"Problem code {code} is defined twice.");
            }
        }
    }

    /// <summary>All codes.</summary>
    public IReadOnlyDictionary<string, ProblemEntry> Entries => _entries;

    /// <summary>The entry of a code.</summary>
    /// <exception cref="InvalidOperationException">The code is in no catalogue.</exception>
    public ProblemEntry this[string code] => _entries.TryGetValue(code, out ProblemEntry? entry)
        ? entry
        : throw new InvalidOperationException($"Problem code {code} is in no catalogue.");

    /// <summary>The words of a code in a language, with places filled.</summary>
    public ProblemText Text(string code, string language, IReadOnlyDictionary<string, object?>? values = null)
    {
        ProblemEntry entry = this[code];
        ProblemText text = language == Language.English ? entry.En : entry.Zh;
        return values is null ? text : text with { Detail = Fill(text.Detail, values) };
    }

    private static string Fill(string template, IReadOnlyDictionary<string, object?> values)
    {
        StringBuilder filled = new(Numbered().Replace(template, place =>
            place.Groups[values.TryGetValue(place.Groups[1].Value, out object? value) && value is 1 or 1L ? 2 : 3].Value));
        foreach ((string name, object? value) in values)
            filled.Replace("{" + name + "}", Convert.ToString(value, CultureInfo.InvariantCulture));
        return filled.ToString();
    }

    [GeneratedRegex(@"\{(\w+):([^|}]*)\|([^}]*)\}", RegexOptions.CultureInvariant)]
    private static partial Regex Numbered();
}

/// <summary>The two languages of the suite.</summary>
public static class Language
{
    /// <summary>Chinese, the default.</summary>
    public const string Chinese = "zh-CN";

    /// <summary>English.</summary>
    public const string English = "en";

    /// <summary>The better of the two for a request, by the weights of <c>Accept-Language</c> (RFC 9110 §12.5.4).</summary>
    public static string Of(HttpRequest request)
    {
        double chinese = -1, english = -1;
        foreach (var range in request.GetTypedHeaders().AcceptLanguage)
        {
            double weight = range.Quality ?? 1;
            string tag = range.Value.ToString();
            if (tag.StartsWith("zh", StringComparison.OrdinalIgnoreCase))
                chinese = Math.Max(chinese, weight);
            else if (tag.StartsWith("en", StringComparison.OrdinalIgnoreCase))
                english = Math.Max(english, weight);
        }
        return english > chinese ? English : Chinese;
    }
}
