namespace Chain.Consensus;

/// <summary>Takes up a height where the durable record left it: same round, same votes, nothing decided anew.</summary>
internal static class Recovery
{
    public static void Restore(Turn turn, DurableRecord record)
    {
        var state = turn.State;
        if (record.Round > 0) state.Enter(record.Round);
        var round = turn.Round;
        state.Certificate = record.Certificate;
        if (record.Proposal is not null)
        {
            round.Proposal = record.Proposal;
            round.Digest = record.Proposal.Block.Header.CommitHash;
        }
        if (record.Prepare is not null)
        {
            // It was valid when it was voted for.
            state.RememberValid(round.Proposal!.Block.Header.Hash);
            round.OwnPrepare = record.Prepare;
            round.Prepares[turn.Self] = record.Prepare;
        }
        if (record.Commit is not null)
        {
            round.OwnCommit = record.Commit;
            round.Commits[turn.Self] = record.Commit;
        }
        // A ROUND-CHANGE to this round shows what was prepared below it. Signing is deterministic, so this is the very
        // one that may have been sent before.
        if (round.Number > 0 && record.Certificate?.Round != round.Number)
        {
            state.RoundChanges[turn.Self] =
                RoundChange.Sign(state.Height, round.Number, record.Certificate, turn.Key);
        }
        RoundChangePhase.Resume(turn);
        if (round.Proposal is not null && round.OwnPrepare is null)
            turn.Output(new ValidateBlock(round.Proposal.Block));
        PreparePhase.CheckPrepared(turn);
        CommitPhase.CheckDecided(turn);
    }
}
