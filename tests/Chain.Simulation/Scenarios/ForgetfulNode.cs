using Chain.Consensus;

namespace Chain.Simulation;

/// <summary>
/// A mutant that records its prepared certificate only when its own timer ends a round, as Besu does: if it leaves the
/// round on the word of others, what it prepared there is forgotten.
/// </summary>
internal sealed class ForgetfulNode(ValidatorKey key, QbftOptions options) : BenchNode(key, options)
{
    private readonly List<MessageReceived> _roundChanges = [];

    protected override IReadOnlyList<Output> Step(Input input)
    {
        if (input is HeadChanged) _roundChanges.Clear();
        if (input is MessageReceived received && received.Message.Span[0] == RoundChange.MessageCode)
            _roundChanges.Add(received);
        var (height, round) = (Validator.Height, Validator.Round);
        var outputs = base.Step(input);
        bool jumped = input is MessageReceived && Validator.Height == height && Validator.Round > round;
        if (!jumped || Validator.PreparedRound is null) return outputs;

        var forgotten = new DurableRecord(height, round, null, null, null, null);
        Validator = new QbftValidator(Key, Options);
        Validator.Step(new Recovered(forgotten.Encode(), Now));
        Validator.Step(new HeadChanged(Head, Set, false, Now));
        return [.. _roundChanges.SelectMany(Validator.Step)];
    }
}
