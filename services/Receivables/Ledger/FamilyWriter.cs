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
    private FamilyState _state = FamilyState.Initial;
    private long _version;
    private bool _stale = true;

    public string Root => root;

    /// <summary>Held by whoever decides.</summary>
    public SemaphoreSlim Turn { get; } = new(1, 1);

    /// <summary>Requests about this family alone.</summary>
    public ConcurrentQueue<LedgerRequest> Waiting { get; } = [];

    /// <summary>The family as last committed; after <see cref="Doubt"/> what others have added is read first.</summary>
    public async ValueTask<(FamilyState State, long Version)> LoadAsync(Store store, CancellationToken cancellation)
    {
        if (!_stale)
            return (_state, _version);
        IReadOnlyList<StoredEvent> added = await store.FetchStreamAsync(root, _version, cancellation);
        Remember(added.Aggregate(_state, (s, e) => FamilyState.Evolve(s, (VoucherEvent)e.Data)),
            _version + added.Count);
        return (_state, _version);
    }

    /// <summary>Only what is committed is remembered, so it is never wrong, at most old.</summary>
    public void Remember(FamilyState state, long version) => (_state, _version, _stale) = (state, version, false);

    /// <summary>Somebody else may have written.</summary>
    public void Doubt() => _stale = true;
}
