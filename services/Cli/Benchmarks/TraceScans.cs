using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Cli.Benchmarks;

/// <summary>
/// Consumer pages over distinct codes through the portal, in an open loop: pages are asked for at their times, whether or
/// not earlier ones have been answered, and waiting counts.
/// </summary>
public static class TraceScans
{
    private const int ItemsOfEvent = 100;

    /// <summary>The same load before what counts: the first seconds after a start measure the compiler.</summary>
    private static readonly TimeSpan Warming = TimeSpan.FromSeconds(10);

    public static async Task<IReadOnlyList<Row>> RunAsync(
        Api api, int perSecond, TimeSpan duration, CancellationToken cancel)
    {
        var time = TimeProvider.System;
        var gtin = Gtin();
        var codes = (int)(perSecond * duration.TotalSeconds);
        await DescribeAsync(api, gtin, cancel);
        var paths = await CommissionAsync(api, gtin, codes, cancel);

        var samples = new Samples();
        var (bytes, failed, begun) = (0L, 0, 0L);
        await LoadAsync(Warming);
        (samples, bytes, failed) = (new Samples(), 0, 0);
        var took = await LoadAsync(duration);
        return
        [
            new($"consumer page at {perSecond} a second, p50", samples.Milliseconds(0.5), "ms"),
            new($"consumer page at {perSecond} a second, p99", samples.Milliseconds(0.99), "ms", "aim", 50),
            new("consumer page, longest", samples.Milliseconds(1), "ms"),
            new("pages a second", samples.Count / took.TotalSeconds, "1/s", "asked for", perSecond),
            new("distinct codes", paths.Count, ""),
            new("page, before compression", samples.Count == 0 ? 0 : bytes / (double)samples.Count, "bytes"),
            new("pages that failed", failed, ""),
        ];

        async Task<TimeSpan> LoadAsync(TimeSpan length)
        {
            begun = time.GetTimestamp();
            var running = new List<Task>(codes);
            for (var i = 0; i < perSecond * length.TotalSeconds; i++)
            {
                var due = TimeSpan.FromSeconds((double)i / perSecond);
                var ahead = due - time.GetElapsedTime(begun);
                if (ahead > TimeSpan.FromMilliseconds(1)) await Task.Delay(ahead, cancel);
                running.Add(OneAsync(paths[i % paths.Count], due));
            }

            await Task.WhenAll(running);
            return time.GetElapsedTime(begun);
        }

        async Task OneAsync(string path, TimeSpan due)
        {
            await Task.Yield();
            try
            {
                Interlocked.Add(ref bytes, await PageAsync(api, path, cancel));
                samples.Add(time.GetElapsedTime(begun) - due);
            }
            catch (UserException)
            {
                Interlocked.Increment(ref failed);
            }
        }
    }

    private static async Task<int> PageAsync(Api api, string path, CancellationToken cancel) =>
        (await api.GetBytesAsync(path, cancel, open: true)).Length;

    /// <summary>A number of the range that GS1 leaves to everybody for use within a house.</summary>
    private static string Gtin()
    {
        var digits = $"02{RandomNumberGenerator.GetInt32(100_000_000):D8}{RandomNumberGenerator.GetInt32(1000):D3}";
        var sum = digits.Select((c, i) => (c - '0') * (i % 2 == 0 ? 3 : 1)).Sum();
        return $"{digits}{(10 - sum % 10) % 10}";
    }

    private static async Task DescribeAsync(Api api, string gtin, CancellationToken cancel)
    {
        static JsonObject Words(string zh, string en) => new() { ["zh"] = zh, ["en"] = en };
        await PutAsync(api, $"/api/trace/products/{gtin}", new JsonObject
        {
            ["name"] = Words("基准测试商品", "Benchmark product"),
            ["net"] = Words("50克", "50 g"),
        }, cancel);
        await PutAsync(api, $"/api/trace/products/{gtin}/lots/B1", new JsonObject { ["producedOn"] = "2026-03-21" }, cancel);
        var fields = new JsonArray([.. Enumerable.Range(1, 12).Select(i => (JsonNode)new JsonObject
        {
            ["name"] = Words($"第{i}项", $"Line {i}"), ["value"] = Words("按实物标签填写的内容", "What the label says"),
        })]);
        await api.PostAsync($"/api/trace/products/{gtin}/labels", new JsonObject { ["fields"] = fields }, cancel);
    }

    private static async Task<IReadOnlyList<string>> CommissionAsync(Api api, string gtin, int codes, CancellationToken cancel)
    {
        var paths = Enumerable.Range(0, codes).Select(_ =>
            $"/01/{gtin}/10/B1/21/{Convert.ToHexString(RandomNumberGenerator.GetBytes(10))}").ToList();
        var now = TimeProvider.System.GetUtcNow();
        foreach (var part in paths.Chunk(ItemsOfEvent * 20))
        {
            var events = new JsonArray([.. part.Chunk(ItemsOfEvent).SelectMany(items => new JsonNode[]
            {
                Event(items, "ADD", "commissioning", now.AddHours(-9)), Event(items, "OBSERVE", "inspecting", now.AddHours(-8)),
                Event(items, "OBSERVE", "shipping", now.AddHours(-5)), Event(items, "OBSERVE", "receiving", now.AddHours(-1)),
            })]);
            using var captured = await api.SendAsync(HttpMethod.Post, "/api/trace/epcis/v2/capture", Api.Json(new JsonObject
            {
                ["@context"] = new JsonArray("https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"),
                ["type"] = "EPCISDocument",
                ["schemaVersion"] = "2.0",
                ["creationDate"] = $"{now:yyyy-MM-dd'T'HH:mm:ss'Z'}",
                ["epcisBody"] = new JsonObject { ["eventList"] = events },
            }), cancel);
            if (!captured.IsSuccessStatusCode) throw await Api.ProblemAsync(captured, cancel);
            await DoneAsync(api, captured.Headers.Location!.ToString(), cancel);
        }

        return paths;

        JsonObject Event(string[] items, string action, string step, DateTimeOffset at) => new()
        {
            ["type"] = "ObjectEvent",
            ["action"] = action,
            ["bizStep"] = step,
            ["eventTimeZoneOffset"] = "+00:00",
            ["eventTime"] = $"{at:yyyy-MM-dd'T'HH:mm:ss'Z'}",
            ["epcList"] = new JsonArray([.. items.Select(p =>
                (JsonNode)$"https://id.gs1.org/01/{gtin}/21/{p[(p.LastIndexOf('/') + 1)..]}")]),
        };
    }

    private static async Task DoneAsync(Api api, string job, CancellationToken cancel)
    {
        var path = "/api/trace" + job[job.IndexOf("/epcis/", StringComparison.Ordinal)..];
        while (true)
        {
            var state = await api.GetAsync(path, cancel);
            if (state["running"]!.GetValue<bool>())
            {
                await Task.Delay(100, cancel);
                continue;
            }

            if (!state["success"]!.GetValue<bool>()) throw new UserException($"The capture failed: {state.ToJsonString()}", 1);
            return;
        }
    }

    private static async Task PutAsync(Api api, string path, JsonNode body, CancellationToken cancel) =>
        await Api.ReadAsync(await api.SendAsync(HttpMethod.Put, path, Api.Json(body), cancel), cancel);
}
