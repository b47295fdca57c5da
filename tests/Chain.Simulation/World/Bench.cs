using Chain.Consensus;
using Chain.Core;

namespace Chain.Simulation;

/// <summary>
/// Validators on a bench: what they broadcast is collected, and the test decides who gets what. Building, validating
/// and importing are answered at once.
/// </summary>
internal sealed class Bench
{
    public const long Start = 1_700_000_100_000;
    private readonly Dictionary<Address, BenchNode> _byAddress;

    public Bench(int validators, QbftOptions? options = null, Func<ValidatorKey, QbftOptions, BenchNode>? make = null)
    {
        Keys = Simulation.Keys.Take(validators);
        Set = new ValidatorSet(Keys.Select(key => key.Address));
        options ??= new QbftOptions();
        Nodes = [.. Keys.Select(key => (make ?? ((k, o) => new BenchNode(k, o)))(key, options))];
        _byAddress = Nodes.ToDictionary(node => node.Key.Address);
        foreach (var node in Nodes) node.Boot(Set, default);
    }

    public ValidatorKey[] Keys { get; }
    public ValidatorSet Set { get; }
    public BenchNode[] Nodes { get; }

    public BenchNode ProposerOf(int round) => _byAddress[Set.Proposer(ToyLedger.Genesis.Coinbase, round)];

    /// <summary>Delivers everything, again and again, until nothing is left to deliver.</summary>
    public void Settle(Func<BenchNode, BenchNode, QbftMessage, bool>? passes = null)
    {
        bool delivered;
        do
        {
            delivered = false;
            foreach (var from in Nodes)
            {
                foreach (byte[] bytes in from.TakeSent())
                {
                    QbftMessage.TryRead(bytes, out var message);
                    foreach (var to in Nodes.Where(node => node != from && (passes?.Invoke(from, node, message) ?? true)))
                    {
                        to.Receive(bytes);
                        delivered = true;
                    }
                }
            }
        }
        while (delivered);
    }
}

/// <summary>One validator on the bench with its disk and chain.</summary>
internal sealed class BenchNode(ValidatorKey key, QbftOptions options)
{
    private readonly List<byte[]> _sent = [];
    private int _nextTransaction = 1;
    private ValidatorSet _set = null!;

    public ValidatorKey Key { get; } = key;
    public QbftValidator Validator { get; private set; } = null!;
    public long Now { get; set; } = Bench.Start;
    public byte[] Record { get; private set; } = [];
    public List<Block> Chain { get; } = [];
    public BlockHeader Head => Chain.Count == 0 ? ToyLedger.Genesis : Chain[^1].Header;
    public List<Output> Outputs { get; } = [];
    public bool HasTransaction { get; set; }
    public bool AnswersValidation { get; set; } = true;
    public IEnumerable<Refusal> Refusals => Outputs.OfType<Report>().Select(report => report.Refusal);
    private QbftOptions Options { get; } = options;

    public void Boot(ValidatorSet set, ReadOnlyMemory<byte> record)
    {
        _set = set;
        Record = record.ToArray();
        Validator = new QbftValidator(Key, Options);
        Do(new Recovered(record, Now));
        Do(new HeadChanged(Head, set, HasTransaction, Now));
    }

    /// <summary>Loses all but the disk.</summary>
    public void Restart() => Boot(_set, Record);

    public void Offer()
    {
        HasTransaction = true;
        Do(new TransactionPending(Now));
    }

    public void Receive(byte[] message) => Do(new MessageReceived("peer", message, Now));

    public void Fire(QbftTimer timer)
    {
        Now += 1_000;
        Do(new TimerFired(timer, Validator.Height, Validator.Round, Now));
    }

    public List<byte[]> TakeSent()
    {
        var sent = _sent.ToList();
        _sent.Clear();
        return sent;
    }

    public IEnumerable<T> Sent<T>() where T : QbftMessage =>
        _sent.Select(bytes => QbftMessage.TryRead(bytes, out var message) ? message : null).OfType<T>();

    private IReadOnlyList<Output> Step(Input input) => Validator.Step(input);

    private void Do(Input input)
    {
        foreach (var output in Step(input))
        {
            Outputs.Add(output);
            switch (output)
            {
                case Persist persist:
                    Record = persist.Record.ToArray();
                    break;
                case Broadcast broadcast:
                    _sent.Add(broadcast.Message.ToArray());
                    break;
                case BuildBlock build:
                    int? transaction = HasTransaction ? _nextTransaction++ : null;
                    var block = transaction is null && !build.AllowEmpty
                        ? null
                        : ToyLedger.Build(build.Parent, build.Coinbase, build.Round, build.Timestamp, transaction);
                    Do(new BlockBuilt(build.Height, build.Round, block, Now));
                    break;
                case ValidateBlock validate when AnswersValidation:
                    bool valid = ToyLedger.IsValid(validate.Block, Head, new HashSet<int>());
                    Do(new BlockValidated(validate.Block.Hash, valid, Now));
                    break;
                case ImportBlock import:
                    Chain.Add(import.Block);
                    HasTransaction = false;
                    Do(new HeadChanged(import.Block.Header, _set, false, Now));
                    break;
            }
        }
    }
}
