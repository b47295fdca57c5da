using System.Globalization;
using Chain.Consensus;
using Chain.Core;

namespace Chain.Simulation;

/// <summary>An honest validator with its driver, disk, pool and clock.</summary>
internal sealed class SimulatedNode(int index, ValidatorKey key, Simulator world, int skewMs)
{
    private readonly Dictionary<QbftTimer, int> _timers = [];
    private readonly SortedSet<int> _pool = [];
    private readonly HashSet<int> _included = [];
    private QbftValidator _validator = null!;
    private byte[] _record = [];
    private int _incarnation;

    public int Index { get; } = index;
    public ValidatorKey Key { get; } = key;
    public bool IsAlive { get; private set; }
    public List<Block> Chain { get; } = [];
    public ulong Height => _validator.Height;
    public int Round => _validator.Round;
    public bool IsAtRest => _validator.IsAtRest;
    public bool HasPending => _pool.Count > 0;
    private BlockHeader Head => Chain.Count == 0 ? ToyLedger.Genesis : Chain[^1].Header;
    private long Now => Simulator.Epoch + world.Now + skewMs;

    public void Boot(byte[]? record = null)
    {
        _record = record ?? _record;
        _incarnation++;
        IsAlive = true;
        _timers.Clear();
        _validator = new QbftValidator(Key, world.Settings.Options);
        Do(new Recovered(_record, Now));
        Do(HeadNow());
        world.ExchangeHeads(Index);
    }

    /// <summary>Everything but the disk is gone, transactions of the pool too.</summary>
    public void Crash()
    {
        IsAlive = false;
        _incarnation++;
        _pool.Clear();
    }

    public void Offer(int transaction)
    {
        if (!IsAlive || _included.Contains(transaction) || !_pool.Add(transaction)) return;
        Do(new TransactionPending(Now));
    }

    public void Receive(int from, byte[] message)
    {
        if (IsAlive) Do(new MessageReceived(from.ToString(CultureInfo.InvariantCulture), message, Now));
    }

    public override string ToString() =>
        $"node {Index} at {_validator.Height}/{_validator.Round} prepared {_validator.PreparedRound} "
        + (IsAlive ? _validator.IsAtRest ? "at rest" : "awake" : "down");

    /// <summary>Takes the blocks above the own head from another node, checking them.</summary>
    public void FetchFrom(SimulatedNode other)
    {
        if (!IsAlive || !other.IsAlive || !world.Reaches(Index, other.Index)) return;
        bool any = false;
        foreach (var block in other.Chain.Skip(Chain.Count).ToList())
        {
            Store(block);
            any = true;
        }
        if (any) Do(HeadNow());
    }

    private void Do(Input input)
    {
        foreach (var output in _validator.Step(input))
        {
            if (world.CrashesNow(this)) return;
            Perform(output);
            if (!IsAlive) return;
        }
    }

    private void Perform(Output output)
    {
        switch (output)
        {
            case Persist persist when world.Settings.KeepsRecord:
                _record = persist.Record.ToArray();
                break;
            case Broadcast broadcast:
                world.Broadcast(this, broadcast.Message.ToArray());
                break;
            case SetTimer set:
                int generation = _timers[set.Timer] = _timers.GetValueOrDefault(set.Timer) + 1;
                Later(set.DelayMs, () =>
                {
                    // One tick in ten of a timer that was replaced or stopped is queued already and comes all the same.
                    if (_timers[set.Timer] == generation || world.Random.Next(10) == 0)
                        Do(new TimerFired(set.Timer, set.Height, set.Round, Now));
                });
                break;
            case CancelTimer cancel:
                _timers[cancel.Timer]++;
                break;
            case BuildBlock build:
                Execute(() => Do(new BlockBuilt(build.Height, build.Round, Build(build), Now)));
                break;
            case ValidateBlock validate:
                Execute(() => Do(new BlockValidated(
                    validate.Block.Hash, ToyLedger.IsValid(validate.Block, Head, _included), Now)));
                break;
            case ImportBlock import:
                Execute(() => Import(import.Block));
                break;
            case RequestSync sync:
                int peer = int.Parse(sync.Peer, CultureInfo.InvariantCulture);
                if (world.NodeAt(peer) is { } source) Later(world.SyncDelay(), () => FetchFrom(source));
                break;
            case AnnounceHead announce:
                if (world.NodeAt(int.Parse(announce.Peer, CultureInfo.InvariantCulture)) is { } behind)
                    Later(world.SyncDelay(), () => behind.FetchFrom(this));
                break;
        }
    }

    private Block? Build(BuildBlock build)
    {
        int? transaction = _pool.Count > 0 ? _pool.Min : null;
        if (build.Parent.Hash != Head.Hash || (transaction is null && !build.AllowEmpty)) return null;
        return ToyLedger.Build(build.Parent, build.Coinbase, build.Round, build.Timestamp, transaction);
    }

    private void Import(Block block)
    {
        if (block.Header.Number == Head.Number + 1)
        {
            Store(block);
            world.ExchangeHeads(Index);
        }
        Do(HeadNow());
    }

    private void Store(Block block)
    {
        world.Checker.OnImport(Key.Address, block);
        Chain.Add(block);
        if (ToyLedger.TransactionOf(block.Header) is not { } transaction) return;
        _included.Add(transaction);
        _pool.Remove(transaction);
    }

    private HeadChanged HeadNow() => new(Head, world.Validators, _pool.Count > 0, Now);

    private void Execute(Action action) => Later(world.Random.Next(world.Settings.MaxExecutionMs + 1), action);

    private void Later(long delayMs, Action action)
    {
        int incarnation = _incarnation;
        world.At(delayMs, () =>
        {
            if (IsAlive && incarnation == _incarnation) action();
        });
    }
}
