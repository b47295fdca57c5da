using System.Threading.Channels;
using Chain.Core;
using Chain.Ledger;
using Chain.Network;
using Chain.Node.Configuration;
using Chain.Node.Hosting;

namespace Chain.Node.Groups;

/// <summary>What a group says to the other nodes.</summary>
interface IGroupNetwork
{
    bool Send(string peer, PeerMessage message);

    void Broadcast(PeerMessage message);

    void Drop(string peer, string reason);

    IReadOnlyCollection<string> Connected { get; }
}

/// <summary>
/// One group in this node: ledger, pool, consensus, catching up. Everything that changes it goes through one loop, so
/// that nothing here needs a lock; questions of peers and clients are answered beside it from final blocks.
/// </summary>
sealed class GroupHost : ISyncedGroup, IAsyncDisposable
{
    // Beyond this, messages of peers are dropped: consensus says again what matters, blocks are asked for again.
    const int PeerEventsMax = 8192;
    static readonly TimeSpan AnnouncePause = TimeSpan.FromMilliseconds(250);

    readonly Channel<GroupEvent> _events = Channel.CreateUnbounded<GroupEvent>(
        new UnboundedChannelOptions { SingleReader = true });
    readonly GroupStore _store;
    readonly IGroupNetwork _network;
    readonly TimeProvider _time;
    readonly ILogger _logger;
    readonly ConsensusDriver? _consensus;
    readonly BlockSync _sync;
    readonly TransactionGossip _gossip;
    readonly OneShotTimer _due;
    readonly OneShotTimer _overdue;
    readonly Dictionary<string, long> _announced = [];
    Task _loop = Task.CompletedTask;
    int _peerEvents;
    int _pendingIsPosted;

    public GroupHost(
        string name, GroupStore store, GroupKey? key, IGroupNetwork network, TimeProvider time, ILogger logger)
    {
        Name = name;
        _store = store;
        _network = network;
        _time = time;
        _logger = logger;
        _sync = new BlockSync(this);
        _due = new OneShotTimer(time);
        _overdue = new OneShotTimer(time);
        _gossip = new TransactionGossip(name, store.Ledger.Pool, network);
        _gossip.Added += PostPending;
        if (key is not null)
            _consensus = new ConsensusDriver(this, key, store, time);
    }

    public string Name { get; }

    public GroupLedger Ledger => _store.Ledger;

    public ulong HeadNumber => Ledger.Head.Header.Number;

    /// <summary>Highest block number that this node knows of.</summary>
    public ulong SyncTarget { get; private set; }

    public int Round => _consensus?.Round ?? 0;

    public Address? Validator => _consensus?.Address;

    /// <summary>Why the group has stopped; null while it runs.</summary>
    public string? Stopped { get; private set; }

    public ILogger Logger => _logger;

    public void Start()
    {
        _logger.GroupOpened(Name, HeadNumber, Ledger.Head.Hash.ToString(), _consensus is null ? "observer" : "validator");
        Post(new GroupEvent.Started());
        _loop = Task.Run(RunAsync);
    }

    public async ValueTask DisposeAsync()
    {
        _events.Writer.TryComplete();
        await _loop;
        _consensus?.Dispose();
        _due.Dispose();
        _overdue.Dispose();
        _store.Dispose();
    }

    /// <summary>Takes a message of a peer; called by the network.</summary>
    public void Receive(string peer, PeerMessage message)
    {
        switch (message)
        {
            case PeerMessage.BlockRequest request:
                Answer(peer, request);
                break;
            case PeerMessage.Transactions transactions:
                _gossip.Receive(transactions);
                break;
            default:
                PostFromPeer(new GroupEvent.FromPeer(peer, message));
                break;
        }
    }

    public void PeerConnected(string peer, ulong head)
    {
        Post(new GroupEvent.PeerConnected(peer, head));
        _gossip.SendAll(peer);
    }

    public void PeerHead(string peer, ulong head) => PostFromPeer(new GroupEvent.PeerHead(peer, head));

    public void PeerGone(string peer) => Post(new GroupEvent.PeerGone(peer));

    public void Post(GroupEvent item) => _events.Writer.TryWrite(item);

    /// <summary>Sends the bytes of a vote to the other validators.</summary>
    public void BroadcastVote(ReadOnlyMemory<byte> message) =>
        _network.Broadcast(new PeerMessage.Consensus(Name, message));

    /// <summary>Imports a block that consensus has just sealed.</summary>
    public void ImportDecided(Block block)
    {
        var result = Ledger.Import(block);
        if (result.Status == ImportStatus.Refused)
            throw new GroupStoppedException($"block {block.Header.Number} is decided but refused: {result.Verdict.Detail}");
        if (result.Status == ImportStatus.Imported)
            OnImported(block);
    }

    /// <summary>A validator seems to be ahead.</summary>
    public void LearnHead(string peer, ulong head) => _sync.OnHead(peer, head);

    /// <summary>Sends the head to a peer that seems to lack it, a few times a second at most.</summary>
    public void AnnounceHead(string peer)
    {
        var now = _time.GetTimestamp();
        if (_announced.TryGetValue(peer, out var last) && _time.GetElapsedTime(last, now) < AnnouncePause)
            return;
        _announced[peer] = now;
        _network.Send(peer, NewBlock(Ledger.Head));
    }

    bool ISyncedGroup.TryImport(Block block, out string reason)
    {
        var result = Ledger.Import(block);
        reason = result.Verdict.Detail;
        if (result.Status == ImportStatus.Imported)
            OnImported(block);
        if (result.Verdict.Fault == BlockFault.ConflictsWithFinal)
            throw new GroupStoppedException(reason);
        return result.Status != ImportStatus.Refused;
    }

    void ISyncedGroup.Ask(string peer, ulong from, ushort count) =>
        _network.Send(peer, new PeerMessage.BlockRequest(Name, from, count));

    void ISyncedGroup.Drop(string peer, string reason)
    {
        _logger.PeerDropped(Name, peer, reason);
        _network.Drop(peer, reason);
    }

    void ISyncedGroup.CallWhenDue(TimeSpan delay) => _due.Set(delay, () => Post(new GroupEvent.SyncDue()));

    void ISyncedGroup.CallWhenOverdue(TimeSpan delay, int request) =>
        _overdue.Set(delay, () => Post(new GroupEvent.RequestOverdue(request)));

    async Task RunAsync()
    {
        try
        {
            await foreach (var item in _events.Reader.ReadAllAsync())
                Handle(item);
        }
        catch (GroupStoppedException e)
        {
            Stopped = e.Message;
            _logger.GroupStopped(Name, e.Message);
        }
        // Whatever it was: a group that no longer works must say so, and the other groups go on.
        catch (Exception e)
        {
            Stopped = e.Message;
            _logger.GroupFailed(e, Name);
        }
        _events.Writer.TryComplete();
    }

    void Handle(GroupEvent item)
    {
        switch (item)
        {
            case GroupEvent.Started:
                _consensus?.Start();
                break;
            case GroupEvent.PeerConnected connected:
                _sync.OnHead(connected.Peer, connected.Head);
                _consensus?.PeerConnected();
                break;
            case GroupEvent.PeerGone gone:
                _sync.OnGone(gone.Peer);
                break;
            case GroupEvent.PeerHead head:
                Interlocked.Decrement(ref _peerEvents);
                _sync.OnHead(head.Peer, head.Head);
                break;
            case GroupEvent.FromPeer message:
                Interlocked.Decrement(ref _peerEvents);
                HandleMessage(message.Peer, message.Message);
                break;
            case GroupEvent.TransactionsAdded:
                Volatile.Write(ref _pendingIsPosted, 0);
                _consensus?.TransactionsAdded();
                break;
            case GroupEvent.TimerDue due:
                _consensus?.TimerDue(due);
                break;
            case GroupEvent.SyncDue:
                _sync.OnDue();
                break;
            case GroupEvent.RequestOverdue overdue:
                _sync.OnOverdue(overdue.Request);
                break;
        }
        SyncTarget = _sync.Target;
    }

    void HandleMessage(string peer, PeerMessage message)
    {
        switch (message)
        {
            case PeerMessage.Consensus vote:
                _consensus?.Received(peer, vote.Message);
                break;
            case PeerMessage.NewBlock block:
                _sync.OnNewBlock(peer, block);
                break;
            case PeerMessage.Blocks blocks:
                _sync.OnBlocks(peer, blocks);
                break;
        }
    }

    void OnImported(Block block)
    {
        var header = block.Header;
        _logger.BlockImported(
            Name, header.Number, block.Transactions.Count, header.TryGetExtraData(out var extra) ? extra.Round : 0);
        // Its proposer sends the block to all, observers too; the others only say how far they are.
        if (header.Coinbase == Validator)
            _network.Broadcast(NewBlock(block));
        else
            _network.Broadcast(new PeerMessage.Status([new GroupHead(Name, header.Number)]));
        _consensus?.HeadChanged();
    }

    PeerMessage.NewBlock NewBlock(Block block) => new(Name, block.Header.Number, block.Encode());

    void Answer(string peer, PeerMessage.BlockRequest request)
    {
        var items = new List<ReadOnlyMemory<byte>>();
        var bytes = 0;
        for (var i = 0UL; i < Math.Min(request.Count, BlockSync.BatchMax); i++)
        {
            if (Ledger.Blocks.EncodedByNumber(request.From + i) is not { } block
                || (bytes += block.Length) > BlockSync.AnswerMaxBytes && items.Count > 0)
                break;
            items.Add(block);
        }
        _network.Send(peer, new PeerMessage.Blocks(Name, request.From, items));
    }

    void PostPending()
    {
        if (Interlocked.Exchange(ref _pendingIsPosted, 1) == 0)
            Post(new GroupEvent.TransactionsAdded());
    }

    void PostFromPeer(GroupEvent item)
    {
        if (Interlocked.Increment(ref _peerEvents) <= PeerEventsMax)
            Post(item);
        else
            Interlocked.Decrement(ref _peerEvents);
    }
}

/// <summary>A group found something it must not go on after.</summary>
sealed class GroupStoppedException(string message) : Exception(message);
