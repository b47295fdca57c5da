namespace Traceability.Codes;

/// <summary>Counters from one up to but not including another.</summary>
/// <param name="From">First counter, from zero.</param>
/// <param name="To">The counter after the last.</param>
public readonly record struct CodeRange(int From, int To)
{
    /// <summary>How many.</summary>
    public int Count => To - From;

    /// <summary>Whether a counter lies in it.</summary>
    public bool Contains(int counter) => counter >= From && counter < To;

    /// <summary>A range by its length; empty when it would end beyond what a counter can be.</summary>
    public static CodeRange Of(int from, int count) =>
        (long)from + count <= int.MaxValue ? new(from, from + count) : default;
}

/// <summary>A set of counters as sorted ranges that don't touch. Immutable.</summary>
public sealed class RangeSet
{
    /// <summary>No counters.</summary>
    public static readonly RangeSet Empty = new([]);

    private readonly CodeRange[] _ranges;

    private RangeSet(CodeRange[] ranges) => _ranges = ranges;

    /// <summary>The ranges in order.</summary>
    public IReadOnlyList<CodeRange> Ranges => _ranges;

    /// <summary>How many counters.</summary>
    public int Count => _ranges.Sum(r => r.Count);

    /// <summary>A set of sorted ranges that don't touch.</summary>
    internal static RangeSet Of(IEnumerable<CodeRange> ranges) => new([.. ranges]);

    /// <summary>Whether a counter is in the set.</summary>
    public bool Contains(int counter)
    {
        int at = FirstEndingAfter(counter);
        return at < _ranges.Length && _ranges[at].Contains(counter);
    }

    /// <summary>Whether a range and the set share a counter.</summary>
    public bool Overlaps(CodeRange range)
    {
        int at = FirstEndingAfter(range.From);
        return range.Count > 0 && at < _ranges.Length && _ranges[at].From < range.To;
    }

    /// <summary>The set with a range.</summary>
    public RangeSet Add(CodeRange range)
    {
        if (range.Count <= 0)
            return this;
        int first = FirstEndingAfter(range.From - 1);
        int after = first;
        (int from, int to) = range;
        while (after < _ranges.Length && _ranges[after].From <= range.To)
        {
            from = Math.Min(from, _ranges[after].From);
            to = Math.Max(to, _ranges[after].To);
            after++;
        }
        return new RangeSet([.. _ranges.AsSpan(0, first), new CodeRange(from, to), .. _ranges.AsSpan(after)]);
    }

    /// <summary>The set without a range.</summary>
    public RangeSet Remove(CodeRange range)
    {
        if (!Overlaps(range))
            return this;
        List<CodeRange> left = [];
        foreach (CodeRange r in _ranges)
        {
            if (r.From < range.From)
                left.Add(new CodeRange(r.From, Math.Min(r.To, range.From)));
            if (r.To > range.To)
                left.Add(new CodeRange(Math.Max(r.From, range.To), r.To));
        }
        return new RangeSet([.. left]);
    }

    private int FirstEndingAfter(int counter)
    {
        int low = 0;
        int high = _ranges.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_ranges[middle].To > counter)
                high = middle;
            else
                low = middle + 1;
        }
        return low;
    }
}
