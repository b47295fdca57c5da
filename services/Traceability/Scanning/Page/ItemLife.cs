namespace Traceability.Scanning.Page;

/// <summary>A public event about the item itself that may begin or end its life.</summary>
/// <param name="Tenant">Whose it is.</param>
/// <param name="ByOwner">Whether that one owned the product when it was recorded.</param>
/// <param name="IsObject">Whether it is about the item alone, an EPCIS ObjectEvent.</param>
/// <param name="Action">EPCIS action.</param>
/// <param name="Step">The business step's word, where that is public.</param>
/// <param name="At">When it happened, where that is public.</param>
internal sealed record LifeStep(
    string Tenant, bool ByOwner, bool IsObject, string? Action, string? Step, DateTimeOffset? At);

/// <summary>A sale as a seller reported it.</summary>
/// <param name="Tenant">Who reported it.</param>
/// <param name="At">When it was sold.</param>
/// <param name="ByOwner">Whether that one owned the product then.</param>
internal sealed record ReportedSale(string Tenant, DateTimeOffset At, bool ByOwner);

/// <summary>What events tell of an item's code and sale. Pure.</summary>
internal sealed class ItemLife
{
    /// <summary>CBV business steps that sell an item.</summary>
    public static readonly IReadOnlyList<string> Sold = ["retail_selling", "dispensing"];

    /// <summary>CBV business steps that end its life.</summary>
    public static readonly IReadOnlyList<string> Ends = ["decommissioning", "destroying", "killing"];

    private readonly List<LifeStep> _steps = [];

    /// <summary>Takes an event in; in order of time.</summary>
    public void Add(LifeStep step) => _steps.Add(step);

    /// <summary>
    /// What the code is after the events of who owned the product then: an item that it commissioned is in use although its
    /// codes are made elsewhere, and one that it took out of use is not in use any more. Nobody else's events count.
    /// </summary>
    public CodeState After(CodeState issued)
    {
        foreach (LifeStep step in _steps.Where(s => s.ByOwner))
        {
            bool ends = step.IsObject && step.Action == "DELETE" || step.Step is { } word && Ends.Contains(word);
            issued = issued switch
            {
                CodeState.InUse or CodeState.Commissioned or CodeState.NotIssuedHere when ends => CodeState.Retired,
                CodeState.NotIssuedHere when step.IsObject && step.Action == "ADD" => CodeState.Commissioned,
                _ => issued,
            };
        }
        return issued;
    }

    /// <summary>
    /// All sales by the sellers and who owned the product then. Where nobody named sellers, the events of all whose events
    /// the page shows count too. Who reports sales and captures events too sold each thing once.
    /// </summary>
    public IReadOnlyList<DateTimeOffset> Sales(IReadOnlyList<ReportedSale> reported, IReadOnlySet<string> sellers)
    {
        ReportedSale[] counted = [.. reported.Where(r => Seller.MaySell(r.Tenant, r.ByOwner, sellers))];
        return
        [
            .. counted.Select(r => r.At).Concat(_steps
                .Where(s => s.At is not null && s.Step is { } word && Sold.Contains(word)
                    && (sellers.Count == 0 || Seller.MaySell(s.Tenant, s.ByOwner, sellers))
                    && !counted.Any(r => r.Tenant == s.Tenant))
                .Select(s => s.At!.Value)).Order(),
        ];
    }
}
