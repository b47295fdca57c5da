using Chain.Core;

namespace Chain.Consensus;

/// <summary>From being prepared to a sealed block.</summary>
internal static class CommitPhase
{
    /// <summary>Seals the block. The certificate goes to the disk with the COMMIT, before it is sent.</summary>
    public static void Vote(Turn turn)
    {
        var commit = Commit.Sign(turn.State.Height, turn.Round.Number, turn.Round.Digest, turn.Key);
        turn.Round.OwnCommit = commit;
        turn.Round.Commits[turn.Self] = commit;
        turn.Persist();
        turn.Broadcast(commit);
        CheckDecided(turn);
    }

    public static void OnMessage(Turn turn, Commit commit, Address author)
    {
        if (commit.Round < turn.Round.Number) return;
        var refusal = commit.Validate(author);
        if (refusal != Refusal.None)
        {
            turn.Report(refusal);
            return;
        }
        if (!VoteBox.TryAdd(turn, commit, author, turn.Round.Commits, turn.State.LaterCommits, c => c.Digest)) return;
        RoundChangePhase.Hear(turn);
        CheckDecided(turn);
    }

    /// <summary>
    /// The own COMMIT counts only once it is cast. Not being prepared does not keep a validator from taking the
    /// decision of a quorum of others.
    /// </summary>
    public static void CheckDecided(Turn turn)
    {
        var (state, round) = (turn.State, turn.Round);
        if (state.Decided || round.Proposal is null) return;
        var seals = round.Commits.Values.Where(commit => commit.Digest == round.Digest)
            .Select(commit => commit.Seal).ToList();
        if (seals.Count < turn.Required) return;
        state.Decided = true;
        turn.CancelTimer(QbftTimer.Block);
        turn.CancelTimer(QbftTimer.Round);
        turn.CancelTimer(QbftTimer.Resend);
        var block = round.Proposal.Block;
        turn.Output(new ImportBlock(block.WithHeader(block.Header.WithSeals(seals))));
    }
}
