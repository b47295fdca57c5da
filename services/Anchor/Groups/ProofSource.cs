using Anchor.Logs;
using Proofs;
using Proofs.Json;
using Proofs.Merkle;

namespace Anchor.Groups;

/// <summary>How far an event has come.</summary>
/// <param name="State"><c>accepted</c>, <c>logged</c>, <c>anchored</c> or <c>witnessed</c>.</param>
/// <param name="Index">Log index, once logged.</param>
/// <param name="Block">Block of the first final checkpoint that covers it.</param>
/// <param name="At">Time of that block, seconds since 1970.</param>
/// <param name="Next">The state that an anchored event still waits for; null if none.</param>
public sealed record EntryState(string State, long? Index, long? Block, long? At, string? Next = null)
{
    /// <summary>The log has not got it yet.</summary>
    public static readonly EntryState Accepted = new("accepted", null, null, null);
}

/// <summary>An event's part of a bundle.</summary>
/// <param name="Bytes">Log and chain part, RFC 8785.</param>
/// <param name="IsFixed">Whether it is the same bytes ever after; until it is witnessed, cosignatures may be added.</param>
public sealed record EventProof(byte[] Bytes, bool IsFixed);

/// <summary>The database says another digest for an index than the tiles that were anchored.</summary>
/// <param name="index">The index.</param>
public sealed class EntryDiffersException(long index) : Exception($"Entry {index} differs from the tiles.")
{
    /// <summary>The index.</summary>
    public long Index { get; } = index;
}

/// <summary>
/// Answers where an event is and assembles its part of a bundle: from the first final checkpoint that covers it, so that
/// the answer is the same bytes for ever; where witnesses are asked, from the first that they cosigned as soon as there
/// is one.
/// </summary>
public sealed class ProofSource(
    LogStore store, TileFolder folder, bool isWitnessed, ChangeSignal changed, TimeProvider time)
{
    /// <summary>How far an event has come.</summary>
    public async Task<EntryState> StateAsync(string service, Guid eventId, CancellationToken cancellation)
    {
        if (await store.FindAsync(service, eventId, cancellation) is not { } entry)
            return EntryState.Accepted;
        if (await store.FirstFinalAsync(entry.Index, cancellation) is not { } final)
            return new EntryState("logged", entry.Index, null, null);
        var last = await CosignedAsync(entry.Index, final, cancellation);
        return new EntryState(last.IsWitnessed ? "witnessed" : "anchored", entry.Index, final.Block, final.BlockTime,
            last.IsWitnessed || !isWitnessed ? null : "witnessed");
    }

    /// <summary>The log's and the chain's part, RFC 8785; null if the event is not anchored within the wait.</summary>
    /// <exception cref="EntryDiffersException">The database was changed behind the log's back.</exception>
    public async Task<EventProof?> ProveAsync(string service, Guid eventId, TimeSpan wait, CancellationToken cancellation)
    {
        using var end = new CancellationTokenSource(wait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(end.Token, cancellation);
        while (true)
        {
            var next = changed.Next;
            if (await store.FindAsync(service, eventId, cancellation) is { } entry
                && await store.FirstFinalAsync(entry.Index, cancellation) is { } final)
            {
                final = await CosignedAsync(entry.Index, final, cancellation);
                return new EventProof(Assemble(entry, final), final.IsWitnessed || !isWitnessed);
            }
            if (wait <= TimeSpan.Zero)
                return null;
            try
            {
                await next.WaitAsync(either.Token);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                return null;
            }
        }
    }

    // Witnesses that were away may have passed over an event's own checkpoint.
    private async Task<FinalCheckpoint> CosignedAsync(long index, FinalCheckpoint first, CancellationToken cancellation) =>
        isWitnessed && !first.IsWitnessed
            ? await store.FirstWitnessedAsync(index, cancellation) ?? first
            : first;

    private byte[] Assemble(LoggedEvent entry, FinalCheckpoint final)
    {
        var hashes = new TileHashes((ulong)final.Size, folder.Read);
        if (!hashes.Subtree(0, (ulong)entry.Index).AsSpan().SequenceEqual(MerkleTree.LeafHash(entry.Digest)))
            throw new EntryDiffersException(entry.Index);
        var log = new LogPart(entry.Index,
            MerkleTree.InclusionPath(hashes, (ulong)entry.Index, (ulong)final.Size), final.Note);
        var root = Proofs.Notes.Checkpoint.Parse(Proofs.Notes.SignedNote.Parse(final.Note)!.Text)!.Root;
        if (!MerkleTree.VerifyInclusion((ulong)entry.Index, (ulong)final.Size, MerkleTree.LeafHash(entry.Digest), log.Path, root))
            throw new EntryDiffersException(entry.Index);
        var chain = CanonicalJson.Parse(final.Evidence) ?? throw new InvalidDataException("Evidence is not canonical.");
        return CanonicalJson.Write(JsonObject.Of(("log", log.ToJson()), ("chain", chain)));
    }
}
