namespace ReceivablesAudit;

/// <summary>
/// Which fen of a voucher were paid: a payment on an interval pays its first fen that are not. So what is unpaid of a
/// leaf is known to the fen, also when it is split later.
/// </summary>
internal sealed class PaidFen
{
    // Disjoint and apart, by start.
    private readonly List<Interval> _paid = [];

    /// <summary>All that was paid.</summary>
    public long Sum { get; private set; }

    /// <summary>The intervals that were paid.</summary>
    public IReadOnlyList<Interval> Intervals => _paid;

    /// <summary>How many fen of an interval were paid.</summary>
    public long In(Interval i)
    {
        long fen = 0;
        for (int n = First(i.Start); n < _paid.Count && _paid[n].Start < i.End; n++)
            fen += Math.Min(_paid[n].End, i.End) - Math.Max(_paid[n].Start, i.Start);
        return fen;
    }

    /// <summary>Pays the first unpaid fen of an interval; what it can't take is left.</summary>
    /// <returns>Fen for which there was no room.</returns>
    public long Pay(Interval i, long fen)
    {
        long at = i.Start;
        while (fen > 0 && at < i.End)
        {
            int n = First(at);
            if (n < _paid.Count && _paid[n].Start <= at)
            {
                at = _paid[n].End;
                continue;
            }
            long end = Math.Min(Math.Min(at + fen, i.End), n < _paid.Count ? _paid[n].Start : i.End);
            Add(n, new Interval(at, end));
            (fen, Sum, at) = (fen - (end - at), Sum + (end - at), end);
        }
        return fen;
    }

    private void Add(int n, Interval paid)
    {
        bool before = n > 0 && _paid[n - 1].End == paid.Start;
        if (n < _paid.Count && _paid[n].Start == paid.End)
        {
            paid = paid with { End = _paid[n].End };
            _paid.RemoveAt(n);
        }
        if (before)
            _paid[n - 1] = _paid[n - 1] with { End = paid.End };
        else
            _paid.Insert(n, paid);
    }

    /// <summary>Index of the first interval that ends after a fen.</summary>
    private int First(long fen)
    {
        int low = 0, high = _paid.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_paid[middle].End <= fen)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}
