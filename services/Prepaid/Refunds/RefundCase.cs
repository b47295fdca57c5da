using System.Text.Json.Serialization;
using Prepaid.Cards;
using ServiceDefaults;

namespace Prepaid.Refunds;

/// <summary>How far a refund has come.</summary>
[JsonConverter(typeof(KebabEnum<RefundStage>))]
public enum RefundStage
{
    /// <summary>Nobody asked.</summary>
    None,

    /// <summary>The merchant has to answer.</summary>
    Asked,

    /// <summary>The merchant offers less than the holder's facts give.</summary>
    Answered,

    /// <summary>The regulator has to decide.</summary>
    Escalated,

    /// <summary>The amount stands and has to be paid.</summary>
    Ordered,

    /// <summary>Paid.</summary>
    Paid,

    /// <summary>The holder keeps the card.</summary>
    Withdrawn,
}

/// <summary>Facts about a refund.</summary>
public abstract record RefundEvent
{
    private RefundEvent()
    {
    }

    /// <summary>The holder asks.</summary>
    /// <param name="Card">The card.</param>
    /// <param name="Merchant">Who owes.</param>
    /// <param name="Facts">The ledger's figures and what the holder says.</param>
    /// <param name="LowFen">The least that the law gives on these facts.</param>
    /// <param name="HighFen">The most.</param>
    /// <param name="Words">In the holder's words.</param>
    /// <param name="AnswerBy">The merchant's last day to answer.</param>
    /// <param name="PayBy">The last day to pay.</param>
    public sealed record Asked(
        Guid Card, string Merchant, RefundRequest Facts, long LowFen, long HighFen, string Words, DateOnly AnswerBy,
        DateOnly PayBy) : RefundEvent;

    /// <summary>The merchant answers: the same figures of the ledger, its own view of the rest.</summary>
    /// <param name="Facts">With what the merchant says.</param>
    /// <param name="LowFen">The least that the law gives on those facts.</param>
    /// <param name="HighFen">The most.</param>
    /// <param name="OfferFen">What it offers, between both or above.</param>
    /// <param name="Words">Why.</param>
    public sealed record Answered(RefundRequest Facts, long LowFen, long HighFen, long OfferFen, string Words)
        : RefundEvent;

    /// <summary>A term ran out, or the parties do not agree.</summary>
    /// <param name="Reason"><c>answer-overdue</c>, <c>not-agreed</c> or <c>not-paid</c>.</param>
    public sealed record Escalated(string Reason) : RefundEvent;

    /// <summary>The regulator decided what the law leaves to a person.</summary>
    public sealed record Decided(long Fen, string Reason, string Power) : RefundEvent;

    /// <summary>The amount stands.</summary>
    /// <param name="Fen">What is paid.</param>
    /// <param name="Custody">The order to the custody bank; null where the merchant pays itself.</param>
    public sealed record Ordered(long Fen, string? Custody) : RefundEvent;

    /// <summary>It is paid.</summary>
    /// <param name="By"><c>bank</c> by its statement, or <c>holder</c> who has the money.</param>
    public sealed record Paid(string By) : RefundEvent;

    /// <summary>The holder takes the request back.</summary>
    public sealed record Withdrawn : RefundEvent;
}

/// <summary>A refund, folded; pure.</summary>
/// <param name="Stage">How far it has come.</param>
/// <param name="Request">What the holder asked.</param>
/// <param name="Answer">The merchant's last answer.</param>
/// <param name="Ordered">What stands.</param>
public sealed record RefundCase(
    RefundStage Stage, RefundEvent.Asked? Request, RefundEvent.Answered? Answer, RefundEvent.Ordered? Ordered)
{
    /// <summary>There is none.</summary>
    public const string Missing = "refund-not-found";

    /// <summary>It has come too far for that, or not far enough.</summary>
    public const string WrongStage = "refund-stage";

    /// <summary>Less or more than the law gives on anybody's facts.</summary>
    public const string OutOfRange = "refund-out-of-range";

    /// <summary>A term has not run out and an answer may come.</summary>
    public const string TooEarly = "refund-too-early";

    /// <summary>Days for the merchant's answer where no rule names a term: a term of this service.</summary>
    public const int AnswerDays = 7;

    /// <summary>Days to pay from the request where no rule names a term: a term of this service.</summary>
    public const int PayDays = 15;

    /// <summary>Before the first event.</summary>
    public static readonly RefundCase Initial = new(RefundStage.None, null, null, null);

    /// <summary>Whether it waits for somebody.</summary>
    public bool IsOpen => Stage is RefundStage.Asked or RefundStage.Answered or RefundStage.Escalated
        or RefundStage.Ordered;

    /// <summary>Folds one event.</summary>
    public static RefundCase Evolve(RefundCase c, RefundEvent e) => e switch
    {
        RefundEvent.Asked a => c with { Stage = RefundStage.Asked, Request = a },
        RefundEvent.Answered a => c with
        {
            Stage = c.Stage == RefundStage.Asked ? RefundStage.Answered : c.Stage,
            Answer = a,
        },
        RefundEvent.Escalated => c with { Stage = RefundStage.Escalated },
        RefundEvent.Decided => c,
        RefundEvent.Ordered o => c with { Stage = RefundStage.Ordered, Ordered = o },
        RefundEvent.Paid => c with { Stage = RefundStage.Paid },
        RefundEvent.Withdrawn => c with { Stage = RefundStage.Withdrawn },
        _ => throw new InvalidOperationException($"{e.GetType().Name} is no event of a refund."),
    };

    /// <summary>
    /// The merchant answers, also while the regulator looks at it. An offer of all that the holder may get is agreed.
    /// </summary>
    /// <param name="c">The refund.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="custody">The order to the custody bank that would pay it; null without.</param>
    public static Decision<RefundEvent> Reply(RefundCase c, RefundEvent.Answered answer, string? custody)
    {
        if (c.Stage is not (RefundStage.Asked or RefundStage.Answered or RefundStage.Escalated))
            return Refuse(WrongStage);
        if (answer.OfferFen < answer.LowFen || answer.OfferFen > Paid(c.Request!.Facts))
            return Refuse(OutOfRange);
        return answer.OfferFen >= c.Request!.HighFen
            ? Accept(answer, new RefundEvent.Ordered(answer.OfferFen, custody)) : Accept(answer);
    }

    /// <summary>The holder takes the merchant's last offer.</summary>
    public static Decision<RefundEvent> AcceptOffer(RefundCase c, string? custody) =>
        c is { Stage: RefundStage.Answered or RefundStage.Escalated, Answer: { } answer }
            ? Accept(new RefundEvent.Ordered(answer.OfferFen, custody)) : Refuse(WrongStage);

    /// <summary>The holder takes the request back before an amount stands.</summary>
    public static Decision<RefundEvent> Withdraw(RefundCase c) => c.Stage switch
    {
        RefundStage.Withdrawn => Accept(),
        RefundStage.Asked or RefundStage.Answered or RefundStage.Escalated when c.Ordered is null =>
            Accept(new RefundEvent.Withdrawn()),
        _ => Refuse(WrongStage),
    };

    /// <summary>
    /// Goes to the regulator: by the holder who does not take the offer, or once a term has run out.
    /// </summary>
    public static Decision<RefundEvent> Escalate(RefundCase c, DateOnly today) => c switch
    {
        { Stage: RefundStage.Escalated } => Accept(),
        { Stage: RefundStage.Answered } => Accept(new RefundEvent.Escalated("not-agreed")),
        { Stage: RefundStage.Asked, Request.AnswerBy: var by } => today > by
            ? Accept(new RefundEvent.Escalated("answer-overdue")) : Refuse(TooEarly),
        { Stage: RefundStage.Ordered, Request.PayBy: var by } => today > by
            ? Accept(new RefundEvent.Escalated("not-paid")) : Refuse(TooEarly),
        _ => Refuse(WrongStage),
    };

    /// <summary>
    /// A person decides what is escalated: an amount that the law gives on the facts of one side or the other.
    /// </summary>
    public static Decision<RefundEvent> Decide(RefundCase c, RefundEvent.Decided decided, string? custody)
    {
        if (c.Stage != RefundStage.Escalated)
            return Refuse(WrongStage);
        long low = Math.Min(c.Request!.LowFen, c.Answer?.LowFen ?? long.MaxValue);
        long high = Math.Max(c.Request.HighFen, c.Answer?.HighFen ?? 0);
        return decided.Fen < low || decided.Fen > high
            ? Refuse(OutOfRange) : Accept(decided, new RefundEvent.Ordered(decided.Fen, custody));
    }

    /// <summary>The bank booked the order, or the holder has the money.</summary>
    public static Decision<RefundEvent> Settle(RefundCase c, string by) => c.Stage switch
    {
        RefundStage.Paid => Accept(),
        RefundStage.Ordered => Accept(new RefundEvent.Paid(by)),
        // Not paid in time, escalated, and paid then: the money came.
        RefundStage.Escalated when c.Ordered is not null => Accept(new RefundEvent.Paid(by)),
        _ => Refuse(WrongStage),
    };

    /// <summary>
    /// What of an amount is paid for which lot: first what the law gives at least, lot by lot, then up to the most, then up
    /// to what was paid. The parts add up to the amount.
    /// </summary>
    public static IReadOnlyList<(string Lot, long Fen)> Split(RefundRequest facts, IReadOnlyList<LotRefund> lots, long fen)
    {
        long[] parts = new long[lots.Count];
        foreach (Func<int, long> most in (Func<int, long>[])
            [i => lots[i].LowFen, i => lots[i].HighFen, i => facts.Lots[i].PaidFen])
        {
            for (int i = 0; i < parts.Length; i++)
            {
                long more = Math.Clamp(most(i) - parts[i], 0, fen);
                (parts[i], fen) = (parts[i] + more, fen - more);
            }
        }
        return [.. lots.Select((l, i) => (l.Lot, parts[i]))];
    }

    /// <summary>What the ledger says of a card's lots, for the engine of both sides.</summary>
    /// <param name="card">The card.</param>
    /// <param name="lots">The lots asked for; those that were paid back are left out.</param>
    /// <param name="today">The day of the request.</param>
    public static IReadOnlyList<LotFacts> FactsOf(Card card, IReadOnlyCollection<string>? lots, DateOnly today) =>
        [.. card.Lots.Where(l => !l.Refunded && l.Lot.PaidFen > 0 && (lots is null || lots.Contains(l.Lot.Id)))
            .Select(l => new LotFacts(l.Lot.Id, l.Lot.PaidOn, l.Lot.PaidFen, l.Lot.GiftFen, l.ListFen, l.PriceFen,
                Term: l.Lot.Kind == LotKind.Timed
                    ? new TermFacts((int)l.Lot.Units, (int)l.Remaining(today)) : null))];

    private static long Paid(RefundRequest facts) => facts.Lots.Sum(l => l.PaidFen);

    private static Decision<RefundEvent> Accept(params RefundEvent[] events) =>
        new Decision<RefundEvent>.Accepted(events);

    private static Decision<RefundEvent> Refuse(string rule) => new Decision<RefundEvent>.Refused(rule);
}
