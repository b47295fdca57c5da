namespace Prepaid.Cards;

/// <summary>What is owed for a lot or a card, in fen.</summary>
/// <param name="PrincipalFen">Of what was paid: this is the holder's money.</param>
/// <param name="GiftFen">Of what was given on top: it can be used, and is never cash.</param>
public readonly record struct Owed(long PrincipalFen, long GiftFen)
{
    /// <summary>
    /// The rule that this class states; with another rule the figures carry another name. In force from its first day.
    /// </summary>
    public const string Rule = "owed/1";

    /// <summary>Both.</summary>
    public static Owed operator +(Owed a, Owed b) =>
        new(checked(a.PrincipalFen + b.PrincipalFen), checked(a.GiftFen + b.GiftFen));

    /// <summary>What <paramref name="a"/> is more than <paramref name="b"/>.</summary>
    public static Owed operator -(Owed a, Owed b) =>
        new(checked(a.PrincipalFen - b.PrincipalFen), checked(a.GiftFen - b.GiftFen));

    /// <summary>As much less.</summary>
    public static Owed operator -(Owed a) => default(Owed) - a;

    /// <summary>
    /// What is owed for a lot on a day. It hangs on what is left and on nothing else, so that the same balance reached
    /// on two ways is the same. Counted: paid × remaining ÷ total. Timed: paid × remaining days ÷ term. Value: what is
    /// left, divided between paid and gift in the contract's order. The principal is rounded up to the fen, which is
    /// the holder's favour; the gift takes what is left of a value lot, and is rounded down for others.
    /// </summary>
    public static Owed For(HeldLot held, DateOnly day)
    {
        (Lot lot, long left) = (held.Lot, held.Remaining(day));
        if (left == 0)
            return default;
        if (lot.Kind != LotKind.Value)
            return new Owed(ShareUp(lot.PaidFen, left, lot.Units), Share(lot.GiftFen, left, lot.Units));
        long principal = lot.Order switch
        {
            DrawOrder.PaidFirst => Math.Max(0, left - lot.GiftFen),
            DrawOrder.GiftFirst => Math.Min(left, lot.PaidFen),
            _ => ShareUp(lot.PaidFen, left, lot.Units),
        };
        return new Owed(principal, left - principal);
    }

    /// <summary>What is owed for a whole card on a day.</summary>
    public static Owed For(Card card, DateOnly day) =>
        card.Lots.Aggregate(default(Owed), (sum, lot) => sum + For(lot, day));

    private static long Share(long fen, long part, long whole) => (long)((Int128)fen * part / whole);

    private static long ShareUp(long fen, long part, long whole) => (long)(((Int128)fen * part + whole - 1) / whole);
}
