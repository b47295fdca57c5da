using ServiceDefaults;

namespace Traceability.Scanning;

/// <summary>Where a complaint stands.</summary>
public enum ComplaintStage
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>Filed; nobody has taken it up.</summary>
    Filed,

    /// <summary>The producer has it and looks into it.</summary>
    Received,

    /// <summary>The producer answered; it may answer again.</summary>
    Answered,

    /// <summary>Over.</summary>
    Closed,
}

/// <summary>The producer took a complaint up.</summary>
public sealed record ComplaintReceived(string Number)
{
    /// <summary>Its stable name.</summary>
    public const string Type = "trace.complaint-received.v1";
}

/// <summary>The producer answered. The words are kept beside the event and known here by digest, as the complaint's are.</summary>
/// <param name="Number">The complaint.</param>
/// <param name="TextSha256">SHA-256 of the words with the secret that is kept with them.</param>
public sealed record ComplaintAnswered(string Number, string TextSha256)
{
    /// <summary>Its stable name.</summary>
    public const string Type = "trace.complaint-answered.v1";
}

/// <summary>The producer closed a complaint that it had answered.</summary>
public sealed record ComplaintClosed(string Number)
{
    /// <summary>Its stable name.</summary>
    public const string Type = "trace.complaint-closed.v1";
}

/// <summary>Decides on what is to be recorded of a complaint; pure.</summary>
public static class ComplaintStates
{
    /// <summary>There is no such complaint about the organisation's products.</summary>
    public const string Missing = "complaint-not-found";

    /// <summary>It was taken up before.</summary>
    public const string Taken = "complaint-received-before";

    /// <summary>It has no answer.</summary>
    public const string Unanswered = "complaint-unanswered";

    /// <summary>It is closed.</summary>
    public const string Over = "complaint-closed";

    /// <summary>Folds one event.</summary>
    public static ComplaintStage Evolve(ComplaintStage stage, object e) => e switch
    {
        ComplaintFiled => ComplaintStage.Filed,
        ComplaintReceived => ComplaintStage.Received,
        ComplaintAnswered => ComplaintStage.Answered,
        ComplaintClosed => ComplaintStage.Closed,
        _ => throw new InvalidOperationException($"{e.GetType().Name} is no event of a complaint."),
    };

    /// <summary>Whether a fact may be recorded. A complaint ends with an answer that its consumer can read, never without.</summary>
    public static Decision<object> Decide(ComplaintStage stage, object proposed) => (stage, proposed) switch
    {
        (ComplaintStage.None, _) => Refuse(Missing),
        (ComplaintStage.Closed, _) => Refuse(Over),
        (not ComplaintStage.Filed, ComplaintReceived) => Refuse(Taken),
        (not ComplaintStage.Answered, ComplaintClosed) => Refuse(Unanswered),
        _ => new Decision<object>.Accepted([proposed]),
    };

    private static Decision<object> Refuse(string rule) => new Decision<object>.Refused(rule);
}
