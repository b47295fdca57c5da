using Chain.Consensus;
using Chain.Core;

namespace Chain.Simulation;

/// <summary>A rule of the protocol was broken in a run.</summary>
internal sealed class RuleBrokenException(string message) : Exception(message);

/// <summary>Watches every vote and every import of the honest validators of a run.</summary>
internal sealed class Checker(ValidatorSet validators)
{
    private readonly Dictionary<(Address Author, ulong Height, int Round, byte Code), Hash32> _votes = [];
    private readonly Dictionary<(Address Author, ulong Height), int> _left = [];
    private readonly HashSet<int> _included = [];

    /// <summary>The blocks decided so far, from height 1.</summary>
    public List<Block> Decided { get; } = [];

    public BlockHeader HeadAt(ulong height) => height == 0 ? ToyLedger.Genesis : Decided[(int)height - 1].Header;

    /// <summary>Agreement and validity.</summary>
    public void OnImport(Address node, Block block)
    {
        ulong height = block.Header.Number;
        var expectation = new SealExpectation(height, validators, ParentHash: HeadAt(height - 1).Hash);
        var verdict = SealCheck.Verify(block.Header, expectation);
        if (verdict != SealVerdict.Valid) throw new RuleBrokenException($"{node} imports {height}: {verdict}");
        if (height <= (ulong)Decided.Count)
        {
            if (HeadAt(height).Hash != block.Hash) throw new RuleBrokenException($"two blocks are decided at {height}");
            return;
        }
        var parent = HeadAt(height - 1);
        if (!ToyLedger.IsValid(block, parent, _included) || block.Header.Timestamp < parent.Timestamp)
            throw new RuleBrokenException($"an invalid block is decided at {height}");
        if (ToyLedger.TransactionOf(block.Header) is { } transaction) _included.Add(transaction);
        Decided.Add(block);
    }

    public bool IsIncluded(int transaction) => _included.Contains(transaction);

    /// <summary>No honest validator votes twice differently, nor in a round that it has left, crashes or not.</summary>
    public void OnBroadcast(Address node, QbftMessage message)
    {
        var digest = message switch
        {
            Proposal proposal => proposal.Block.Header.CommitHash,
            Prepare prepare => prepare.Digest,
            Commit commit => commit.Digest,
            RoundChange { Payload.Prepared: { } prepared } => Keccak256.Hash(
                [.. BitConverter.GetBytes(prepared.Round), .. prepared.Digest.ToArray()]),
            _ => Hash32.Zero,
        };
        var key = (node, message.Height, message.Round, message.Code);
        if (!_votes.TryAdd(key, digest) && _votes[key] != digest)
            throw new RuleBrokenException($"{node} says two things by {message.Code:x} at {message.Height}/{message.Round}");
        if (message is Commit && !(_votes.TryGetValue((node, message.Height, message.Round, Prepare.MessageCode),
            out var prepareDigest) && prepareDigest == digest))
        {
            throw new RuleBrokenException($"{node} commits without preparing at {message.Height}/{message.Round}");
        }
        int left = _left.GetValueOrDefault((node, message.Height));
        if (message.Round < left)
            throw new RuleBrokenException($"{node} votes at {message.Height}/{message.Round} after going to {left}");
        if (message is RoundChange) _left[(node, message.Height)] = message.Round;
    }
}
