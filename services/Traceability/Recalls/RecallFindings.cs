using EventStore;
using Npgsql;
using ServiceDefaults.Auth;
using Traceability.Graph;

namespace Traceability.Recalls;

/// <summary>Contradictions in the events about what a recall reaches: its figures are only as good as those.</summary>
internal sealed class RecallFindings(GraphViews views, SeenFindings findings, Store store)
{
    private const int ItemsMax = 500;

    /// <summary>
    /// What the caller sees of them: of up to 500 items of which a contradiction is on record, and of the recall's first
    /// 500 for what outsiders recorded.
    /// </summary>
    public async Task<IReadOnlyList<TracedFinding>> OfAsync(
        Guid recall, Caller caller, CancellationToken cancellation)
    {
        List<string> uris = await ItemsAsync(recall, cancellation);
        if (uris.Count == 0)
            return [];
        GraphView view = await views.OpenAsync(caller, null, cancellation);
        Dictionary<long, string> items = await view.FindAsync(uris, cancellation);
        await view.Near.LoadAllAsync(items.Keys, cancellation);
        return await findings.OfAsync(view, items.Keys, items, cancellation);
    }

    private async Task<List<string>> ItemsAsync(Guid recall, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            $"""
             (select i.uri from recall_items i where i.recall = $1
                and exists (select from epcis_findings f where f.subject = i.uri) order by i.n limit {ItemsMax})
             union (select uri from recall_items where recall = $1 order by n limit {ItemsMax})
             """);
        command.Parameters.Add(new() { Value = recall });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        List<string> uris = [];
        while (await reader.ReadAsync(cancellation))
            uris.Add(reader.GetString(0));
        return uris;
    }
}
