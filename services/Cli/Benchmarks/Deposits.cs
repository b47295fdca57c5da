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
        var cpuBefore = Processors.ByPart();
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

        var cpu = Processors.Rows(cpuBefore, accepted, "a digest").ToList();
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
            .. cpu,
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
}
