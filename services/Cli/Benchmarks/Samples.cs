namespace Cli.Benchmarks;

/// <summary>Measured durations and their quantiles.</summary>
public sealed class Samples
{
    private readonly List<TimeSpan> _values = [];

    public int Count
    {
        get
        {
            lock (_values) return _values.Count;
        }
    }

    public void Add(TimeSpan value)
    {
        lock (_values) _values.Add(value);
    }

    /// <summary>The quantile by the nearest rank, in milliseconds.</summary>
    public double Milliseconds(double quantile)
    {
        lock (_values)
        {
            if (_values.Count == 0) return double.NaN;
            var sorted = _values.Order().ToList();
            return sorted[Math.Clamp((int)Math.Ceiling(quantile * sorted.Count) - 1, 0, sorted.Count - 1)].TotalMilliseconds;
        }
    }
}
