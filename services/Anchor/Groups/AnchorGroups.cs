using Anchor.Intake;
using Anchor.Keys;
using Anchor.Logs;
using Chain.Client;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Anchor.Groups;

/// <summary>A log that began.</summary>
/// <param name="Epoch">Its epoch.</param>
/// <param name="Origin">Its origin line.</param>
public sealed record EpochReport(long Epoch, string Origin);

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
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);
    private readonly Lock _replacing = new();
    private readonly SemaphoreSlim _opening = new(1, 1);
    private volatile IReadOnlyList<AnchorGroup> _all = [];

    /// <summary>Every group; empty until the database has answered.</summary>
    public IReadOnlyList<AnchorGroup> All => _all;

    /// <summary>A group by name, or null.</summary>
    public AnchorGroup? Find(string name) => _all.FirstOrDefault(g => g.Name == name);

    /// <summary>Begins the log of the epoch that governance has opened for a group.</summary>
    /// <returns>What began, or null if the contract follows the group's log.</returns>
    /// <exception cref="InvalidDataException">The epoch was opened for another origin.</exception>
    public async Task<EpochReport?> OpenEpochAsync(string name, CancellationToken cancellation)
    {
        await _opening.WaitAsync(cancellation);
        try
        {
            return Find(name) is { } group && await group.NextEpochAsync(cancellation) is { } epoch
                ? await BeginAsync(group, epoch, cancellation)
                : null;
        }
        finally
        {
            _opening.Release();
        }
    }

    private async Task<EpochReport> BeginAsync(AnchorGroup group, long epoch, CancellationToken cancellation)
    {
        // The key first: the log exists as soon as the database names it, and whatever ends the process then, it is opened.
        KeyFile.AddEpochs(options.Value.Keys, group.Name, epoch);
        await LogStore.OpenAsync(
            database, group.Name, epoch, options.Value.Groups[group.Name].Feeds.Keys, cancellation);
        group.Leave();
        while (Find(group.Name) is not { } next || next.Epoch < epoch)
            await Task.Delay(Step, time, cancellation);
        var begun = Find(group.Name)!;
        logger.EpochBegins(group.Name, epoch, begun.Origin);
        return new EpochReport(epoch, begun.Origin);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        foreach (var group in _all)
            group.Dispose();
        _opening.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _all = await OpenAsync(stoppingToken);
        // One that ends with a fault ends the host: the supervisor starts it again from a known state.
        await foreach (var ended in Task.WhenEach(_all.Select(g => RunAsync(g, stoppingToken))))
            await ended;
    }

    // Runs a group's log, and after a new epoch has begun that one's.
    private async Task RunAsync(AnchorGroup group, CancellationToken stopping)
    {
        while (true)
        {
            await RunLogAsync(group, stopping);
            if (stopping.IsCancellationRequested)
                return;
            var next = await OpenNextAsync(group.Name, stopping);
            lock (_replacing)
            {
                _all = [.. _all.Select(g => g == group ? next : g)];
            }
            await group.TakeTurnAsync(stopping);
            group.Dispose();
            group = next;
        }
    }

    private async Task<AnchorGroup> OpenNextAsync(string name, CancellationToken stopping)
    {
        while (true)
        {
            try
            {
                return await OpenAsync(name, options.Value.Groups[name],
                    NetworkFile.Read(options.Value.Network), KeyFile.Read(options.Value.Keys), stopping);
            }
            catch (NpgsqlException e)
            {
                logger.Waiting(name, e.Message);
                await Task.Delay(Pause, time, stopping);
            }
        }
    }

    private async Task RunLogAsync(AnchorGroup group, CancellationToken stopping)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stopping, group.Left);
        Task[] parts = [group.RunAsync(end.Token), WatchAsync(group, end.Token), group.CollectAsync(end.Token)];
        try
        {
            // No witnesses, nothing to collect: that part ends at once.
            await foreach (var ended in Task.WhenEach(parts))
                await ended;
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            await Task.WhenAll(parts).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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
        var epoch = await LogStore.EpochAsync(database, name, cancellation);
        var store = await LogStore.OpenAsync(database, name, epoch, settings.Feeds.Keys, cancellation);
        var feeds = settings.Feeds.ToDictionary(f => f.Key,
            IFeed (f) => new FeedClient(clients.CreateClient(FeedClientName), f.Key, name, f.Value), StringComparer.Ordinal);
        var witnesses = options.Value.Witnesses.Where(w => w.Groups is [] || w.Groups.Contains(name)).ToList();
        var folder = epoch == 0 ? name : FormattableString.Invariant($"{name}.{epoch}");
        var setup = new GroupSetup(name, network, groupKeys, settings, Path.Combine(options.Value.Tiles, folder),
            witnesses, options.Value.WitnessQuorum, epoch);
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
