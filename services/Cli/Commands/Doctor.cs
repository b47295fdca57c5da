using System.CommandLine;
using System.Text.Json.Nodes;
using Cli.Diagnosing;

namespace Cli.Commands;

/// <summary>Looks at a running instance and says what is wrong and what to do about it.</summary>
public static class Doctor
{
    public static Command Command()
    {
        var command = new Command("doctor", "Check ports, disk, clocks, relay and anchor lag, last checkpoint and dead letters. Exit code 1 when something is wrong.");
        command.SetAction(async (parsed, cancel) =>
        {
            var instance = Instance.Find();
            var findings = new List<Finding>();
            await PortsAsync(instance, findings, cancel);
            Disk(instance, findings);
            await Clocks.LookAsync(instance, TimeProvider.System, findings, cancel);
            await Lags.LookAsync(instance, TimeProvider.System, findings, cancel);
            await Queues.LookAsync(instance, findings, cancel);
            var document = new JsonArray([.. findings.Select(f => (JsonNode?)new JsonObject
            {
                ["check"] = f.Check, ["ok"] = f.Ok, ["found"] = f.Found, ["remedy"] = f.Ok ? null : f.Remedy,
            })]);
            parsed.Output().Write(document, findings.SelectMany(f => f.Ok
                ? (IEnumerable<string>)[$"✓ {f.Check,-22} {f.Found}"]
                : [$"✗ {f.Check,-22} {f.Found}", $"    {f.Remedy}"]));
            return findings.All(f => f.Ok) ? 0 : 1;
        });
        return command;
    }

    private static async Task PortsAsync(Instance instance, List<Finding> findings, CancellationToken cancel)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        var parts = Supervision.Services.All.Select(s => (s.Name, Url: $"http://127.0.0.1:{instance.Port + s.PortOffset}/health/ready"))
            .Concat(Enumerable.Range(0, Supervision.ChainNetwork.Nodes).Select(i => (Name: $"node{i + 1}", Url: $"http://127.0.0.1:{instance.NodeRpcPort + i}/health/ready")))
            .Concat(Supervision.KeyHolders.Names.Select((_, i) => (Name: Supervision.KeyHolders.PartName(i + 1), Url: $"{instance.KeyHolderUrl(i + 1)}health/live")));
        foreach (var (name, url) in parts)
        {
            string found;
            var ok = false;
            try
            {
                using var response = await http.GetAsync(new Uri(url), cancel);
                ok = response.IsSuccessStatusCode;
                found = ok ? "ready" : (await response.Content.ReadAsStringAsync(cancel)).Trim();
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancel.IsCancellationRequested)
            {
                found = $"no answer at {url}";
            }

            findings.Add(new Finding(name, ok, found, $"See {Path.Combine(instance.Logs, name + ".log")}; ./run.sh starts what is down."));
        }

        foreach (var (name, port) in new[] { ("postgres", instance.PostgresPort), ("rabbitmq", instance.RabbitPort) })
        {
            using var socket = new System.Net.Sockets.TcpClient();
            var ok = true;
            try
            {
                await socket.ConnectAsync("127.0.0.1", port, cancel);
            }
            catch (System.Net.Sockets.SocketException)
            {
                ok = false;
            }

            findings.Add(new Finding(name, ok, ok ? $"port {port} answers" : $"nothing listens on port {port}", $"See {Path.Combine(instance.Logs, name + ".log")}."));
        }
    }

    private static void Disk(Instance instance, List<Finding> findings)
    {
        var free = new DriveInfo(Directory.Exists(instance.Data) ? instance.Data : "/").AvailableFreeSpace;
        findings.Add(new Finding("disk", free > 2L << 30, $"{free / (1 << 20):N0} MB free", "Make room before PostgreSQL and the chain stop accepting writes; logs and old tiles can be moved away."));
    }
}
