using EventStore;
using Npgsql;
using ServiceDefaults.Auth;
using Traceability.Codes.Validation;
using Traceability.Gs1;
using Traceability.Visibility;

namespace Traceability.Graph;

/// <summary>Opens the graph for one question of one viewer, after everything captured before it is in.</summary>
internal sealed class GraphViews(
    Store store, GraphFollower follower, GraphWords words, Viewers viewers, CodeValidator codes)
{
    /// <summary>The graph as a caller may see it and as it was known at a time.</summary>
    public async Task<GraphView> OpenAsync(Caller caller, DateTime? knownAt, CancellationToken cancellation) =>
        await OpenAsync(await viewers.OfAsync(caller, cancellation), knownAt, cancellation);

    /// <summary>The graph as a viewer may see it.</summary>
    public async Task<GraphView> OpenAsync(Viewer viewer, DateTime? knownAt, CancellationToken cancellation)
    {
        await follower.CatchUpAsync(cancellation);
        return new GraphView(store, words, viewers, codes, viewer, Neighbourhood.KnownAt(knownAt));
    }
}

/// <summary>The graph before one viewer's eyes.</summary>
internal sealed class GraphView
{
    private readonly Store _store;
    private readonly GraphRows _rows;
    private readonly Dictionary<long, string> _uris = [];

    public GraphView(
        Store store, GraphWords words, Viewers viewers, CodeValidator codes, Viewer viewer, Func<Step, bool> known)
    {
        (_store, Viewer) = (store, viewer);
        _rows = new GraphRows(store, words);
        Chains = new Chains(_rows, new ChainNames(store, UrisAsync), known);
        Near = new Neighbourhood(
            new SoldRows(new SeenRows(Chains, viewer, viewers), Chains, codes, store, viewer, UrisAsync), known, Chains);
    }

    public Neighbourhood Near { get; }

    /// <summary>Whose word counts for what was read.</summary>
    public Chains Chains { get; }

    /// <summary>Whose eyes.</summary>
    public Viewer Viewer { get; }

    public int StepsRead => _rows.StepsRead;

    /// <summary>
    /// The number of an identifier in any of its forms, or null where nothing was ever recorded of it.
    /// </summary>
    public async Task<long?> FindAsync(string id, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = _store.DataSource.CreateCommand("select id from graph_items where uri = $1");
        command.Parameters.Add(new() { Value = Epc.ToCanonicalUri(id) });
        return (long?)await command.ExecuteScalarAsync(cancellation);
    }

    /// <summary>The numbers of canonical identifiers; those of which nothing was recorded are left out.</summary>
    public async Task<Dictionary<long, string>> FindAsync(
        IReadOnlyCollection<string> uris, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = _store.DataSource.CreateCommand(
            "select id, uri from graph_items where uri = any($1)");
        command.Parameters.Add(new() { Value = uris.ToArray() });
        Dictionary<long, string> items = [];
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            items.Add(reader.GetInt64(0), reader.GetString(1));
        return items;
    }

    /// <summary>The identifiers of items.</summary>
    public async Task<Dictionary<long, string>> UrisAsync(IEnumerable<long> items, CancellationToken cancellation)
    {
        long[] asked = [.. items.Where(i => i != 0).Distinct()];
        await ReadUrisAsync([.. asked.Where(i => !_uris.ContainsKey(i))], cancellation);
        Dictionary<long, string> uris = new(asked.Length);
        foreach (long item in asked)
        {
            if (_uris.TryGetValue(item, out string? uri))
                uris.Add(item, uri);
        }
        return uris;
    }

    private async Task ReadUrisAsync(long[] items, CancellationToken cancellation)
    {
        if (items.Length == 0)
            return;
        (List<long> from, List<long> to) = GraphRows.Ranges(items);
        await using NpgsqlConnection connection = await _store.DataSource.OpenConnectionAsync(cancellation);
        await using (NpgsqlCommand plan = new("set jit = off; set enable_seqscan = off", connection))
            await plan.ExecuteNonQueryAsync(cancellation);
        await using NpgsqlCommand command = new(
            "select i.id, i.uri from unnest($1, $2) r (a, b) join graph_items i on i.id between r.a and r.b",
            connection);
        command.Parameters.Add(new() { Value = from });
        command.Parameters.Add(new() { Value = to });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            _uris[reader.GetInt64(0)] = reader.GetString(1);
    }
}
