using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Anchor;
using Anchor.Groups;
using Anchor.Intake;
using Anchor.Keys;
using Anchor.Logs;
using Anchor.Sealing;
using Chain.Client;
using Chain.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using TestKit;

namespace Services.Integration.Anchor;

/// <summary>A feed in memory: what a service recorded, whether or not a message tells of it.</summary>
internal sealed class MemoryFeed(string service) : IFeed
{
    private readonly List<LogEntry> _entries = [];

    public int Count => _entries.Count;

    public long Head => Count * Step;

    /// <summary>Distance between two positions: a feed may leave some out.</summary>
    public long Step { get; init; } = 1;

    /// <summary>Records events and answers the message that tells of them.</summary>
    public EntryBatch Record(int count)
    {
        var (first, after) = (_entries.Count, Head);
        for (var i = first; i < first + count; i++)
        {
            var id = new Guid(i, 0, 0, Encoding.ASCII.GetBytes($"{service,-8}"[..8]));
            _entries.Add(new LogEntry(id, SHA256.HashData(id.ToByteArray()), (i + 1) * Step));
        }
        return new EntryBatch(service, after, Head, _entries[first..]);
    }

    public Guid EventAt(long number) => _entries[(int)number - 1].EventId;

    public Task<EntryBatch> ReadAsync(long after, int limit, CancellationToken cancellation)
    {
        var page = _entries.Where(e => e.Position > after).Take(limit).ToList();
        return Task.FromResult(new EntryBatch(service, after, page.Count > 0 ? page[^1].Position : after, page));
    }

    public Task<long> HeadAsync(CancellationToken cancellation) => Task.FromResult(Head);
}

/// <summary>One group over real PostgreSQL and a third party's Ethereum node that holds the two contracts.</summary>
internal sealed class AnchorBench : IAsyncDisposable
{
    public const string Group = "evidence";
    public const string Origin = "apps.example/evidence";
    private const ulong ChainId = 1001;
    private static readonly Address Governance = Address.Parse("0000000000000000000000000000000000001000");
    private static readonly Address RegistryAddress = Address.Parse("0000000000000000000000000000000000001001");
    internal static readonly string TransactionKey = Convert.ToHexStringLower(SHA256.HashData("transaction"u8));
    internal static readonly string LogSeed = Convert.ToHexStringLower(SHA256.HashData("log"u8));

    private readonly LogHider _hider = new();
    private readonly HttpClient _http;
    private readonly ChainNetwork? _own;
    private readonly Uri[] _rpc;
    private CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private readonly HttpClient _witnesses = new() { Timeout = TimeSpan.FromSeconds(2) };

    private AnchorBench(AnvilNode? node, ChainNetwork? own, string connection, string folder, params string[] services)
    {
        (Node, _own, Tiles) = (node, own, folder);
        _http = new HttpClient(_hider);
        Database = NpgsqlDataSource.Create(connection);
        Feeds = services.ToDictionary(s => s, s => new MemoryFeed(s) { Step = s == "trace" ? 3 : 1 });
        _rpc = own is null ? [node!.Url] : [.. own.Nodes.Select(n => new Uri(n, Group))];
        Chain = new ChainClient(new RpcClient(_http, _rpc));
        Signer = new TransactionSigner(ChainId, Convert.FromHexString(TransactionKey));
        Registry = new Registry(Chain, RegistryAddress, Origin);
        Key = new LogKey(Origin, Convert.FromHexString(LogSeed));
    }

    public AnvilNode? Node { get; }

    /// <summary>Whether the chain answers as a node that lacks the latest events.</summary>
    public bool LogsAreHidden { get => _hider.IsOn; set => _hider.IsOn = value; }

    public string Tiles { get; }
    public NpgsqlDataSource Database { get; }
    public Dictionary<string, MemoryFeed> Feeds { get; }
    public MemoryFeed Feed => Feeds.Values.First();
    public ChainClient Chain { get; }
    public TransactionSigner Signer { get; }
    public Registry Registry { get; }
    public LogKey Key { get; }
    public AnchorGroup Anchor { get; private set; } = null!;
    public LogStore Store { get; private set; } = null!;
    public TileFolder Folder => new(Tiles);

    /// <summary>Witnesses from the next start on.</summary>
    public List<WitnessOptions> Witnesses { get; } = [];

    public int? WitnessQuorum { get; set; }

    public static async Task<AnchorBench> StartAsync(params string[] services)
    {
        var postgres = await PostgresServer.SharedAsync();
        return await StartAsync(new AnchorBench(await AnvilNode.StartAsync(ChainId), null, await postgres.CreateDatabaseAsync(),
            Directory.CreateTempSubdirectory("anchor-").FullName, services is [] ? ["evidence"] : services));
    }

    /// <summary>The same over our own chain.</summary>
    public static async Task<AnchorBench> StartOnOwnChainAsync(ChainNetwork network)
    {
        var postgres = await PostgresServer.SharedAsync();
        return await StartAsync(new AnchorBench(null, network, await postgres.CreateDatabaseAsync(),
            Directory.CreateTempSubdirectory("anchor-").FullName, "evidence"));
    }

    public static string Sender => Secp256k1.AddressOf(Convert.FromHexString(TransactionKey)).ToString();

    private static async Task<AnchorBench> StartAsync(AnchorBench bench)
    {
        if (bench.Node is { } node)
            await bench.PlaceContractsAsync(node);
        await LogStore.CreateTablesAsync(bench.Database, default);
        await bench.RunAsync();
        return bench;
    }

    /// <summary>Starts the group, as after a crash if it ran before.</summary>
    public async Task RunAsync(bool untilSealing = true)
    {
        _stop = new CancellationTokenSource();
        Store = await LogStore.OpenAsync(Database, Group, 0, Feeds.Keys, default);
        var options = new GroupOptions
        {
            Rpc = [.. _rpc.Select(r => r.ToString())],
            Feeds = Feeds.Keys.ToDictionary(s => s, _ => ""),
            Verifiable = _own is not null,
        };
        var network = _own is { } own ? NetworkFile.Read(own.NetworkFile) : new NetworkFile(
            [
                new NetworkGroup(Group, ChainId, Hash32.Zero.ToString(), Origin,
                [
                    new NetworkContract("AnchorRegistry", RegistryAddress.ToString(), Hash32.Zero.ToString()),
                    new NetworkContract("Governance", Governance.ToString(), Hash32.Zero.ToString()),
                ]),
            ],
            [new NetworkNode("node1", new Dictionary<string, string> { [Group] = Signer.Address.ToString() })]);
        Anchor = new AnchorGroup(new GroupSetup(Group, network, new GroupKeys(TransactionKey, LogSeed), options, Tiles,
                Witnesses, WitnessQuorum, 0),
            Store, Database, _http, _witnesses, Feeds.ToDictionary(f => f.Key, IFeed (f) => f.Value), TimeProvider.System,
            NullLogger.Instance);
        _running = Task.WhenAll(Anchor.RunAsync(_stop.Token), Anchor.CollectAsync(_stop.Token));
        if (untilSealing)
            await StateAsync(GroupState.Sealing);
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
        Anchor.Dispose();
    }

    public Task StateAsync(GroupState state) =>
        Eventually.TrueAsync(() => Anchor.Status.State == state, $"state {state}");

    /// <summary>Records events, takes their message and waits until they are anchored.</summary>
    public async Task AnchorAsync(int count)
    {
        await Anchor.Intake.TakeAsync(Feed.Record(count), default);
        await AnchoredAsync();
    }

    public async Task AnchoredAsync()
    {
        var size = await Store.SizeAsync(default);
        await Eventually.TrueAsync(() => Anchor.Status.Anchored >= size,
            $"{size} entries anchored; {Anchor.Status.State} {Anchor.Status.Reason}");
    }

    public async Task<byte[]> ProveAsync(long position, MemoryFeed? feed = null, string service = "evidence") =>
        await Anchor.Proofs.ProveAsync(service, (feed ?? Feed).EventAt(position), TimeSpan.FromSeconds(10), default)
        is { } proof ? proof.Bytes : throw new TimeoutException("There is no proof.");

    public async Task<int> ExecuteAsync(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        return await command.ExecuteNonQueryAsync();
    }

    public async Task<long> CountAsync(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await Database.DisposeAsync();
        if (Node is not null)
            await Node.DisposeAsync();
        _http.Dispose();
        _witnesses.Dispose();
        Directory.Delete(Tiles, recursive: true);
    }

    // As a genesis block places them: code and storage, no constructor (contracts-sol/README.md).
    private async Task PlaceContractsAsync(AnvilNode node)
    {
        await PlaceAsync(node, "Governance", Governance);
        await PlaceAsync(node, "AnchorRegistry", RegistryAddress);
        var isAnchor = Keccak256.Hash([.. Signer.Address.ToWord().ToArray(), .. new Hash32(((UInt256)2).ToBigEndian()).ToArray()]);
        await StoreAsync(node, Governance, isAnchor, new Hash32(UInt256.One.ToBigEndian()));
        await StoreAsync(node, RegistryAddress, Hash32.Zero, Governance.ToWord());
        await StoreAsync(node, RegistryAddress, new Hash32(UInt256.One.ToBigEndian()), Registry.Origin);
    }

    private static async Task PlaceAsync(AnvilNode node, string name, Address address)
    {
        var artefact = Path.Combine(Repository(), "contracts-sol/build", name + ".json");
        var code = JsonDocument.Parse(await File.ReadAllBytesAsync(artefact)).RootElement.GetProperty("deployedBytecode");
        await node.CallAsync("anvil_setCode", address.ToString(), code.GetString()!);
    }

    private static async Task StoreAsync(AnvilNode node, Address address, Hash32 slot, Hash32 value) =>
        await node.CallAsync("anvil_setStorageAt", address.ToString(), slot.ToString(), value.ToString());

    internal static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Apps.sln")))
            folder = folder.Parent;
        return folder.FullName;
    }
}

/// <summary>Answers each search for events with none while it is on.</summary>
internal sealed class LogHider() : DelegatingHandler(new SocketsHttpHandler())
{
    public volatile bool IsOn;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        var call = JsonNode.Parse(await request.Content!.ReadAsStringAsync(cancellation))!;
        if (!IsOn || call is not JsonObject || (string?)call["method"] != "eth_getLogs")
            return await base.SendAsync(request, cancellation);
        var answer = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = call["id"]!.DeepClone(), ["result"] = new JsonArray() };
        return new HttpResponseMessage { Content = new StringContent(answer.ToJsonString(), Encoding.UTF8, "application/json") };
    }
}
