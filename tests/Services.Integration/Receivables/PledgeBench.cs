using System.Text.Json;
using Chain.Client;
using Chain.Core;
using KeyHolder;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Receivables.Pledges;
using Shouldly;
using TestKit;
using Voprf;

namespace Services.Integration.Receivables;

/// <summary>A chain with PledgeRegistry, three key holders, and as many platforms as a test wants.</summary>
public sealed class PledgeBench : IAsyncDisposable
{
    public const ulong ChainId = 1003;
    private const int Quota = 10_000;
    private static int _accounts;

    private readonly string _folder = Directory.CreateTempSubdirectory("apps-pledges-").FullName;
    private readonly List<WebApplication> _holders = [];
    private readonly List<TestPlatform> _platforms = [];
    private readonly List<PlatformEntry> _entries = [];
    private readonly HttpClient _http = new();
    private DurableSender _member = null!;
    private ChainNetwork? _network;

    public Uri Rpc { get; private set; } = null!;

    public Address Registry { get; private set; }

    public ChainClient Chain { get; private set; } = null!;

    public AnvilNode? Anvil { get; private set; }

    public IReadOnlyList<HolderAddress> Holders =>
        [.. _holders.Select((h, i) => new HolderAddress(i + 1, $"holder {i + 1}", Url(h)))];

    /// <summary>On one node of our own chain, whose genesis block holds the registry.</summary>
    public static async Task<PledgeBench> StartOnOwnChainAsync()
    {
        PledgeBench bench = new();
        bench._network = await ChainNetwork.StartAsync(
            1, $"receivables:{ChainId}", "apps.example", Address.Zero.ToString()[..^1] + "1");
        bench.Connect(new Uri(bench._network.Nodes[0], "receivables"), bench._network.ValidatorKey(0, "receivables"));
        bench.Registry = Address.Parse("0x0000000000000000000000000000000000001002");
        await bench.OpenEpochAsync(1);
        await bench.StartHoldersAsync(1);
        return bench;
    }

    /// <summary>On a node whose clock and blocks a test can move.</summary>
    public static async Task<PledgeBench> StartOnAnvilAsync()
    {
        PledgeBench bench = new() { Anvil = await AnvilNode.StartAsync(ChainId) };
        byte[] member = NewAccount();
        bench.Connect(bench.Anvil.Url, member);
        object[] self = [Secp256k1.AddressOf(member)];
        Address governance = await bench.DeployAsync("Governance", "x(address[],address[],address[])", self, self, Array.Empty<object>());
        bench.Registry = await bench.DeployAsync("PledgeRegistry", "x(address)", governance);
        await bench.OpenEpochAsync(1);
        await bench.StartHoldersAsync(1);
        return bench;
    }

    /// <summary>Lets the members and the holders know an account.</summary>
    public async Task AdmitAsync(byte[] account)
    {
        Address address = Secp256k1.AddressOf(account);
        await VoteAsync("admitPlatform(address)", address);
        _entries.Add(new PlatformEntry($"platform {_entries.Count + 1}", address.ToString(), Quota));
        await RestartHoldersAsync([.. Enumerable.Range(1, Epochs)]);
    }

    /// <summary>A platform of its own: account, database, saga. Admitted by the members and known to the holders.</summary>
    public async Task<TestPlatform> AddPlatformAsync()
    {
        byte[] account = NewAccount();
        await AdmitAsync(account);
        string database = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        TestPlatform platform = new(this, account, database);
        _platforms.Add(platform);
        await platform.StartAsync();
        return platform;
    }

    /// <summary>An account that the holders answer and the chain does not know.</summary>
    public async Task<byte[]> AddAskerAsync()
    {
        byte[] account = NewAccount();
        _entries.Add(new PlatformEntry("asker", Secp256k1.AddressOf(account).ToString(), Quota));
        await RestartHoldersAsync([.. Enumerable.Range(1, Epochs)]);
        return account;
    }

    public int Epochs { get; private set; }

    /// <summary>Makes the next key and has the members open its epoch.</summary>
    /// <param name="epoch">Its number.</param>
    /// <param name="holder">Account that anchors the holders' counts; null for one that nobody has.</param>
    public async Task OpenEpochAsync(int epoch, Address? holder = null)
    {
        Ceremony.Rehearse(epoch, _folder);
        Epochs = epoch;
        PublicKeyFile key = HolderFiles.Read<PublicKeyFile>(Path.Combine(_folder, $"epoch{epoch}.public.json"));
        object[] shares = [.. key.Shares.Select(s => (object)Convert.FromHexString(s))];
        object[] accounts = [holder ?? Registry, Registry, Registry];
        await VoteAsync("openKeyEpoch(uint32,bytes,bytes[3],address[3])",
            (UInt256)(ulong)epoch, Convert.FromHexString(key.PublicKey), shares, accounts);
        if (_holders.Count > 0)
            await RestartHoldersAsync([.. Enumerable.Range(1, epoch)]);
    }

    public Task VoteAsync(string function, params object[] arguments) =>
        SendAsync(Registry, AbiFunction.Parse(function).Encode(arguments));

    public async Task StopHolderAsync(int index)
    {
        await _holders[index - 1].StopAsync();
        await _holders[index - 1].DisposeAsync();
    }

    /// <summary>Puts in a holder's place one that answers with points of its own choice.</summary>
    public async Task LieAsync(int index, Func<EvaluateAnswer, EvaluateAnswer> lie)
    {
        Uri truth = Url(_holders[index - 1]);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(["--Urls=http://127.0.0.1:0"]);
        WebApplication liar = builder.Build();
        liar.MapPost("/evaluate", async (Microsoft.AspNetCore.Http.HttpRequest request) =>
        {
            using HttpRequestMessage forward = new(HttpMethod.Post, new Uri(truth, "evaluate"))
            {
                Content = new StreamContent(request.Body),
            };
            forward.Headers.Add(HolderProtocol.SignatureHeader, request.Headers[HolderProtocol.SignatureHeader].ToString());
            using HttpResponseMessage response = await _http.SendAsync(forward);
            EvaluateAnswer answer = JsonSerializer.Deserialize(
                await response.Content.ReadAsStringAsync(), HolderJson.Default.EvaluateAnswer)!;
            return Microsoft.AspNetCore.Http.Results.Json(lie(answer), HolderJson.Default.EvaluateAnswer);
        });
        await liar.StartAsync();
        _holders[index - 1] = liar;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (TestPlatform platform in _platforms)
            await platform.DisposeAsync();
        foreach (WebApplication holder in _holders)
            await holder.DisposeAsync();
        if (_network is not null)
            await _network.DisposeAsync();
        if (Anvil is not null)
            await Anvil.DisposeAsync();
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    internal static byte[] NewAccount()
    {
        byte[] key = new byte[32];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(key.AsSpan(28), Interlocked.Increment(ref _accounts));
        key[0] = 0x5a;
        return key;
    }

    private void Connect(Uri rpc, byte[] member)
    {
        Rpc = rpc;
        Chain = new ChainClient(new RpcClient(_http, [rpc]));
        _member = new DurableSender(
            Chain, new TransactionSigner(ChainId, member), new SentFile(Path.Combine(_folder, "open.json")), TimeProvider.System);
    }

    private async Task<SendOutcome> SendAsync(Address? to, byte[] data)
    {
        SendOutcome outcome = await _member.SendAsync(
            new TransactionRequest { To = to, Data = data, GasLimit = 6_000_000 }, default);
        outcome.Status.ShouldBe(SendStatus.Succeeded, outcome.Reason);
        return outcome;
    }

    private async Task<Address> DeployAsync(string contract, string constructor, params object[] arguments)
    {
        string file = Path.Combine(Repository(), "contracts-sol", "build", $"{contract}.json");
        using JsonDocument artefact = JsonDocument.Parse(await File.ReadAllBytesAsync(file));
        byte[] code = Hex.Parse(artefact.RootElement.GetProperty("bytecode").GetString()!);
        byte[] encoded = AbiFunction.Parse(constructor).Encode(arguments)[4..];
        return (await SendAsync(null, [.. code, .. encoded])).Receipt!.ContractAddress!.Value;
    }

    private async Task StartHoldersAsync(params int[] epochs)
    {
        for (int holder = 1; holder <= ThresholdKey.Holders; holder++)
        {
            string config = Path.Combine(_folder, $"holder{holder}.json");
            File.Delete(config);
            HolderFiles.Write(config, new HolderConfig("http://127.0.0.1:0", $"data{holder}",
                [.. epochs.Select(e => $"epoch{e}-holder{holder}.key.json")], _entries), secret: true);
            WebApplication app = HolderHost.Build(config);
            await app.StartAsync();
            _holders.Add(app);
        }
    }

    private async Task RestartHoldersAsync(params int[] epochs)
    {
        foreach (WebApplication holder in _holders)
        {
            await holder.StopAsync();
            await holder.DisposeAsync();
        }
        _holders.Clear();
        await StartHoldersAsync(epochs);
    }

    private static Uri Url(WebApplication app) => new(app.Services.GetRequiredService<IServer>().Features
        .Get<IServerAddressesFeature>()!.Addresses.Single());

    private static string Repository()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Apps.sln")))
            folder = folder.Parent;
        return folder.FullName;
    }
}
