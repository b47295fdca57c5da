using System.Text.Json.Nodes;

namespace Cli.Auditing;

/// <summary>What an audit found.</summary>
/// <param name="Service">The service whose events were read.</param>
/// <param name="Events">Events whose digest was computed again from their bytes.</param>
/// <param name="Entries">Log entries that were hashed into the tree.</param>
/// <param name="Checkpoints">Signed checkpoints compared with that tree and with the contract.</param>
/// <param name="Waiting">Events that are not in the log yet.</param>
/// <param name="Difference">The first difference, or null.</param>
/// <param name="Took">How long it took.</param>
public sealed record AuditResult(
    string Service, long Events, long Entries, long Checkpoints, long Waiting, string? Difference, TimeSpan Took)
{
    public JsonObject ToJson() => new()
    {
        ["service"] = Service,
        ["ok"] = Difference is null,
        ["events"] = Events,
        ["entries"] = Entries,
        ["checkpoints"] = Checkpoints,
        ["waiting"] = Waiting,
        ["difference"] = Difference,
        ["seconds"] = Math.Round(Took.TotalSeconds, 2),
        ["eventsPerSecond"] = Math.Round(Events / Math.Max(Took.TotalSeconds, 0.001)),
    };

    public IEnumerable<string> Lines() =>
    [
        $"{Service}: {Events:N0} events, {Entries:N0} log entries, {Checkpoints:N0} checkpoints, {Waiting:N0} waiting; {Took.TotalSeconds:0.0} s, {Events / Math.Max(Took.TotalSeconds, 0.001):N0} events/s",
        Difference is null ? "✓ no difference" : $"✗ {Difference}",
    ];
}

/// <summary>Something is not what it must be; the message says what, where, and both values.</summary>
public sealed class DifferenceException(string message) : Exception(message);
