using Chain.Core;

namespace Chain.Consensus;

/// <summary>From the accepted proposal to a quorum of PREPAREs.</summary>
internal static class PreparePhase
{
    /// <summary>Votes for the accepted proposal, whose block is valid.</summary>
    public static void Vote(Turn turn)
    {
        Sign(turn);
        turn.Persist();
        Send(turn);
    }

    public static void Sign(Turn turn)
    {
        var prepare = Prepare.Sign(turn.State.Height, turn.Round.Number, turn.Round.Digest, turn.Key);
        turn.Round.OwnPrepare = prepare;
        turn.Round.Prepares[turn.Self] = prepare;
    }

    public static void Send(Turn turn)
    {
        turn.Broadcast(turn.Round.OwnPrepare!);
        CheckPrepared(turn);
    }

    public static void OnMessage(Turn turn, Prepare prepare, Address author)
    {
        if (!VoteBox.TryAdd(turn, prepare, author, turn.Round.Prepares, turn.State.LaterPrepares, p => p.Digest))
            return;
        RoundChangePhase.Hear(turn);
        CheckPrepared(turn);
    }

    public static void CheckPrepared(Turn turn)
    {
        var round = turn.Round;
        if (round.OwnPrepare is null || round.OwnCommit is not null) return;
        var votes = round.Prepares.Values.Where(prepare => prepare.Digest == round.Digest).Take(turn.Required).ToList();
        if (votes.Count < turn.Required) return;
        turn.State.Certificate = new PreparedCertificate(round.Number, round.Digest, round.Proposal!.Block, votes);
        CommitPhase.Vote(turn);
    }
}
