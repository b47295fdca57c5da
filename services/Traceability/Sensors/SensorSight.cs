using EventStore;
using Npgsql;
using Traceability.Graph;
using Traceability.Visibility;

namespace Traceability.Sensors;

/// <summary>
/// Whose readings a viewer may see: a block is shown as the sensor elements of an event of its organisation would be that
/// names no other party. What an organisation publishes to everybody is shown to strangers too.
/// </summary>
internal sealed class SensorSight(Store store, Viewers viewers)
{
    private const string Pointer = "/sensorElementList";

    /// <summary>Organisations that measured something at a subject and show it to the viewer.</summary>
    public async Task<string[]> TenantsAsync(Viewer viewer, string subject, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            "select distinct tenant from sensor_blocks where subject = $1");
        command.Parameters.Add(new() { Value = subject });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        List<string> tenants = [];
        while (await reader.ReadAsync(cancellation))
            tenants.Add(reader.GetString(0));
        return await ShownAsync(viewer, tenants, cancellation);
    }

    /// <summary>Whether the viewer may see what an organisation measured.</summary>
    public async Task<bool> ShowsAsync(Viewer viewer, string tenant, CancellationToken cancellation) =>
        (await ShownAsync(viewer, [tenant], cancellation)).Length == 1;

    /// <summary>Which of the steps show their sensor elements to the viewer.</summary>
    public async Task<List<Step>> ShownAsync(Viewer viewer, IReadOnlyList<Step> steps, CancellationToken cancellation)
    {
        IReadOnlyDictionary<string, DisclosurePolicy> policies =
            await viewers.PoliciesAsync(steps.Select(s => s.Tenant), cancellation);
        return [.. steps.Where(s => May(viewer, s.Tenant, s.Glns, policies))];
    }

    private async Task<string[]> ShownAsync(
        Viewer viewer, IReadOnlyList<string> tenants, CancellationToken cancellation)
    {
        IReadOnlyDictionary<string, DisclosurePolicy> policies = await viewers.PoliciesAsync(tenants, cancellation);
        return [.. tenants.Where(t => May(viewer, t, [], policies))];
    }

    private static bool May(
        Viewer viewer, string tenant, IEnumerable<string> glns, IReadOnlyDictionary<string, DisclosurePolicy> policies) =>
        VisibilityRule.MaySee(
            VisibilityRule.RelationTo(viewer, tenant, glns) ?? Relation.Public,
            policies.GetValueOrDefault(tenant, DisclosurePolicy.Default), Pointer);
}
