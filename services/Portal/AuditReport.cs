using System.Diagnostics.Metrics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Portal.SignIn;

namespace Portal;

/// <summary>The result of the last audit, which the command line leaves in a file, for the status page and the metrics.</summary>
public sealed class AuditReport : IDisposable
{
    private readonly Meter _meter;
    private readonly string? _file;
    private readonly TimeProvider _time;

    public AuditReport(IOptions<PortalOptions> options, IOptions<ServiceDefaults.ServiceOptions> service, TimeProvider time)
    {
        (_file, _time) = (options.Value.Audit, time);
        DailyAt = options.Value.AuditAt;
        _meter = new Meter(service.Value.Name);
        _meter.CreateObservableGauge(
            "audit_ok", () => Observe(a => a.Ok ? 1L : 0L), description: "1 if the last audit found no difference.");
        _meter.CreateObservableGauge(
            "audit_age_seconds", () => Observe(a => (long)(_time.GetUtcNow() - a.At).TotalSeconds),
            description: "Seconds since the last audit.");
    }

    /// <summary>Time of day at which an audit runs by itself; null where none does.</summary>
    public string? DailyAt { get; }

    /// <summary>One audit.</summary>
    /// <param name="At">When it ended.</param>
    /// <param name="Ok">Whether nothing differed.</param>
    /// <param name="Services">What was computed again for each service.</param>
    public sealed record Audit(DateTimeOffset At, bool Ok, IReadOnlyList<JsonNode> Services);

    /// <summary>The last audit, or null before the first.</summary>
    public Audit? Last()
    {
        try
        {
            if (_file is null || !File.Exists(_file) || JsonNode.Parse(File.ReadAllBytes(_file)) is not JsonObject found) return null;
            return Components.Language.Read(found["at"]) is { } at && found["ok"] is JsonValue ok
                ? new Audit(at, ok.GetValue<bool>(), [.. (found["results"] as JsonArray ?? []).OfType<JsonNode>()])
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            // Being replaced at this moment, or not ours to read: as good as none.
            return null;
        }
    }

    private IEnumerable<Measurement<long>> Observe(Func<Audit, long> value) => Last() is { } audit ? [new Measurement<long>(value(audit))] : [];

    public void Dispose() => _meter.Dispose();
}
