using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Chain.JsonRpc;
using Chain.Node.Groups;

namespace Chain.Node.Hosting;

/// <summary>JSON-RPC, health and metrics over HTTP.</summary>
static class NodeEndpoints
{
    public static void MapNode(this WebApplication app, NodeHost node)
    {
        var logger = app.Services.GetRequiredService<ILogger<RpcDispatcher>>();
        var dispatchers = node.Groups.ToDictionary(
            group => group.Name, group => GroupMethods.Of(group.Ledger, View(node, group), logger: logger));
        app.MapJsonRpc(dispatchers.GetValueOrDefault);
        app.MapGet("/health/live", () => Results.Text("live\n"));
        app.MapGet("/health/ready", () => node.IsReady(out var reason)
            ? Results.Text("ready\n")
            : Results.Text(reason + "\n", statusCode: StatusCodes.Status503ServiceUnavailable));
        app.MapGet("/metrics", () => Results.Text(Metrics(node), "text/plain; version=0.0.4; charset=utf-8"));
    }

    static NodeView View(NodeHost node, GroupHost group) => new()
    {
        PeerCount = () => node.Connected.Count,
        SyncTarget = () => group.SyncTarget > group.HeadNumber + 1 ? group.SyncTarget : null,
        Peers = () => new JsonArray([.. node.Connected.Order(StringComparer.Ordinal)
            .Select(peer => (JsonNode)new JsonObject { ["name"] = peer })]),
        Consensus = () => new JsonObject
        {
            ["validator"] = group.Validator?.ToString(),
            ["height"] = group.HeadNumber + 1,
            ["round"] = group.Round,
            ["stopped"] = group.Stopped,
        },
    };

    static string Metrics(NodeHost node)
    {
        var text = new StringBuilder();
        text.AppendLine("# TYPE chain_peers gauge");
        text.AppendLine(CultureInfo.InvariantCulture, $"chain_peers {node.Connected.Count}");
        Gauge("chain_head", "Number of the last final block.", group => group.HeadNumber);
        Gauge("chain_sync_target", "Highest block number known of.", group => Math.Max(group.SyncTarget, group.HeadNumber));
        Gauge("chain_pool_transactions", "Transactions that wait.", group => (ulong)group.Ledger.Pool.Count);
        Gauge("chain_round", "QBFT round of the next block.", group => (ulong)group.Round);
        Gauge("chain_validators", "Validators of the next block.", group => (ulong)group.Ledger.NextValidators.Count);
        Gauge("chain_stopped", "1 if the group has stopped by a fault.", group => group.Stopped is null ? 0UL : 1UL);
        return text.ToString();

        void Gauge(string name, string help, Func<GroupHost, ulong> value)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"# HELP {name} {help}");
            text.AppendLine(CultureInfo.InvariantCulture, $"# TYPE {name} gauge");
            foreach (var group in node.Groups)
                text.AppendLine(CultureInfo.InvariantCulture, $"{name}{{group=\"{group.Name}\"}} {value(group)}");
        }
    }
}
