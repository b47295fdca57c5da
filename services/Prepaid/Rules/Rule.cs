using System.Text.Json;
using System.Text.Json.Serialization;

namespace Prepaid.Rules;

/// <summary>A sentence in both languages.</summary>
public sealed record Words(string Zh, string En);

/// <summary>One provision of one place, with its life.</summary>
/// <param name="Id">Stable id.</param>
/// <param name="Subject">What it is about: <c>custody</c>, <c>filing</c>, <c>card-limit</c>, <c>card-term</c>.</param>
/// <param name="Form">How its parameters are read.</param>
/// <param name="Jurisdiction">GB/T 2260 code; <c>000000</c> is the whole country.</param>
/// <param name="Industries">Whom it concerns; <c>*</c> is everybody.</param>
/// <param name="Law">The law by name and number.</param>
/// <param name="Article">Its article; null where it was not read in the text.</param>
/// <param name="Source"><c>text</c>: held against the text; <c>secondary</c>: known from summaries.</param>
/// <param name="From">First day.</param>
/// <param name="To">First day on which it is not in force any more.</param>
/// <param name="Status"><c>in-force</c>, <c>expired</c>, <c>draft</c> or <c>unknown</c>, as known today.</param>
/// <param name="Parameters">Its numbers: fen, millionths, years.</param>
/// <param name="Says">What it says.</param>
public sealed record Rule(
    string Id, string Subject, string Form, string Jurisdiction, IReadOnlyList<string> Industries, string Law,
    string? Article, string Source, DateOnly From, DateOnly? To, string Status,
    IReadOnlyDictionary<string, long> Parameters, Words Says)
{
    /// <summary>The code of the whole country.</summary>
    public const string Everywhere = "000000";

    /// <summary>Whether it binds on a day. A draft never does; one of unknown status is for counsel.</summary>
    public bool InForce(DateOnly day) => Status is "in-force" or "expired" && Covers(day);

    /// <summary>Whether nobody here knows if it binds on a day.</summary>
    public bool IsUnknown(DateOnly day) => Status == "unknown" && Covers(day);

    /// <summary>Whether it concerns an issuer of a place and industry.</summary>
    public bool Concerns(string jurisdiction, string industry) =>
        (Jurisdiction == Everywhere || Jurisdiction == jurisdiction)
        && (Industries.Contains("*") || Industries.Contains(industry));

    private bool Covers(DateOnly day) => From <= day && (To is null || day < To);
}

/// <summary>The dated rules; pure.</summary>
public static class RuleBook
{
    /// <summary>Every rule.</summary>
    public static IReadOnlyList<Rule> All { get; } = Read();

    /// <summary>The rules on a subject that concern an issuer on a day, in force or of unknown status.</summary>
    public static IReadOnlyList<Rule> On(string subject, string jurisdiction, string industry, DateOnly day) =>
        [.. All.Where(r => r.Subject == subject && r.Concerns(jurisdiction, industry)
            && (r.InForce(day) || r.IsUnknown(day)))];

    private static List<Rule> Read()
    {
        using Stream rules = typeof(RuleBook).Assembly.GetManifestResourceStream("Prepaid.Rules.Rules.json")
            ?? throw new InvalidOperationException("The rules are missing.");
        return JsonSerializer.Deserialize(rules, RuleJson.Default.ListRule)!;
    }
}

/// <summary>How the rules stand in their file.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(List<Rule>))]
internal sealed partial class RuleJson : JsonSerializerContext;
