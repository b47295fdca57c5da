using Chain.Consensus;
using Chain.Core;

namespace Chain.Simulation;

/// <summary>
/// Holds the keys of the faulty validators, hears everything at once and chooses who hears what of it: it equivocates,
/// withholds, votes for every block, denies what it prepared, proposes on the justification that suits it, seals
/// badly, replays, names huge rounds and sends rubbish.
/// </summary>
internal sealed class Adversary(Simulator world, (int Index, ValidatorKey Key)[] keys)
{
    private const int Remembered = 200;
    private readonly List<QbftMessage> _heard = [];

    public void Start() => world.At(world.Random.Next(100), Act);

    public void Hear(QbftMessage message)
    {
        if (_heard.Count == Remembered) _heard.RemoveAt(0);
        _heard.Add(message);
    }

    private void Act()
    {
        var alive = world.Honest.Where(node => node.IsAlive).ToList();
        if (alive.Count > 0)
        {
            ulong height = alive[world.Random.Next(alive.Count)].Height;
            int round = alive.Where(node => node.Height == height).Max(node => node.Round);
            switch (world.Random.Next(8))
            {
                case 0 or 1 or 2:
                    Vote(height);
                    break;
                case 3 or 4:
                    Propose(height, world.Random.Next(2) == 0 ? round : round + 1);
                    break;
                case 5:
                    ChangeRound(height, round);
                    break;
                case 6:
                    Replay();
                    break;
                case 7:
                    SendRubbish(height, round);
                    break;
            }
        }
        // Quiet once the faults are over, as far as liveness is concerned: it still votes and proposes, but seldom.
        world.At(1 + world.Random.Next(world.IsChaotic ? 100 : 1_000), Act);
    }

    private void Vote(ulong height)
    {
        var proposals = _heard.OfType<Proposal>().Where(proposal => proposal.Height == height).ToList();
        if (proposals.Count == 0) return;
        var proposal = proposals[world.Random.Next(proposals.Count)];
        var digest = proposal.Block.Header.CommitHash;
        foreach (var (index, key) in keys)
        {
            Whisper(index, Prepare.Sign(height, proposal.Round, digest, key));
            if (world.Random.Next(2) == 0) Whisper(index, Commit.Sign(height, proposal.Round, digest, key));
            if (world.Random.Next(8) == 0)
            {
                var wrong = key.Sign(Keccak256.Hash([1]));
                Whisper(index, Commit.Sign(height, proposal.Round, digest, wrong, key));
            }
        }
    }

    private void Propose(ulong height, int round)
    {
        var parent = world.Checker.HeadAt(height - 1);
        var proposer = world.Validators.Proposer(parent.Coinbase, round);
        var (index, key) = keys.FirstOrDefault(entry => entry.Key.Address == proposer);
        if (key is null) return;
        var justification = new List<RoundChangePayload>();
        IReadOnlyList<Prepare> prepares = [];
        if (round > 0)
        {
            var changes = BestJustification(height, round);
            if (changes.Count < world.Validators.QuorumSize) return;
            justification = changes.ConvertAll(change => change.Payload);
            var highest = changes.Select(change => change.Certificate).OfType<PreparedCertificate>()
                .MaxBy(certificate => certificate.Round);
            if (highest is not null)
            {
                prepares = highest.Prepares;
                if (world.Random.Next(2) == 0)
                {
                    Send(highest.Block.WithHeader(highest.Block.Header.WithRound(round)));
                    return;
                }
                // Else another block in the name of the certificate.
            }
        }
        ulong timestamp = (ulong)(Simulator.Epoch + world.Now) / 1000;
        timestamp = Math.Max(parent.Timestamp, timestamp);
        Send(ToyLedger.Build(parent, proposer, round, timestamp, null));
        Send(ToyLedger.Build(parent, proposer, round, timestamp + 1, null));

        void Send(Block block)
        {
            var proposal = Proposal.Sign(round, block, justification, prepares, key);
            Hear(proposal);
            Whisper(index, proposal);
        }
    }

    // A quorum that knows of as few and as early certificates as possible; the own ROUND-CHANGEs deny everything.
    private List<RoundChange> BestJustification(ulong height, int round)
    {
        var changes = keys.Select(entry => RoundChange.Sign(height, round, null, entry.Key)).ToList();
        changes.AddRange(_heard.OfType<RoundChange>()
            .Where(change => change.Height == height && change.Round == round)
            .DistinctBy(change => change.Signed.SigningHash)
            .OrderBy(change => change.Payload.Prepared?.Round ?? -1));
        var authors = new HashSet<Address>();
        return [.. changes.Where(change => change.Signed.TryGetAuthor(out var author) && authors.Add(author))
            .Take(world.Validators.QuorumSize)];
    }

    private void ChangeRound(ulong height, int round)
    {
        var certificates = _heard.OfType<RoundChange>().Where(change => change.Height == height)
            .Select(change => change.Certificate).OfType<PreparedCertificate>().ToList();
        foreach (var (index, key) in keys)
        {
            int target = world.Random.Next(5) switch
            {
                0 => int.MaxValue,
                1 => round + 1 + world.Random.Next(1_000),
                2 => Math.Max(1, round),
                _ => round + 1,
            };
            var certificate = certificates.Count > 0 && world.Random.Next(2) == 0
                ? certificates[world.Random.Next(certificates.Count)]
                : null;
            if (certificate?.Round >= target) certificate = null;
            var change = RoundChange.Sign(height, target, certificate, key);
            Hear(change);
            Whisper(index, change);
        }
    }

    private void Replay()
    {
        if (_heard.Count == 0) return;
        Whisper(keys[0].Index, _heard[world.Random.Next(_heard.Count)]);
    }

    private void SendRubbish(ulong height, int round)
    {
        var (index, key) = keys[world.Random.Next(keys.Length)];
        Whisper(index, Prepare.Sign(height + (ulong)world.Random.Next(20), round, Keccak256.Hash([2]), key));
        byte[] bytes = Prepare.Sign(height, round, Keccak256.Hash([3]), key).Encode();
        bytes[world.Random.Next(bytes.Length)]++;
        foreach (var node in Some()) world.Send(index, node, bytes, null);
    }

    private void Whisper(int index, QbftMessage message)
    {
        byte[] bytes = message.Encode();
        foreach (var node in Some()) world.Send(index, node, bytes, message);
    }

    private List<SimulatedNode> Some() => world.Honest.Where(_ => world.Random.Next(2) == 0).ToList();
}
