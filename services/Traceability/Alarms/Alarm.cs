using ServiceDefaults;

namespace Traceability.Alarms;

/// <summary>Where an alarm stands.</summary>
public enum AlarmStage
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>Raised; only its owner and the regulator see it.</summary>
    Open,

    /// <summary>Put to an organisation, which has not answered.</summary>
    Put,

    /// <summary>Answered.</summary>
    Answered,

    /// <summary>Closed.</summary>
    Closed,
}

/// <summary>What decisions about an alarm need.</summary>
/// <param name="Stage">Where it stands.</param>
/// <param name="Owner">Whose goods it is about.</param>
/// <param name="Fixed">Whether its evidence is fixed.</param>
/// <param name="PutTo">To which organisation it was put.</param>
/// <param name="AnswerBy">Until when that may answer before the owner decides.</param>
public sealed record AlarmState(
    AlarmStage Stage, string Owner, bool Fixed, string? PutTo, DateTimeOffset? AnswerBy)
{
    /// <summary>Before the first event.</summary>
    public static readonly AlarmState Initial = new(AlarmStage.None, "", false, null, null);

    /// <summary>Folds one event.</summary>
    public static AlarmState Evolve(AlarmState state, string tenant, AlarmEvent e) => e switch
    {
        AlarmEvent.Raised => Initial with { Stage = AlarmStage.Open, Owner = tenant },
        AlarmEvent.EvidenceFixed => state with { Fixed = true },
        AlarmEvent.Put put => state with { Stage = AlarmStage.Put, PutTo = put.Organisation, AnswerBy = put.AnswerBy },
        AlarmEvent.Answered => state with { Stage = AlarmStage.Answered },
        AlarmEvent.Commented => state,
        AlarmEvent.Closed => state with { Stage = AlarmStage.Closed },
        _ => throw new InvalidOperationException($"{e.GetType().Name} is no event of an alarm."),
    };

    /// <summary>Whether an organisation may know of it: its owner, the one it was put to, and the regulator.</summary>
    public bool IsSeenBy(string tenant, bool isRegulator) =>
        Stage != AlarmStage.None && (isRegulator || Owner == tenant || PutTo == tenant);
}

/// <summary>Decides on what is to be recorded of an alarm; pure.</summary>
public static class Alarm
{
    /// <summary>There is no such alarm that the caller may know of.</summary>
    public const string Missing = "alarm-not-found";

    /// <summary>It is there already.</summary>
    public const string Exists = "alarm-exists";

    /// <summary>It is closed.</summary>
    public const string Over = "alarm-closed";

    /// <summary>Only the owner of the goods may do that.</summary>
    public const string OwnerOnly = "alarm-owner-only";

    /// <summary>Only the organisation that it was put to may answer.</summary>
    public const string AddresseeOnly = "alarm-addressee-only";

    /// <summary>It was put to somebody before.</summary>
    public const string PutBefore = "alarm-put-before";

    /// <summary>It can't be put to its owner.</summary>
    public const string PutToOwner = "alarm-put-to-owner";

    /// <summary>The time to answer is too short.</summary>
    public const string TooSoon = "alarm-answer-by";

    /// <summary>Nobody is found against unheard.</summary>
    public const string Unheard = "alarm-unheard";

    /// <summary>The least time to answer.</summary>
    public static readonly TimeSpan AnswerMin = TimeSpan.FromDays(1);

    /// <summary>The time to answer where none is set.</summary>
    public static readonly TimeSpan AnswerUsual = TimeSpan.FromDays(15);

    /// <summary>Whether a fact may be recorded.</summary>
    /// <param name="state">The alarm so far.</param>
    /// <param name="tenant">Whose fact it is.</param>
    /// <param name="isRegulator">Whether an authority acts.</param>
    /// <param name="kind">What is suspected; nobody need be heard about a copied code that was put to nobody.</param>
    /// <param name="proposed">The fact.</param>
    /// <param name="now">The time.</param>
    public static Decision<AlarmEvent> Decide(
        AlarmState state, string tenant, bool isRegulator, AlarmKind kind, AlarmEvent proposed, DateTimeOffset now)
    {
        if (proposed is AlarmEvent.Raised)
            return state.Stage == AlarmStage.None ? Accept(proposed) : Refuse(Exists);
        if (!state.IsSeenBy(tenant, isRegulator))
            return Refuse(Missing);
        bool owner = state.Owner == tenant;
        return (state.Stage, proposed) switch
        {
            (_, AlarmEvent.EvidenceFixed) => state.Fixed ? Refuse(Exists) : owner ? Accept(proposed) : Refuse(OwnerOnly),
            // What was decided may be commented on: an objection must find its place.
            (_, AlarmEvent.Commented) => Accept(proposed),
            (AlarmStage.Closed, _) => Refuse(Over),
            (_, AlarmEvent.Put) when !owner => Refuse(OwnerOnly),
            (not AlarmStage.Open, AlarmEvent.Put) => Refuse(PutBefore),
            (_, AlarmEvent.Put put) => put.Organisation == state.Owner ? Refuse(PutToOwner)
                : put.AnswerBy < now + AnswerMin ? Refuse(TooSoon)
                : Accept(put),
            (_, AlarmEvent.Answered) => state.PutTo == tenant ? Accept(proposed) : Refuse(AddresseeOnly),
            (_, AlarmEvent.Closed) when !owner => Refuse(OwnerOnly),
            (_, AlarmEvent.Closed closed) => closed.Outcome == AlarmOutcome.Upheld && !Heard(state, kind, now)
                ? Refuse(Unheard)
                : Accept(closed),
            _ => throw new InvalidOperationException($"{proposed.GetType().Name} is no event of an alarm."),
        };
    }

    private static bool Heard(AlarmState state, AlarmKind kind, DateTimeOffset now) => state.Stage switch
    {
        AlarmStage.Answered => true,
        AlarmStage.Put => now >= state.AnswerBy,
        _ => kind != AlarmKind.Diversion,
    };

    private static Decision<AlarmEvent> Accept(AlarmEvent e) => new Decision<AlarmEvent>.Accepted([e]);

    private static Decision<AlarmEvent> Refuse(string rule) => new Decision<AlarmEvent>.Refused(rule);
}
