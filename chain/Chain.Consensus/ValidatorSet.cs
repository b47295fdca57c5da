using System.Collections;
using Chain.Core;

namespace Chain.Consensus;

/// <summary>The validators of one height, ascending by address as unsigned bytes, each once.</summary>
public sealed class ValidatorSet : IReadOnlyList<Address>
{
    private readonly Address[] _sorted;

    /// <summary>Sorts the addresses and drops repetitions.</summary>
    /// <exception cref="ArgumentException">No address at all: such a chain could never make a block.</exception>
    public ValidatorSet(IEnumerable<Address> addresses)
    {
        _sorted = [.. new SortedSet<Address>(addresses)];
        if (_sorted.Length == 0) throw new ArgumentException("A height needs a validator.", nameof(addresses));
    }

    /// <summary>How many have to agree, ⌈2n/3⌉: two such groups share more than the faulty ones.</summary>
    public int QuorumSize => Quorum.Size(Count);

    /// <summary>How many contain at least one that is not faulty, f + 1.</summary>
    public int CatchUpSize => Quorum.CatchUp(Count);

    /// <inheritdoc/>
    public int Count => _sorted.Length;

    /// <inheritdoc/>
    public Address this[int index] => _sorted[index];

    /// <summary>True for a member of the set.</summary>
    public bool Contains(Address address) => Array.BinarySearch(_sorted, address) >= 0;

    /// <summary>
    /// The proposer of a round: round robin, beginning after the coinbase of the parent. When that one is no member
    /// (removed, or the zero of genesis) the next higher address takes its turn and nothing more is added.
    /// </summary>
    /// <param name="parentCoinbase">Coinbase of the parent header.</param>
    /// <param name="round">Round, from 0.</param>
    public Address Proposer(Address parentCoinbase, int round)
    {
        int found = Array.BinarySearch(_sorted, parentCoinbase);
        long first = found >= 0 ? found + 1 : ~found;
        return _sorted[(int)((first + round) % _sorted.Length)];
    }

    /// <inheritdoc/>
    public IEnumerator<Address> GetEnumerator() => ((IEnumerable<Address>)_sorted).GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
