using Anchor.Intake;
using Anchor.Keys;
using Anchor.Logs;
using Chain.Client;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Anchor.Groups;

/// <summary>All groups of this anchor; runs them while the host runs.</summary>
public sealed class AnchorGroups(
    IOptions<AnchorOptions> options, NpgsqlDataSource database, IHttpClientFactory clients, TimeProvider time,
    ILogger<AnchorGroups> logger) : BackgroundService
{
    /// <summary>Name of the HTTP client that reads feeds with the anchor's token.</summary>
    public const string FeedClientName = "feeds";

    /// <summary>Name of the HTTP client that talks to chain nodes.</summary>
    public const string NodeClientName = "nodes";

    /// <summary>Name of the HTTP client that asks witnesses.</summary>
    public const string WitnessClientName = "witnesses";

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private volatile IReadOnlyList<AnchorGroup> _all = [];

    /// <summary>Every group; empty until the database has answered.</summary>
    public IReadOnlyList<AnchorGroup> All => _all;

    /// <summary>A group by name, or null.</summary>
    public AnchorGroup? Find(string name) => _all.FirstOrDefault(g => g.Name == name);

    /// <inheritdoc/>
    public override void Dispose()
    {
        foreach (var group in _all)
            group.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _all = await OpenAsync(stoppingToken);
        // One that ends with a fault ends the host: the supervisor starts it again from a known state.
        await foreach (var ended in Task.WhenEach(
            _all.SelectMany(g => new[]
            {
                g.RunAsync(stoppingToken), WatchAsync(g, stoppingToken), g.CollectAsync(stoppingToken),
            })))
        {
            await ended;
        }
    }

    private async Task<IReadOnlyList<AnchorGroup>> OpenAsync(CancellationToken cancellation)
    {
        var network = NetworkFile.Read(options.Value.Network);
        var keys = KeyFile.Read(options.Value.Keys);
        while (true)
        {
            try
            {
                await LogStore.CreateTablesAsync(database, cancellation);
                var groups = new List<AnchorGroup>();
                foreach (var (name, settings) in options.Value.Groups.OrderBy(g => g.Key, StringComparer.Ordinal))
                    groups.Add(await OpenAsync(name, settings, network, keys, cancellation));
                return groups;
            }
            catch (NpgsqlException e)
            {
                logger.Waiting("*", e.Message);
                await Task.Delay(Pause, time, cancellation);
            }
        }
    }

    private async Task<AnchorGroup> OpenAsync(string name, GroupOptions settings, NetworkFile network,
        Dictionary<string, GroupKeys> keys, CancellationToken cancellation)
    {
        if (!keys.TryGetValue(name, out var groupKeys))
            throw new InvalidDataException($"The key file has no keys for group {name}.");
        var store = await LogStore.OpenAsync(database, name, settings.Feeds.Keys, cancellation);
        var feeds = settings.Feeds.ToDictionary(f => f.Key,
            IFeed (f) => new FeedClient(clients.CreateClient(FeedClientName), f.Key, name, f.Value), StringComparer.Ordinal);
        var witnesses = options.Value.Witnesses.Where(w => w.Groups is [] || w.Groups.Contains(name)).ToList();
        var setup = new GroupSetup(name, network, groupKeys, settings, Path.Combine(options.Value.Tiles, name),
            witnesses, options.Value.WitnessQuorum);
        return new AnchorGroup(setup, store, database, clients.CreateClient(NodeClientName),
            clients.CreateClient(WitnessClientName), feeds, time, logger);
    }

    // Finds the last message that was lost: nothing comes after it that would show the gap. And new validators.
    private async Task WatchAsync(AnchorGroup group, CancellationToken cancellation)
    {
        var interval = TimeSpan.FromSeconds(options.Value.FeedCheckSeconds);
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await group.Intake.CatchUpAsync(cancellation);
                await group.RefreshTrustAsync(cancellation);
            }
            catch (NpgsqlException e)
            {
                logger.Waiting(group.Name, e.Message);
            }
            catch (Exception e) when (e is RpcErrorException or NodesUnreachableException or FormatException
                or InvalidDataException)
            {
                logger.ValidatorsUnknown(group.Name, e.Message);
            }
            // What was written while the log was closed is fetched as soon as it opens.
            await group.WaitForOpeningAsync(interval, time, cancellation);
        }
    }
}
