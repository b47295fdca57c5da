using Chain.Core;

namespace Chain.Consensus;

/// <summary>One step: the state it works on, the time it happens at and the outputs it gives.</summary>
internal sealed class Turn(
    QbftOptions options, ValidatorKey key, HeightState state, SortedSet<QbftTimer> timers, List<Output> outputs,
    long now, string? peer)
{
    public QbftOptions Options { get; } = options;
    public ValidatorKey Key { get; } = key;
    public HeightState State { get; } = state;
    public RoundState Round => State.Round;
    public long Now { get; } = now;
    public Address Self => Key.Address;
    public int Required => State.Validators.QuorumSize;

    public void Output(Output output) => outputs.Add(output);

    public void Report(Refusal refusal) => outputs.Add(new Report(peer, refusal));

    public void Persist() => outputs.Add(new Persist(DurableRecord.Of(State).Encode()));

    public void Broadcast(QbftMessage message) => outputs.Add(new Broadcast(message.Encode()));

    public void SetTimer(QbftTimer timer, long delayMs)
    {
        timers.Add(timer);
        outputs.Add(new SetTimer(timer, State.Height, Round.Number, delayMs));
    }

    public void CancelTimer(QbftTimer timer)
    {
        if (timers.Remove(timer)) outputs.Add(new CancelTimer(timer));
    }

    public void TimerIsOver(QbftTimer timer) => timers.Remove(timer);

    public bool Runs(QbftTimer timer) => timers.Contains(timer);
}
