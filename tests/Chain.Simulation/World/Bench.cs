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

    /// <summary>Every pool gets a transaction, the pause after the last block being over.</summary>
    public void OfferAll()
    {
        foreach (var node in Nodes)
        {
            node.Now += 200;
            node.Offer();
        }
    }

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
internal class BenchNode(ValidatorKey key, QbftOptions options)
{
    private readonly List<byte[]> _sent = [];
    private int _nextTransaction = 1;
    private int _crashIn = -1;

    public ValidatorKey Key { get; } = key;
    public QbftValidator Validator { get; protected set; } = null!;
    public long Now { get; set; } = Bench.Start;
    public byte[] Record { get; private set; } = [];
    public List<Block> Chain { get; } = [];
    public BlockHeader Head => Chain.Count == 0 ? ToyLedger.Genesis : Chain[^1].Header;
    public List<Output> Outputs { get; } = [];
    public bool HasTransaction { get; set; }
    /// <summary>The validators that the next block imported brings, if they change.</summary>
    public ValidatorSet? SetFromNextBlock { get; set; }

    public int Restarts { get; private set; }
    public bool KeepsRecord { get; set; } = true;
    public bool AnswersValidation { get; set; } = true;
    public IEnumerable<Refusal> Refusals => Outputs.OfType<Report>().Select(report => report.Refusal);
    protected ValidatorSet Set { get; private set; } = null!;
    protected QbftOptions Options { get; } = options;

    public void Boot(ValidatorSet set, ReadOnlyMemory<byte> record)
    {
        Set = set;
        Record = record.ToArray();
        Validator = new QbftValidator(Key, Options);
        Do(new Recovered(record, Now));
        Do(new HeadChanged(Head, set, HasTransaction, Now));
    }

    /// <summary>Loses all but the disk.</summary>
    public void Restart() => Boot(Set, Record);

    /// <summary>Crashes before the output with this number is performed, once; 0 is the first from now on.</summary>
    public void CrashBefore(int output) => _crashIn = output;

    /// <summary>Takes blocks from another, as synchronisation does.</summary>
    public void Synchronise(BenchNode other)
    {
        foreach (var block in other.Chain.Skip(Chain.Count))
        {
            Chain.Add(block);
            Do(new HeadChanged(block.Header, Set, HasTransaction, Now));
        }
    }

    public void Offer()
    {
        HasTransaction = true;
        Do(new TransactionPending(Now));
    }

    public void Receive(QbftMessage message) => Receive(message.Encode());

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

    protected virtual IReadOnlyList<Output> Step(Input input) => Validator.Step(input);

    private void Do(Input input)
    {
        try
        {
            Perform(input);
        }
        catch (CrashException)
        {
            Restarts++;
            Restart();
        }
    }

    private void Perform(Input input)
    {
        foreach (var output in Step(input))
        {
            if (_crashIn-- == 0) throw new CrashException();
            Outputs.Add(output);
            switch (output)
            {
                case Persist persist when KeepsRecord:
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
                    Perform(new BlockBuilt(build.Height, build.Round, block, Now));
                    break;
                case ValidateBlock validate when AnswersValidation:
                    bool valid = ToyLedger.IsValid(validate.Block, Head, new HashSet<int>());
                    Perform(new BlockValidated(validate.Block.Hash, valid, Now));
                    break;
                case ImportBlock import:
                    Chain.Add(import.Block);
                    HasTransaction = false;
                    Set = SetFromNextBlock ?? Set;
                    Perform(new HeadChanged(import.Block.Header, Set, false, Now));
                    break;
            }
        }
    }
}

/// <summary>Unwinds to where the crashing node was given its input; what came after is lost.</summary>
internal sealed class CrashException : Exception;
