using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Npgsql;

namespace Cli.Benchmarks;

/// <summary>EPCIS events a second through the capture interface until they are durable, and until they are anchored.</summary>
public static class TraceEvents
{
    private const int Capture = 100;

    public static async Task<IReadOnlyList<Row>> RunAsync(
        Api api, TimeSpan duration, int clients, IReadOnlyList<int> sizes, CancellationToken cancel)
    {
        List<Row> rows = [];
        foreach (var epcs in sizes)
        {
            var (captured, anchored, answers) = await LoadAsync(api, duration, clients, epcs, cancel);
            var floor = await FloorAsync(epcs, TimeSpan.FromSeconds(5), cancel);
            var what = $"events of {epcs} EPCs, captures of {Capture}";
            rows.Add(new Row($"{what}: captured a second", captured, "1/s", "COPY of the same rows", floor));
            rows.Add(new Row($"{what}: anchored a second", anchored, "1/s"));
            rows.Add(new Row($"{what}: capture to HTTP answer, p50", answers.Milliseconds(0.5), "ms"));
            rows.Add(new Row($"{what}: capture to HTTP answer, p99", answers.Milliseconds(0.99), "ms"));
        }

        return rows;
    }

    private static async Task<(double Captured, double Anchored, Samples Answers)> LoadAsync(
        Api api, TimeSpan duration, int clients, int epcs, CancellationToken cancel)
    {
        var time = TimeProvider.System;
        // With the counters behind it no longer than the 20 characters of a serial (AI 21).
        var run = Guid.CreateVersion7(time.GetUtcNow()).ToString("N")[4..12];
        var before = await AnchoredAsync(api, cancel);
        var sent = 0L;
        var answers = new Samples();
        var begun = time.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, clients).Select(ClientAsync));
        var captured = Interlocked.Read(ref sent) / time.GetElapsedTime(begun).TotalSeconds;
        while (await AnchoredAsync(api, cancel) - before < Interlocked.Read(ref sent)) await Task.Delay(50, cancel);
        return (captured, Interlocked.Read(ref sent) / time.GetElapsedTime(begun).TotalSeconds, answers);

        async Task ClientAsync(int client)
        {
            for (var i = 0; time.GetElapsedTime(begun) < duration; i++)
            {
                var started = time.GetTimestamp();
                using var content = Body($"{run}{client}x{i}", epcs);
                using var response = await api.SendAsync(HttpMethod.Post, "/api/trace/epcis/v2/capture", content, cancel);
                if (!response.IsSuccessStatusCode) throw await Api.ProblemAsync(response, cancel);
                answers.Add(time.GetElapsedTime(started));
                // Captured means done, not accepted.
                await DoneAsync(api, response.Headers.Location!.OriginalString, cancel);
                Interlocked.Add(ref sent, Capture);
            }
        }
    }

    private static async Task DoneAsync(Api api, string job, CancellationToken cancel)
    {
        while (true)
        {
            var state = await api.GetAsync($"/api/trace{job}", cancel);
            if (!state["running"]!.GetValue<bool>())
            {
                if (!state["success"]!.GetValue<bool>()) throw new UserException($"A capture failed: {state["errors"]}");
                return;
            }

            await Task.Delay(10, cancel);
        }
    }

    private static StringContent Body(string serial, int epcs)
    {
        var text = new StringBuilder(Capture * (200 + (epcs * 60))).Append(
            """{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],"type":"EPCISDocument","schemaVersion":"2.0","creationDate":"2026-11-01T00:00:00Z","epcisBody":{"eventList":[""");
        for (var e = 0; e < Capture; e++)
        {
            text.Append(e == 0 ? "" : ",").Append(
                """{"type":"ObjectEvent","eventTime":"2026-11-01T00:00:00.000Z","eventTimeZoneOffset":"+08:00","action":"ADD","bizStep":"commissioning","disposition":"active","readPoint":{"id":"urn:epc:id:sgln:690123450.000.0"},"epcList":[""");
            for (var i = 0; i < epcs; i++)
            {
                text.Append(i == 0 ? "" : ",").Append("\"https://id.gs1.org/01/06901234567892/21/").Append(
                    CultureInfo.InvariantCulture, $"{serial}-{e}").Append(CultureInfo.InvariantCulture, $"-{i}\"");
            }

            text.Append("]}");
        }

        return new StringContent(text.Append("]}}").ToString(), Encoding.UTF8, "application/json");
    }

    private static async Task<long> AnchoredAsync(Api api, CancellationToken cancel)
    {
        var groups = JsonNode.Parse(await api.GetBytesAsync("/api/anchor/groups", cancel, open: true))!.AsArray();
        return groups.First(g => g!["name"]!.GetValue<string>() == "trace")!["anchored"]!.GetValue<long>();
    }

    /// <summary>
    /// The floor: rows of the same tables by COPY on the instance's own PostgreSQL, with all their indexes, committed by
    /// the hundred. The copies are dropped.
    /// </summary>
    private static async Task<double> FloorAsync(int epcs, TimeSpan duration, CancellationToken cancel)
    {
        var file = Path.Combine(Instance.Find().Configuration, "trace.json");
        var configuration = JsonNode.Parse(await File.ReadAllTextAsync(file, cancel))!;
        await using var connection = new NpgsqlConnection(configuration["ConnectionStrings"]!["Store"]!.GetValue<string>());
        await connection.OpenAsync(cancel);
        (string Table, int Rows)[] tables =
            [("store.events", 1), ("public.epcis_bodies", 1), ("public.epcis_events", 1), ("public.epcis_parties", 1), ("public.epcis_epcs", epcs)];
        return await CopyFloor.RateAsync(connection, tables, "including all", Capture, duration, cancel);
    }
}
