using System.Text.Json;

namespace Receivables.Rules;

/// <summary>The dated rules, and what they say to facts; pure.</summary>
public static class RuleBook
{
    /// <summary>Vouchers' days are days in China.</summary>
    internal static readonly TimeSpan ChinaOffset = TimeSpan.FromHours(8);

    private static readonly RuleFile File = Read();

    /// <summary>Every rule.</summary>
    public static IReadOnlyList<Rule> All => File.Rules;

    /// <summary>Words for what a finding says is missing.</summary>
    public static IReadOnlyDictionary<string, Words> Needs => File.Needs;

    /// <summary>A rule by its id.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public static Rule Get(string id) =>
        File.Rules.FirstOrDefault(r => r.Id == id) ?? throw new KeyNotFoundException($"There is no rule {id}.");

    /// <summary>The day in China of an instant.</summary>
    public static DateOnly Day(DateTimeOffset at) => DateOnly.FromDateTime(at.ToOffset(ChinaOffset).DateTime);

    /// <summary>What every rule in force on a day, and concerned by the facts, says to them.</summary>
    public static Judgement Judge(Facts facts, DateOnly asOf)
    {
        string step = Step(facts);
        List<Finding> findings = [];
        foreach (Rule rule in File.Rules.Where(r => r.Step == step && r.InForce(asOf)))
        {
            Checked? answer = facts switch
            {
                Facts.Issue issue => IssueChecks.Check(rule, issue, asOf),
                Facts.Transfer transfer => FinanceChecks.Check(rule, transfer),
                Facts.Finance finance => FinanceChecks.Check(rule, finance),
                Facts.Surplus surplus => FinanceChecks.Check(rule, surplus),
                Facts.Priority priority => FinanceChecks.Check(rule, priority),
                Facts.Path path => PaymentChecks.Check(rule, path),
                Facts.Confirmation confirmation => PaymentChecks.Check(rule, confirmation, asOf),
                Facts.Lateness lateness => PaymentChecks.Check(rule, lateness),
                Facts.Appropriation appropriation => PaymentChecks.Check(rule, appropriation),
                _ => throw new InvalidOperationException($"{facts.GetType().Name} has no checks."),
            };
            if (answer is { } found)
                findings.Add(new Finding(rule, found.Outcome, found.Needs, found.Recorded));
        }
        return new Judgement(asOf, findings);
    }

    private static string Step(Facts facts) => facts switch
    {
        Facts.Issue => "issue",
        Facts.Transfer => "transfer",
        Facts.Finance => "finance",
        Facts.Path => "path",
        Facts.Confirmation => "confirmation",
        Facts.Lateness => "lateness",
        Facts.Appropriation => "appropriation",
        Facts.Surplus => "surplus",
        Facts.Priority => "priority",
        _ => throw new InvalidOperationException($"{facts.GetType().Name} has no step."),
    };

    private static RuleFile Read()
    {
        using Stream rules = typeof(RuleBook).Assembly.GetManifestResourceStream("Receivables.Rules.Rules.json")
            ?? throw new InvalidOperationException("The rules are missing.");
        return JsonSerializer.Deserialize(rules, RuleFileJson.Default.RuleFile)!;
    }
}

/// <summary>What a check comes to; none where the rule does not concern the facts.</summary>
internal sealed record Checked(
    RuleOutcome Outcome, IReadOnlyList<string> Needs, IReadOnlyList<string> Recorded)
{
    public static Checked Allow { get; } = new(RuleOutcome.Allow, [], []);

    public static Checked Refuse(params string[] needs) => new(RuleOutcome.Refuse, needs, []);

    /// <summary>Allowed with everything that is asked for, refused by what is missing of it.</summary>
    public static Checked With(params (string Name, string? Sha256)[] asked)
    {
        string[] missing = [.. asked.Where(a => a.Sha256 is null).Select(a => a.Name)];
        return missing.Length > 0
            ? Refuse(missing)
            : new Checked(RuleOutcome.AllowWithGrounds, [], [.. asked.Select(a => $"{a.Name}:{a.Sha256}")]);
    }

    /// <summary>Allowed with the grounds recorded for a rule.</summary>
    public static Checked WithGrounds(Rule rule, Facts facts) =>
        With(("grounds", facts.Grounds.TryGetValue(rule.Id, out Grounds? grounds) ? grounds.Sha256 : null));
}
