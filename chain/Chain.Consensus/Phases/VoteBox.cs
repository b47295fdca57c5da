using Chain.Core;

namespace Chain.Consensus;

/// <summary>Keeps the votes of a height: of each author one for the current round and one for a later.</summary>
internal static class VoteBox
{
    /// <summary>True if the vote is new. The first of an author counts; a different second one is reported.</summary>
    public static bool TryAdd<T>(
        Turn turn, T vote, Address author, SortedDictionary<Address, T> current, SortedDictionary<Address, T> later,
        Func<T, Hash32> digest)
        where T : QbftMessage
    {
        int round = turn.Round.Number;
        if (vote.Round < round) return false;
        var box = vote.Round == round ? current : later;
        if (box.TryGetValue(author, out var known))
        {
            if (known.Round == vote.Round && digest(known) != digest(vote)) turn.Report(Refusal.Equivocation);
            if (known.Round >= vote.Round) return false;
        }
        box[author] = vote;
        return true;
    }
}
