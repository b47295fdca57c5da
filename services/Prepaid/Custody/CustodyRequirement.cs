using System.Text.Json.Serialization;
using Prepaid.Rules;
using ServiceDefaults;

namespace Prepaid.Custody;

/// <summary>Class of an issuer (商务部令2012年第9号 art. 2, 3).</summary>
[JsonConverter(typeof(KebabEnum<IssuerClass>))]
public enum IssuerClass
{
    /// <summary>None of the others.</summary>
    Other,

    /// <summary>Revenue above CNY 5 million, or in the first year a capital of CNY 1 million or more.</summary>
    Scale,

    /// <summary>A parent whose card is used in its group.</summary>
    Group,

    /// <summary>The owner of a brand whose card is used by its franchisees.</summary>
    Brand,
}

/// <summary>What a custody rule asks about an issuer on a day. Amounts are in fen.</summary>
/// <param name="Jurisdiction">GB/T 2260 code.</param>
/// <param name="Industry">Its industry.</param>
/// <param name="Class">Its class.</param>
/// <param name="BalanceFen">Principal owed to holders on the day.</param>
/// <param name="QuarterEndFen">The same at the end of last quarter; null in the first quarter.</param>
/// <param name="LastYearRevenueFen">Main revenue of last year; null in the first year.</param>
/// <param name="StartedOn">First day of business.</param>
public sealed record IssuerFacts(
    string Jurisdiction, string Industry, IssuerClass Class, long BalanceFen, long? QuarterEndFen,
    long? LastYearRevenueFen, DateOnly StartedOn);

/// <summary>One rule's answer.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="LowFen">The least that it can mean.</param>
/// <param name="HighFen">The most; null where nobody here can say.</param>
/// <param name="Because">Stable name of the branch that decided, for example <c>special-line</c>.</param>
/// <param name="Figures">The figures that it rests on, by name.</param>
public sealed record CustodyFinding(
    Rule Rule, long LowFen, long? HighFen, string Because, IReadOnlyDictionary<string, long> Figures);

/// <summary>What has to lie in custody.</summary>
/// <param name="Findings">Every rule's answer.</param>
public sealed record CustodyRequirement(IReadOnlyList<CustodyFinding> Findings)
{
    /// <summary>No rule is known: ask counsel. Nothing is taken for granted.</summary>
    public bool NoRuleKnown => Findings.All(f => f.HighFen is null);

    /// <summary>What certainly has to; null where no rule is known. Of several rules the strictest counts.</summary>
    public long? LowFen => NoRuleKnown ? null : Findings.Max(f => f.LowFen);

    /// <summary>What may have to, on the strictest reading; null where somebody has to ask.</summary>
    public long? HighFen => Findings.Count == 0 || Findings.Any(f => f.HighFen is null)
        ? null : Findings.Max(f => f.HighFen);

    /// <summary>What the rules known on a day ask of an issuer; pure.</summary>
    public static CustodyRequirement Of(IssuerFacts facts, DateOnly day) => new(
        [.. RuleBook.On("custody", facts.Jurisdiction, facts.Industry, day).Select(r => Judge(r, facts, day))]);

    private static CustodyFinding Judge(Rule rule, IssuerFacts facts, DateOnly day) => rule.Form switch
    {
        _ when rule.IsUnknown(day) => new(rule, 0, null, "unknown", Figures()),
        "share-by-class" => facts.Class == IssuerClass.Other
            ? Found(rule, 0, "class-without-custody")
            : Share(rule, facts, facts.Class switch
            {
                IssuerClass.Scale => "scalePpm",
                IssuerClass.Group => "groupPpm",
                _ => "brandPpm",
            }),
        "share-above" => facts.BalanceFen < rule.Parameters["fromFen"]
            ? Found(rule, 0, "below-threshold", ("balance", facts.BalanceFen))
            : Share(rule, facts, "sharePpm"),
        "all" => Found(rule, facts.BalanceFen, "all", ("balance", facts.BalanceFen)),
        "warning-line" => WarningLine(rule, facts, day),
        _ => throw new InvalidOperationException($"{rule.Id} has the form {rule.Form}."),
    };

    private static CustodyFinding Share(Rule rule, IssuerFacts facts, string parameter)
    {
        long ppm = rule.Parameters[parameter];
        return facts.QuarterEndFen is { } balance
            ? Found(rule, ShareUp(balance, ppm), "share-of-quarter-end", ("quarterEnd", balance), ("ppm", ppm))
            : Found(rule, 0, "first-quarter", ("ppm", ppm));
    }

    private static CustodyFinding WarningLine(Rule rule, IssuerFacts facts, DateOnly day)
    {
        long balance = facts.BalanceFen;
        (long floor, long ppm) = (rule.Parameters["floorFen"], rule.Parameters["sharePpm"]);
        if (balance <= floor)
            return Found(rule, 0, "below-threshold", ("balance", balance), ("floor", floor));
        if (day < facts.StartedOn.AddYears(1))
            return Found(rule, balance, "first-year", ("balance", balance));
        long share = ShareUp(balance, ppm);
        if (facts.LastYearRevenueFen is not { } revenue)
            return new CustodyFinding(rule, share, balance, "revenue-unknown", Figures(("balance", balance)));
        long line = Math.Min(
            (long)((Int128)revenue * rule.Parameters["linePpm"] / Million), rule.Parameters["lineMostFen"]);
        // The text is silent about a line at or below the floor: 40 % or all, counsel decides.
        if (line <= floor)
        {
            return new CustodyFinding(
                rule, share, balance, "line-below-floor", Figures(("balance", balance), ("line", line)));
        }
        return balance > line
            ? Found(rule, balance, "special-line", ("balance", balance), ("line", line))
            : Found(rule, share, "warning-line", ("balance", balance), ("line", line), ("ppm", ppm));
    }

    private const int Million = 1_000_000;

    /// <summary>A share in millionths, up to the next fen: the duty is "not less than".</summary>
    private static long ShareUp(long fen, long ppm) => (long)(((Int128)fen * ppm + Million - 1) / Million);

    private static CustodyFinding Found(Rule rule, long fen, string because, params (string, long)[] figures) =>
        new(rule, fen, fen, because, Figures(figures));

    private static Dictionary<string, long> Figures(params (string Name, long Value)[] figures) =>
        figures.ToDictionary(f => f.Name, f => f.Value);
}
