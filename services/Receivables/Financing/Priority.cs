using Receivables.Maturity;

namespace Receivables.Financing;

/// <summary>A receipt of 中登网 as it was imported: the only thing that proves a registration here.</summary>
/// <param name="Number">The registration's number.</param>
/// <param name="RegisteredAt">The time printed on it.</param>
/// <param name="FileSha256">Digest of the imported file.</param>
public sealed record RegisterReceipt(string Number, DateTimeOffset RegisteredAt, string FileSha256);

/// <summary>A financier that claims a receivable.</summary>
/// <param name="Financier">Who.</param>
/// <param name="Fen">Its financing, or its fee where it only serves.</param>
/// <param name="Receipt">Its registration; null where no receipt was imported.</param>
/// <param name="NoticeArrived">When its notice reached the debtor; null where none did.</param>
public sealed record Claimant(string Financier, long Fen, RegisterReceipt? Receipt, DateTimeOffset? NoticeArrived);

/// <summary>Why a rank is what it is.</summary>
public enum RankBasis
{
    /// <summary>By time of registration.</summary>
    Registered,

    /// <summary>Not registered: by arrival of the notice at the debtor.</summary>
    Notified,

    /// <summary>Neither: in proportion.</summary>
    Proportional,
}

/// <summary>Those who stand on one rank, and how an amount would be shared among them.</summary>
public sealed record Rank(int Number, RankBasis Basis, IReadOnlyList<Claimant> Claimants)
{
    /// <summary>Shares of what is left for this rank, exact to the fen.</summary>
    public IReadOnlyList<long> Shares(long fen) =>
        LargestRemainder.Allocate(fen, [.. Claimants.Select(c => c.Fen)]);
}

/// <summary>
/// Rank under Civil Code art. 768, from imported receipts alone. What a registry on the chain saw first isn't asked: it
/// is first on that chain and no legal priority.
/// </summary>
public static class Priority
{
    /// <summary>The ranks, first to last. Those of one time stand on one rank.</summary>
    public static IReadOnlyList<Rank> Of(IReadOnlyCollection<Claimant> claimants)
    {
        IEnumerable<(RankBasis Basis, DateTimeOffset At, Claimant[] Group)> groups =
        [
            .. claimants.Where(c => c.Receipt is not null).GroupBy(c => c.Receipt!.RegisteredAt).OrderBy(g => g.Key)
                .Select(g => (RankBasis.Registered, g.Key, g.ToArray())),
            .. claimants.Where(c => c is { Receipt: null, NoticeArrived: not null })
                .GroupBy(c => c.NoticeArrived!.Value)
                .OrderBy(g => g.Key).Select(g => (RankBasis.Notified, g.Key, g.ToArray())),
            .. claimants.Where(c => c is { Receipt: null, NoticeArrived: null }).GroupBy(_ => DateTimeOffset.MaxValue)
                .Select(g => (RankBasis.Proportional, g.Key, g.ToArray())),
        ];
        return [.. groups.Select((g, i) => new Rank(
            i + 1, g.Basis, [.. g.Group.OrderBy(c => c.Financier, StringComparer.Ordinal)]))];
    }
}
