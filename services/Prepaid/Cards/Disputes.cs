using ServiceDefaults;

namespace Prepaid.Cards;

/// <summary>How a dispute about a balance ends that only the merchant had stated; pure.</summary>
internal static class Disputes
{
    /// <summary>The holder has not said otherwise.</summary>
    public const string None = "dispute-missing";

    /// <summary>Less than the merchant states or more than the holder says.</summary>
    public const string OutOfRange = "dispute-out-of-range";

    /// <summary>Ends it: the first lot, which was taken over, gets the figures that were agreed on or decided.</summary>
    public static Decision<CardEvent> End(Card card, CardCommand.EndDispute end)
    {
        if (card is not { StatedByMerchant: true, Claimed: { } claimed } || card.Lots.IsEmpty)
            return CardDecider.Refuse(None);
        HeldLot held = card.Lots[0];
        (Owed stated, Owed agreed) = (Owed.For(held, end.Today), end.Agreed ?? claimed);
        if (!Between(stated.PrincipalFen, agreed.PrincipalFen, claimed.PrincipalFen)
            || !Between(stated.GiftFen, agreed.GiftFen, claimed.GiftFen))
            return CardDecider.Refuse(OutOfRange);
        Lot lot = With(held.Lot, agreed, end.Today);
        return !CardDecider.IsShaped(lot) ? CardDecider.Refuse(CardDecider.LotShape)
            : CardDecider.Accept(new CardEvent.DisputeEnded(
                card.Receipts + 1, lot, agreed - stated, end.By, end.Words));
    }

    /// <summary>A lot that is owed so much on a day; days before it of a lot that days use up are over.</summary>
    private static Lot With(Lot lot, Owed owed, DateOnly today)
    {
        Lot with = lot with { PaidFen = owed.PrincipalFen, GiftFen = owed.GiftFen };
        if (lot.Kind == LotKind.Value)
            return with with { Units = owed.PrincipalFen + owed.GiftFen };
        if (lot.Kind == LotKind.Counted)
            return with;
        DateOnly starts = lot.Starts > today ? lot.Starts.Value : today;
        return with with { Starts = starts, Units = lot.Ends!.Value.DayNumber - starts.DayNumber };
    }

    private static bool Between(long a, long agreed, long b) => agreed >= Math.Min(a, b) && agreed <= Math.Max(a, b);
}
