using Anchor.Logs;
using Proofs;
using Proofs.Json;
using Proofs.Merkle;

namespace Anchor.Groups;

/// <summary>How far an event has come.</summary>
/// <param name="State"><c>accepted</c>, <c>logged</c> or <c>anchored</c>.</param>
/// <param name="Index">Log index, once logged.</param>
/// <param name="Block">Block of the first final checkpoint that covers it.</param>
/// <param name="At">Time of that block, seconds since 1970.</param>
public sealed record EntryState(string State, long? Index, long? Block, long? At)
{
    /// <summary>The log has not got it yet.</summary>
    public static readonly EntryState Accepted = new("accepted", null, null, null);
}

/// <summary>The database says another digest for an index than the tiles that were anchored.</summary>
/// <param name="index">The index.</param>
public sealed class EntryDiffersException(long index) : Exception($"Entry {index} differs from the tiles.")
{
    /// <summary>The index.</summary>
    public long Index { get; } = index;
}

/// <summary>
/// Answers where an event is and assembles its part of a bundle: always from the first final checkpoint that covers it,
/// so that the answer is the same bytes for ever.
/// </summary>
public sealed class ProofSource(LogStore store, TileFolder folder, ChangeSignal changed, TimeProvider time)
{
    /// <summary>How far an event has come.</summary>
    public async Task<EntryState> StateAsync(string service, Guid eventId, CancellationToken cancellation)
    {
        if (await store.FindAsync(service, eventId, cancellation) is not { } entry)
            return EntryState.Accepted;
        return await store.FirstFinalAsync(entry.Index, cancellation) is { } final
            ? new EntryState("anchored", entry.Index, final.Block, final.BlockTime)
            : new EntryState("logged", entry.Index, null, null);
    }

    /// <summary>The log's and the chain's part, RFC 8785; null if the event is not anchored within the wait.</summary>
    /// <exception cref="EntryDiffersException">The database was changed behind the log's back.</exception>
    public async Task<byte[]?> ProveAsync(string service, Guid eventId, TimeSpan wait, CancellationToken cancellation)
    {
        using var end = new CancellationTokenSource(wait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(end.Token, cancellation);
        while (true)
        {
            var next = changed.Next;
            if (await store.FindAsync(service, eventId, cancellation) is { } entry
                && await store.FirstFinalAsync(entry.Index, cancellation) is { } final)
            {
                return Assemble(entry, final);
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
