using System.Text.Json;
using System.Text.Json.Serialization;

namespace Traceability.Scanning;

/// <summary>The term that a complaint is held against, in force from one day until before another.</summary>
/// <param name="From">First day.</param>
/// <param name="To">First day on which it is not in force any more.</param>
/// <param name="Law">Its name.</param>
/// <param name="Article">Where it stands.</param>
/// <param name="Workdays">Working days from the day of the complaint.</param>
/// <param name="Binds">
/// Whom the number of days binds: <c>authority</c>, which has to act on a complaint within them. Of the business the
/// law
/// asks for an answer "in time" (及时) without a number, so that it is held against the same days as a measure only.
/// </param>
/// <param name="Unread">What else is in force whose text was not at hand, so that its terms are not counted.</param>
public sealed record ComplaintRule(
    DateOnly From, DateOnly? To, string Law, string Article, int Workdays, string Binds, string? Unread = null);

/// <summary>By when a complaint is to be answered.</summary>
/// <param name="Due">End of the term.</param>
/// <param name="Met">Whether the first answer came in time; null while neither is known.</param>
/// <param name="Law">The rule.</param>
/// <param name="Article">Its article.</param>
/// <param name="Binds">Whom it binds (<see cref="ComplaintRule"/>).</param>
/// <param name="Unread">What else is in force and was not read (<see cref="ComplaintRule"/>).</param>
public sealed record ComplaintDeadline(
    DateTimeOffset Due, bool? Met, string Law, string Article, string Binds, string? Unread = null);

/// <summary>The dated rules, and the deadlines they come to; pure.</summary>
internal static class ComplaintRules
{
    private static readonly TimeSpan ChinaOffset = TimeSpan.FromHours(8);

    public static IReadOnlyList<ComplaintRule> All { get; } = Read();

    /// <summary>The deadline of a complaint as it stands at a time; null where no rule was in force.</summary>
    public static ComplaintDeadline? Deadline(DateTimeOffset filed, DateTimeOffset? answered, DateTimeOffset now)
    {
        DateOnly day = DateOnly.FromDateTime(filed.ToOffset(ChinaOffset).DateTime);
        if (All.FirstOrDefault(r => r.From <= day && (r.To is null || day < r.To)) is not { } rule)
            return null;
        DateTimeOffset due = WorkingDays.After(filed, rule.Workdays);
        bool? met = answered is { } at ? at <= due : now > due ? false : null;
        return new ComplaintDeadline(due, met, rule.Law, rule.Article, rule.Binds, rule.Unread);
    }

    private static List<ComplaintRule> Read()
    {
        using Stream rules = typeof(ComplaintRules).Assembly.GetManifestResourceStream("Traceability.Scanning.ComplaintRules.json")
            ?? throw new InvalidOperationException("The rules of complaints are missing.");
        return JsonSerializer.Deserialize(rules, ComplaintRulesJson.Default.ListComplaintRule)!;
    }
}

/// <summary>How the rules stand in their file.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(List<ComplaintRule>))]
internal sealed partial class ComplaintRulesJson : JsonSerializerContext;
