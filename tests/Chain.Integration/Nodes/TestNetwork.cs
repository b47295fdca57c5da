using Chain.Client;
using Chain.Core;
using Shouldly;
using TestKit;

namespace Chain.Integration.Nodes;

/// <summary>A generated network of real processes on free ports, and a client's account in each group.</summary>
sealed class TestNetwork : IAsyncDisposable
{
    public static readonly byte[] AccountKey = [.. Enumerable.Repeat((byte)0x42, 32)];

    // Runs in one process get ports far from each other's; the system's own choices begin at 32768.
    static int s_nextPort = 20_000 + Environment.ProcessId % 1_000 * 12;

    readonly HttpClient _http = new();

    TestNetwork(string folder, IReadOnlyList<NodeProcess> nodes)
    {
        Folder = folder;
        Nodes = nodes;
    }

    public string Folder { get; }

    public IReadOnlyList<NodeProcess> Nodes { get; }

    public static string Repository { get; } = FindRepository();

    public static string Contracts => Path.Combine(Repository, "contracts-sol", "build");

    public static async Task<TestNetwork> CreateAsync(int validators, int observers = 0, string groups = "evidence:1001")
    {
        var count = validators + observers;
        var port = FreePorts(2 * count);
        var folder = Path.Combine(ChildProcesses.NewFolder("network"), "net");
        var (exit, output) = await NodeProcess.RunAsync(
            "network", "create", "--out", folder, "--nodes", $"{validators}", "--observers", $"{observers}",
            "--groups", groups, "--rpc-port", $"{port}", "--p2p-port", $"{port + count}",
            "--origin-prefix", "test.example/logs", "--anchor", Secp256k1.AddressOf(AccountKey).ToString(),
            "--contracts", Contracts);
        exit.ShouldBe(0, output);
        return new TestNetwork(folder, [.. Enumerable.Range(0, count).Select(i => new NodeProcess(
            $"node{i + 1}", Path.Combine(folder, $"node{i + 1}"), new Uri($"http://127.0.0.1:{port + i}")))]);
    }

    public static async Task<TestNetwork> StartAsync(int validators, int observers = 0, string groups = "evidence:1001")
    {
        var network = await CreateAsync(validators, observers, groups);
        foreach (var node in network.Nodes)
            node.Start();
        foreach (var node in network.Nodes)
            await network.ReadyAsync(node);
        return network;
    }

    public Task ReadyAsync(NodeProcess node) => Eventually.TrueAsync(
        async () => await GetAsync(node, "/health/ready") is not null,
        $"{node.Name} is ready; its log ends: {Tail(node)}", TimeSpan.FromSeconds(60));

    public ChainClient Client(NodeProcess node, string group = "evidence") =>
        new(new RpcClient(_http, [new Uri(node.Rpc, group)]));

    /// <summary>The body of a successful answer, or null.</summary>
    public async Task<string?> GetAsync(NodeProcess node, string path)
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri(node.Rpc, path));
            return answer.IsSuccessStatusCode ? await answer.Content.ReadAsStringAsync() : null;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    public async Task<ulong> HeadAsync(NodeProcess node, string group = "evidence") =>
        await Client(node, group).BlockNumberAsync(CancellationToken.None);

    /// <summary>Waits until the nodes have the same head of at least this number; answers its number.</summary>
    public async Task<ulong> AgreeAsync(ulong atLeast, string group = "evidence", params NodeProcess[] among)
    {
        var nodes = among.Length > 0 ? among : [.. Nodes];
        ulong head = 0;
        await Eventually.TrueAsync(async () =>
        {
            var heads = await Task.WhenAll(nodes.Select(node => Client(node, group).HeaderAsync(BlockTag.Latest, default)));
            head = heads[0]!.Number;
            return heads.All(header => header!.Hash == heads[0]!.Hash) && head >= atLeast;
        }, $"all nodes agree on a head of {group} from {atLeast} on", TimeSpan.FromSeconds(60));
        return head;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        foreach (var node in Nodes.Where(node => node.IsRunning))
            await node.KillAsync();
    }

    public static string Tail(NodeProcess node) =>
        File.Exists(node.Log) ? string.Join('\n', File.ReadAllLines(node.Log).TakeLast(15)) : "(none)";

    // A run of ports of which nobody listens on any now.
    static int FreePorts(int count)
    {
        while (true)
        {
            var first = Interlocked.Add(ref s_nextPort, count) - count;
            var busy = System.Net.NetworkInformation.IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners();
            if (!busy.Any(end => end.Port >= first && end.Port < first + count))
                return first;
        }
    }

    static string FindRepository()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Apps.sln")))
            folder = Path.GetDirectoryName(folder)!;
        return folder;
    }
}
