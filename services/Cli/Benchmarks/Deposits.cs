using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Cli.Benchmarks;

/// <summary>Digests a second through the batch API until they are anchored, with the backlog watched.</summary>
public static class Deposits
{
    public static async Task<IReadOnlyList<Row>> RunAsync(
        Api api, TimeSpan duration, int batch, int clients, CancellationToken cancel)
    {
        var time = TimeProvider.System;
        var before = await AnchoredAsync(api, cancel);
        var cpuBefore = CpuByPart();
        var accepted = 0L;
        var answers = new Samples();
        var begun = time.GetTimestamp();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var backlogs = new List<long>();

        var watch = WatchAsync();
        await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => ClientAsync()));
        var loaded = time.GetElapsedTime(begun);
        await stop.CancelAsync();
        await watch;
        while (await AnchoredAsync(api, cancel) - before < accepted) await Task.Delay(50, cancel);
        var anchored = time.GetElapsedTime(begun);
        var cpu = CpuByPart();

        var floor = await CopyFloor.MeasureAsync(batch, TimeSpan.FromSeconds(8), cancel);
        var rate = accepted / anchored.TotalSeconds;
        return
        [
            new Row($"digests anchored a second ({batch} a batch, {clients} clients)", rate, "1/s", "COPY into the same tables", floor.SameTables),
            new Row("digests anchored a second", rate, "1/s", "COPY into a bare table", floor.BareTable),
            new Row("digests accepted a second", accepted / loaded.TotalSeconds, "1/s"),
            new Row("batch to HTTP answer, p50", answers.Milliseconds(0.5), "ms"),
            new Row("batch to HTTP answer, p99", answers.Milliseconds(0.99), "ms"),
            new Row("backlog in the middle of the load", backlogs.Count > 0 ? backlogs[backlogs.Count / 2] : 0, "digests"),
            new Row("backlog at the end of the load", backlogs.Count > 0 ? backlogs[^1] : 0, "digests"),
            new Row("time to drain it", (anchored - loaded).TotalSeconds, "s"),
            .. cpu.Where(c => (c.Value - cpuBefore.GetValueOrDefault(c.Key)).TotalMicroseconds / accepted >= 0.1).Select(c => new Row($"CPU of {c.Key} a digest", (c.Value - cpuBefore.GetValueOrDefault(c.Key)).TotalMicroseconds / accepted, "µs")),
        ];

        async Task ClientAsync()
        {
            while (time.GetElapsedTime(begun) < duration)
            {
                var started = time.GetTimestamp();
                using var content = Body(batch);
                using var response = await api.SendAsync(HttpMethod.Post, "/api/evidence/deposits/batch", content, cancel);
                if (!response.IsSuccessStatusCode) throw await Api.ProblemAsync(response, cancel);
                await response.Content.CopyToAsync(Stream.Null, cancel);
                answers.Add(time.GetElapsedTime(started));
                Interlocked.Add(ref accepted, batch);
            }
        }

        async Task WatchAsync()
        {
            try
            {
                while (true)
                {
                    await Task.Delay(1000, stop.Token);
                    backlogs.Add(Interlocked.Read(ref accepted) - (await AnchoredAsync(api, stop.Token) - before));
                }
            }
            catch (OperationCanceledException)
            {
                // The load has ended.
            }
        }
    }

    private static StringContent Body(int batch)
    {
        var text = new StringBuilder(batch * 90).Append("{\"items\":[");
        Span<byte> digest = stackalloc byte[32];
        for (var i = 0; i < batch; i++)
        {
            RandomNumberGenerator.Fill(digest);
            text.Append(i == 0 ? "" : ",").Append("{\"sha256\":\"").Append(Convert.ToHexStringLower(digest)).Append("\"}");
        }

        return new StringContent(text.Append("]}").ToString(), Encoding.UTF8, "application/json");
    }

    private static async Task<long> AnchoredAsync(Api api, CancellationToken cancel)
    {
        var groups = JsonNode.Parse(await api.GetBytesAsync("/api/anchor/groups", cancel, open: true))!.AsArray();
        return groups.First(g => g!["name"]!.GetValue<string>() == "evidence")!["anchored"]!.GetValue<long>();
    }

    /// <summary>Processor time of each program of the instance, as far as this user may see it.</summary>
    private static SortedDictionary<string, TimeSpan> CpuByPart()
    {
        var parts = new SortedDictionary<string, TimeSpan>(StringComparer.Ordinal);
        foreach (var id in Supervision.Leftovers.Find(Instance.Find().Data))
        {
            try
            {
                using var process = Process.GetProcessById(id);
                // PostgreSQL writes what a server process does behind its name.
                var name = process.ProcessName.Split(':')[0];
                parts[name] = parts.GetValueOrDefault(name) + process.TotalProcessorTime;
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException)
            {
                // Ended meanwhile.
            }
        }

        return parts;
    }
}
