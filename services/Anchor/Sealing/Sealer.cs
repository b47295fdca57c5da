using Anchor.Groups;
using Anchor.Keys;
using Anchor.Logs;
using Chain.Client;
using Npgsql;
using Proofs;
using Proofs.Merkle;
using Proofs.Notes;

namespace Anchor.Sealing;

/// <summary>What a sealer works on.</summary>
/// <param name="Group">Name of the group.</param>
/// <param name="Store">Tables of the log.</param>
/// <param name="Folder">Tiles of the log.</param>
/// <param name="Key">Key of the log.</param>
/// <param name="Registry">Contract that records checkpoints.</param>
/// <param name="Chain">Nodes of the chain.</param>
/// <param name="Sender">Sends one checkpoint transaction at a time.</param>
/// <param name="Status">Where the sealer says what it does.</param>
/// <param name="Trust">The trust file's bytes; null for a chain that nobody can verify offline.</param>
/// <param name="Turn">Held by whoever opens or recovers the log.</param>
public sealed record SealerParts(string Group, LogStore Store, TileFolder Folder, LogKey Key, Registry Registry,
    ChainClient Chain, DurableSender Sender, GroupStatus Status, Func<byte[]>? Trust, SemaphoreSlim Turn);

/// <summary>
/// Seals the log of one group: entries to tiles, tiles to a signed checkpoint, the checkpoint to the chain; one
/// checkpoint in flight, all that waits goes into the next. Whatever goes wrong, it begins anew by comparing itself
/// with the contract, and signs nothing unless the log is the one that was anchored.
/// </summary>
/// <param name="parts">What it works on.</param>
/// <param name="entries">Wakes it when there are new entries.</param>
/// <param name="changed">Told when a checkpoint is final.</param>
/// <param name="opened">Called with true when entries may be taken, with false when not.</param>
/// <param name="time">Clock of the pauses.</param>
/// <param name="logger">Log.</param>
public sealed class Sealer(
    SealerParts parts, WakeSignal entries, ChangeSignal changed, Action<bool> opened, TimeProvider time, ILogger logger)
{
    private const int ReadCount = 16_384;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StoppedPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(200);
    private readonly LogStore _store = parts.Store;

    /// <summary>Seals until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                var writer = await OpenAsync(cancellation);
                while (true)
                    await StepAsync(writer, cancellation);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (IsOutside(e))
            {
                // A recovery wakes it before the pause ends.
                await entries.WaitAsync(Stop(e), time, cancellation);
            }
        }
    }

    // A recovery replaces tiles and then tables: a log opened in between would sign a mixture of both.
    private async Task<LogWriter> OpenAsync(CancellationToken cancellation)
    {
        await parts.Turn.WaitAsync(cancellation);
        try
        {
            var writer = await ComeUpAsync(cancellation);
            opened(true);
            return writer;
        }
        finally
        {
            parts.Turn.Release();
        }
    }

    /// <summary>
    /// Compares tables, tiles and contract, and settles what an earlier run left open.
    /// </summary>
    /// <exception cref="LogDiffersException">The log is not the one that was anchored.</exception>
    private async Task<LogWriter> ComeUpAsync(CancellationToken cancellation)
    {
        var signed = await _store.CheckpointAsync(null, cancellation);
        var size = signed?.Size ?? 0;
        var contract = await parts.Registry.LatestAsync(cancellation);
        Demand(contract.Size <= size, GroupState.Behind,
            $"the contract records {contract.Size} entries, this log signed {size}");
        var logged = await _store.SizeAsync(cancellation);
        Demand(logged >= size, GroupState.Behind, $"the database has {logged} entries, {size} were signed");
        var writer = LogWriter.Open(parts.Folder, size);
        Demand(signed is null || writer.Root().AsSpan().SequenceEqual(signed.Root), GroupState.Different,
            $"the tiles are not those of the {size} entries that were signed");
        DemandSame(contract, size);
        await parts.Sender.ResumeAsync(cancellation);
        contract = await parts.Registry.LatestAsync(cancellation);
        DemandSame(contract, size);
        parts.Folder.SetAsideBeyond(size);
        await FinishRecordedAsync(contract, cancellation);
        if (await _store.LastFinalAsync(cancellation) is { } last)
            parts.Status.Finished(last.Size, last.Block, last.BlockTime);
        parts.Status.Logged = logged;
        parts.Status.Epoch = contract.Epoch;
        parts.Status.Set(GroupState.Sealing);
        logger.Sealing(parts.Group, logged, contract.Size);
        return writer;
    }

    private async Task StepAsync(LogWriter writer, CancellationToken cancellation)
    {
        var logged = await _store.SizeAsync(cancellation);
        parts.Status.Logged = logged;
        if (logged > writer.Size)
            await SignAsync(writer, logged, cancellation);
        if (writer.Size > parts.Status.Anchored)
            await SealAsync(writer.Size, cancellation);
        else
            await entries.WaitAsync(cancellation);
    }

    private async Task SignAsync(LogWriter writer, long size, CancellationToken cancellation)
    {
        while (writer.Size < size)
        {
            var count = (int)Math.Min(ReadCount, size - writer.Size);
            var read = await _store.EntriesAsync(writer.Size, count, cancellation);
            if (read.Count != count)
                throw new InvalidDataException($"Log index {writer.Size + read.Count} is missing.");
            writer.Append(read);
        }
        // Tiles are durable before the checkpoint is signed, the checkpoint before it is sent.
        var checkpoint = new Checkpoint(parts.Key.Public.Name, size, writer.Flush());
        await _store.SaveAsync(new SignedCheckpoint(size, checkpoint.Root, parts.Key.Sign(checkpoint)), cancellation);
    }

    private async Task SealAsync(long size, CancellationToken cancellation)
    {
        var outcome = await parts.Sender.SendAsync(c => BuildAsync(size, c), cancellation);
        if (outcome is { Status: SendStatus.Succeeded, Receipt: { } receipt }
            && parts.Registry.Find(receipt) is { } recorded)
        {
            await FinishAsync(recorded, receipt, cancellation);
            return;
        }
        if (outcome is not null)
            logger.NotRecorded(parts.Group, outcome.Hash.ToString(), outcome.Status.ToString(), outcome.Reason ?? "");
        await FinishRecordedAsync(await parts.Registry.LatestAsync(cancellation), cancellation);
        if (parts.Status.Anchored < size)
            await Task.Delay(RetryPause, time, cancellation);
    }

    // Built on what the contract has now, so a transaction that was reverted or superseded is simply built anew.
    private async Task<TransactionRequest?> BuildAsync(long size, CancellationToken cancellation)
    {
        var contract = await parts.Registry.LatestAsync(cancellation);
        DemandSame(contract, size);
        if (contract.Size == size)
            return null;
        var hashes = new TileHashes((ulong)size, parts.Folder.Read);
        return parts.Registry.Record(size, MerkleTree.Root(hashes, (ulong)size),
            MerkleTree.ConsistencyProof(hashes, (ulong)contract.Size, (ulong)size));
    }

    // Checkpoints that the contract knows and whose evidence is missing: the run before ended in between.
    private async Task FinishRecordedAsync(RegistryState contract, CancellationToken cancellation)
    {
        foreach (var size in await _store.OpenSizesAsync(contract.Size, cancellation))
        {
            var recorded = await parts.Registry.RecordedAsync(size, cancellation);
            if (recorded.Count == 0)
                recorded = await LookAgainAsync(size, contract.Size, cancellation);
            if (recorded.Count == 0)
                await _store.ForgetAsync(size, cancellation); // A larger one was recorded in its place.
            else if (await parts.Chain.ReceiptAsync(recorded[^1].Transaction, cancellation) is { } receipt)
                await FinishAsync(recorded[^1], receipt, cancellation);
        }
    }

    // A node that is behind knows no event either: only one that knows the contract's last may say that there is none.
    private async Task<IReadOnlyList<RecordedCheckpoint>> LookAgainAsync(
        long size, long last, CancellationToken cancellation)
    {
        if ((await parts.Registry.RecordedAsync(last, cancellation)).Count == 0)
            throw new FormatException($"The chain's node does not know the contract's last checkpoint, of {last} entries.");
        return await parts.Registry.RecordedAsync(size, cancellation);
    }

    private async Task FinishAsync(RecordedCheckpoint recorded, RpcReceipt receipt, CancellationToken cancellation)
    {
        var signed = await _store.CheckpointAsync(recorded.Size, cancellation);
        Demand(signed is not null && recorded.Root.Bytes.SequenceEqual(signed.Root), GroupState.Different,
            $"the contract records a checkpoint of {recorded.Size} entries that this log did not sign");
        var evidence = await ChainEvidence.CollectAsync(parts.Chain, receipt, cancellation);
        DemandVerifiable(evidence.Part, signed!.Note);
        var part = Proofs.Json.CanonicalJson.Write(evidence.Part.ToJson());
        await _store.FinishAsync(
            new FinalCheckpoint(recorded.Size, signed.Note, evidence.Block, evidence.Time, part), recorded.Epoch, cancellation);
        parts.Folder.PublishCheckpoint(recorded.Size, signed.Note);
        parts.Status.Finished(recorded.Size, evidence.Block, evidence.Time);
        logger.Final(parts.Group, recorded.Size, evidence.Block);
        changed.Tell();
    }

    // Evidence is kept for ever, so what a node makes up is noticed here and not by the reader of a proof.
    private void DemandVerifiable(ChainPart part, string note)
    {
        if (parts.Trust is not { } trust)
            return;
        var bundle = Bundle.WithDigest(default, new LogPart(0, [], note), part);
        var answer = Verifier.Verify(bundle.ToBytes(), trust()).Answers?.Chain;
        if (answer is null or { State: AnswerState.Refuted })
            throw new FormatException($"The verifier refutes what the chain's nodes answer: {answer?.Reason ?? "unreadable"}");
    }

    private void DemandSame(RegistryState contract, long size)
    {
        Demand(contract.Origin == parts.Registry.Origin, GroupState.Different,
            $"the contract follows a log of another origin, of epoch {contract.Epoch}");
        Demand(contract.Size <= size, GroupState.Behind, $"the contract records {contract.Size} entries, this log signed {size}");
        if (contract.Size == 0)
            return;
        var root = MerkleTree.Root(new TileHashes((ulong)contract.Size, parts.Folder.Read), (ulong)contract.Size);
        Demand(contract.Root.Bytes.SequenceEqual(root), GroupState.Different,
            $"the contract's root of {contract.Size} entries is another than this log's");
    }

    private TimeSpan Stop(Exception fault)
    {
        opened(false);
        var state = fault switch
        {
            LogDiffersException differs => differs.State,
            InvalidDataException => GroupState.Different,
            _ => GroupState.Waiting,
        };
        if (parts.Status.State != state || parts.Status.Reason != fault.Message)
        {
            if (state == GroupState.Waiting)
                logger.Waiting(parts.Group, fault.Message);
            else
                logger.Stopped(parts.Group, fault.Message);
        }
        parts.Status.Set(state, fault.Message);
        return state == GroupState.Waiting ? Pause : StoppedPause;
    }

    // Faults of the world around: chain, database, disk. A bug ends the process, which then starts from a known state.
    private static bool IsOutside(Exception e) => e is LogDiffersException or InvalidDataException or IOException
        or UnauthorizedAccessException or NpgsqlException or TimeoutException or RpcErrorException
        or NodesUnreachableException or FormatException or HttpRequestException;

    private static void Demand(bool condition, GroupState state, string message)
    {
        if (!condition)
            throw new LogDiffersException(state, message);
    }
}
