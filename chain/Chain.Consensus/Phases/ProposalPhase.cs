using Chain.Core;

namespace Chain.Consensus;

/// <summary>From a waiting transaction, or a quorum of ROUND-CHANGEs, to the one accepted proposal of a round.</summary>
internal static class ProposalPhase
{
    /// <summary>
    /// A transaction waits. The proposal comes no sooner than the pause after the last block; the round timer starts
    /// with it, so an idle group runs no timer and a pause never eats into the round.
    /// </summary>
    public static void OnTransactionPending(Turn turn)
    {
        var state = turn.State;
        state.Pending = true;
        if (turn.Round.Building) turn.Round.PendingSinceBuild = true;
        if (state.BlockDue)
        {
            OnBlockDue(turn);
            return;
        }
        if (turn.Runs(QbftTimer.Block)) return;
        // The clock may have jumped: the pause is never longer than its own length.
        long pause = Math.Clamp(state.StartedAt + turn.Options.BlockPacingMs - turn.Now, 0, turn.Options.BlockPacingMs);
        if (pause == 0) OnBlockDue(turn);
        else turn.SetTimer(QbftTimer.Block, pause);
    }

    public static void OnBlockDue(Turn turn)
    {
        turn.State.BlockDue = true;
        if (!turn.State.Pending) return;
        RoundChangePhase.StartFirstRound(turn);
        TryPropose(turn);
    }

    /// <summary>
    /// Proposes if this is the proposer of the round and the time has come: in round 0 a waiting transaction, later a
    /// quorum for exactly this round. A later round is closed even with an empty block, so that a group which was
    /// woken for nothing comes to rest.
    /// </summary>
    public static void TryPropose(Turn turn)
    {
        var (state, round) = (turn.State, turn.Round);
        if (round.Proposal is not null || round.Building || !state.MayVote) return;
        if (state.Validators.Proposer(state.Parent.Coinbase, round.Number) != turn.Self) return;
        if (round.Number == 0)
        {
            if (state.BlockDue && state.Pending) Build(turn, allowEmpty: false);
            return;
        }
        var roundChanges = state.RoundChanges.Values.Where(change => change.Round == round.Number).ToList();
        if (roundChanges.Count < turn.Required) return;
        round.Justification = roundChanges.ConvertAll(change => change.Payload);
        var highest = roundChanges.Select(change => change.Certificate).Where(certificate => certificate is not null)
            .MaxBy(certificate => certificate!.Round);
        if (highest is null)
        {
            Build(turn, allowEmpty: true);
            return;
        }
        var block = highest.Block.WithHeader(highest.Block.Header.WithRound(round.Number));
        Propose(turn, Proposal.Sign(round.Number, block, round.Justification, highest.Prepares, turn.Key));
    }

    public static void OnBuilt(Turn turn, BlockBuilt built)
    {
        var (state, round) = (turn.State, turn.Round);
        if (built.Height != state.Height || built.Round != round.Number || !round.Building) return;
        round.Building = false;
        if (built.Block is null)
        {
            OnNothingBuilt(turn);
            return;
        }
        var header = built.Block.Header;
        if (!header.TryGetExtraData(out var extraData) || extraData.Round != round.Number || extraData.Seals.Count != 0
            || header.Number != state.Height || header.ParentHash != state.Parent.Hash || header.Coinbase != turn.Self)
        {
            turn.Report(Refusal.WrongBuild);
            return;
        }
        state.RememberValid(header.Hash);
        Propose(turn, Proposal.Sign(round.Number, built.Block, round.Justification, [], turn.Key));
    }

    public static void OnMessage(Turn turn, Proposal proposal, Address author)
    {
        var (state, round) = (turn.State, turn.Round);
        if (proposal.Round < round.Number) return;
        if (proposal.Round == round.Number && round.Proposal is not null)
        {
            if (round.Proposal.Signed.SigningHash != proposal.Signed.SigningHash
                && author == state.Validators.Proposer(state.Parent.Coinbase, round.Number))
            {
                turn.Report(Refusal.Equivocation);
            }
            return;
        }
        long latest = Math.Max(0, turn.Now / 1000) + turn.Options.MaxClockAheadSeconds;
        var refusal = proposal.Validate(author, state.Parent, state.Validators, (ulong)latest);
        if (refusal != Refusal.None)
        {
            turn.Report(refusal);
            return;
        }
        // Justified by a quorum for its round, so following it is safe and quicker than waiting for the own timer.
        if (proposal.Round > round.Number) RoundChangePhase.Jump(turn, proposal.Round);
        else RoundChangePhase.Hear(turn);
        Accept(turn, proposal);
        if (state.IsKnownValid(proposal.Block.Header.Hash)) PreparePhase.Vote(turn);
        else turn.Output(new ValidateBlock(proposal.Block));
        CommitPhase.CheckDecided(turn);
    }

    public static void OnValidated(Turn turn, BlockValidated validated)
    {
        if (validated.Valid) turn.State.RememberValid(validated.BlockHash);
        var round = turn.Round;
        if (round.Proposal is null || round.OwnPrepare is not null) return;
        if (round.Proposal.Block.Header.Hash != validated.BlockHash) return;
        // A refused proposal stays the one of its round: another by the same proposer would be a second one.
        if (validated.Valid) PreparePhase.Vote(turn);
        else turn.Report(Refusal.InvalidBlock);
    }

    private static void Accept(Turn turn, Proposal proposal)
    {
        turn.Round.Proposal = proposal;
        turn.Round.Digest = proposal.Block.Header.CommitHash;
    }

    // The own proposal is on disk before it is sent: after a crash a second one for the round would be equivocation.
    private static void Propose(Turn turn, Proposal proposal)
    {
        Accept(turn, proposal);
        bool valid = turn.State.IsKnownValid(proposal.Block.Header.Hash);
        if (valid) PreparePhase.Sign(turn);
        turn.Persist();
        turn.Broadcast(proposal);
        if (valid) PreparePhase.Send(turn);
        else turn.Output(new ValidateBlock(proposal.Block));
        CommitPhase.CheckDecided(turn);
    }

    private static void Build(Turn turn, bool allowEmpty)
    {
        turn.Round.Building = true;
        turn.Round.PendingSinceBuild = false;
        var parent = turn.State.Parent;
        ulong timestamp = Math.Max(parent.Timestamp, (ulong)Math.Max(0, turn.Now / 1000));
        turn.Output(new BuildBlock(
            turn.State.Height, turn.Round.Number, parent, turn.Self, timestamp, allowEmpty));
    }

    private static void OnNothingBuilt(Turn turn)
    {
        var (state, round) = (turn.State, turn.Round);
        if (round.Number > 0)
        {
            turn.Report(Refusal.WrongBuild);
            return;
        }
        if (round.PendingSinceBuild)
        {
            TryPropose(turn);
            return;
        }
        state.Pending = false;
        if (round.Heard) return;
        round.TimerRuns = false;
        turn.CancelTimer(QbftTimer.Round);
    }
}
