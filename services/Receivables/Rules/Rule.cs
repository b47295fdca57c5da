using System.Text.Json.Serialization;
using ServiceDefaults;

namespace Receivables.Rules;

/// <summary>What a rule comes to for given facts.</summary>
[JsonConverter(typeof(KebabEnum<RuleOutcome>))]
public enum RuleOutcome
{
    /// <summary>It stands against the act.</summary>
    Refuse,

    /// <summary>It is kept.</summary>
    Allow,

    /// <summary>It is kept because of grounds that were recorded with it.</summary>
    AllowWithGrounds,
}

/// <summary>A sentence in both languages.</summary>
public sealed record Words(string Zh, string En);

/// <summary>A time in which arrangements from before the rule may still end.</summary>
/// <param name="To">First day after it.</param>
/// <param name="Meaning">How it is read here.</param>
public sealed record RuleTransition(DateOnly To, Words Meaning);

/// <summary>One provision, in force from one day until before another.</summary>
/// <param name="Id">Stable id.</param>
/// <param name="Law">The law by name and number.</param>
/// <param name="Article">Its article.</param>
/// <param name="Source"><c>text</c>: held against the text; <c>secondary</c>: known from summaries only.</param>
/// <param name="Status"><c>in-force</c>, or <c>transition</c> while older arrangements may still end.</param>
/// <param name="From">First day.</param>
/// <param name="To">First day on which it is not in force any more.</param>
/// <param name="Step">The facts that it judges, for example <c>issue</c>.</param>
/// <param name="Check">The check that reads its parameters.</param>
/// <param name="Parameters">Its numbers.</param>
/// <param name="Says">What it says.</param>
/// <param name="Refuse">What a refusal tells its reader to do.</param>
/// <param name="Grounds">What recorded grounds mean; null where none help.</param>
/// <param name="Transition">Its transition, if it has one.</param>
/// <param name="Informational">Why the suite refuses nothing by it; null for a rule that acts are held against.</param>
public sealed record Rule(
    string Id, string Law, string Article, string Source, string Status, DateOnly From, DateOnly? To, string Step,
    string Check, IReadOnlyDictionary<string, long> Parameters, Words Says, Words Refuse, Words? Grounds = null,
    RuleTransition? Transition = null, Words? Informational = null)
{
    /// <summary>Whether it is in force on a day.</summary>
    public bool InForce(DateOnly day) => From <= day && (To is null || day < To);

    /// <summary>One of its numbers.</summary>
    public int Number(string name) => checked((int)Parameters[name]);
}

/// <summary>One rule's answer to facts.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Outcome">What it comes to.</param>
/// <param name="Needs">What is missing, by code; empty unless it refuses for that.</param>
/// <param name="Recorded">What was relied on: <c>name:sha256</c>.</param>
public sealed record Finding(
    Rule Rule, RuleOutcome Outcome, IReadOnlyList<string> Needs, IReadOnlyList<string> Recorded)
{
    /// <summary>The article it rests on.</summary>
    public string Article => Rule.Article;

    /// <summary>The words for its outcome.</summary>
    public Words Words => Outcome switch
    {
        RuleOutcome.Refuse => Rule.Refuse,
        RuleOutcome.AllowWithGrounds => Rule.Grounds ?? Rule.Says,
        _ => Rule.Says,
    };
}

/// <summary>All findings on some facts.</summary>
public sealed record Judgement(DateOnly AsOf, IReadOnlyList<Finding> Findings)
{
    /// <summary>Whether no rule stands against it.</summary>
    public bool Allowed => Findings.All(f => f.Outcome != RuleOutcome.Refuse);

    /// <summary>The rules that do.</summary>
    public IEnumerable<Finding> Refusals => Findings.Where(f => f.Outcome == RuleOutcome.Refuse);

    /// <summary>The finding of one rule; null where it has none.</summary>
    public Finding? Of(string rule) => Findings.FirstOrDefault(f => f.Rule.Id == rule);
}

/// <summary>The file of rules.</summary>
internal sealed record RuleFile(IReadOnlyDictionary<string, Words> Needs, IReadOnlyList<Rule> Rules);

/// <summary>How the rules stand in their file.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(RuleFile))]
internal sealed partial class RuleFileJson : JsonSerializerContext;
