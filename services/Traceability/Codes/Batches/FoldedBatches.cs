using System.Collections.Concurrent;
using EventStore;

namespace Traceability.Codes.Batches;

/// <summary>A batch folded up to a version of its stream.</summary>
/// <param name="Version">The version; 0 where there is no such batch.</param>
/// <param name="Tenant">Whose it is.</param>
/// <param name="State">What its events come to.</param>
internal sealed record FoldedBatch(long Version, string? Tenant, CodeBatchState State)
{
    public static readonly FoldedBatch None = new(0, null, CodeBatchState.Initial);
}

/// <summary>
/// Batches as they were folded last: one has an event for each roll or box, and only what came since is read for the
/// next. Events never change, so what is kept can be behind, never wrong.
/// </summary>
internal sealed class FoldedBatches(Store store)
{
    private const int KeptMax = 256;
    private readonly ConcurrentDictionary<Guid, FoldedBatch> _kept = new();

    /// <summary>A batch with all its events.</summary>
    public async Task<FoldedBatch> ReadAsync(Guid id, CancellationToken cancellationToken)
    {
        FoldedBatch known = _kept.GetValueOrDefault(id, FoldedBatch.None);
        IReadOnlyList<StoredEvent> events =
            await store.FetchStreamAsync(CodeEvents.StreamOf(id), known.Version, cancellationToken);
        if (events.Count == 0)
            return known;
        FoldedBatch now = new(
            known.Version + events.Count, known.Tenant ?? events[0].Tenant,
            events.Select(e => (CodeBatchEvent)e.Data).Aggregate(known.State, CodeBatchState.Evolve));
        if (_kept.Count >= KeptMax)
            _kept.Clear();
        return _kept[id] = now;
    }
}
