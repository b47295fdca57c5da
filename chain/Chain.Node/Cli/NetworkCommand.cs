using System.CommandLine;
using Chain.Node.Generation;

namespace Chain.Node.Cli;

/// <summary><c>network create</c>: keys, certificates, genesis blocks and configuration of a new network.</summary>
static class NetworkCommand
{
    public static Command Create(TimeProvider time)
    {
        var output = new Option<string>("--out") { Required = true, Description = "Folder to write; must have no network yet." };
        var nodes = new Option<int>("--nodes") { DefaultValueFactory = _ => 4, Description = "Validating nodes." };
        var observers = new Option<int>("--observers") { Description = "Further nodes that only import blocks." };
        var groups = new Option<string>("--groups") { Required = true, Description = "NAME:CHAINID, separated by commas." };
        var rpcPort = new Option<int>("--rpc-port") { DefaultValueFactory = _ => 8100, Description = "JSON-RPC port of node1." };
        var p2pPort = new Option<int>("--p2p-port") { DefaultValueFactory = _ => 8110, Description = "Peer port of node1." };
        var hosts = new Option<string?>("--hosts") { Description = "Host names of the nodes, separated by commas; without it all are on loopback." };
        var prefix = new Option<string>("--origin-prefix") { Required = true, Description = "Log origins are PREFIX/GROUP." };
        var anchor = new Option<string>("--anchor") { Required = true, Description = "Account that may record checkpoints: ADDRESS, or GROUP:ADDRESS for each group, separated by commas." };
        var contracts = new Option<string>("--contracts") { Required = true, Description = "Folder of compiled contracts." };
        var create = new Command("create", "Generate a network: keys, certificates, genesis blocks, configuration.")
        {
            output, nodes, observers, groups, rpcPort, p2pPort, hosts, prefix, anchor, contracts,
        };
        create.SetAction(result =>
        {
            var parsed = NetworkPlan.ParseGroups(result.GetRequiredValue(groups), out var problem);
            if (parsed is null)
                return Fail(problem);
            var anchors = NetworkPlan.ParseAnchors(result.GetRequiredValue(anchor), parsed);
            if (anchors is null)
                return Fail("--anchor is neither an address nor GROUP:ADDRESS for each group.");
            if (result.GetValue(nodes) is < 1 or > 64 || result.GetValue(observers) is < 0 or > 64)
                return Fail("--nodes must be 1 to 64, --observers 0 to 64.");
            string[] names = result.GetValue(hosts)?.Split(',') ?? [];
            if (names.Length > 0 && (names.Length != result.GetValue(nodes) + result.GetValue(observers)
                || names.Any(name => Uri.CheckHostName(name) is not (UriHostNameType.Dns or UriHostNameType.IPv4))))
                return Fail("--hosts must name a host for each node, in their order.");
            return Generate(new NetworkPlan
            {
                Hosts = names,
                Out = result.GetRequiredValue(output),
                Nodes = result.GetValue(nodes),
                Observers = result.GetValue(observers),
                Groups = parsed,
                RpcPort = result.GetValue(rpcPort),
                P2pPort = result.GetValue(p2pPort),
                OriginPrefix = result.GetRequiredValue(prefix),
                Anchors = anchors,
                Contracts = result.GetRequiredValue(contracts),
            }, time);
        });
        return new Command("network", "Networks of nodes.") { create };
    }

    static int Generate(NetworkPlan plan, TimeProvider time)
    {
        try
        {
            var network = NetworkGenerator.Create(plan, time);
            foreach (var group in network.Groups)
                Console.WriteLine($"{group.Name}  chain {group.ChainId}  genesis {group.GenesisHash}");
            return 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException
            or System.Text.Json.JsonException)
        {
            return Fail(e.Message);
        }
    }

    static int Fail(string problem)
    {
        Console.Error.WriteLine(problem);
        return 1;
    }
}
