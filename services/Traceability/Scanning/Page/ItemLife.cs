namespace Traceability.Scanning.Page;

/// <summary>A public event about the item itself, and whose it is.</summary>
internal sealed record LifeStep(string Tenant, PageStep Step);

/// <summary>A sale as a seller reported it.</summary>
internal sealed record ReportedSale(string Tenant, DateTimeOffset At);

/// <summary>What events tell of an item's code and sale. Pure.</summary>
internal sealed class ItemLife
{
    private static readonly HashSet<string> Sold = new(StringComparer.Ordinal) { "retail_selling", "dispensing" };

    private static readonly HashSet<string> Ends = new(StringComparer.Ordinal)
    {
        "decommissioning", "destroying", "killing",
    };

    private readonly List<LifeStep> _steps = [];

    /// <summary>Takes an event in; in order of time.</summary>
    public void Add(LifeStep step) => _steps.Add(step);

    /// <summary>
    /// What the code is after the events of the product's owner: an item that it commissioned is in use although its
    /// codes are made elsewhere, and one that it took out of use is not in use any more. Nobody else's events count.
    /// </summary>
    public CodeState After(CodeState issued, string? owner)
    {
        foreach (PageStep step in _steps.Where(s => s.Tenant == owner).Select(s => s.Step))
        {
            bool own = step.Type == "ObjectEvent";
            bool ends = own && step.Action == "DELETE" || step.Step is { } uri && StepWords.Short(uri) is { } word && Ends.Contains(word);
            issued = issued switch
            {
                CodeState.InUse or CodeState.Commissioned or CodeState.NotIssuedHere when ends => CodeState.Retired,
                CodeState.NotIssuedHere when own && step.Action == "ADD" => CodeState.Commissioned,
                _ => issued,
            };
        }
        return issued;
    }

    /// <summary>
    /// All sales by the sellers and the product's owner. Where nobody named sellers, the events of all whose events the
    /// page shows count too. Who reports sales and captures events too sold each thing once.
    /// </summary>
    public IReadOnlyList<DateTimeOffset> Sales(
        IReadOnlyList<ReportedSale> reported, string? owner, IReadOnlySet<string> sellers)
    {
        ReportedSale[] counted = [.. reported.Where(r => Seller.MaySell(r.Tenant, owner, sellers))];
        return
        [
            .. counted.Select(r => r.At).Concat(_steps
                .Where(s => s.Step.At is not null && s.Step.Step is { } uri && StepWords.Short(uri) is { } word && Sold.Contains(word)
                    && (sellers.Count == 0 || Seller.MaySell(s.Tenant, owner, sellers))
                    && !counted.Any(r => r.Tenant == s.Tenant))
                .Select(s => s.Step.At!.Value)).Order(),
        ];
    }
}
