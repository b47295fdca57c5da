namespace Receivables.Financing;

/// <summary>A financier's offer.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Financier">Bank or factor.</param>
/// <param name="Fen">What it would finance.</param>
/// <param name="PaysOut">On which day.</param>
/// <param name="Price">For what.</param>
/// <param name="Recourse">Whether it may turn to the seller (Civil Code arts. 766, 767).</param>
public sealed record Offer(string Id, string Financier, long Fen, DateOnly PaysOut, Price Price, bool Recourse);

/// <summary>An offer with what it costs.</summary>
public sealed record PricedOffer(Offer Offer, TrueCost Cost);

/// <summary>Compares offers.</summary>
public static class Offers
{
    /// <summary>
    /// Offers by effective yearly cost alone; equal ones by their ids, which say nothing of who made them. What leaves
    /// nothing for the seller isn't listed.
    /// </summary>
    /// <param name="offers">The offers.</param>
    /// <param name="due">The day the voucher is paid, after any move to a working day.</param>
    public static IReadOnlyList<PricedOffer> ByTrueCost(IEnumerable<Offer> offers, DateOnly due) =>
    [
        .. offers
            .Select(o => Discount.Cost(o.Fen, due.DayNumber - o.PaysOut.DayNumber, o.Price) is { } cost
                ? new PricedOffer(o, cost) : null)
            .OfType<PricedOffer>()
            .OrderBy(p => Discount.Effective(p.Cost.Amount, p.Cost.Proceeds, p.Cost.Days))
            .ThenBy(p => p.Offer.Id, StringComparer.Ordinal),
    ];
}
