using Chain.Core;

namespace Chain.Consensus;

/// <summary>
/// What a validator knows of the height being decided. Everything kept per author is one entry, so one author cannot
/// fill the memory however many rounds it speaks of.
/// </summary>
internal sealed class HeightState(BlockHeader parent, ValidatorSet validators, bool mayVote, long startedAt)
{
    // Blocks whose execution is known to be right; a block keeps its hash when it is proposed again in another round.
    private const int MaxValidBlocks = 8;
    private readonly Queue<Hash32> _validBlocks = new();

    public BlockHeader Parent { get; } = parent;
    public ulong Height { get; } = parent.Number + 1;
    public ValidatorSet Validators { get; } = validators;
    public bool MayVote { get; } = mayVote;
    public long StartedAt { get; } = startedAt;

    public RoundState Round { get; set; } = new(0);
    public PreparedCertificate? Certificate { get; set; }

    /// <summary>The pool holds a transaction.</summary>
    public bool Pending { get; set; }

    /// <summary>The pause after the last block is over.</summary>
    public bool BlockDue { get; set; }

    /// <summary>A quorum of COMMITs is there and the import is under way.</summary>
    public bool Decided { get; set; }

    /// <summary>Of each author the ROUND-CHANGE with the highest target, the first one there.</summary>
    public SortedDictionary<Address, RoundChange> RoundChanges { get; } = [];

    /// <summary>Of each author the PREPARE of the highest round above the current.</summary>
    public SortedDictionary<Address, Prepare> LaterPrepares { get; } = [];

    /// <summary>Of each author the COMMIT of the highest round above the current.</summary>
    public SortedDictionary<Address, Commit> LaterCommits { get; } = [];

    public bool IsKnownValid(Hash32 blockHash) => _validBlocks.Contains(blockHash);

    public void RememberValid(Hash32 blockHash)
    {
        if (_validBlocks.Contains(blockHash)) return;
        if (_validBlocks.Count == MaxValidBlocks) _validBlocks.Dequeue();
        _validBlocks.Enqueue(blockHash);
    }

    /// <summary>Begins a round with the votes for it that came early.</summary>
    public void Enter(int round)
    {
        Round = new RoundState(round);
        Take(LaterPrepares, Round.Prepares, round);
        Take(LaterCommits, Round.Commits, round);
    }

    private static void Take<T>(SortedDictionary<Address, T> later, SortedDictionary<Address, T> now, int round)
        where T : QbftMessage
    {
        foreach (var (author, vote) in later.ToList())
        {
            if (vote.Round > round) continue;
            later.Remove(author);
            if (vote.Round == round) now.Add(author, vote);
        }
    }
}

/// <summary>What a validator knows of the current round.</summary>
internal sealed class RoundState(int number)
{
    public int Number { get; } = number;

    /// <summary>The proposal accepted in this round; at most one ever is.</summary>
    public Proposal? Proposal { get; set; }

    /// <summary>Commit hash of the accepted block.</summary>
    public Hash32 Digest { get; set; }

    public Prepare? OwnPrepare { get; set; }
    public Commit? OwnCommit { get; set; }

    /// <summary>A block was asked for and did not come yet.</summary>
    public bool Building { get; set; }

    /// <summary>A transaction came while a block was being built, perhaps too late for it.</summary>
    public bool PendingSinceBuild { get; set; }

    /// <summary>The ROUND-CHANGEs that the block being built will be justified by.</summary>
    public IReadOnlyList<RoundChangePayload> Justification { get; set; } = [];

    public bool TimerRuns { get; set; }

    /// <summary>Another validator spoke of this height, so it is to be decided even without an own transaction.</summary>
    public bool Heard { get; set; }

    public SortedDictionary<Address, Prepare> Prepares { get; } = [];
    public SortedDictionary<Address, Commit> Commits { get; } = [];
}
