using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Npgsql;
using Proofs;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace EndToEnd;

/// <summary>
/// Clients deposit while parts are killed with SIGKILL. Every request is repeated under its idempotency key until it is
/// acknowledged. Afterwards acknowledged = stored = log indexes = anchored, and bundles verify. The long form is
/// <c>./test.sh faults</c>; <c>FAULTS_SEED</c> repeats a run's sequence of kills and requests.
/// </summary>
public sealed class FaultTests(ITestOutputHelper output)
{
    private static readonly bool Long = Environment.GetEnvironmentVariable("FAULTS") == "long";
    private static readonly TimeSpan Duration = Long ? TimeSpan.FromMinutes(6) : TimeSpan.FromMinutes(2);
    private static readonly int Target = Long ? 100_000 : 15_000;
    private static readonly int KillsOfEach = Long ? 5 : 1;
    private const int Clients = 8;
    private readonly ConcurrentDictionary<string, byte> _ids = new();
    private long _acknowledged;
    private long _repeats;

    [Fact]
    public async Task No_acknowledged_deposit_is_lost_or_doubled_while_parts_are_killed()
    {
        var seed = Environment.GetEnvironmentVariable("FAULTS_SEED") is { } text ? int.Parse(text) : RandomNumberGenerator.GetInt32(int.MaxValue);
        Tell($"seed {seed}");
        var suite = new Suite();
        await suite.InitializeAsync();
        try
        {
            var clock = Stopwatch.StartNew();
            var load = Enumerable.Range(0, Clients).Select(i => ClientAsync(suite, new Random(seed + i), clock)).ToList();
            var kills = await KillAsync(suite, new Random(seed), clock);
            await Task.WhenAll(load);
            Tell($"{_acknowledged} deposits acknowledged in {clock.Elapsed:m\\:ss}, {_repeats} requests repeated; killed: {kills}");
            await SettleAsync(suite);
            await CompareAsync(suite);
            await VerifyAsync(suite, new Random(seed));
        }
        finally
        {
            await suite.DisposeAsync();
        }
    }

    /// <summary>Kills every part so many times, spread over the run, and twice two at once.</summary>
    private async Task<string> KillAsync(Suite suite, Random random, Stopwatch clock)
    {
        string[] parts = ["anchor", "evidence", "node", "rabbitmq", "postgres"];
        var plan = Enumerable.Range(0, KillsOfEach).SelectMany(_ => parts).OrderBy(_ => random.Next()).ToList();
        var pause = Duration / (plan.Count + 2);
        var killed = new List<string>();
        for (var i = 0; i < plan.Count; i++)
        {
            var due = pause * (i + 1) - clock.Elapsed;
            if (due > TimeSpan.Zero) await Task.Delay(due);
            var both = i is 1 or 3 ? parts.Where(part => part != plan[i]).ElementAt(random.Next(parts.Length - 1)) : null;
            await KillAsync(plan[i]);
            if (both is not null) await KillAsync(both);
            killed.Add($"{clock.Elapsed:m\\:ss} {plan[i]}{(both is null ? "" : $" and {both}")}");
        }

        return string.Join(", ", killed);

        // One that an earlier kill ended is waited for: a kill that meets nobody would not count.
        Task KillAsync(string part) => Suite.UntilAsync(TimeSpan.FromSeconds(60), () =>
        {
            try
            {
                suite.Kill(part == "node" ? $"node{random.Next(1, 5)}" : part);
                return Task.FromResult(true);
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException)
            {
                return Task.FromResult(false);
            }
        }, () => $"{part} runs");
    }

    private void Tell(string line)
    {
        output.WriteLine(line);
        Console.WriteLine($"faults: {line}");
    }

    private async Task ClientAsync(Suite suite, Random random, Stopwatch clock)
    {
        using var http = new HttpClient { BaseAddress = new Uri(suite.Origin), Timeout = TimeSpan.FromSeconds(20) };
        var token = "";
        var pace = Duration * Clients / Target;
        while (clock.Elapsed < Duration || Interlocked.Read(ref _acknowledged) < Target)
        {
            var count = random.Next(4) == 0 ? 1 : random.Next(1, 501);
            var began = clock.Elapsed;
            var key = Convert.ToHexStringLower(RandomBytes(random, 16));
            var digests = Enumerable.Range(0, count).Select(_ => Convert.ToHexStringLower(RandomBytes(random, 32))).ToList();
            var (path, body) = count == 1
                ? ("deposits", $"{{\"sha256\":\"{digests[0]}\"}}")
                : ("deposits/batch", $"{{\"items\":[{string.Join(',', digests.Select(d => $"{{\"sha256\":\"{d}\"}}"))}]}}");
            while (true)
            {
                var answer = await TryAsync(http, token, path, body, key);
                if (answer is { Status: HttpStatusCode.Unauthorized })
                {
                    token = await TokenAsync(http, suite) ?? token;
                    await Task.Delay(100);
                    continue;
                }

                if (answer is { Ids: { } ids })
                {
                    ids.Count.ShouldBe(count);
                    foreach (var id in ids) _ids.TryAdd(id, 0).ShouldBeTrue($"{id} was acknowledged twice");
                    Interlocked.Add(ref _acknowledged, count);
                    break;
                }

                Interlocked.Increment(ref _repeats);
                await Task.Delay(200);
            }

            var ahead = pace * count - (clock.Elapsed - began);
            if (ahead > TimeSpan.Zero) await Task.Delay(ahead);
        }
    }

    private sealed record Answer(HttpStatusCode Status, IReadOnlyList<string>? Ids);

    private static async Task<Answer?> TryAsync(HttpClient http, string token, string path, string body, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/evidence/{path}") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        request.Headers.Add("Idempotency-Key", key);
        try
        {
            using var response = await http.SendAsync(request);
            var text = await response.Content.ReadAsStringAsync();
            if (!response.IsSuccessStatusCode)
            {
                // A fault may refuse for a while; a rule may not: nothing in these requests is wrong.
                ((int)response.StatusCode is 401 or 409 or 429 or >= 500).ShouldBeTrue($"{response.StatusCode}: {text}");
                return new Answer(response.StatusCode, null);
            }

            var document = JsonNode.Parse(text)!;
            return new Answer(response.StatusCode, document["ids"] is JsonArray ids ? [.. ids.Select(i => i!.GetValue<string>())] : [document["id"]!.GetValue<string>()]);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or IOException)
        {
            return null;
        }
    }

    private static async Task<string?> TokenAsync(HttpClient http, Suite suite)
    {
        var access = suite.Access;
        using var form = new FormUrlEncodedContent([
            new("grant_type", "client_credentials"), new("client_id", access["clientId"]!.GetValue<string>()), new("client_secret", access["clientSecret"]!.GetValue<string>())]);
        try
        {
            using var response = await http.PostAsync("/api/identity/connect/token", form);
            return response.IsSuccessStatusCode ? JsonNode.Parse(await response.Content.ReadAsStringAsync())!["access_token"]!.GetValue<string>() : null;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return null;
        }
    }

    private async Task SettleAsync(Suite suite)
    {
        var state = "";
        await Suite.UntilAsync(TimeSpan.FromMinutes(2), async () =>
        {
            var groups = JsonNode.Parse(state = await suite.Http.GetStringAsync(new Uri($"{suite.Origin}/api/anchor/groups")))!.AsArray();
            return groups.First(g => g!["name"]!.GetValue<string>() == "evidence")!["anchored"]!.GetValue<long>() >= _acknowledged;
        }, () => $"{_acknowledged} anchored: {state}");
    }

    private async Task CompareAsync(Suite suite)
    {
        var (code, json, error) = await suite.AppsAsync("audit", "--service", "evidence", "--json");
        code.ShouldBe(0, Encoding.UTF8.GetString(json) + error);
        var result = JsonNode.Parse(json)!["results"]![0]!;
        Tell(result.ToJsonString());
        result["events"]!.GetValue<long>().ShouldBe(_acknowledged, "stored ≠ acknowledged");
        result["entries"]!.GetValue<long>().ShouldBe(_acknowledged, "log indexes ≠ acknowledged");
        result["waiting"]!.GetValue<long>().ShouldBe(0);
        await Suite.UntilAsync(TimeSpan.FromSeconds(30), async () => (await CursorsAsync(suite)).All(cursor => cursor.Position == _acknowledged),
            () => $"every cursor at {_acknowledged}: {string.Join(", ", CursorsAsync(suite).GetAwaiter().GetResult())}");
    }

    /// <summary>The feed's head, what follows it in the service, and how far the log has come.</summary>
    private static async Task<List<(string Name, long Position)>> CursorsAsync(Suite suite) =>
    [
        .. await RowsAsync(suite, "evidence", "select 'head', head from store.feed union all select name, position from store.checkpoints"),
        .. await RowsAsync(suite, "anchor", "select 'log of ' || service, cursor from source where service = 'evidence'"),
    ];

    private static async Task<List<(string, long)>> RowsAsync(Suite suite, string service, string sql)
    {
        var configuration = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(suite.Data, "config", service + ".json")))!;
        await using var connection = new NpgsqlConnection(configuration["ConnectionStrings"]!["Store"]!.GetValue<string>());
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<(string, long)>();
        while (await reader.ReadAsync()) rows.Add((reader.GetString(0), reader.GetInt64(1)));
        return rows;
    }

    private async Task VerifyAsync(Suite suite, Random random)
    {
        var folder = Path.Combine(suite.Data, "bundles");
        Directory.CreateDirectory(folder);
        var trust = (await suite.AppsAsync("chain", "trust", "evidence")).Out;
        await File.WriteAllBytesAsync(Path.Combine(suite.Data, "trust.json"), trust);
        using var http = new HttpClient { BaseAddress = new Uri(suite.Origin) };
        var token = await TokenAsync(http, suite);
        token.ShouldNotBeNull("nothing is down any more");
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        var sample = _ids.Keys.Order(StringComparer.Ordinal).OrderBy(_ => random.Next()).Take(1000).ToList();
        await Parallel.ForEachAsync(sample, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (id, cancel) =>
        {
            var bundle = await http.GetByteArrayAsync($"/api/evidence/deposits/{id}/proof?wait=20", cancel);
            Verifier.Verify(bundle, trust).Verdict.ShouldBe(Verdict.Proven, id);
            await File.WriteAllBytesAsync(Path.Combine(folder, id + ".json"), bundle, cancel);
        });
        var (code, proven, problems) = await suite.RunAsync("node", [Path.Combine(Suite.Home, "tests/EndToEnd/verify-many.mjs"), folder, Path.Combine(suite.Data, "trust.json")]);
        code.ShouldBe(0, problems);
        Encoding.UTF8.GetString(proven).Trim().ShouldBe(sample.Count.ToString(), problems);
    }

    private static byte[] RandomBytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
