using System.Text.Json.Serialization;
using ServiceDefaults;

namespace Prepaid.Complaints;

/// <summary>What a holder complains of.</summary>
[JsonConverter(typeof(KebabEnum<ComplaintKind>))]
public enum ComplaintKind
{
    /// <summary>The merchant would not take the card.</summary>
    RedemptionRefused,

    /// <summary>A refund was refused or is late.</summary>
    Refund,

    /// <summary>A receipt or the balance is wrong.</summary>
    Balance,

    /// <summary>The shop is shut.</summary>
    ShopClosed,

    /// <summary>Something else.</summary>
    Other,
}

/// <summary>How a complaint ended.</summary>
[JsonConverter(typeof(KebabEnum<ComplaintOutcome>))]
public enum ComplaintOutcome
{
    /// <summary>The holder is content.</summary>
    Settled,

    /// <summary>The regulator found for the holder.</summary>
    Upheld,

    /// <summary>The regulator found no fault of the merchant.</summary>
    Dismissed,

    /// <summary>It went to 12315 or a court.</summary>
    Referred,
}

/// <summary>Facts about a complaint.</summary>
public abstract record ComplaintEvent
{
    private ComplaintEvent()
    {
    }

    /// <summary>A holder complains, known by the card's secret alone.</summary>
    public sealed record Made(string Merchant, Guid Card, ComplaintKind Kind, string Words) : ComplaintEvent;

    /// <summary>The merchant answers.</summary>
    public sealed record Answered(string Words) : ComplaintEvent;

    /// <summary>It is over.</summary>
    public sealed record Closed(ComplaintOutcome Outcome, string Words) : ComplaintEvent;
}

/// <summary>A complaint, folded; pure.</summary>
/// <param name="About">What was said; null before.</param>
/// <param name="Answer">The merchant's last answer.</param>
/// <param name="Outcome">How it ended; null while it is open.</param>
public sealed record Complaint(ComplaintEvent.Made? About, string? Answer, ComplaintOutcome? Outcome)
{
    /// <summary>There is none.</summary>
    public const string Missing = "complaint-not-found";

    /// <summary>It is over.</summary>
    public const string IsClosed = "complaint-closed";

    /// <summary>Before the first event.</summary>
    public static readonly Complaint Initial = new(null, null, null);

    /// <summary>Folds one event.</summary>
    public static Complaint Evolve(Complaint c, ComplaintEvent e) => e switch
    {
        ComplaintEvent.Made m => c with { About = m },
        ComplaintEvent.Answered a => c with { Answer = a.Words },
        ComplaintEvent.Closed d => c with { Outcome = d.Outcome },
        _ => throw new InvalidOperationException($"{e.GetType().Name} is no event of a complaint."),
    };

    /// <summary>What an answer or an end comes to.</summary>
    public static Decision<ComplaintEvent> Decide(Complaint c, ComplaintEvent wanted) => (c, wanted) switch
    {
        ({ About: null }, _) => new Decision<ComplaintEvent>.Refused(Missing),
        ({ Outcome: { } known }, ComplaintEvent.Closed { Outcome: var outcome }) when known == outcome =>
            new Decision<ComplaintEvent>.Accepted([]),
        ({ Outcome: not null }, _) => new Decision<ComplaintEvent>.Refused(IsClosed),
        ({ Answer: var said }, ComplaintEvent.Answered { Words: var words }) when said == words =>
            new Decision<ComplaintEvent>.Accepted([]),
        _ => new Decision<ComplaintEvent>.Accepted([wanted]),
    };
}
