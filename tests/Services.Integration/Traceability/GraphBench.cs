using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Npgsql;
using Services.Integration.Evidence;
using Shouldly;
using TestKit;
using Xunit;
using Xunit.Abstractions;

namespace Services.Integration.Traceability;

/// <summary>Traces over many events, loaded by the statements that <c>./apps bench trace</c> uses.</summary>
public sealed class GraphBench(ITestOutputHelper output)
{
    [Fact]
    public async Task A_large_lot_is_traced_among_many_events()
    {
        string events = Environment.GetEnvironmentVariable("TRACE_BENCH_EVENTS") ?? "20000";
        int large = int.Parse(Environment.GetEnvironmentVariable("TRACE_BENCH_LARGE") ?? "3000");
        await using PostgresServer server = await PostgresServer.StartAsync();
        await using RunningTraceability services = await RunningTraceability.StartAsync(server);
        Stopwatch watch = Stopwatch.StartNew();
        await using (NpgsqlDataSource source = NpgsqlDataSource.Create(services.Database))
        {
            await using NpgsqlConnection connection = await source.OpenConnectionAsync();
            foreach (string sql in (string[])
            [
                $"set bench.tenant = 'maker'; set bench.events = '{events}'; set bench.large = '{large}'; set work_mem = '256MB'; set jit = off",
                await File.ReadAllTextAsync(Path.Combine(Root(), "services/Cli/Benchmarks/TraceGraph.sql")),
                "vacuum analyze graph_steps", "vacuum analyze graph_links", "vacuum analyze graph_items",
            ])
            {
                await using NpgsqlCommand command = new(sql, connection) { CommandTimeout = 0 };
                await command.ExecuteNonQueryAsync();
            }
        }
        output.WriteLine($"loaded {await services.ScalarAsync("select count(*) from graph_steps")} events, "
            + $"{await services.ScalarAsync("select count(*) from graph_links")} links in {watch.Elapsed}");
        HttpClient maker = await services.AsAsync("maker");
        for (int i = 0; i < 6; i++)
        {
            bool cold = i is 2 or 4 && await EmptyCachesAsync(server, services);
            watch.Restart();
            using HttpResponseMessage response = await maker.GetAsync(
                $"trace/{Uri.EscapeDataString("https://id.gs1.org/01/06901234567892/10/BENCH-RAW-0")}?limit={(i % 2 == 0 ? large + 10 : 1000)}");
            response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
            string text = await response.Content.ReadAsStringAsync();
            output.WriteLine($"trace {(cold ? "cold" : "warm")}: {watch.ElapsedMilliseconds} ms, {text.Length} characters");
            ((int)JsonNode.Parse(text)!["count"]!).ShouldBe(large + 2);
            using HttpResponseMessage recall = await maker.SendAsync(RunningServices.Post("recalls",
                """
                {"title":"bench","reason":"bench","domain":"food","class":1,"drill":true,
                 "targets":["https://id.gs1.org/01/06901234567892/10/BENCH-RAW-0"]}
                """));
            recall.StatusCode.ShouldBe(HttpStatusCode.Created, await recall.Content.ReadAsStringAsync());
            output.WriteLine("recall: found in "
                + $"{(await RunningServices.JsonAsync(recall))["scope"]!["milliseconds"]} ms");
        }
    }

    /// <summary>Ends the database and, where this process may, drops the system's cache of its files.</summary>
    private static async Task<bool> EmptyCachesAsync(PostgresServer server, RunningTraceability services)
    {
        await server.StopAsync();
        bool dropped = false;
        try
        {
            await Process.Start("sync").WaitForExitAsync();
            await File.WriteAllTextAsync("/proc/sys/vm/drop_caches", "3");
            dropped = true;
        }
        catch (UnauthorizedAccessException)
        {
            // Only the database's own cache is empty then.
        }
        await server.RestartAsync();
        using HttpClient http = new() { BaseAddress = services.Address };
        await Eventually.TrueAsync(
            async () => (await http.GetAsync("health/ready")).StatusCode == HttpStatusCode.OK, "the service is ready");
        return dropped;
    }

    private static string Root()
    {
        DirectoryInfo folder = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Apps.sln")))
            folder = folder.Parent!;
        return folder.FullName;
    }
}
