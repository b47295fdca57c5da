using System.Collections.Concurrent;
using EventStore;
using ServiceDefaults.Problems;

namespace Receivables.Parties;

/// <summary>
/// Parties in memory, for whoever decides about vouchers. One process writes; it forgets what it changes.
/// </summary>
public sealed class PartyDirectory(Store store)
{
    private readonly ConcurrentDictionary<string, PartyState> _known = new(StringComparer.Ordinal);
    private const int SuccessorsMax = 16;
    private long _changes;

    /// <summary>The party as it is now; its status is unknown where the register has none.</summary>
    public async ValueTask<PartyState> FindAsync(string party, CancellationToken cancellation)
    {
        if (_known.TryGetValue(party, out PartyState? known))
            return known;
        long before = Interlocked.Read(ref _changes);
        PartyState state = await store.AggregateStreamAsync<PartyState>(Party.Stream(party), cancellation);
        // Names of nobody must not fill the memory, and what somebody changed meanwhile is read again.
        if (state.Status == PartyStatus.Unknown)
            return state;
        _known[party] = state;
        if (before != Interlocked.Read(ref _changes))
            _known.TryRemove(party, out _);
        return state;
    }

    /// <summary>A party of the register.</summary>
    /// <exception cref="ProblemException">There is none.</exception>
    public async ValueTask<PartyState> GetAsync(string party, CancellationToken cancellation)
    {
        PartyState state = await FindAsync(party, cancellation);
        return state.Status != PartyStatus.Unknown
            ? state
            : throw new ProblemException(Problem.Of(Party.Missing, ("party", party)));
    }

    /// <summary>
    /// A party as it acts now: one that went into another acts by the keys and rules of its successor, and of that one's
    /// in turn.
    /// </summary>
    /// <exception cref="ProblemException">There is no such party.</exception>
    public async ValueTask<(PartyState Party, string Actor)> ActingAsync(string party, CancellationToken cancellation)
    {
        PartyState own = await GetAsync(party, cancellation), last = own;
        for (int i = 0; i < SuccessorsMax && last is { Status: PartyStatus.Merged, MergedInto: { } into }; i++)
            last = await GetAsync(into, cancellation);
        return (own with { Keys = last.Keys, Policy = last.Policy }, last.Id);
    }

    /// <summary>Forgets a party that was changed, after the commit.</summary>
    public void Forget(string party)
    {
        Interlocked.Increment(ref _changes);
        _known.TryRemove(party, out _);
    }
}
