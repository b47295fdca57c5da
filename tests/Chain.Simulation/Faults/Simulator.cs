using Chain.Consensus;

namespace Chain.Simulation;

/// <summary>
/// A group of validators in one thread and virtual time: a queue ordered by tick and sequence, all chance from one
/// seeded generator, so a seed is a run.
/// </summary>
internal sealed class Simulator
{
    /// <summary>Milliseconds since 1970 at tick 0.</summary>
    public const long Epoch = 1_700_000_100_000;

    private readonly PriorityQueue<Action, (long Tick, long Sequence)> _queue = new();
    private readonly SimulatedNode?[] _nodes;
    private readonly Adversary? _adversary;
    private readonly int[] _side;
    private long _sequence;
    private int _transactions;

    public Simulator(Settings settings, int seed)
    {
        Settings = settings;
        Random = new Random(seed);
        var keys = Keys.Take(settings.Validators);
        Validators = new ValidatorSet(keys.Select(key => key.Address));
        Checker = new Checker(Validators);
        _side = new int[keys.Length];
        int[] order = Enumerable.Range(0, keys.Length).ToArray();
        Random.Shuffle(order);
        var faulty = order[..settings.Faulty].ToHashSet();
        _nodes = [.. keys.Select((key, index) => faulty.Contains(index) ? null
            : new SimulatedNode(index, key, this, Random.Next(settings.MaxSkewMs + 1)))];
        Honest = [.. _nodes.OfType<SimulatedNode>()];
        if (settings.Faulty > 0 && settings.AdversaryActs)
            _adversary = new Adversary(this, [.. faulty.Order().Select(index => (index, keys[index]))]);
    }

    public Settings Settings { get; }
    public Random Random { get; }
    public ValidatorSet Validators { get; }
    public Checker Checker { get; }
    public SimulatedNode[] Honest { get; }
    public long Now { get; private set; }

    /// <summary>True while faults are injected; the adversary outlasts it.</summary>
    public bool IsChaotic { get; set; }

    /// <summary>Messages it answers true for are lost.</summary>
    public Func<QbftMessage, bool>? Loses { get; set; }

    public int LastTransaction => _transactions;

    public SimulatedNode? NodeAt(int index) => _nodes[index];

    public bool Reaches(int from, int to) => _side[from] == _side[to];

    public void At(long delayMs, Action action) => _queue.Enqueue(action, (Now + delayMs, _sequence++));

    public int Delay() => 1 + Random.Next(IsChaotic ? Settings.MaxDelayMs : Math.Min(Settings.MaxDelayMs, 20));

    public int SyncDelay() => 1 + Random.Next(IsChaotic ? Settings.MaxSyncDelayMs : 20);

    /// <summary>Runs until the condition holds; false if the time is over before.</summary>
    public bool RunUntil(Func<bool> condition, long withinMs)
    {
        long end = Now + withinMs;
        while (!condition())
        {
            if (!_queue.TryPeek(out _, out var next) || next.Tick > end)
            {
                Now = end;
                return condition();
            }
            Now = next.Tick;
            _queue.Dequeue()();
        }
        return true;
    }

    public void Boot()
    {
        foreach (var node in Honest) node.Boot();
    }

    /// <summary>Injects what the settings say for their length of time.</summary>
    public void RunChaos()
    {
        IsChaotic = true;
        _adversary?.Start();
        Repeat(Settings.TransactionEveryMs, () => Offer(everywhere: Random.Next(3) > 0));
        if (Settings.CrashEveryMs > 0) Repeat(Settings.CrashEveryMs, () => Crash(Honest[Random.Next(Honest.Length)]));
        if (Settings.PartitionEveryMs > 0) Repeat(Settings.PartitionEveryMs, Partition);
        RunUntil(() => false, Settings.ChaosMs);
    }

    /// <summary>Ends all faults but the adversary's: everyone up and connected, heads and transactions known.</summary>
    public void Heal()
    {
        IsChaotic = false;
        Array.Clear(_side);
        foreach (var node in Honest.Where(node => !node.IsAlive)) node.Boot();
        foreach (var node in Honest) ExchangeHeads(node.Index);
        for (int transaction = 1; transaction <= _transactions; transaction++) Gossip(transaction, everywhere: true);
    }

    /// <summary>A new transaction reaches everyone, or one node only.</summary>
    public int Offer(bool everywhere)
    {
        Gossip(++_transactions, everywhere);
        return _transactions;
    }

    public void Broadcast(SimulatedNode from, byte[] bytes)
    {
        QbftMessage.TryRead(bytes, out var message);
        Checker.OnBroadcast(from.Key.Address, message);
        _adversary?.Hear(message);
        foreach (var to in Honest.Where(node => node != from)) Send(from.Index, to, bytes, message);
    }

    public void Send(int from, SimulatedNode to, byte[] bytes, QbftMessage? message)
    {
        int copies = IsChaotic && Random.Next(100) < Settings.DuplicatePercent ? 2 : 1;
        for (int copy = 0; copy < copies; copy++)
        {
            if (IsChaotic && Random.Next(100) < Settings.LossPercent) continue;
            if (IsChaotic && message is Commit && Random.Next(100) < Settings.CommitLossPercent) continue;
            if (message is not null && Loses?.Invoke(message) == true) continue;
            At(Delay(), () =>
            {
                if (Reaches(from, to.Index)) to.Receive(from, bytes);
            });
        }
    }

    /// <summary>Where the honest nodes are.</summary>
    public override string ToString() => string.Join("; ", Honest.Select(node => node.ToString()));

    /// <summary>A node tells all others of its head and hears of theirs.</summary>
    public void ExchangeHeads(int index)
    {
        var node = _nodes[index]!;
        foreach (var other in Honest.Where(other => other != node))
        {
            At(SyncDelay(), () => other.FetchFrom(node));
            At(SyncDelay(), () => node.FetchFrom(other));
        }
    }

    public bool CrashesNow(SimulatedNode node)
    {
        if (!IsChaotic || Settings.CrashAmongOutputs == 0 || Random.Next(Settings.CrashAmongOutputs) > 0) return false;
        Crash(node);
        return true;
    }

    private void Crash(SimulatedNode node)
    {
        if (!node.IsAlive) return;
        node.Crash();
        At(Random.Next(3_000), () =>
        {
            if (!node.IsAlive) node.Boot();
        });
    }

    private void Partition()
    {
        bool heals = Random.Next(2) == 0;
        for (int i = 0; i < _side.Length; i++) _side[i] = heals ? 0 : Random.Next(2);
        if (!heals) return;
        foreach (var node in Honest.Where(node => node.IsAlive)) ExchangeHeads(node.Index);
    }

    private void Gossip(int transaction, bool everywhere)
    {
        var nodes = everywhere ? Honest : [Honest[Random.Next(Honest.Length)]];
        foreach (var node in nodes) At(Delay(), () => node.Offer(transaction));
    }

    private void Repeat(int meanMs, Action action)
    {
        At(1 + Random.Next(2 * meanMs), () =>
        {
            if (!IsChaotic) return;
            action();
            Repeat(meanMs, action);
        });
    }
}
