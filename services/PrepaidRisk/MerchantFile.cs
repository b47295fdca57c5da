namespace PrepaidRisk;

/// <summary>
/// All that a regulator holds of one merchant on a day: what has arrived so far, late reports not before.
/// </summary>
public sealed class MerchantFile
{
    private readonly SortedList<int, ObservedDay> _days = [];
    private readonly List<RegisterEntry> _entries = [];

    /// <summary>What registers and filings say, in the order it became known.</summary>
    public IReadOnlyList<RegisterEntry> Entries => _entries;

    /// <summary>The last day that is reported; null before the first.</summary>
    public ObservedDay? Latest => _days.Count == 0 ? null : _days.GetValueAtIndex(_days.Count - 1);

    /// <summary>The first day that is reported; null before it.</summary>
    public ObservedDay? First => _days.Count == 0 ? null : _days.GetValueAtIndex(0);

    /// <summary>A report arrives. A day reported again replaces what was there.</summary>
    public void Receive(ObservedDay day) => _days[day.Day.DayNumber] = day;

    /// <summary>A register entry or filing becomes known.</summary>
    public void Record(RegisterEntry entry) => _entries.Add(entry);

    /// <summary>The reported days of a span, both ends included, in order; days that never came are missing.</summary>
    /// <param name="from">First day.</param>
    /// <param name="to">Last day.</param>
    public IEnumerable<ObservedDay> Between(DateOnly from, DateOnly to)
    {
        for (int i = IndexFrom(from.DayNumber); i < _days.Count; i++)
        {
            ObservedDay day = _days.GetValueAtIndex(i);
            if (day.Day > to) yield break;
            yield return day;
        }
    }

    private int IndexFrom(int day)
    {
        (int low, int high) = (0, _days.Count);
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_days.GetKeyAtIndex(middle) < day) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
