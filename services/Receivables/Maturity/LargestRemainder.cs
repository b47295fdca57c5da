namespace Receivables.Maturity;

/// <summary>Division of an amount in proportion, exact to the fen.</summary>
public static class LargestRemainder
{
    /// <summary>
    /// Shares of <paramref name="fen"/> in proportion to the weights. Each gets the whole fen of its exact share; those
    /// left over go one by one to the largest remainders, and of equal ones to the first in the list.
    /// </summary>
    /// <param name="fen">What is divided; not negative.</param>
    /// <param name="weights">In the order in which ties fall; not negative, and together more than zero.</param>
    /// <returns>Shares in the same order; their sum is <paramref name="fen"/>.</returns>
    public static long[] Allocate(long fen, IReadOnlyList<long> weights)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(fen);
        Int128 total = 0;
        foreach (long weight in weights)
            total += weight;
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(total, (Int128)0, nameof(weights));

        long[] shares = new long[weights.Count];
        Int128[] remainders = new Int128[weights.Count];
        long left = fen;
        for (int i = 0; i < shares.Length; i++)
        {
            (Int128 share, remainders[i]) = Int128.DivRem((Int128)fen * weights[i], total);
            shares[i] = (long)share;
            left -= shares[i];
        }
        if (left == 0)
            return shares;
        int[] order = [.. Enumerable.Range(0, shares.Length)];
        Array.Sort(order, (a, b) => remainders[b].CompareTo(remainders[a]) is not 0 and var by ? by : a.CompareTo(b));
        for (int i = 0; i < left; i++)
            shares[order[i]]++;
        return shares;
    }
}
