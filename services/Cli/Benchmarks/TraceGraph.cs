using System.Globalization;
using System.Text.Json.Nodes;
using Npgsql;

namespace Cli.Benchmarks;

/// <summary>
/// Traces and recalls of one large lot among many events, which are written straight into the graph's tables the first
/// time and stay there.
/// </summary>
public static class TraceGraph
{
    private const string Lot = "https://id.gs1.org/01/06901234567892/10/BENCH-RAW-0";

    public static async Task<IReadOnlyList<Row>> RunAsync(Api api, long events, int items, int rounds, CancellationToken cancel)
    {
        var time = TimeProvider.System;
        var rows = new List<Row>();
        await using var connection = await OpenAsync(cancel);
        if (await ScalarAsync(connection, $"select count(*) from graph_items where uri = '{Lot}'", cancel) == 0)
        {
            var begun = time.GetTimestamp();
            await FillAsync(connection, events, items, cancel);
            rows.Add(new Row("filling the tables", time.GetElapsedTime(begun).TotalSeconds, "s"));
        }

        rows.Add(new Row("events in the graph", await ScalarAsync(connection, "select count(*) from graph_steps", cancel), ""));
        rows.Add(new Row("links in the graph", await ScalarAsync(connection, "select count(*) from graph_links", cancel), ""));
        var (traces, recalls) = (new Samples(), new Samples());
        for (var round = 0; round < rounds; round++)
        {
            var begun = time.GetTimestamp();
            var trace = await api.GetAsync($"/api/trace/trace/{Uri.EscapeDataString(Lot)}", cancel);
            var elapsed = time.GetElapsedTime(begun);
            var recalled = await api.PostAsync("/api/trace/recalls", new JsonObject
            {
                ["title"] = "bench",
                ["reason"] = "bench",
                ["domain"] = "food",
                ["class"] = 1,
                ["drill"] = true,
                ["targets"] = new JsonArray(Lot),
            }, cancel);
            var found = TimeSpan.FromMilliseconds(recalled["scope"]!["milliseconds"]!.GetValue<long>());
            if (round == 0)
            {
                rows.Add(new Row("items below the lot", trace["count"]!.GetValue<int>(), ""));
                rows.Add(new Row("trace down, first", elapsed.TotalMilliseconds, "ms", "aim", 2000));
                rows.Add(new Row("recall found, first", found.TotalMilliseconds, "ms", "aim", 2000));
                continue;
            }

            traces.Add(elapsed);
            recalls.Add(found);
        }

        rows.Add(new Row("trace down, warm, p50", traces.Milliseconds(0.5), "ms", "aim", 2000));
        rows.Add(new Row("recall found, warm, p50", recalls.Milliseconds(0.5), "ms", "aim", 2000));
        return rows;
    }

    private static async Task<NpgsqlConnection> OpenAsync(CancellationToken cancel)
    {
        var file = Path.Combine(Instance.Find().Configuration, "trace.json");
        var configuration = JsonNode.Parse(await File.ReadAllTextAsync(file, cancel))!;
        var connection = new NpgsqlConnection(configuration["ConnectionStrings"]!["Store"]!.GetValue<string>());
        await connection.OpenAsync(cancel);
        return connection;
    }

    private static async Task FillAsync(NpgsqlConnection connection, long events, int items, CancellationToken cancel)
    {
        using var resource = new StreamReader(typeof(TraceGraph).Assembly.GetManifestResourceStream("Cli.Benchmarks.TraceGraph.sql")!);
        string[] statements =
        [
            string.Create(CultureInfo.InvariantCulture, $"set bench.tenant = '{Demos.Evidence.Tenant}'; set bench.events = '{events}'; set bench.large = '{items}'; set work_mem = '256MB'; set jit = off"),
            await resource.ReadToEndAsync(cancel), "vacuum analyze graph_steps", "vacuum analyze graph_links", "vacuum analyze graph_items",
        ];
        foreach (var sql in statements)
        {
            await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
            await command.ExecuteNonQueryAsync(cancel);
        }
    }

    private static async Task<long> ScalarAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        return (long)(await command.ExecuteScalarAsync(cancel))!;
    }
}
