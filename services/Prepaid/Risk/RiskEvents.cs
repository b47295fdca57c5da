using System.Text.Json.Serialization;
using EventStore;
using PrepaidRisk;
using ServiceDefaults;

namespace Prepaid.Risk;

/// <summary>Part of a grade, in tenths of a point.</summary>
public sealed record GradedPart(string Name, long Tenths, long OfTenths);

/// <summary>A signal that speaks for a warning; strength and what it adds to the score in thousandths.</summary>
public sealed record GradedReason(
    [property: JsonConverter(typeof(KebabEnum<Signal>))] Signal Signal, long StrengthMilli, long PointsMilli);

/// <summary>What the regulator held of the last day, in fen.</summary>
/// <param name="Reported">The last day of which the merchant reported anything.</param>
/// <param name="OwedFen">Principal owed.</param>
/// <param name="CustodyFen">Custody by the bank's last statement.</param>
/// <param name="OffsetFen">Insurances and guarantees in force.</param>
/// <param name="RequiredFen">What the rules ask for at most; null where no rule is known.</param>
/// <param name="Cards">Cards in the day's tree.</param>
public sealed record GradedFigures(
    DateOnly Reported, long OwedFen, long CustodyFen, long OffsetFen, long? RequiredFen, int Cards);

/// <summary>If sales stop today and use goes on as in the last four weeks.</summary>
public sealed record GradedBurnDown(long DailyFen, DateOnly? CustodyUntil, DateOnly? OwedUntil, long UncoveredFen);

/// <summary>Facts about how a merchant is seen by the regulator.</summary>
public abstract record RiskEvent
{
    private RiskEvent()
    {
    }

    /// <summary>The merchant was graded by what the service held.</summary>
    /// <param name="Day">The last day that was closed.</param>
    /// <param name="Letter">The letter.</param>
    /// <param name="Tenths">Points of a hundred, in tenths.</param>
    /// <param name="Parts">What they are made of.</param>
    /// <param name="Caps">What makes it C at once.</param>
    /// <param name="ScoreMilli">The early warning's score in thousandths.</param>
    /// <param name="Raised">Whether it is at the threshold or above: an alert.</param>
    /// <param name="Reasons">What speaks for it, the strongest first.</param>
    /// <param name="BurnDown">How long custody lasts.</param>
    /// <param name="Figures">The last day's figures.</param>
    public sealed record Graded(
        DateOnly Day, Letter Letter, long Tenths, IReadOnlyList<GradedPart> Parts, IReadOnlyList<string> Caps,
        long ScoreMilli, bool Raised, IReadOnlyList<GradedReason> Reasons, GradedBurnDown BurnDown,
        GradedFigures Figures) : RiskEvent;

    /// <summary>The merchant appeals against the grade of a day.</summary>
    /// <param name="Day">The grade's day.</param>
    /// <param name="Words">Why.</param>
    /// <param name="Evidence">SHA-256 of what shows it; null without.</param>
    public sealed record Appealed(DateOnly Day, string Words, string? Evidence) : RiskEvent;

    /// <summary>The regulator decided. The grade stays as it was; the decided letter stands beside it.</summary>
    /// <param name="Day">The grade's day.</param>
    /// <param name="Letter">The letter that counts instead; null where the appeal was refused.</param>
    /// <param name="Until">Its last day.</param>
    /// <param name="Reason">Why.</param>
    public sealed record AppealDecided(DateOnly Day, Letter? Letter, DateOnly? Until, string Reason) : RiskEvent;

    /// <summary>The regulator dealt with an alert.</summary>
    /// <param name="Action">What was done: <c>asked</c>, <c>inspected</c>, <c>ordered</c> or <c>dismissed</c>.</param>
    /// <param name="Words">In words.</param>
    public sealed record AlertHandled(string Action, string Words) : RiskEvent;
}

/// <summary>The stable names and stored forms of grades.</summary>
internal static class RiskEvents
{
    private const string Graded = "prepaid.risk-graded.v1";
    private const string Appealed = "prepaid.grade-appealed.v1";
    private const string AppealDecided = "prepaid.grade-appeal-decided.v1";
    private const string AlertHandled = "prepaid.alert-handled.v1";
    private const string Prefix = "risk-";

    /// <summary>The stream of a merchant.</summary>
    public static string Stream(string merchant) => $"{Prefix}{merchant}";

    /// <summary>The merchant of a stream.</summary>
    public static string MerchantOf(string stream) => stream[Prefix.Length..];

    public static string NameOf(RiskEvent e) => e switch
    {
        RiskEvent.Graded => Graded,
        RiskEvent.Appealed => Appealed,
        RiskEvent.AppealDecided => AppealDecided,
        RiskEvent.AlertHandled => AlertHandled,
        _ => throw new InvalidOperationException($"{e.GetType().Name} has no name."),
    };

    public static EventModel AddRiskEvents(this EventModel model) => model
        .Event(Graded, RiskJson.Default.Graded)
        .Event(Appealed, RiskJson.Default.Appealed)
        .Event(AppealDecided, RiskJson.Default.AppealDecided)
        .Event(AlertHandled, RiskJson.Default.AlertHandled)
        .Aggregate(RatedMerchant.Initial, (merchant, e) => RatedMerchant.Evolve(merchant, (RiskEvent)e))
        .Inline(new RatedRows())
        .Async(new TradeRows())
        .Migrate("prepaid-risk-0001", RatedRows.Schema)
        .Migrate("prepaid-risk-0002", TradeRows.Schema)
        .Migrate("prepaid-risk-0003", RatedRows.Earlier);
}
