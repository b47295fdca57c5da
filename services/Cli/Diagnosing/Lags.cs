using System.Text.Json.Nodes;
using Chain.Core;
using Npgsql;

namespace Cli.Diagnosing;

/// <summary>How far events have come on their way to the chain, and how long the oldest waits.</summary>
public static class Lags
{
    /// <summary>What waits longer than this waits for somebody to do something.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public static async Task LookAsync(
        Instance instance, TimeProvider time, List<Finding> findings, CancellationToken cancel)
    {
        foreach (var service in Supervision.Services.All.Where(s => s.Group is not null))
        {
            await RelayAsync(instance, service.Name, findings, cancel);
        }

        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        JsonArray groups;
        try
        {
            var status = await http.GetStringAsync(new Uri($"{instance.Origin}/api/anchor/groups"), cancel);
            groups = JsonNode.Parse(status)!.AsArray();
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancel.IsCancellationRequested)
        {
            findings.Add(new Finding("anchor groups", false, "the anchor does not tell how far its logs are",
                $"See {Path.Combine(instance.Logs, "anchor.log")}; ./run.sh starts what is down."));
            return;
        }

        foreach (var group in groups)
        {
            Log(group!, findings);
            await CheckpointAsync(instance, group!, time.GetUtcNow(), findings, cancel);
        }
    }

    /// <summary>The head of a service's feed against what its relay has published to the broker.</summary>
    private static async Task RelayAsync(
        Instance instance, string service, List<Finding> findings, CancellationToken cancel)
    {
        const string Sql = """
            select head - position,
                (select extract(epoch from now() - recorded_at)::float8
                 from store.events e where e.position = r.position + 1)
            from store.feed,
                (select coalesce(max(position), 0) as position from store.checkpoints where name = 'relay') r
            """;
        if (await RowAsync(instance, service, Sql, [], cancel) is not { } row) return;
        var (waiting, age) = ((long)row[0]!, TimeSpan.FromSeconds(row[1] as double? ?? 0));
        findings.Add(new Finding($"relay {service}", waiting == 0 || age < Patience,
            waiting == 0 ? "every recorded event is published"
                : $"{waiting} events not published to the broker yet, the oldest for {Text(age)}",
            $"See {Path.Combine(instance.Logs, service + ".log")} and {Path.Combine(instance.Logs, "rabbitmq.log")}; "
            + "the relay goes on by itself as soon as the broker takes messages."));
    }

    private static void Log(JsonNode group, List<Finding> findings)
    {
        var (logged, anchored) = (group["logged"]!.GetValue<long>(), group["anchored"]!.GetValue<long>());
        var state = group["state"]!.GetValue<string>();
        findings.Add(new Finding($"log {group["name"]}", state == "sealing" && logged - anchored < 100_000,
            $"{logged} entries, {logged - anchored} not anchored yet, {state} {group["reason"]}".TrimEnd(),
            "If it does not fall, see anchor.log; where the log and the contract differ: "
            + $"./apps anchor recover {group["name"]}"));
    }

    /// <summary>Age of the last checkpoint; it is wrong only where an entry has waited long for the next.</summary>
    private static async Task CheckpointAsync(
        Instance instance, JsonNode group, DateTimeOffset now, List<Finding> findings, CancellationToken cancel)
    {
        var (name, block) = (group["name"]!.GetValue<string>(), group["block"]!.GetValue<long>());
        var (logged, anchored) = (group["logged"]!.GetValue<long>(), group["anchored"]!.GetValue<long>());
        var nodes = Supervision.ChainNetwork.Nodes;
        var at = DateTimeOffset.FromUnixTimeSeconds(group["blockTime"]!.GetValue<long>());
        var last = block == 0 ? "none yet" : $"block {block}, {Text(now - at)} ago";
        var age = logged > anchored ? await WaitingAsync(instance, name, anchored, cancel) : null;
        var oldest = age is { } waits ? $", the oldest for {Text(waits)}" : "";
        findings.Add(new Finding($"checkpoint {name}", age is null || age < Patience,
            logged == 0 ? $"{last}, nothing logged"
                : logged <= anchored ? $"{last}, holds every entry"
                : $"{last}, {logged - anchored} entries wait for the next{oldest}",
            $"See {Path.Combine(instance.Logs, "anchor.log")}; the chain stops when fewer than {Quorum.Size(nodes)} of "
            + $"{nodes} validators answer or their clocks differ: ./apps chain status"));
    }

    private static async Task<TimeSpan?> WaitingAsync(
        Instance instance, string group, long index, CancellationToken cancel)
    {
        const string First = """
            select s.service, e.event_id from entry e join source s on s.id = e.source
            where e.index = $1 and e.log = (select id from log where name = $2 order by epoch desc limit 1)
            """;
        const string Age = "select extract(epoch from now() - recorded_at)::float8 from store.events where id = $1";
        return await RowAsync(instance, "anchor", First, [index, group], cancel) is [string service, Guid id]
            && await RowAsync(instance, service, Age, [id], cancel) is [double seconds]
            ? TimeSpan.FromSeconds(seconds)
            : null;
    }

    /// <summary>First row; null where there is none, or where the database is down, which was found before.</summary>
    private static async Task<object?[]?> RowAsync(
        Instance instance, string service, string sql, object[] values, CancellationToken cancel)
    {
        if (await instance.ReadConfigurationAsync(service, cancel) is not { } configuration) return null;
        try
        {
            var store = configuration["ConnectionStrings"]!["Store"]!.GetValue<string>();
            await using var connection = new NpgsqlConnection(store);
            await connection.OpenAsync(cancel);
            await using var command = new NpgsqlCommand(sql, connection);
            foreach (var value in values) command.Parameters.Add(new() { Value = value });
            await using var reader = await command.ExecuteReaderAsync(cancel);
            if (!await reader.ReadAsync(cancel)) return null;
            var row = new object[reader.FieldCount];
            reader.GetValues(row);
            return row;
        }
        catch (NpgsqlException)
        {
            return null;
        }
    }

    private static string Text(TimeSpan age) => age switch
    {
        { TotalSeconds: < 1 } => "0 s",
        { TotalMinutes: < 2 } => $"{(long)age.TotalSeconds} s",
        { TotalHours: < 2 } => $"{(long)age.TotalMinutes} min",
        { TotalDays: < 2 } => $"{(long)age.TotalHours} h",
        _ => $"{(long)age.TotalDays} days",
    };
}
