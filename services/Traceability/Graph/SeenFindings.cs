using EventStore;
using Npgsql;
using Traceability.Epcis.Findings;

namespace Traceability.Graph;

/// <summary>A contradiction that shows in an item's events.</summary>
/// <param name="Code">Which rule it is.</param>
/// <param name="Epc">The item.</param>
/// <param name="EventId">The recording event in which it shows.</param>
/// <param name="RecordTime">When that was captured.</param>
public sealed record TracedFinding(string Code, string Epc, Guid EventId, DateTimeOffset RecordTime);

/// <summary>Contradictions in events that a viewer sees.</summary>
internal sealed class SeenFindings(Store store)
{
    private const int Max = 1_000;

    /// <summary>
    /// Findings about items in the steps of them that the view has, newest first, and what outsiders recorded of them.
    /// </summary>
    public async Task<IReadOnlyList<TracedFinding>> OfAsync(
        GraphView view, IReadOnlyCollection<long> items, IReadOnlyDictionary<long, string> uris,
        CancellationToken cancellation)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            $"""
             select f.code, f.subject, e.id, e.record_time from epcis_findings f
             cross join lateral (select id, record_time from epcis_events where seq = f.seq offset 0) e
             where f.subject = any($1) and f.seq = any($2) order by f.seq desc limit {Max}
             """);
        command.Parameters.Add(new() { Value = items.Select(i => uris[i]).Distinct().ToArray() });
        command.Parameters.Add(new()
        {
            Value = items.SelectMany(i => view.Near.ToldOf(i)).Select(i => i.Step.Number).Distinct().ToArray(),
        });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        List<TracedFinding> found = [];
        while (await reader.ReadAsync(cancellation))
        {
            found.Add(new TracedFinding(
                reader.GetString(0), reader.GetString(1), reader.GetGuid(2), reader.GetFieldValue<DateTimeOffset>(3)));
        }
        found.AddRange(items.SelectMany(i => Outsiders(view, i, uris[i])).Take(Max));
        return [.. found.OrderByDescending(f => f.RecordTime)];
    }

    /// <summary>
    /// Whoever is on the chain may know that somebody else claims something of the goods, whatever it may see of that.
    /// </summary>
    private static IEnumerable<TracedFinding> Outsiders(GraphView view, long item, string uri) => view.Chains.OutsidersOf(item)
        .Where(s => view.Viewer.IsRegulator || s.Tenant == view.Viewer.Tenant
            || (view.Viewer.Tenant is { } viewer && view.Chains.Of(item).Contains(viewer)))
        .Select(s => new TracedFinding(Finding.ByOutsider, uri, s.EventId, s.RecordedAt));
}
