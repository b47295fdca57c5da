using Anchor.Intake;
using Anchor.Keys;
using Anchor.Logs;
using Anchor.Recovery;
using Anchor.Sealing;
using Anchor.Trust;
using Anchor.Witnessing;
using Chain.Client;
using Npgsql;
using Proofs;
using Proofs.Json;
using Proofs.Notes;

namespace Anchor.Groups;

/// <summary>One group: its log, what feeds it, what seals it.</summary>
public sealed class AnchorGroup : IDisposable
{
    private static readonly DurableSenderOptions SenderOptions = new()
    {
        PollFirst = TimeSpan.FromMilliseconds(15),
        PollMost = TimeSpan.FromMilliseconds(250),
    };

    private readonly WakeSignal _entries = new();
    private readonly WakeSignal _opened = new();
    private readonly ChangeSignal _changed = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenSource _left = new();
    private readonly DurableSender _sender;
    private readonly Sealer _sealer;
    private readonly TrustKeeper _trust;
    private readonly Cosigner _cosigner;
    private readonly bool _isVerifiable;
    private readonly string _firstOrigin;

    /// <summary>Puts a group together.</summary>
    public AnchorGroup(GroupSetup setup, LogStore store, NpgsqlDataSource database, HttpClient nodes,
        HttpClient witnesses, IReadOnlyDictionary<string, IFeed> feeds, TimeProvider time, ILogger logger)
    {
        Name = setup.Name;
        Left = _left.Token;
        var group = setup.Network.Group(Name);
        Folder = new TileFolder(setup.TilesFolder);
        Epoch = setup.Epoch;
        Origin = LogOrigin.OfEpoch(group.Origin, Epoch);
        LogKey[] logs = [.. setup.Keys.LogSeeds(Epoch).Select((s, e) => new LogKey(LogOrigin.OfEpoch(group.Origin, e), s))];
        var key = logs[^1];
        if (WitnessOptions.Fault(setup.Witnesses, logs.Select(l => l.Public.Name)) is { } fault)
            throw new InvalidDataException(fault);
        _isVerifiable = setup.Options.Verifiable;
        var chain = new ChainClient(new RpcClient(nodes, setup.Options.Rpc.Select(r => new Uri(r))));
        _trust = new TrustKeeper(
            TrustFiles.Make(setup.Network, Name, logs.Select(l => l.Public), setup.Witnesses.Select(Key)), store, chain);
        var signer = new TransactionSigner(group.ChainId, Convert.FromHexString(setup.Keys.TransactionKey));
        _sender = new DurableSender(chain, signer, new SentTransactions(database), time, SenderOptions);
        Registry = new Registry(chain, _trust.Registry, Origin);
        _firstOrigin = group.Origin;
        Intake = new LogIntake(Name, store, feeds, _entries.Wake, logger);
        _sealer = new Sealer(new SealerParts(Name, store, Folder, key, Registry, chain, _sender, Status,
                _isVerifiable ? TrustFile : null, _turn),
            _entries, _changed, Open, time, logger);
        var asked = Asked(setup, witnesses, time);
        IsWitnessed = asked.IsActive;
        Proofs = new ProofSource(store, Folder, IsWitnessed, _changed, time);
        _cosigner = new Cosigner(Name, store, Folder, asked, Status, _changed, time, logger);
        Recovery = new LogRecovery(Name, store, Folder, key, Registry, feeds, setup.Options.Mirror, nodes, logger);
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>What it is doing.</summary>
    public GroupStatus Status { get; } = new();

    /// <summary>Takes entries.</summary>
    public LogIntake Intake { get; }

    /// <summary>Tiles of its log.</summary>
    public TileFolder Folder { get; }

    /// <summary>Answers about entries.</summary>
    public ProofSource Proofs { get; }

    /// <summary>Rebuilds the log.</summary>
    public LogRecovery Recovery { get; }

    /// <summary>Whether witnesses are asked to cosign its checkpoints.</summary>
    public bool IsWitnessed { get; }

    /// <summary>Epoch of its log.</summary>
    public long Epoch { get; }

    /// <summary>The contract that records its checkpoints.</summary>
    public Registry Registry { get; }

    /// <summary>Origin line of its log.</summary>
    public string Origin { get; }

    /// <summary>Bytes of its trust file.</summary>
    public byte[] TrustFile() => _trust.Bytes;

    /// <summary>Seals until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        await _trust.LoadAsync(cancellation);
        await _sealer.RunAsync(cancellation);
    }

    /// <summary>Collects cosignatures until cancelled.</summary>
    public Task CollectAsync(CancellationToken cancellation) => _cosigner.RunAsync(cancellation);

    /// <summary>Adds to the trust file the validators that governance has adopted since.</summary>
    public Task RefreshTrustAsync(CancellationToken cancellation) =>
        _isVerifiable ? _trust.RefreshAsync(cancellation) : Task.CompletedTask;

    /// <summary>Rebuilds the log if it is behind or different, and begins anew.</summary>
    /// <returns>What was done, or null where there is nothing to recover.</returns>
    /// <exception cref="InvalidDataException">No source holds the log that was anchored.</exception>
    public async Task<RecoveryReport?> RecoverAsync(CancellationToken cancellation)
    {
        if (Left.IsCancellationRequested)
            return null;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, Left);
        try
        {
            await _turn.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // The log was left for that of the next epoch: there is nothing to recover in it.
            return null;
        }
        try
        {
            if (Status.State is not (GroupState.Behind or GroupState.Different))
                return null;
            var report = await Intake.WhileClosedAsync(() => Recovery.RunAsync(cancellation), cancellation);
            _entries.Wake();
            return report;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>The later epoch that governance opened, or null if the contract follows this log.</summary>
    /// <exception cref="InvalidDataException">It opened one with an origin that is not this group's.</exception>
    public async Task<long?> NextEpochAsync(CancellationToken cancellation)
    {
        var contract = await Registry.LatestAsync(cancellation);
        if (contract.Epoch <= Epoch)
            return null;
        var origin = LogOrigin.OfEpoch(_firstOrigin, contract.Epoch);
        return contract.Origin == LogOrigin.Hash(origin)
            ? contract.Epoch
            : throw new InvalidDataException($"Epoch {contract.Epoch} was opened for another origin than {origin}.");
    }

    /// <summary>Cancelled when the log is left for that of the next epoch.</summary>
    public CancellationToken Left { get; }

    /// <summary>Leaves the log.</summary>
    public void Leave() => _left.Cancel();

    /// <summary>Waits for a recovery under way, and lets none begin.</summary>
    public Task TakeTurnAsync(CancellationToken cancellation) => _turn.WaitAsync(cancellation);

    /// <summary>Returns when the log begins to take entries, or after the given time.</summary>
    public Task WaitForOpeningAsync(TimeSpan most, TimeProvider time, CancellationToken cancellation) =>
        _opened.WaitAsync(most, time, cancellation);

    private static NoteKey Key(WitnessOptions witness) =>
        SignedNote.IsKeyName(witness.Name) && Base64Text.Decode(witness.Key) is { Length: Ed25519.PublicKeySize } key
            ? new NoteKey(witness.Name, NoteAlgorithm.Cosignature, key)
            : throw new InvalidDataException(
                $"Witness '{witness.Name}' needs a key of 32 bytes and a name without spaces.");

    private static WitnessSet Asked(GroupSetup setup, HttpClient http, TimeProvider time)
    {
        var asked = setup.Witnesses.Where(w => w.Url is not null).Select(w => new Witness(Key(w), w.Url!, http, time));
        WitnessSet set = new([.. asked], 0);
        set = set with { Quorum = setup.WitnessQuorum ?? WitnessSet.Majority(set.Asked.Count) };
        return !set.IsActive || set.Quorum <= set.Asked.Count
            ? set
            : throw new InvalidDataException($"{set.Quorum} of {set.Asked.Count} witnesses can't cosign.");
    }

    private void Open(bool open)
    {
        Intake.IsOpen = open;
        if (open)
            _opened.Wake();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _sender.Dispose();
        _turn.Dispose();
        _left.Dispose();
        Intake.Dispose();
    }
}

/// <summary>What a group is made from.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Network">The chain network.</param>
/// <param name="Keys">Its private keys.</param>
/// <param name="Options">Its settings.</param>
/// <param name="TilesFolder">Folder of its log.</param>
/// <param name="Witnesses">Witnesses of its log.</param>
/// <param name="WitnessQuorum">How many must cosign; null for more than half.</param>
/// <param name="Epoch">Epoch of its log.</param>
public sealed record GroupSetup(string Name, NetworkFile Network, GroupKeys Keys, GroupOptions Options,
    string TilesFolder, IReadOnlyList<WitnessOptions> Witnesses, int? WitnessQuorum, long Epoch);
