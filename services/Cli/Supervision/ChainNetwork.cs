using System.Text.Json.Nodes;

namespace Cli.Supervision;

/// <summary>The bundled consortium chain: four validators, one ledger for each group.</summary>
public sealed class ChainNetwork(Instance instance, Secrets secrets)
{
    public const int Nodes = 4;

    private string NodeProgram => instance.Program("Chain.Node");

    public IEnumerable<Part> Parts => Enumerable.Range(0, Nodes).Select(i => new Part(
        $"node{i + 1}",
        [NodeProgram, "run", "--dir", Path.Combine(instance.Chain, $"node{i + 1}")],
        new Dictionary<string, string>(),
        Probe.HttpOk($"http://127.0.0.1:{instance.NodeRpcPort + i}/health/live", TimeSpan.FromSeconds(60))));

    /// <summary>JSON-RPC addresses of a group, one for each node.</summary>
    public static IEnumerable<string> Rpc(Instance instance, string group) =>
        Enumerable.Range(0, Nodes).Select(i => $"http://127.0.0.1:{instance.NodeRpcPort + i}/{group}");

    /// <summary>Generates keys, certificates and genesis blocks at the first start.</summary>
    public async Task InitialiseAsync(CancellationToken cancel)
    {
        var anchor = await AnchorAddressAsync(cancel);
        if (File.Exists(instance.NetworkFile))
        {
            RefuseMissingGroups();
            return;
        }

        // The generator writes network.json last: without it an earlier attempt was cut short.
        if (Directory.Exists(instance.Chain)) Directory.Delete(instance.Chain, recursive: true);
        await Shell.RunAsync(cancel, NodeProgram, "network", "create", "--out", instance.Chain, "--nodes", $"{Nodes}",
            "--groups", string.Join(',', Services.Groups.Select(g => $"{g.Name}:{g.ChainId}")),
            "--rpc-port", $"{instance.NodeRpcPort}", "--p2p-port", $"{instance.NodePeerPort}",
            "--origin-prefix", $"apps.{secrets.NetworkId}", "--anchor", anchor,
            "--contracts", Path.Combine(instance.Home, "contracts-sol", "build"));
    }

    /// <summary>The groups of a network are fixed by its genesis blocks and keys.</summary>
    private void RefuseMissingGroups()
    {
        var groups = JsonNode.Parse(File.ReadAllText(instance.NetworkFile))!["groups"]!.AsArray();
        var present = groups.Select(g => g!["name"]!.GetValue<string>()).ToList();
        var missing = Services.Groups.Select(g => g.Name).Except(present).ToList();
        if (!groups.Any(g => g!["contracts"]!.AsArray().Any(c => c!["address"]!.GetValue<string>() == PledgeRegister.Contract)))
            missing.Add("the register of claims");
        if (missing.Count > 0)
        {
            throw new UserException($"The chain of this instance was generated without {string.Join(", ", missing)}. Start a fresh instance with another APPS_DATA, or give the service a group that is there: {string.Join(", ", present)}.", 1);
        }
    }

    private async Task<string> AnchorAddressAsync(CancellationToken cancel)
    {
        var addresses = instance.AnchorKeys + ".public";
        if (!File.Exists(addresses))
        {
            PrivateFile.PrivateFolder(Path.GetDirectoryName(instance.AnchorKeys)!);
            var printed = await Shell.RunAsync(cancel, instance.Program("Anchor"), "keys", "--out", instance.AnchorKeys,
                "--groups", string.Join(',', Services.Groups.Select(g => g.Name)));
            PrivateFile.Write(addresses, System.Text.Encoding.UTF8.GetBytes(printed));
        }

        // Each group has its own sending account, which its genesis names.
        var keys = JsonNode.Parse(File.ReadAllText(addresses))!.AsObject();
        return string.Join(',', keys.Select(k => $"{k.Key}:{k.Value!["address"]!.GetValue<string>()}"));
    }
}
