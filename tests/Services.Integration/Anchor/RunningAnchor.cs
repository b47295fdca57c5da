using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Anchor;
using Anchor.Groups;
using Anchor.Keys;
using Contracts;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using Proofs;
using TestKit;

namespace Services.Integration.Anchor;

/// <summary>All of the anchor but its web server, over our own chain, PostgreSQL and feeds in memory.</summary>
internal sealed class RunningAnchor : IAsyncDisposable, IHttpClientFactory
{
    private readonly string _folder = Directory.CreateTempSubdirectory("anchor-").FullName;
    private readonly NpgsqlDataSource _database;
    private readonly AnchorOptions _options;

    private RunningAnchor(ChainNetwork network, string connection, string[] services)
    {
        _database = NpgsqlDataSource.Create(connection);
        Feeds = services.ToDictionary(s => s, s => new MemoryFeed(s));
        _options = new AnchorOptions
        {
            Network = network.NetworkFile,
            Keys = Path.Combine(_folder, "keys.json"),
            Tiles = Path.Combine(_folder, "tiles"),
            FeedCheckSeconds = 1,
            Groups = new()
            {
                ["evidence"] = new GroupOptions
                {
                    Rpc = [.. network.Nodes.Select(n => new Uri(n, "evidence").ToString())],
                    Feeds = services.ToDictionary(s => s, s => $"http://{s}"),
                },
            },
        };
        var keys = new Dictionary<string, GroupKeys>
        {
            ["evidence"] = new(AnchorBench.TransactionKey, AnchorBench.LogSeed),
        };
        File.WriteAllBytes(_options.Keys, JsonSerializer.SerializeToUtf8Bytes(keys, JsonSerializerOptions.Web));
    }

    public Dictionary<string, MemoryFeed> Feeds { get; }

    public string Tiles => _options.Tiles;

    public AnchorGroups Groups { get; private set; } = null!;

    public AnchorGroup Group => Groups.Find("evidence") ?? throw new InvalidOperationException("It has not begun.");

    public static async Task<RunningAnchor> CreateAsync(ChainNetwork network, params string[] services) =>
        new(network, await (await PostgresServer.SharedAsync()).CreateDatabaseAsync(), services);

    public async Task StartAsync()
    {
        Groups = new AnchorGroups(
            Options.Create(_options), _database, this, TimeProvider.System, NullLogger<AnchorGroups>.Instance);
        await Groups.StartAsync(default);
        await Eventually.TrueAsync(() => Groups.Find("evidence") is not null, "the group has begun");
    }

    public async Task StopAsync()
    {
        await Groups.StopAsync(default);
        Groups.Dispose();
    }

    public Task StateAsync(GroupState state) => Eventually.TrueAsync(
        () => Group.Status.State == state, $"{state}; {Group.Status.State} {Group.Status.Reason}");

    public Task AnchoredAsync(long size) => Eventually.TrueAsync(
        () => Group.Status.State == GroupState.Sealing && Group.Status.Anchored == size, $"{size} entries are anchored");

    public async Task<byte[]> BundleAsync(string service, long position)
    {
        var id = Feeds[service].EventAt(position);
        var proof = await Group.Proofs.ProveAsync(service, id, TimeSpan.FromSeconds(10), default)
            ?? throw new TimeoutException("There is no proof.");
        var (log, chain) = Bundle.ParseParts(proof.Bytes)!.Value;
        return Bundle.WithDigest(new(SHA256.HashData(id.ToByteArray())), log, chain).ToBytes();
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = _database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<long> CountAsync(string sql)
    {
        await using var command = _database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    public HttpClient CreateClient(string name) =>
        name == AnchorGroups.FeedClientName ? new HttpClient(new FeedHandler(Feeds)) : new HttpClient();

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    // Answers as the services do: GET /feed?after=&limit= and GET /feed/head.
    private sealed class FeedHandler(Dictionary<string, MemoryFeed> feeds) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellation)
        {
            var (service, uri) = (request.RequestUri!.Host, request.RequestUri);
            if (uri.AbsolutePath == "/feed/head")
                return Json(new { position = await feeds[service].HeadAsync(cancellation) });
            var query = System.Web.HttpUtility.ParseQueryString(uri.Query);
            var page = await feeds[service].ReadAsync(
                long.Parse(query["after"]!, null), int.Parse(query["limit"]!, null), cancellation);
            return Json(new EventsRecorded(service, "evidence", page.After, page.Through, [.. page.Entries.Select(
                e => new RecordedEvent(e.Position, e.EventId, Convert.ToHexStringLower(e.Digest)))]));
        }

        private static HttpResponseMessage Json<T>(T content) => new() { Content = JsonContent.Create(content) };
    }
}
