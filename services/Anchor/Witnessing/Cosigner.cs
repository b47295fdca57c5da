using Anchor.Groups;
using Anchor.Logs;
using Npgsql;
using Proofs.Merkle;
using Proofs.Notes;
using Proofs.Witnessing;

namespace Anchor.Witnessing;

/// <summary>The witnesses of one log.</summary>
/// <param name="Asked">Those that are asked.</param>
/// <param name="Quorum">How many cosignatures make a checkpoint witnessed.</param>
public sealed record WitnessSet(IReadOnlyList<Witness> Asked, int Quorum)
{
    /// <summary>More than half.</summary>
    public static int Majority(int count) => (count / 2) + 1;

    /// <summary>Whether checkpoints can become witnessed at all.</summary>
    public bool IsActive => Asked.Count > 0;
}

/// <summary>
/// Collects cosignatures of checkpoints that are final already, so that no witness delays anchoring: one checkpoint
/// after the other while enough witnesses answer, and the latest when they did not.
/// </summary>
public sealed class Cosigner(string group, LogStore store, TileFolder folder, WitnessSet witnesses, GroupStatus status,
    ChangeSignal changed, TimeProvider time, ILogger logger)
{
    private const int AttemptsMax = 3;
    private const int LagSecondsMax = 60;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(500);
    private bool _isInOrder = true;

    /// <summary>Collects until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        if (!witnesses.IsActive)
            return;
        var isBegun = false;
        while (!cancellation.IsCancellationRequested)
        {
            var next = changed.Next;
            try
            {
                if (!isBegun)
                    await BeginAsync(cancellation);
                isBegun = true;
                if (await StepAsync(cancellation))
                    continue;
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e) when (IsOutside(e))
            {
                logger.NotWitnessed(group, "*", e.Message);
            }
            await Task.WhenAny(next, Task.Delay(Pause, time, cancellation));
        }
        await Task.WhenAll(witnesses.Asked.Select(w => w.Running))
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task BeginAsync(CancellationToken cancellation)
    {
        foreach (var witness in witnesses.Asked)
            witness.KnownSize = await store.Cosignatures.LastSizeAsync(witness.Name, cancellation);
        status.Witnessed = (await store.LastWitnessedAsync(cancellation))?.Size ?? 0;
    }

    // True if the next checkpoint may follow at once.
    private async Task<bool> StepAsync(CancellationToken cancellation)
    {
        // A log that differs from its contract, or is being rebuilt, is shown to nobody.
        if (status.State != GroupState.Sealing || await NextAsync(cancellation) is not { } checkpoint)
            return false;
        return _isInOrder = await CosignAsync(checkpoint, cancellation);
    }

    private async Task<FinalCheckpoint?> NextAsync(CancellationToken cancellation)
    {
        var next = await store.FirstFinalAsync(status.Witnessed, cancellation);
        var isLate = !_isInOrder || status.Witnessed == 0 || status.BlockTime - next?.BlockTime > LagSecondsMax;
        return next is not null && isLate ? await store.LastFinalAsync(cancellation) : next;
    }

    private async Task<bool> CosignAsync(FinalCheckpoint checkpoint, CancellationToken cancellation)
    {
        var size = checkpoint.Size;
        var given = await GivenAsync(checkpoint, cancellation);
        var asked = witnesses.Asked.Where(w => w.IsReady && given.All(c => c.Witness != w.Name)).ToList();
        foreach (var witness in asked)
            witness.Running = AskAsync(witness, checkpoint, cancellation);
        await EnoughAsync(
            [.. asked.Select(w => (Task<bool>)w.Running)], witnesses.Quorum - given.Count, cancellation);
        given = await GivenAsync(checkpoint, cancellation);
        if (given.Count < witnesses.Quorum)
            return false;
        var note = checkpoint.Note + string.Concat(given.Select(c => c.Line));
        await store.Cosignatures.FixAsync(size, note, cancellation);
        folder.PublishCheckpoint(size, note);
        status.Witnessed = size;
        logger.Witnessed(group, size, given.Count);
        changed.Tell();
        return true;
    }

    // Checked again: the tables may have been restored or changed since.
    private async Task<List<Cosignature>> GivenAsync(FinalCheckpoint checkpoint, CancellationToken cancellation)
    {
        var text = SignedNote.Parse(checkpoint.Note)!.Text;
        var given = await store.Cosignatures.OfAsync(checkpoint.Size, cancellation);
        return [.. given.Where(c => witnesses.Asked.Any(w => w.Name == c.Witness && w.Signed(text, c.Line)))
            .Take(SignedNote.MaxSignatures - 1)];
    }

    // Those that answer a little later than the quorum are waited for; a slow one holds nobody up.
    private async Task EnoughAsync(List<Task<bool>> asks, int missing, CancellationToken cancellation)
    {
        Task? grace = null;
        while (asks.Count > 0)
        {
            if (missing <= 0)
                grace ??= Task.Delay(Grace, time, cancellation);
            var done = await Task.WhenAny(grace is null ? asks : [.. asks, grace]);
            if (done == grace)
                return;
            asks.Remove((Task<bool>)done);
            if (await (Task<bool>)done)
                missing--;
        }
    }

    private async Task<bool> AskAsync(Witness witness, FinalCheckpoint checkpoint, CancellationToken cancellation)
    {
        string fault;
        try
        {
            fault = await TryAsync(witness, checkpoint, cancellation);
        }
        catch (Exception e) when (IsOutside(e))
        {
            fault = e.Message;
        }
        if (fault.Length == 0)
            witness.Cosigned(checkpoint.Size);
        else if (witness.Failed(fault))
            logger.NotWitnessed(group, witness.Name, fault);
        return fault.Length == 0;
    }

    // The witness knows best what it cosigned last; what it says is only used to ask again.
    private async Task<string> TryAsync(Witness witness, FinalCheckpoint checkpoint, CancellationToken cancellation)
    {
        var text = SignedNote.Parse(checkpoint.Note)!.Text;
        var hashes = new TileHashes((ulong)checkpoint.Size, folder.Read);
        var known = witness.KnownSize;
        for (var attempt = 0; attempt < AttemptsMax; attempt++)
        {
            if (known > checkpoint.Size)
                return $"it says that it cosigned {known} entries; the chain has {checkpoint.Size}";
            var proof = MerkleTree.ConsistencyProof(hashes, (ulong)known, (ulong)checkpoint.Size);
            var answer = await witness.AskAsync(new AddCheckpoint(known, proof, checkpoint.Note), text, cancellation);
            if (answer.Cosignature is { } signature)
            {
                await store.Cosignatures.AddAsync(
                    checkpoint.Size, new Cosignature(witness.Name, SignedNote.Line(signature)), cancellation);
                return "";
            }
            if (answer.KnownSize is not { } said)
                return answer.Fault;
            if (said == known)
                return $"it cosigned another log of {known} entries";
            known = said;
        }
        return "it says another size each time";
    }

    private static bool IsOutside(Exception e) =>
        e is NpgsqlException or IOException or UnauthorizedAccessException or InvalidDataException or TimeoutException;
}
