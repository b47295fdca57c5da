using System.Collections.Concurrent;
using EventStore;
using Receivables.Vouchers;

namespace Receivables.Ledger;

/// <summary>
/// The one place in this process where a family is decided on. What it remembers is only ever a copy: the versions in
/// the database decide, so a second process costs a reload and never a fen.
/// </summary>
internal sealed class FamilyWriter(string root)
{
    private volatile Copy _known = new(FamilyState.Initial, 0);
    private bool _stale = true;

    public string Root => root;

    /// <summary>Held by whoever decides.</summary>
    public SemaphoreSlim Turn { get; } = new(1, 1);

    /// <summary>Requests about this family alone.</summary>
    public ConcurrentQueue<LedgerRequest> Waiting { get; } = [];

    /// <summary>The family as last known, without waiting for whoever decides; perhaps old, never wrong.</summary>
    public FamilyState Known => _known.State;

    /// <summary>The family as last committed; after <see cref="Doubt"/> what others have added is read first.</summary>
    public async ValueTask<(FamilyState State, long Version)> LoadAsync(Store store, CancellationToken cancellation)
    {
        if (!_stale)
            return (_known.State, _known.Version);
        (FamilyState state, long version) = (_known.State, _known.Version);
        IReadOnlyList<StoredEvent> added = await store.FetchStreamAsync(root, version, cancellation);
        Remember(added.Aggregate(state, (s, e) => FamilyState.Evolve(s, (VoucherEvent)e.Data)), version + added.Count);
        return (_known.State, _known.Version);
    }

    /// <summary>Only what is committed is remembered, so it is never wrong, at most old.</summary>
    public void Remember(FamilyState state, long version) => (_known, _stale) = (new Copy(state, version), false);

    /// <summary>Somebody else may have written.</summary>
    public void Doubt() => _stale = true;

    private sealed record Copy(FamilyState State, long Version);
}
