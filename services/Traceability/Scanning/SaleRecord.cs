namespace Traceability.Scanning;

/// <summary>Numbers of sales that a feed left out.</summary>
/// <param name="From">The first.</param>
/// <param name="To">The last.</param>
public sealed record MissingSales(long From, long To);

/// <summary>How far the reports of a seller can be relied on to be all its sales.</summary>
/// <param name="Name">The seller's name for the feed.</param>
/// <param name="Expected">The number that its next report must begin with.</param>
/// <param name="Gap">Whether a report left numbers out.</param>
/// <param name="CompleteTo">To when the seller has reported everything.</param>
public sealed record SalesFeed(string Name, long Expected, bool Gap, DateTimeOffset CompleteTo)
{
    private static readonly TimeSpan Patience = TimeSpan.FromHours(48);

    /// <summary>The numbers that reports left out, in order; where only a row is read, it has none.</summary>
    public IReadOnlyList<MissingSales> Missing { get; init; } = [];

    /// <summary>A feed before its first report.</summary>
    public static SalesFeed Begin(string name) => new(name, 1, Gap: false, DateTimeOffset.MinValue);

    /// <summary>
    /// Folds a report of consecutively numbered sales. What was left out makes the feed incomplete until it is reported.
    /// </summary>
    public SalesFeed With(long first, int count, DateTimeOffset through)
    {
        IEnumerable<MissingSales> missing = first > Expected ? Missing.Append(new MissingSales(Expected, first - 1)) : Missing;
        MissingSales[] left = [.. missing.SelectMany(m => new MissingSales[]
        {
            new(m.From, Math.Min(m.To, first - 1)), new(Math.Max(m.From, first + count), m.To),
        }.Where(part => part.From <= part.To).Distinct())];
        return this with
        {
            Missing = left,
            Gap = left.Length > 0,
            Expected = Math.Max(Expected, first + count),
            CompleteTo = through > CompleteTo ? through : CompleteTo,
        };
    }

    /// <summary>Whether a report is new: what comes next or later, or exactly what is missing.</summary>
    public bool Takes(long first, int count) =>
        first >= Expected || (count > 0 && Missing.Any(m => m.From <= first && first + count - 1 <= m.To));

    /// <summary>Whether the feed holds all sales until two days ago or later.</summary>
    public bool IsComplete(DateTimeOffset now) => !Gap && Expected > 1 && now - CompleteTo <= Patience;
}

/// <summary>What is known of the sale of an item.</summary>
/// <param name="At">When it was recorded as sold, in order; an activation counts as the sale.</param>
/// <param name="Feeds">Feeds of those who would report it; none where nobody reports sales.</param>
public sealed record SaleRecord(IReadOnlyList<DateTimeOffset> At, IReadOnlyList<SalesFeed> Feeds)
{
    /// <summary>Nothing is known.</summary>
    public static readonly SaleRecord Unknown = new([], []);

    /// <summary>What a page may say.</summary>
    public SaleState State(DateTimeOffset now) => (At.Count, Feeds.Count > 0 && Feeds.All(f => f.IsComplete(now))) switch
    {
        (0, true) => SaleState.NotSold,
        (0, false) => SaleState.NotKnown,
        (1, true) => SaleState.SoldOnce,
        (1, false) => SaleState.SaleRecorded,
        _ => SaleState.SoldTwice,
    };
}

/// <summary>States of a sale.</summary>
public enum SaleState
{
    /// <summary>Sales are not reported, or not completely.</summary>
    NotKnown,

    /// <summary>All sales are reported and this one is none of them.</summary>
    NotSold,

    /// <summary>All sales are reported and this item was sold once.</summary>
    SoldOnce,

    /// <summary>One sale is recorded; whether there are others is not known.</summary>
    SaleRecorded,

    /// <summary>More than one sale is recorded.</summary>
    SoldTwice,
}
