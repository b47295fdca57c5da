using Chain.Core;

namespace Chain.Ledger;

/// <summary>Which logs are wanted (eth_getLogs).</summary>
public sealed record LogFilter
{
    /// <summary>First block.</summary>
    public ulong FromBlock { get; init; }

    /// <summary>Last block, itself included.</summary>
    public ulong ToBlock { get; init; }

    /// <summary>Any of these contracts; empty is any.</summary>
    public IReadOnlyList<Address> Addresses { get; init; } = [];

    /// <summary>Per position any of these topics; an empty position is any.</summary>
    public IReadOnlyList<IReadOnlyList<Hash32>> Topics { get; init; } = [];

    /// <summary>False when no log of a block with this bloom filter can match.</summary>
    public bool MayMatch(LogsBloom bloom) =>
        (Addresses.Count == 0 || Addresses.Any(a => bloom.MayContain(a.Bytes)))
        && Topics.All(position => position.Count == 0 || position.Any(t => bloom.MayContain(t.Bytes)));

    /// <summary>Whether a log matches; it needs at least as many topics as there are positions.</summary>
    public bool Matches(Log log)
    {
        if ((Addresses.Count > 0 && !Addresses.Contains(log.Address)) || log.Topics.Count < Topics.Count)
        {
            return false;
        }

        for (int i = 0; i < Topics.Count; i++)
        {
            if (Topics[i].Count > 0 && !Topics[i].Contains(log.Topics[i]))
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>A log with its place in the chain.</summary>
public sealed record LocatedLog(
    Log Log, ulong BlockNumber, Hash32 BlockHash, ulong BlockTimestamp, Hash32 TransactionHash, int TransactionIndex,
    int LogIndex);
