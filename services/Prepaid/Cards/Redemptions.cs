using ServiceDefaults;

namespace Prepaid.Cards;

/// <summary>Decides what a redemption takes, and gives back; pure.</summary>
internal static class Redemptions
{
    /// <summary>Takes all that is wanted, or nothing.</summary>
    public static Decision<CardEvent> Decide(Card card, CardCommand.Redeem redeem)
    {
        if (card.Redemptions.ContainsKey(redeem.Id))
            return CardDecider.Nothing;
        if (Fault(card, redeem) is { } fault)
            return CardDecider.Refuse(fault);
        List<Draw> draws = [];
        Card left = card;
        foreach (Wanted wanted in redeem.Wanted)
        {
            List<Draw> taken = Take(left, wanted, redeem);
            if (taken.Count == 0)
                return CardDecider.Refuse(
                    IsOnlyLate(left, wanted, redeem) ? CardDecider.TermOver : CardDecider.TooMuch);
            draws.AddRange(taken);
            left = left.Apply(taken, 1);
        }
        return CardDecider.Accept(new CardEvent.Redeemed(
            card.Receipts + 1, redeem.Id, redeem.Branch, redeem.Proof, draws, redeem.Code,
            redeem.Proof is HolderProof.Clerk or HolderProof.Queued ? redeem.At + CardDecider.Objection : null));
    }

    /// <summary>Gives all of a redemption back to its lots.</summary>
    public static Decision<CardEvent> Reverse(Card card, string id, string reason, DateOnly today)
    {
        if (!card.Redemptions.TryGetValue(id, out Redemption? redemption))
            return CardDecider.Refuse(CardDecider.NoRedemption);
        if (redemption.Reversed)
            return CardDecider.Nothing;
        if (redemption.Draws.Any(d => card.Find(d.Lot)!.Refunded))
            return CardDecider.Refuse(CardDecider.LotRefunded);
        List<Draw> back = [];
        Card left = card;
        foreach (Draw draw in redemption.Draws)
        {
            Card before = left.Apply([draw], -1);
            back.Add(draw with { Taken = Owed.For(before, today) - Owed.For(left, today) });
            left = before;
        }
        return CardDecider.Accept(new CardEvent.Reversed(card.Receipts + 1, id, reason, back));
    }

    private static string? Fault(Card card, CardCommand.Redeem redeem)
    {
        if (card.StatedByMerchant)
            return CardDecider.Unconfirmed;
        if (card.IsFrozen)
            return CardDecider.IsFrozen;
        if (redeem.Code is { } code && card.Redemptions.Values.Any(r => r.Code == code))
            return CardDecider.CodeUsed;
        if (redeem.Wanted.Any(w => w.PriceFen > CardDecider.MostFen || w.ListFen > CardDecider.MostFen))
            return CardDecider.TooLarge;
        return redeem.Wanted.Count == 0 || redeem.Wanted.Any(w => w.Times <= 0 || w.ListFen < 0 || w.PriceFen < 0
            || (w.Kind == LotKind.Value && w.PriceFen == 0)) ? CardDecider.NothingWanted : null;
    }

    /// <summary>What one thing takes of which lots; empty where the card holds too little.</summary>
    private static List<Draw> Take(Card card, Wanted wanted, CardCommand.Redeem redeem)
    {
        List<Draw> draws = [];
        long need = wanted.Kind == LotKind.Value ? wanted.PriceFen : wanted.Times;
        (long left, long list, long price) = (need, wanted.ListFen, wanted.PriceFen);
        IEnumerable<HeldLot> usable = card.Lots.Where(l => Fits(l, wanted) && l.IsUsable(redeem.Today));
        foreach (HeldLot lot in InOrder(usable, redeem.Order))
        {
            long units = wanted.Kind == LotKind.Timed ? left : Math.Min(left, lot.Remaining(redeem.Today));
            left -= units;
            // The last lot gets what is left of the prices, so that parts add up.
            (long listPart, long pricePart) = left == 0
                ? (list, price)
                : (Part(wanted.ListFen, units, need), Part(wanted.PriceFen, units, need));
            (list, price) = (list - listPart, price - pricePart);
            draws.Add(Drawn(lot, wanted.Kind == LotKind.Timed ? 0 : units, listPart, pricePart, redeem.Today));
            if (left == 0)
                return draws;
        }
        return [];
    }

    private static Draw Drawn(HeldLot lot, long units, long list, long price, DateOnly today)
    {
        HeldLot after = lot with { UsedUnits = lot.UsedUnits + units };
        return new Draw(lot.Lot.Id, units, list, price, Owed.For(lot, today) - Owed.For(after, today));
    }

    private static bool Fits(HeldLot held, Wanted wanted) =>
        held.Lot.Kind == wanted.Kind && (held.Lot.Item is null || held.Lot.Item == wanted.Item);

    private static IEnumerable<HeldLot> InOrder(IEnumerable<HeldLot> lots, LotOrder order) =>
        order == LotOrder.OldestFirst ? lots : lots.OrderBy(l => l.Lot.Ends ?? DateOnly.MaxValue);

    /// <summary>Whether there would be enough if terms that are over did not stand against it.</summary>
    private static bool IsOnlyLate(Card card, Wanted wanted, CardCommand.Redeem redeem)
    {
        long need = wanted.Kind == LotKind.Value ? wanted.PriceFen : wanted.Times;
        return wanted.Kind != LotKind.Timed && card.Lots.Where(l => Fits(l, wanted) && (l.Lot.Starts is null
            || l.Lot.Starts <= redeem.Today)).Sum(l => l.Remaining(redeem.Today)) >= need;
    }

    private static long Part(long fen, long units, long need) => (long)((Int128)fen * units / need);
}
