namespace Receivables.Maturity;

/// <summary>A debt that a payment without a name may be for.</summary>
/// <param name="Root">The voucher.</param>
/// <param name="Due">When it is due.</param>
/// <param name="SecurityFen">How much security the creditor has for it.</param>
/// <param name="BurdenPpm">What being late costs the debtor: yearly rate in millionths.</param>
/// <param name="Fen">What is due on it, costs and interest included.</param>
public sealed record Debt(string Root, DateOnly Due, long SecurityFen, int BurdenPpm, long Fen);

/// <summary>What of a payment goes to which debt.</summary>
/// <param name="Parts">By root, in the order in which they are paid.</param>
/// <param name="Over">Fen that no debt can take.</param>
public sealed record Appropriated(IReadOnlyList<(string Root, long Fen)> Parts, long Over);

/// <summary>Sets a payment that names no debt against debts of the payer (Civil Code art. 560).</summary>
public static class Appropriation
{
    /// <summary>
    /// Debts that are due come first; of these the one with no or the least security, then the heaviest burden, then
    /// the
    /// one due first; debts equal in all that share in proportion.
    /// </summary>
    public static Appropriated Of(long fen, IEnumerable<Debt> debts, DateOnly today)
    {
        List<(string, long)> parts = [];
        IEnumerable<IGrouping<(bool, long, int, DateOnly), Debt>> ranks = debts
            .Where(d => d.Fen > 0)
            .GroupBy(d => (d.Due > today, d.SecurityFen, -d.BurdenPpm, d.Due))
            .OrderBy(g => g.Key);
        foreach (IGrouping<(bool, long, int, DateOnly), Debt> rank in ranks)
        {
            if (fen == 0)
                break;
            Debt[] equal = [.. rank.OrderBy(d => d.Root, StringComparer.Ordinal)];
            long paid = Math.Min(fen, equal.Sum(d => d.Fen));
            long[] shares = LargestRemainder.Allocate(paid, [.. equal.Select(d => d.Fen)]);
            parts.AddRange(equal.Zip(shares, (d, share) => (d.Root, share)).Where(p => p.share > 0));
            fen -= paid;
        }
        return new Appropriated(parts, fen);
    }
}
