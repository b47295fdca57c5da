using System.Diagnostics;

namespace TestKit;

/// <summary>A network of our own chain as child processes, generated and run by the node's executable.</summary>
public sealed class ChainNetwork : IAsyncDisposable
{
    private readonly List<Process> _nodes = [];
    private readonly string _folder = ChildProcesses.NewFolder("chain");

    private ChainNetwork()
    {
    }

    /// <summary>Public description of the network.</summary>
    public string NetworkFile => Path.Combine(_folder, "net", "network.json");

    /// <summary>JSON-RPC addresses of the nodes, without a group.</summary>
    public IReadOnlyList<Uri> Nodes { get; private set; } = [];

    /// <summary>Generates a network and starts its nodes.</summary>
    /// <param name="nodes">Number of validating nodes.</param>
    /// <param name="groups">As the node takes them: <c>name:chainId,…</c>.</param>
    /// <param name="originPrefix">Log origins are <c>prefix/group</c>.</param>
    /// <param name="anchor">Account that may record checkpoints.</param>
    public static async Task<ChainNetwork> StartAsync(int nodes, string groups, string originPrefix, string anchor)
    {
        var network = new ChainNetwork();
        var (repository, program) = Find();
        var (rpc, p2p) = (Ports.Free(nodes), Ports.Free(nodes));
        await ChildProcesses.RunAsync("dotnet",
        [
            program, "network", "create", "--out", Path.Combine(network._folder, "net"), "--nodes", $"{nodes}",
            "--groups", groups, "--rpc-port", $"{rpc}", "--p2p-port", $"{p2p}", "--origin-prefix", originPrefix,
            "--anchor", anchor, "--contracts", Path.Combine(repository, "contracts-sol", "build"),
        ]);
        network.Nodes = [.. Enumerable.Range(0, nodes).Select(i => new Uri($"http://127.0.0.1:{rpc + i}"))];
        for (var i = 1; i <= nodes; i++)
        {
            var dir = Path.Combine(network._folder, "net", $"node{i}");
            network._nodes.Add(ChildProcesses.Start("dotnet", [program, "run", "--dir", dir], account: null,
                Path.Combine(network._folder, $"node{i}.log")));
        }
        using var http = new HttpClient();
        foreach (var node in network.Nodes)
        {
            await Eventually.TrueAsync(async () =>
            {
                try
                {
                    return (await http.GetAsync(new Uri(node, "health/ready"))).IsSuccessStatusCode;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            }, $"{node} is ready", TimeSpan.FromSeconds(60));
        }
        return network;
    }

    /// <summary>The private key of a validator of a group, who is also a member of its governance.</summary>
    public byte[] ValidatorKey(int node, string group) => Convert.FromHexString(
        File.ReadAllText(Path.Combine(_folder, "net", $"node{node + 1}", "keys", $"{group}.key")).Trim()[2..]);

    /// <summary>Kills a node, the first being 0.</summary>
    public async Task KillAsync(int node)
    {
        _nodes[node].Kill();
        await _nodes[node].WaitForExitAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            if (!node.HasExited)
                node.Kill();
            await node.WaitForExitAsync();
        }
        Directory.Delete(_folder, recursive: true);
    }

    // Next to the test assembly's own output, in the same configuration.
    private static (string Repository, string Program) Find()
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        for (var folder = output; folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(Path.Combine(folder.FullName, "Apps.sln")))
                continue;
            var program = Path.Combine(folder.FullName, "artifacts/bin/Chain.Node", output.Name, "Chain.Node.dll");
            return File.Exists(program)
                ? (folder.FullName, program)
                : throw new FileNotFoundException("The node is not built.", program);
        }
        throw new FileNotFoundException("No folder above the test assembly holds Apps.sln.");
    }
}
