namespace ReceivablesAudit;

/// <summary>One thing that is not as it must be.</summary>
/// <param name="Code">Its stable name (services/docs/receivables-export.md).</param>
/// <param name="Place">Where: an event's position, a voucher, a receipt.</param>
/// <param name="Expected">What it must be, computed here.</param>
/// <param name="Found">What the export says.</param>
public sealed record Finding(string Code, string Place, string Expected, string Found)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Code}  {Place}: must be {Expected}; is {Found}";
}

/// <summary>Everything that was found, in the order in which it was met.</summary>
public sealed class Findings
{
    private readonly List<Finding> _all = [];

    /// <summary>What was found.</summary>
    public IReadOnlyList<Finding> All => _all;

    /// <summary>Reports a violation.</summary>
    public void Report(string code, string place, object? expected, object? found) =>
        _all.Add(new Finding(code, place, $"{expected ?? "nothing"}", $"{found ?? "nothing"}"));

    /// <summary>Reports a violation at an event unless the rule holds.</summary>
    public bool Require(bool holds, string code, Event at, object? expected, object? found)
    {
        if (!holds)
            Report(code, at.Place, expected, found);
        return holds;
    }
}
