using Chain.Consensus;
using Chain.Core;
using Chain.Node.Configuration;
using Chain.Node.Hosting;

namespace Chain.Node.Groups;

/// <summary>
/// Does what the validator of a group decides: performs the outputs of each step in order, stores records durably
/// before what follows, and brings back clock, timers and answers. Used by the group's loop alone.
/// </summary>
sealed class ConsensusDriver : IDisposable
{
    readonly GroupHost _group;
    readonly GroupStore _store;
    readonly TimeProvider _time;
    readonly QbftValidator _validator;
    readonly Queue<Input> _inputs = new();
    readonly Dictionary<QbftTimer, OneShotTimer> _timers = [];
    bool _stepping;
    int _loggedRound;

    public ConsensusDriver(GroupHost group, GroupKey key, GroupStore store, TimeProvider time)
    {
        _group = group;
        _store = store;
        _time = time;
        Address = key.Address;
        var secret = key.Secret.ToArray();
        _validator = new QbftValidator(
            new ValidatorKey(key.Address, digest => Secp256k1.Sign(digest, secret)),
            new QbftOptions());
    }

    public Address Address { get; }

    public int Round => _validator.Round;

    long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    public void Start()
    {
        Take(new Recovered(_store.Votes.Recovered, Now));
        HeadChanged();
    }

    public void HeadChanged() => Take(new HeadChanged(
        _group.Ledger.Head.Header, _group.Ledger.NextValidators, _group.Ledger.Pool.HasExecutable, Now));

    public void TransactionsAdded()
    {
        if (_group.Ledger.Pool.HasExecutable)
            Take(new TransactionPending(Now));
    }

    /// <summary>A peer may have missed what was said before: the pool is looked at again.</summary>
    public void PeerConnected() => TransactionsAdded();

    public void Received(string peer, ReadOnlyMemory<byte> message) => Take(new MessageReceived(peer, message, Now));

    public void TimerDue(GroupEvent.TimerDue due) => Take(new TimerFired(due.Timer, due.Height, due.Round, Now));

    public void Dispose()
    {
        foreach (var timer in _timers.Values)
            timer.Dispose();
    }

    // An input that arises while outputs are performed waits until all of them are.
    void Take(Input input)
    {
        _inputs.Enqueue(input);
        if (_stepping)
            return;
        _stepping = true;
        while (_inputs.TryDequeue(out var next))
        {
            foreach (var output in _validator.Step(next))
                Perform(output);
        }
        _stepping = false;
        LogRound();
    }

    void Perform(Output output)
    {
        switch (output)
        {
            case Persist persist:
                _store.Votes.Write(persist.Record.Span);
                break;
            case Broadcast broadcast:
                _group.BroadcastVote(broadcast.Message);
                break;
            case SetTimer set:
                Timer(set.Timer).Set(
                    TimeSpan.FromMilliseconds(set.DelayMs),
                    () => _group.Post(new GroupEvent.TimerDue(set.Timer, set.Height, set.Round)));
                break;
            case CancelTimer cancel:
                Timer(cancel.Timer).Cancel();
                break;
            case BuildBlock build:
                _inputs.Enqueue(new BlockBuilt(build.Height, build.Round, Build(build), Now));
                break;
            case ValidateBlock validate:
                _inputs.Enqueue(new BlockValidated(validate.Block.Hash, IsValid(validate.Block), Now));
                break;
            case ImportBlock import:
                _group.ImportDecided(import.Block);
                break;
            case RequestSync sync:
                _group.LearnHead(sync.Peer, sync.Height);
                break;
            case AnnounceHead announce:
                _group.AnnounceHead(announce.Peer);
                break;
            case Report report:
                _group.Logger.MessageDropped(_group.Name, report.Peer ?? "this node", report.Refusal.ToString());
                break;
        }
    }

    Block? Build(BuildBlock build)
    {
        if (build.Parent.Number != _group.HeadNumber)
            return null;
        var block = _group.Ledger.BuildBlock(build.Timestamp, build.Coinbase, build.Round);
        return block.Transactions.Count > 0 || build.AllowEmpty ? block : null;
    }

    bool IsValid(Block block)
    {
        var verdict = _group.Ledger.ValidateProposal(block, (ulong)(Now / 1000));
        if (!verdict.IsValid)
            _group.Logger.ProposalRefused(_group.Name, block.Header.Number, verdict.Detail);
        return verdict.IsValid;
    }

    OneShotTimer Timer(QbftTimer kind)
    {
        if (!_timers.TryGetValue(kind, out var timer))
            _timers[kind] = timer = new OneShotTimer(_time);
        return timer;
    }

    void LogRound()
    {
        if (_validator.Round != _loggedRound && _validator.Round > 0)
            _group.Logger.RoundStarted(_group.Name, _validator.Height, _validator.Round);
        _loggedRound = _validator.Round;
    }
}
