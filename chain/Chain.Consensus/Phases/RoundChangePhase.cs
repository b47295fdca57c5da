using Chain.Core;

namespace Chain.Consensus;

/// <summary>When rounds begin, end and are skipped.</summary>
internal static class RoundChangePhase
{
    /// <summary>Another validator is at work at this height, so this one takes part.</summary>
    public static void Hear(Turn turn)
    {
        turn.Round.Heard = true;
        StartFirstRound(turn);
        StartTimerOnQuorum(turn);
    }

    public static void StartFirstRound(Turn turn)
    {
        if (turn.Round.Number == 0) StartTimer(turn);
    }

    /// <summary>The round did not decide in time.</summary>
    public static void OnTimeout(Turn turn)
    {
        turn.Round.TimerRuns = false;
        if (turn.Round.Number < int.MaxValue) ChangeTo(turn, turn.Round.Number + 1);
    }

    /// <summary>Goes to the round of a justified proposal.</summary>
    public static void Jump(Turn turn, int round)
    {
        Enter(turn, round);
        StartTimer(turn);
    }

    public static void OnMessage(Turn turn, RoundChange change, Address author)
    {
        var state = turn.State;
        if (change.Round < turn.Round.Number) return;
        if (state.RoundChanges.TryGetValue(author, out var known) && known.Round >= change.Round)
        {
            if (known.Round == change.Round && known.Payload.Prepared != change.Payload.Prepared)
                turn.Report(Refusal.Equivocation);
            return;
        }
        var refusal = change.Validate(state.Parent, state.Validators);
        if (refusal != Refusal.None)
        {
            turn.Report(refusal);
            return;
        }
        state.RoundChanges[author] = change;
        Hear(turn);
        CatchUp(turn);
        ProposalPhase.TryPropose(turn);
    }

    /// <summary>Says again what was said in this round, for those who were not there to hear it.</summary>
    public static void Resend(Turn turn)
    {
        var round = turn.Round;
        if (turn.State.RoundChanges.TryGetValue(turn.Self, out var own) && own.Round == round.Number)
            turn.Broadcast(own);
        if (round.Proposal is not null && round.Proposal.TryGetAuthor(turn.State.Validators, out var author)
            && author == turn.Self)
        {
            turn.Broadcast(round.Proposal);
        }
        if (round.OwnPrepare is not null) turn.Broadcast(round.OwnPrepare);
        if (round.OwnCommit is not null) turn.Broadcast(round.OwnCommit);
        turn.SetTimer(QbftTimer.Resend, turn.Options.ResendMs);
    }

    /// <summary>
    /// After a restart: says again what was said, and times the round. An accepted proposal of a round above 0 shows
    /// that a quorum was there.
    /// </summary>
    public static void Resume(Turn turn)
    {
        Resend(turn);
        Hear(turn);
        if (turn.Round.Proposal is not null) StartTimer(turn);
    }

    /// <summary>
    /// A round above 0 is timed from when a quorum has reached it. Without that, capped rounds of equal length would
    /// let a validator that ran ahead stay ahead for ever; so nobody can be further than one round ahead of f+1
    /// honest ones, whose ROUND-CHANGEs pull the rest along. A vote shows as well as a ROUND-CHANGE where its author
    /// is: one that restarts after voting says its votes again and not the ROUND-CHANGE before them.
    /// </summary>
    private static void StartTimerOnQuorum(Turn turn)
    {
        var (state, round) = (turn.State, turn.Round);
        if (round.Number == 0 || round.TimerRuns) return;
        var there = new SortedSet<Address>(round.Prepares.Keys);
        there.UnionWith(round.Commits.Keys);
        there.UnionWith(state.LaterPrepares.Keys);
        there.UnionWith(state.LaterCommits.Keys);
        there.UnionWith(state.RoundChanges.Where(known => known.Value.Round >= round.Number).Select(known => known.Key));
        if (there.Count >= turn.Required) StartTimer(turn);
    }

    // f+1 authors are above this round, so an honest one is. The highest round that f+1 authors have reached is the
    // lowest of theirs: a single author naming a huge round moves nobody.
    private static void CatchUp(Turn turn)
    {
        var above = turn.State.RoundChanges.Values.Select(change => change.Round)
            .Where(target => target > turn.Round.Number).OrderDescending().ToList();
        int needed = turn.State.Validators.CatchUpSize;
        if (above.Count >= needed) ChangeTo(turn, above[needed - 1]);
    }

    private static void ChangeTo(Turn turn, int round)
    {
        Enter(turn, round);
        var own = RoundChange.Sign(turn.State.Height, round, turn.State.Certificate, turn.Key);
        turn.State.RoundChanges[turn.Self] = own;
        turn.Persist();
        turn.Broadcast(own);
        StartTimerOnQuorum(turn);
        ProposalPhase.TryPropose(turn);
    }

    private static void Enter(Turn turn, int round)
    {
        turn.State.Enter(round);
        turn.CancelTimer(QbftTimer.Block);
        turn.CancelTimer(QbftTimer.Round);
        turn.SetTimer(QbftTimer.Resend, turn.Options.ResendMs);
    }

    private static void StartTimer(Turn turn)
    {
        if (turn.Round.TimerRuns) return;
        turn.Round.TimerRuns = true;
        turn.SetTimer(QbftTimer.Round, turn.Options.RoundLengthMs(turn.Round.Number));
    }
}
