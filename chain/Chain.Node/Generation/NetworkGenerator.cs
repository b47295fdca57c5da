using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Chain.Core;
using Chain.Network;
using Chain.Node.Configuration;

namespace Chain.Node.Generation;

/// <summary>Writes a new network: genesis blocks, one folder a node with its secrets, and the public network.json.</summary>
static class NetworkGenerator
{
    const string Loopback = "127.0.0.1";

    sealed record NewNode(string Name, string Folder, string Rpc, string P2p, string Fingerprint)
    {
        public Dictionary<string, GroupKey> Keys { get; } = [];
    }

    /// <summary>Generates the network.</summary>
    /// <exception cref="IOException">The folder already has a network.</exception>
    public static NetworkFile Create(NetworkPlan plan, TimeProvider time)
    {
        if (File.Exists(Path.Combine(plan.Out, "network.json")))
            throw new IOException($"{plan.Out} already has a network.");
        var now = time.GetUtcNow();
        PrivateFiles.CreateFolder(plan.Out);
        PrivateFiles.CreateFolder(plan.Out, "genesis");
        var nodes = Enumerable.Range(1, plan.Nodes + plan.Observers).Select(i => CreateNode(plan, i, now)).ToList();
        var validators = nodes.Take(plan.Nodes).ToList();
        foreach (var node in validators)
        {
            foreach (var (group, _) in plan.Groups)
                node.Keys[group] = GroupKey.Create();
        }
        GroupKey.RequireDistinct(nodes.SelectMany(node => node.Keys.Select(key => ($"{node.Name}/{key.Key}", key.Value))));

        var groups = plan.Groups.Select(group => CreateGroup(plan, group, validators, now)).ToList();
        var networkId = NetworkId(groups);
        foreach (var node in nodes)
            WriteNode(plan, node, nodes, networkId);
        var network = new NetworkFile(groups, [.. nodes.Select(node => new NetworkNode(
            node.Name, node.Rpc, node.P2p, node.Fingerprint,
            node.Keys.ToDictionary(key => key.Key, key => key.Value.Address.ToString())))]);
        // Last, so that a network.json means a complete network.
        PrivateFiles.Write(
            Path.Combine(plan.Out, "network.json"), JsonSerializer.Serialize(network, NodeJson.Default.NetworkFile));
        return network;
    }

    static NewNode CreateNode(NetworkPlan plan, int number, DateTimeOffset now)
    {
        var name = $"node{number}";
        var folder = PrivateFiles.CreateFolder(plan.Out, name);
        foreach (var part in (string[])["tls", "keys", "genesis", "db"])
            PrivateFiles.CreateFolder(folder, part);
        using var certificate = PeerCertificate.Create(name, now);
        using var key = certificate.GetECDsaPrivateKey()!;
        PrivateFiles.Write(Path.Combine(folder, "tls", "cert.pem"), certificate.ExportCertificatePem());
        PrivateFiles.Write(Path.Combine(folder, "tls", "key.pem"), key.ExportPkcs8PrivateKeyPem());
        var host = plan.Hosts.Count > 0 ? plan.Hosts[number - 1] : Loopback;
        return new NewNode(
            name, folder, $"http://{host}:{plan.RpcPort + number - 1}", $"{host}:{plan.P2pPort + number - 1}",
            PeerCertificate.Fingerprint(certificate));
    }

    static NetworkGroup CreateGroup(
        NetworkPlan plan, (string Name, ulong ChainId) group, IReadOnlyList<NewNode> validators, DateTimeOffset now)
    {
        var origin = $"{plan.OriginPrefix}/{group.Name}";
        var addresses = validators.Select(node => node.Keys[group.Name].Address).Order().ToList();
        var genesis = GenesisBuilder.Build(
            group.Name, group.ChainId, origin, addresses, plan.Anchors[group.Name], now, plan.Contracts);
        var text = JsonSerializer.Serialize(genesis, NodeJson.Default.GenesisFile);
        PrivateFiles.Write(Path.Combine(plan.Out, "genesis", $"{group.Name}.json"), text);
        return new NetworkGroup(group.Name, group.ChainId, GenesisHash.Of(text).ToString(), origin,
        [
            Describe("AnchorRegistry", GenesisBuilder.AnchorRegistry, genesis),
            Describe("Governance", GenesisBuilder.Governance, genesis),
            .. GenesisBuilder.RegistryOf(group.Name) is { } registry
                ? [Describe(registry.Name, registry.Address, genesis)]
                : Array.Empty<NetworkContract>(),
        ]);
    }

    static NetworkContract Describe(string name, Address address, GenesisFile genesis) => new(
        name, address.ToString(), Keccak256.Hash(Hex.Parse(genesis.Alloc[address.ToString()].Code)).ToString());

    // The genesis hashes bind everything that all nodes must agree on.
    static string NetworkId(IEnumerable<NetworkGroup> groups) => Hex.ToPrefixed(SHA256.HashData(
        groups.OrderBy(group => group.Name, StringComparer.Ordinal)
            .SelectMany(group => Hex.Parse(group.GenesisHash)).ToArray()));

    static void WriteNode(NetworkPlan plan, NewNode node, IReadOnlyList<NewNode> nodes, string networkId)
    {
        foreach (var (group, _) in plan.Groups)
        {
            File.Copy(
                Path.Combine(plan.Out, "genesis", $"{group}.json"), Path.Combine(node.Folder, "genesis", $"{group}.json"));
            if (node.Keys.TryGetValue(group, out var key))
                PrivateFiles.Write(Path.Combine(node.Folder, "keys", $"{group}.key"), key.ToText());
        }
        var listen = plan.Hosts.Count > 0 ? "0.0.0.0" : Loopback;
        var config = new NodeConfig
        {
            Name = node.Name,
            // A node that others reach by a host name listens on all addresses of its machine.
            Rpc = $"http://{listen}:{new Uri(node.Rpc).Port}",
            P2p = $"{listen}:{node.P2p[(node.P2p.LastIndexOf(':') + 1)..]}",
            NetworkId = networkId,
            Certificate = "tls/cert.pem",
            CertificateKey = "tls/key.pem",
            Database = "db",
            Groups = [.. plan.Groups.Select(group => new GroupConfig
            {
                Name = group.Name,
                Genesis = $"genesis/{group.Name}.json",
                Key = node.Keys.ContainsKey(group.Name) ? $"keys/{group.Name}.key" : null,
            })],
            Peers = [.. nodes.Where(other => other != node).Select(other => new PeerConfig
            {
                Name = other.Name,
                Address = other.P2p,
                Fingerprint = other.Fingerprint,
            })],
        };
        PrivateFiles.Write(
            Path.Combine(node.Folder, NodeConfig.FileName), JsonSerializer.Serialize(config, NodeJson.Default.NodeConfig));
    }
}
