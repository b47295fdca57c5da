namespace ReceivablesAudit;

/// <content>The leaves: intervals that are alike, cut where an event ends and found by their fen.</content>
internal sealed partial class Family
{
    private void RequireAll(
        Interval i, Func<Claim, bool> holds, string code, string expected, Func<Claim, string?> found)
    {
        if (In(i).FirstOrDefault(l => !holds(l.Claim)) is { } leaf)
            Require(false, code, $"{expected} at {i}", $"{found(leaf.Claim)} at [{leaf.Start},{leaf.End})");
    }

    /// <summary>Gives every fen of intervals another claim; intervals of one event must not meet.</summary>
    private void Change(Interval[] intervals, Func<Claim, Claim> change)
    {
        Interval[] sorted = [.. intervals.OrderBy(i => i.Start)];
        for (int n = 1; n < sorted.Length; n++)
            Require(sorted[n].Start >= sorted[n - 1].End, "I4-overlap", $"after {sorted[n - 1]}", sorted[n]);
        foreach (Interval i in intervals)
        {
            if (!Require(i.Start >= 0 && i.Start < i.End && i.End <= FaceFen, "I1-face", $"within [0,{FaceFen})", i))
                continue;
            Cut(i.Start);
            Cut(i.End);
            for (int n = IndexOf(i.Start); n < _leaves.Count && _leaves[n].Start < i.End; n++)
                _leaves[n] = _leaves[n] with { Claim = change(_leaves[n].Claim) };
        }
    }

    private void Cut(long at)
    {
        int n = IndexOf(at);
        if (n >= _leaves.Count || _leaves[n].Start == at)
            return;
        Leaf leaf = _leaves[n];
        _leaves[n] = leaf with { End = at };
        _leaves.Insert(n + 1, leaf with { Start = at });
    }

    /// <summary>Leaves that share a fen with an interval.</summary>
    private IEnumerable<Leaf> In(Interval i) =>
        _leaves.Skip(Math.Max(IndexOf(i.Start), 0)).TakeWhile(l => l.Start < i.End).Where(l => l.End > i.Start);

    /// <summary>Index of the leaf that holds a fen; the number of leaves where none does.</summary>
    private int IndexOf(long fen)
    {
        int low = 0, high = _leaves.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_leaves[middle].End <= fen)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    /// <summary>The leaves in their shortest form: neighbours that are alike are one.</summary>
    private IEnumerable<Leaf> Joined()
    {
        Leaf? open = null;
        foreach (Leaf leaf in _leaves)
        {
            if (open is not null && open.Claim == leaf.Claim)
                open = open with { End = leaf.End };
            else
            {
                if (open is not null)
                    yield return open;
                open = leaf;
            }
        }
        if (open is not null)
            yield return open;
    }
}
