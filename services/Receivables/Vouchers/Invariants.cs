namespace Receivables.Vouchers;

/// <summary>A family is not what it must always be; nothing more is written to it.</summary>
public sealed class InvariantBrokenException(string root, string what)
    : InvalidOperationException($"Invariant of {root}: {what}");

/// <summary>What holds for every family after every event.</summary>
public static class Invariants
{
    /// <summary>
    /// The form for every append, at a cost that does not grow with the family: the sums that are carried along agree
    /// (I1, I4, reservations), the due date is what it was (I5), and nothing changed its holder while it was encumbered
    /// (I6) or after the cut-off (I7).
    /// </summary>
    /// <exception cref="InvariantBrokenException">One does not hold.</exception>
    public static void CheckAppend(FamilyState before, IReadOnlyList<VoucherEvent> events, FamilyState after)
    {
        if (Sums(after) is { } sums)
            throw new InvariantBrokenException(after.Root, sums);
        if (before.Stage != Stage.None && (after.DueDate, after.FaceFen) != (before.DueDate, before.FaceFen))
            throw new InvariantBrokenException(after.Root, "I5: due date or face changed");
        if (after.Fragments.PaidFen < before.Fragments.PaidFen)
            throw new InvariantBrokenException(after.Root, "a paid total fell");
        foreach (IReadOnlyList<Interval> moved in events.Select(Moved))
        {
            if (moved.Count > 0 && before.Stage != Stage.Active)
                throw new InvariantBrokenException(after.Root, "I7: moved after the cut-off");
            if (moved.SelectMany(before.Fragments.In).Any(f => f.Claim.Freeze is not null
                || f.Claim.Pledge is not null))
                throw new InvariantBrokenException(after.Root, "I6: moved while encumbered");
        }
    }

    /// <summary>Everything that can be said of a state, fragment by fragment; null where all of it holds.</summary>
    public static string? Check(FamilyState state)
    {
        if (state.Stage == Stage.None)
            return null;
        return Sums(state) ?? Partition(state) ?? Offers(state)
            ?? (state.DueDate > state.IssueDate.AddYears(1) || state.DueDate <= state.IssueDate ? "I5: term" : null)
            ?? (state.Stage >= Stage.Presented && state.Offers.Values.Any(o => o.Kind != OfferKind.Recourse)
                ? "I7: an offer after the cut-off" : null);
    }

    private static IReadOnlyList<Interval> Moved(VoucherEvent e) => e switch
    {
        VoucherEvent.Transferred x => x.Intervals,
        VoucherEvent.Sold x => x.Intervals,
        _ => [],
    };

    private static string? Sums(FamilyState state) =>
        state.Fragments.Fen != state.FaceFen ? $"I1: {state.Fragments.Fen} of {state.FaceFen} fen"
        : state.Fragments.PaidFen < 0 || state.Fragments.PaidFen > state.FaceFen ? "I1: paid beyond the face"
        : state.Fragments.ReservedFen != state.OfferedFen ? "I1: reserved and offered differ"
        : null;

    private static string? Partition(FamilyState state)
    {
        long at = 0, fen = 0, paid = 0, reserved = 0;
        Fragment? before = null;
        foreach (Fragment f in state.Fragments)
        {
            if (f.Start != at || f.End <= f.Start)
                return $"I4: gap or overlap at {at}";
            if (string.IsNullOrEmpty(f.Claim.Holder))
                return $"I4: no holder at {at}";
            if (f.Claim.PaidFen < 0 || f.Claim.PaidFen > f.Fen)
                return $"I1: paid beyond the leaf at {at}";
            if (!state.IsPresented && before?.Claim == f.Claim)
                return $"neighbours alike at {at}";
            if (f.Claim is { Reserved: not null, Pledge: not null })
                return $"I6: pledged and on offer at {at}";
            (at, fen, paid, before) = (f.End, fen + f.Fen, paid + f.Claim.PaidFen, f);
            reserved += f.Claim.Reserved is null ? 0 : f.Fen;
        }
        return (at, fen, paid, reserved) == (state.FaceFen, state.Fragments.Fen, state.Fragments.PaidFen,
            state.OfferedFen)
            ? null
            : "I1: sums differ from the fragments";
    }

    private static string? Offers(FamilyState state)
    {
        foreach (Offer offer in state.Offers.Values)
        {
            foreach (OfferedPart part in offer.Open)
            {
                Reservation reservation = new(offer.Id, part.To);
                if (!state.Fragments.In(part.Interval).All(f => f.Claim.Reserved == reservation))
                    return $"offer {offer.Id} is not reserved at {part.Start}";
            }
        }
        return null;
    }
}
