using System.Text.Json;
using System.Text.Json.Serialization;

namespace Traceability.Recalls;

/// <summary>What a rule asks for and by when.</summary>
/// <param name="Step"><c>plan</c>, <c>notice</c>, <c>progress</c> or <c>end</c>.</param>
/// <param name="Article">Where it stands.</param>
/// <param name="Hours">Hours it leaves.</param>
/// <param name="Workdays">Or working days: Monday to Friday; public holidays are not taken out.</param>
/// <param name="After">The step it runs from; null from when the risk became known.</param>
/// <param name="Repeats">Whether it is due again and again until the end.</param>
public sealed record RecallDeadlineRule(
    string Step, string Article, int? Hours = null, int? Workdays = null, string? After = null, bool Repeats = false);

/// <summary>The deadlines of one class of recall, in force from one day until before another.</summary>
/// <param name="Domain"><c>food</c> or <c>drug</c>.</param>
/// <param name="Class">1 to 3.</param>
/// <param name="From">First day.</param>
/// <param name="To">First day on which it is not in force any more.</param>
/// <param name="Law">Its name.</param>
/// <param name="Deadlines">What is due.</param>
/// <param name="Note">What a reader must know of how far it was held against the published text.</param>
/// <param name="Status"><c>unknown</c> where the text in force was not at hand: counsel must be asked.</param>
public sealed record RecallRule(
    string Domain, int Class, DateOnly From, DateOnly? To, string Law, IReadOnlyList<RecallDeadlineRule> Deadlines,
    string? Note = null, string? Status = null);

/// <summary>A deadline of a recall, with what it comes from.</summary>
/// <param name="Step">What is due.</param>
/// <param name="Due">When; null while what it runs from has not happened.</param>
/// <param name="Law">The rule.</param>
/// <param name="Article">Its article.</param>
/// <param name="Met">Whether it was done in time; null while neither is known.</param>
/// <param name="Status"><c>unknown</c> where that is no more than a reminder (<see cref="RecallRule.Status"/>).</param>
/// <param name="Note">What was not held against the published text (<see cref="RecallRule.Note"/>).</param>
public sealed record RecallDeadline(
    string Step, DateTimeOffset? Due, string Law, string Article, bool? Met, string? Status = null, string? Note = null);

/// <summary>The dated rules, and the deadlines they come to.</summary>
internal static class RecallRules
{
    private static readonly TimeSpan ChinaOffset = TimeSpan.FromHours(8);

    public static IReadOnlyList<RecallRule> All { get; } = Read();

    /// <summary>
    /// The rule for a domain and class on the day that the risk became known; null where there is none.
    /// </summary>
    public static RecallRule? Find(string domain, int @class, DateTimeOffset learned)
    {
        DateOnly day = DateOnly.FromDateTime(learned.ToOffset(ChinaOffset).DateTime);
        return All.FirstOrDefault(r => r.Domain == domain && r.Class == @class && r.From <= day
            && (r.To is null || day < r.To));
    }

    /// <summary>All deadlines of a recall as they stand at a time.</summary>
    public static IReadOnlyList<RecallDeadline> Deadlines(RecallState recall, DateTimeOffset now) =>
        Find(recall.Domain, recall.Class, recall.LearnedAt) is { } rule
            ? [.. rule.Deadlines.Select(d => Deadline(rule, d, recall, now))]
            : [];

    private static RecallDeadline Deadline(
        RecallRule rule, RecallDeadlineRule deadline, RecallState recall, DateTimeOffset now)
    {
        DateTimeOffset? from = deadline.After is { } after ? recall.DoneAt(after) : recall.LearnedAt;
        if (from is { } start && deadline.Repeats)
            from = recall.LastProgress is { } last && last > start ? last : start;
        DateTimeOffset? due = from is { } begin ? Add(begin, deadline) : null;
        DateTimeOffset? done = deadline.Repeats ? recall.EndedAt : recall.DoneAt(deadline.Step);
        bool? met = due is null ? null : done is not null ? done <= due : now > due ? false : null;
        return new RecallDeadline(deadline.Step, due, rule.Law, deadline.Article, met, rule.Status, rule.Note);
    }

    internal static DateTimeOffset Add(DateTimeOffset from, RecallDeadlineRule deadline)
    {
        if (deadline.Hours is { } hours)
            return from.AddHours(hours);
        return WorkingDays.After(from, deadline.Workdays ?? 0);
    }

    private static List<RecallRule> Read()
    {
        using Stream rules = typeof(RecallRules).Assembly.GetManifestResourceStream("Traceability.Recalls.Rules.json")
            ?? throw new InvalidOperationException("The recall rules are missing.");
        return JsonSerializer.Deserialize(rules, RecallRulesJson.Default.ListRecallRule)!;
    }
}

/// <summary>How the rules stand in their file.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(List<RecallRule>))]
internal sealed partial class RecallRulesJson : JsonSerializerContext;
