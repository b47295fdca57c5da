using Proofs.Liabilities;

namespace Prepaid.Disposal;

/// <summary>Money that holders are paid from, in its rank.</summary>
/// <param name="Kind"><c>custody</c>, <c>insurance</c> or <c>guarantee</c>.</param>
/// <param name="Fen">How much there is.</param>
public sealed record Source(string Kind, long Fen);

/// <summary>A holder's claim with what each source would pay, in fen.</summary>
/// <param name="Claim">The card's balance: principal is the claim, gifts rank behind all principal.</param>
/// <param name="Paid">By source, in their order.</param>
public sealed record PaidClaim(CardBalance Claim, IReadOnlyList<long> Paid)
{
    /// <summary>Principal that no source pays.</summary>
    public long OpenFen => Claim.Owed.PrincipalFen - Paid.Sum();
}

/// <summary>
/// Divides what is there among holders: each source pays pro rata to principal that is still open, to the fen; pure. A
/// proposal, until a court or liquidator confirms it.
/// </summary>
public static class Waterfall
{
    /// <summary>Divides the sources in their order.</summary>
    public static IReadOnlyList<PaidClaim> Of(IReadOnlyList<CardBalance> claims, IReadOnlyList<Source> sources)
    {
        long[] open = [.. claims.Select(c => c.Owed.PrincipalFen)];
        long[][] paid = new long[sources.Count][];
        for (int s = 0; s < sources.Count; s++)
        {
            paid[s] = ProRata(open, sources[s].Fen);
            for (int i = 0; i < open.Length; i++)
                open[i] -= paid[s][i];
        }
        return [.. claims.Select((c, i) => new PaidClaim(c, [.. paid.Select(p => p[i])]))];
    }

    /// <summary>
    /// An amount divided in proportion, to the fen: the largest remainders get the fen that rounding down left over, the
    /// first of equals first. Nobody gets more than the claim, and the parts add up.
    /// </summary>
    public static long[] ProRata(IReadOnlyList<long> claims, long fen)
    {
        Int128 total = claims.Aggregate((Int128)0, (sum, c) => sum + c);
        if (fen >= total)
            return [.. claims];
        long[] parts = [.. claims.Select(c => (long)(c * (Int128)Math.Max(0, fen) / total))];
        long left = Math.Max(0, fen) - parts.Sum();
        foreach (int i in Enumerable.Range(0, parts.Length)
                     .OrderByDescending(i => claims[i] * (Int128)Math.Max(0, fen) % total).Take((int)left))
            parts[i]++;
        return parts;
    }
}
