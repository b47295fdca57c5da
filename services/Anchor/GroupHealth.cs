using System.Diagnostics.Metrics;
using Anchor.Groups;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Anchor;

/// <summary>Ready when every group seals; says of each other one why it does not.</summary>
public sealed class GroupHealth(AnchorGroups groups) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var idle = groups.All.Where(g => g.Status.State != GroupState.Sealing)
            .Select(g => $"{g.Name} {g.Status.State.ToString().ToLowerInvariant()}: {g.Status.Reason}").ToList();
        return Task.FromResult(groups.All.Count == 0 ? HealthCheckResult.Unhealthy("starting")
            : idle.Count == 0 ? HealthCheckResult.Healthy("sealing")
            : HealthCheckResult.Unhealthy(string.Join("; ", idle)));
    }
}

/// <summary>Lag of every group, read when metrics are collected.</summary>
public sealed class GroupMetrics : IDisposable
{
    private readonly Meter _meter = new("anchor");

    /// <summary>Registers the gauges.</summary>
    public GroupMetrics(AnchorGroups groups)
    {
        _meter.CreateObservableGauge("anchor_log_entries", () => Each(groups, g => g.Status.Logged));
        _meter.CreateObservableGauge("anchor_unanchored_entries",
            () => Each(groups, g => Math.Max(0, g.Status.Logged - g.Status.Anchored)));
        _meter.CreateObservableGauge("anchor_unwitnessed_entries", () => Each(groups,
            g => g.IsWitnessed ? Math.Max(0, g.Status.Anchored - g.Status.Witnessed) : 0));
        _meter.CreateObservableGauge("anchor_last_block", () => Each(groups, g => g.Status.Block));
        _meter.CreateObservableGauge("anchor_last_block_time", () => Each(groups, g => g.Status.BlockTime), "s");
        _meter.CreateObservableGauge("anchor_sealing",
            () => Each(groups, g => g.Status.State == GroupState.Sealing ? 1 : 0));
        _meter.CreateObservableGauge("anchor_feed_lag_entries", () => groups.All.SelectMany(g => g.Intake.Lags().Select(
            lag => new Measurement<long>(lag.Entries, Tag("group", g.Name), Tag("service", lag.Service)))));
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<long>> Each(AnchorGroups groups, Func<AnchorGroup, long> value) =>
        groups.All.Select(g => new Measurement<long>(value(g), Tag("group", g.Name)));

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}
