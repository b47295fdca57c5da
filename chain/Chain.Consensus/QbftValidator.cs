using Chain.Core;

namespace Chain.Consensus;

/// <summary>
/// One validator of one group, as a pure step function: the outputs and the next state follow from the inputs so far
/// and nothing else. It reads no clock, opens no socket and starts no task; what it wants done it says in its
/// outputs, and the driver does it (<c>chain/docs/qbft-driver.md</c>). Not safe for several threads.
/// </summary>
public sealed class QbftValidator
{
    private readonly ValidatorKey _key;
    private readonly QbftOptions _options;
    private readonly FutureMessages _future = new();
    private readonly SortedSet<QbftTimer> _timers = [];
    private HeightState? _state;
    private DurableRecord? _record;
    private bool _recordUnreadable;

    /// <summary>A validator that has learnt nothing yet. Its first inputs are <see cref="Recovered"/> and
    /// <see cref="HeadChanged"/>.</summary>
    /// <param name="key">Key of this validator in this group; need not be in the set (then it only follows).</param>
    /// <param name="options">Settings, the same on every validator of the group.</param>
    public QbftValidator(ValidatorKey key, QbftOptions options)
    {
        _key = key;
        _options = options;
    }

    /// <summary>Height being decided; 0 before the first head.</summary>
    public ulong Height => _state?.Height ?? 0;

    /// <summary>Current round at that height.</summary>
    public int Round => _state?.Round.Number ?? 0;

    /// <summary>Latest round prepared at this height; null if none.</summary>
    public int? PreparedRound => _state?.Certificate?.Round;

    /// <summary>How many validators, this one included, are known to have changed rounds at this height.</summary>
    public int KnownRoundChanges => _state?.RoundChanges.Count ?? 0;

    /// <summary>Votes kept for this height and the next ones; bounded by a multiple of the validators.</summary>
    public int KnownVotes => _future.Count + (_state is null ? 0 : _state.LaterPrepares.Count + _state.LaterCommits.Count
        + _state.Round.Prepares.Count + _state.Round.Commits.Count);

    /// <summary>True when no timer runs: nothing happens until an input comes.</summary>
    public bool IsAtRest => _timers.Count == 0;

    /// <summary>Takes one input and answers what is to be done, in order.</summary>
    public IReadOnlyList<Output> Step(Input input)
    {
        var outputs = new List<Output>();
        switch (input)
        {
            case Recovered recovered:
                OnRecovered(recovered, outputs);
                break;
            case HeadChanged head:
                OnHeadChanged(head, outputs);
                break;
            case MessageReceived received:
                OnBytes(received, outputs);
                break;
            default:
                if (_state is { Decided: false, MayVote: true }) OnOwn(input, TurnOf(outputs, input.Now, null));
                break;
        }
        return outputs;
    }

    private static void OnOwn(Input input, Turn turn)
    {
        switch (input)
        {
            case TransactionPending:
                ProposalPhase.OnTransactionPending(turn);
                break;
            case BlockBuilt built:
                ProposalPhase.OnBuilt(turn, built);
                break;
            case BlockValidated validated:
                ProposalPhase.OnValidated(turn, validated);
                break;
            case TimerFired fired when fired.Height == turn.State.Height && turn.Runs(fired.Timer):
                OnTimer(turn, fired);
                break;
        }
    }

    // A timer of a round or height that is over may still be in a queue: it must not touch the present one.
    private static void OnTimer(Turn turn, TimerFired fired)
    {
        if (fired.Round != turn.Round.Number) return;
        turn.TimerIsOver(fired.Timer);
        switch (fired.Timer)
        {
            case QbftTimer.Block:
                ProposalPhase.OnBlockDue(turn);
                break;
            case QbftTimer.Round:
                RoundChangePhase.OnTimeout(turn);
                break;
            case QbftTimer.Resend:
                RoundChangePhase.Resend(turn);
                break;
        }
    }

    private void OnRecovered(Recovered recovered, List<Output> outputs)
    {
        if (recovered.Record.IsEmpty) return;
        _recordUnreadable = !DurableRecord.TryDecode(recovered.Record.Span, out var record);
        _record = _recordUnreadable ? null : record;
        if (_recordUnreadable) outputs.Add(new Report(null, Refusal.UnreadableRecord));
    }

    private void OnHeadChanged(HeadChanged head, List<Output> outputs)
    {
        if (_state is not null && head.Header.Number + 1 <= _state.Height)
        {
            // The head that is known already, said again: only the pool can be news.
            if (head.TransactionsPending && head.Header.Number + 1 == _state.Height)
                outputs.AddRange(Step(new TransactionPending(head.Now)));
            return;
        }
        if (_state is not null) CancelAll(TurnOf(outputs, head.Now, null));

        ulong height = head.Header.Number + 1;
        var validators = new ValidatorSet(head.NextValidators);
        bool mayVote = validators.Contains(_key.Address) && !_recordUnreadable && !(_record?.Height > height);
        if (_record?.Height > height) outputs.Add(new Report(null, Refusal.RecordAheadOfHead));
        _state = new HeightState(head.Header, validators, mayVote, head.Now);

        var turn = TurnOf(outputs, head.Now, null);
        if (mayVote && _record?.Height == height) Recovery.Restore(turn, _record);
        if (mayVote && head.TransactionsPending) ProposalPhase.OnTransactionPending(turn);
        foreach (var (message, peer) in _future.Take(height)) OnMessage(message, peer, head.Now, outputs);
    }

    private void OnBytes(MessageReceived received, List<Output> outputs)
    {
        if (_state is null) return;
        if (!QbftMessage.TryRead(received.Message.Span, out var message))
        {
            outputs.Add(new Report(received.Peer, Refusal.Malformed));
            return;
        }
        OnMessage(message, received.Peer, received.Now, outputs);
    }

    private void OnMessage(QbftMessage message, string peer, long now, List<Output> outputs)
    {
        var state = _state!;
        if (message.Height < state.Height)
        {
            // Votes that come late are usual; whoever still changes rounds there does not know of the decision.
            if (message is RoundChange) outputs.Add(new AnnounceHead(peer));
            return;
        }
        // Recovering an author is the dear part: nothing that is over is worth it.
        if (message.Height == state.Height && (state.Decided || message.Round < state.Round.Number)) return;
        if (!message.TryGetAuthor(state.Validators, out var author))
        {
            // The set of a later height is not known yet, so a stranger there may be a validator.
            if (message.Height == state.Height) outputs.Add(new Report(peer, Refusal.UnknownAuthor));
            return;
        }
        // Own messages coming back say nothing that the durable record does not.
        if (author == _key.Address) return;
        if (message.Height > state.Height)
        {
            if (message.Height - state.Height <= (ulong)_options.MaxFutureHeights) _future.Keep(message, author, peer);
            outputs.Add(new RequestSync(peer, message.Height - 1));
            return;
        }
        if (!state.MayVote) return;
        Dispatch(TurnOf(outputs, now, peer), message, author);
    }

    private static void Dispatch(Turn turn, QbftMessage message, Address author)
    {
        switch (message)
        {
            case Proposal proposal:
                ProposalPhase.OnMessage(turn, proposal, author);
                break;
            case Prepare prepare:
                PreparePhase.OnMessage(turn, prepare, author);
                break;
            case Commit commit:
                CommitPhase.OnMessage(turn, commit, author);
                break;
            case RoundChange change:
                RoundChangePhase.OnMessage(turn, change, author);
                break;
        }
    }

    private static void CancelAll(Turn turn)
    {
        turn.CancelTimer(QbftTimer.Block);
        turn.CancelTimer(QbftTimer.Round);
        turn.CancelTimer(QbftTimer.Resend);
    }

    private Turn TurnOf(List<Output> outputs, long now, string? peer) =>
        new(_options, _key, _state!, _timers, outputs, now, peer);
}
