using PrepaidRisk;
using ServiceDefaults;

namespace Prepaid.Risk;

/// <summary>How a merchant is seen, folded; pure.</summary>
/// <param name="Grade">The last grade; null before the first.</param>
/// <param name="AlertSince">First grade's day of an alert that nobody dealt with.</param>
/// <param name="AppealOf">Day of the grade that an appeal stands against.</param>
/// <param name="Decided">The regulator's last letter on an appeal that was granted.</param>
/// <param name="DecidedUntil">Its last day.</param>
public sealed record RatedMerchant(
    RiskEvent.Graded? Grade, DateOnly? AlertSince, DateOnly? AppealOf, Letter? Decided, DateOnly? DecidedUntil)
{
    /// <summary>There is no grade of that day, or a newer one.</summary>
    public const string Missing = "grade-missing";

    /// <summary>An appeal is under way.</summary>
    public const string AppealOpen = "appeal-open";

    /// <summary>None is.</summary>
    public const string AppealMissing = "appeal-missing";

    /// <summary>Letter and term do not fit the decision.</summary>
    public const string DecisionShape = "appeal-decision-shape";

    /// <summary>No alert is open.</summary>
    public const string AlertMissing = "alert-missing";

    /// <summary>Before the first event.</summary>
    public static readonly RatedMerchant Initial = new(null, null, null, null, null);

    /// <summary>The letter that counts on a day: the regulator's while it lasts, the graded one otherwise.</summary>
    public Letter? LetterOn(DateOnly day) =>
        Decided is { } decided && day <= DecidedUntil ? decided : Grade?.Letter;

    /// <summary>Folds one event.</summary>
    public static RatedMerchant Evolve(RatedMerchant m, RiskEvent e) => e switch
    {
        RiskEvent.Graded g => m with { Grade = g, AlertSince = g.Raised ? m.AlertSince ?? g.Day : m.AlertSince },
        RiskEvent.Appealed a => m with { AppealOf = a.Day },
        RiskEvent.AppealDecided { Letter: { } letter } d => m with
        {
            AppealOf = null,
            Decided = letter,
            DecidedUntil = d.Until,
        },
        RiskEvent.AppealDecided => m with { AppealOf = null },
        RiskEvent.AlertHandled => m with { AlertSince = null },
        _ => throw new InvalidOperationException($"{e.GetType().Name} is no event of a grade."),
    };

    /// <summary>Grades once for a day.</summary>
    public static Decision<RiskEvent> Record(RatedMerchant m, RiskEvent.Graded grade) =>
        m.Grade is { } last && last.Day >= grade.Day ? Accept() : Accept(grade);

    /// <summary>Appeals against the last grade.</summary>
    public static Decision<RiskEvent> Appeal(RatedMerchant m, RiskEvent.Appealed appeal) =>
        m.Grade?.Day != appeal.Day ? Refuse(Missing)
        : m.AppealOf is not null ? Refuse(AppealOpen) : Accept(appeal);

    /// <summary>Decides an appeal: a letter above the graded one with a term of at most a year, or none.</summary>
    /// <param name="m">The merchant.</param>
    /// <param name="granted">Whether the appeal is granted.</param>
    /// <param name="decided">The decision.</param>
    /// <param name="today">The day of the decision.</param>
    public static Decision<RiskEvent> Decide(
        RatedMerchant m, bool granted, RiskEvent.AppealDecided decided, DateOnly today)
    {
        if (m.AppealOf != decided.Day)
            return Refuse(AppealMissing);
        bool fits = granted
            ? decided.Letter > m.Grade!.Letter && decided.Until >= today && decided.Until <= today.AddYears(1)
            : decided is { Letter: null, Until: null };
        return fits ? Accept(decided) : Refuse(DecisionShape);
    }

    /// <summary>Deals with an open alert.</summary>
    public static Decision<RiskEvent> Handle(RatedMerchant m, RiskEvent.AlertHandled handled) =>
        m.AlertSince is null ? Refuse(AlertMissing) : Accept(handled);

    private static Decision<RiskEvent> Accept(params RiskEvent[] events) => new Decision<RiskEvent>.Accepted(events);

    private static Decision<RiskEvent> Refuse(string rule) => new Decision<RiskEvent>.Refused(rule);
}
