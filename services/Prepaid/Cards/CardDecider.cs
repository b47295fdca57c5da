using ServiceDefaults;

namespace Prepaid.Cards;

/// <summary>Decides on cards; pure.</summary>
public static class CardDecider
{
    /// <summary>There is no such card.</summary>
    public const string Missing = "card-not-found";

    /// <summary>There is one already.</summary>
    public const string Exists = "card-exists";

    /// <summary>Its holder has not confirmed what the merchant stated.</summary>
    public const string Unconfirmed = "card-unconfirmed";

    /// <summary>The balance is not one that the merchant stated alone.</summary>
    public const string NotStated = "card-not-stated";

    /// <summary>It is frozen.</summary>
    public const string IsFrozen = "card-frozen";

    /// <summary>The lot's units, amounts and days do not fit together.</summary>
    public const string LotShape = "lot-shape";

    /// <summary>The card has no such lot, or one of that name already.</summary>
    public const string LotName = "lot-name";

    /// <summary>Nothing of the lot is left.</summary>
    public const string LotEmpty = "lot-empty";

    /// <summary>Nothing is asked for, or amounts are not positive.</summary>
    public const string NothingWanted = "redemption-empty";

    /// <summary>The card holds less than that.</summary>
    public const string TooMuch = "balance-too-low";

    /// <summary>What would do is beyond its term and must be activated first.</summary>
    public const string TermOver = "lot-term-over";

    /// <summary>The holder's code was used before.</summary>
    public const string CodeUsed = "code-used";

    /// <summary>There is no such redemption.</summary>
    public const string NoRedemption = "redemption-not-found";

    /// <summary>Something of it was paid back since, so that it can't be taken back any more.</summary>
    public const string LotRefunded = "redemption-lot-refunded";

    /// <summary>Only what a clerk entered, and only for 24 hours.</summary>
    public const string TooLate = "objection-too-late";

    /// <summary>More than the largest amount that a proof of liabilities can state.</summary>
    public const string TooLarge = "amount-too-large";

    /// <summary>A holder may object for so long to what a clerk entered.</summary>
    public static readonly TimeSpan Objection = TimeSpan.FromHours(24);

    /// <summary>No amount reaches 2⁵³ fen; a card stays far below it, so that sums of cards do too.</summary>
    internal const long MostFen = 1L << 40;

    /// <summary>What a command comes to. Nothing to do is accepted without events.</summary>
    public static Decision<CardEvent> Decide(Card card, CardCommand command) => (card, command) switch
    {
        ({ Exists: false }, CardCommand.Open o) =>
            Accept(new CardEvent.Opened(o.Merchant, o.Branch, o.Key, o.Named, o.Access, o.StatedByMerchant)),
        (_, CardCommand.Open) => Refuse(Exists),
        ({ Exists: false }, _) => Refuse(Missing),
        (_, CardCommand.Confirm) => card.StatedByMerchant ? Accept(new CardEvent.Confirmed()) : Nothing,
        (_, CardCommand.Dispute d) => !card.StatedByMerchant ? Refuse(NotStated)
            : card.Claimed == d.Claimed ? Nothing : Accept(new CardEvent.Disputed(d.Claimed, d.Words)),
        (_, CardCommand.EndDispute d) => Disputes.End(card, d),
        (_, CardCommand.Sell s) => Sell(card, s),
        (_, CardCommand.Redeem r) => Redemptions.Decide(card, r),
        (_, CardCommand.Queue q) => Queue(card, q),
        (_, CardCommand.Reverse r) => Redemptions.Reverse(card, r.Id, r.Reason, r.Today),
        (_, CardCommand.Object o) => Object(card, o),
        (_, CardCommand.Refund r) => Refund(card, r),
        (_, CardCommand.Reactivate r) => Reactivate(card, r),
        (_, CardCommand.ChangeKey k) => k.Key is not null && k.Key == card.Key ? Nothing : Accept(
            new CardEvent.KeyChanged(card.Receipts + 1, k.Key, k.Reason)),
        (_, CardCommand.Freeze f) => card.IsFrozen ? Nothing : Accept(new CardEvent.Frozen(f.Reason)),
        (_, CardCommand.Unfreeze f) => card.IsFrozen ? Accept(new CardEvent.Unfrozen(f.Reason)) : Nothing,
        _ => throw new InvalidOperationException($"{command.GetType().Name} is no command of a card."),
    };

    /// <summary>An offline till gives out more than it may in one go.</summary>
    public const string QueueLimit = "queue-limit";

    /// <summary>What an offline till may give out in one go, in fen, and how long it may keep it.</summary>
    internal const long QueueMostFen = 500_00;

    /// <summary>How long a till may keep a report, by the server's clock against what the till says.</summary>
    internal static readonly TimeSpan QueueMost = TimeSpan.FromHours(24);

    internal static Decision<CardEvent> Nothing => new Decision<CardEvent>.Accepted([]);

    internal static Decision<CardEvent> Accept(CardEvent e) => new Decision<CardEvent>.Accepted([e]);

    internal static Decision<CardEvent> Refuse(string rule) => new Decision<CardEvent>.Refused(rule);

    private static Decision<CardEvent> Sell(Card card, CardCommand.Sell sell)
    {
        if (card.Find(sell.Lot.Id) is { } known)
            return known.Lot == sell.Lot ? Nothing : Refuse(LotName);
        if (!IsShaped(sell.Lot))
            return Refuse(LotShape);
        long sold = card.Lots.Sum(l => l.Lot.PaidFen + l.Lot.GiftFen);
        return sell.Lot.PaidFen > MostFen - sold - sell.Lot.GiftFen
            ? Refuse(TooLarge)
            : Accept(new CardEvent.Sold(card.Receipts + 1, sell.Lot, sell.Branch));
    }

    internal static bool IsShaped(Lot lot) =>
        lot is { PaidFen: >= 0 and <= MostFen, GiftFen: >= 0 and <= MostFen, Units: > 0 and <= MostFen }
        && lot.PaidFen + lot.GiftFen > 0
        && (lot.Starts is null || lot.Ends is null || lot.Starts < lot.Ends)
        && lot.Kind switch
        {
            LotKind.Value => lot.Units == lot.PaidFen + lot.GiftFen && lot.Item is null,
            LotKind.Counted => true,
            _ => lot is { Starts: { } from, Ends: { } to } && lot.Units == to.DayNumber - from.DayNumber,
        };

    /// <summary>
    /// The first in the server's order wins. What the card does not hold any more is the merchant's loss, which is
    /// recorded and takes nothing.
    /// </summary>
    private static Decision<CardEvent> Queue(Card card, CardCommand.Queue queue)
    {
        CardCommand.Redeem given = queue.Given;
        if (card.Losses.ContainsKey(given.Id))
            return Nothing;
        long price = given.Wanted.Sum(w => Math.Clamp(w.PriceFen, 0, MostFen));
        bool isKnown = card.Redemptions.ContainsKey(given.Id);
        Decision<CardEvent> decision = !isKnown && (price > QueueMostFen || given.At - queue.TakenAt > QueueMost)
            ? Refuse(QueueLimit) : Redemptions.Decide(card, given);
        return decision is Decision<CardEvent>.Refused refused
            ? Accept(new CardEvent.LostByMerchant(given.Id, given.Branch, price, refused.Rule, queue.TakenAt))
            : decision;
    }

    private static Decision<CardEvent> Object(Card card, CardCommand.Object objection)
    {
        if (!card.Redemptions.TryGetValue(objection.Id, out Redemption? redemption))
            return Refuse(NoRedemption);
        return redemption.ObjectBy is { } by && objection.At < by
            ? Redemptions.Reverse(card, objection.Id, "objection", objection.Today)
            : Refuse(TooLate);
    }

    private static Decision<CardEvent> Refund(Card card, CardCommand.Refund refund)
    {
        if (card.Find(refund.Lot) is not { } lot)
            return Refuse(LotName);
        if (lot.Refunded)
            return Refuse(LotEmpty);
        return refund.PaidFen < 0 || refund.PaidFen > lot.Lot.PaidFen
            ? Refuse(TooLarge)
            : Accept(new CardEvent.Refunded(
                card.Receipts + 1, refund.Lot, Owed.For(lot, refund.Today), refund.PaidFen, refund.Ground,
                lot.Lot.Kind == LotKind.Timed));
    }

    private static Decision<CardEvent> Reactivate(Card card, CardCommand.Reactivate reactivate)
    {
        if (card.Find(reactivate.Lot) is not { } lot)
            return Refuse(LotName);
        if (lot.Refunded || lot.Lot.Kind == LotKind.Timed)
            return Refuse(LotEmpty);
        if (lot.Lot.Ends is not { } ends || reactivate.Ends <= ends)
            return Nothing;
        return Accept(new CardEvent.Reactivated(card.Receipts + 1, reactivate.Lot, reactivate.Ends));
    }
}
