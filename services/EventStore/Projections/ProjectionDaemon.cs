using Microsoft.Extensions.Logging;
using Npgsql;

namespace EventStore.Projections;

/// <summary>
/// Keeps asynchronous projections at the feed's head and rebuilds any projection. The high-water mark is the head
/// itself: positions are dense in commit order, so nothing below it can still appear.
/// </summary>
public sealed partial class ProjectionDaemon
{
    private const int EventsPerTransaction = 1_000;
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    private readonly Store _store;
    private readonly EventModel _model;
    private readonly ILogger _log;

    internal ProjectionDaemon(Store store, EventModel model, ILoggerFactory logging)
    {
        _store = store;
        _model = model;
        _log = logging.CreateLogger<ProjectionDaemon>();
    }

    /// <summary>Follows the feed with every asynchronous projection until cancelled. Several processes may do so.</summary>
    public Task RunAsync(CancellationToken cancellation) =>
        Task.WhenAll(_model.AsyncProjections.Select(projection => FollowAsync(projection, cancellation)));

    /// <summary>Brings one asynchronous projection to the present head.</summary>
    public async Task CatchUpAsync(string name, CancellationToken cancellation = default)
    {
        var projection = Find(name);
        var head = await _store.FeedHeadAsync(cancellation);
        while (await AdvanceAsync(projection, cancellation) < head)
        {
        }
    }

    /// <summary>Events that the projection has not seen yet.</summary>
    public async Task<long> LagAsync(string name, CancellationToken cancellation = default)
    {
        await using var command = _store.DataSource.CreateCommand(
            "select head - coalesce((select position from store.checkpoints where name = $1), 0) from store.feed");
        command.Parameters.Add(new() { Value = name });
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>
    /// Empties a projection and replays the feed into it, in one transaction: readers see the old rows until the new
    /// ones are complete. Appends wait while an inline projection is rebuilt.
    /// </summary>
    public async Task RebuildAsync(string name, CancellationToken cancellation = default)
    {
        var projection = Find(name);
        var inline = _model.InlineProjections.Contains(projection);
        await using var connection = await _store.DataSource.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        if (!inline) await LockCheckpointAsync(connection, name, cancellation);
        await using var lockFeed = new NpgsqlCommand(
            inline ? "select head from store.feed for update" : "select head from store.feed", connection);
        var head = (long)(await lockFeed.ExecuteScalarAsync(cancellation))!;

        await using (var reset = new NpgsqlBatch(connection, transaction))
        {
            projection.Reset(new SqlBatch(reset));
            await reset.ExecuteNonQueryAsync(cancellation);
        }
        for (var position = 0L; position < head;)
            position = await ApplyAsync(projection, connection, position, head, cancellation);
        if (!inline) await SetCheckpointAsync(connection, name, head, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    private async Task FollowAsync(IProjection projection, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                var position = await AdvanceAsync(projection, cancellation);
                if (position < await _store.FeedHeadAsync(cancellation)) continue;
                using var poll = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                poll.CancelAfter(PollInterval);
                await _store.WaitForFeedAsync(position, poll.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // A daemon goes on: the fault is logged and the same events are tried again.
            catch (Exception e)
#pragma warning restore CA1031
            {
                ProjectionFailed(_log, projection.Name, e);
                await Task.Delay(RetryPause, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<long> AdvanceAsync(IProjection projection, CancellationToken cancellation)
    {
        await using var connection = await _store.DataSource.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var position = await LockCheckpointAsync(connection, projection.Name, cancellation);
        var advanced = await ApplyAsync(projection, connection, position, long.MaxValue, cancellation);
        if (advanced == position) return position;
        await SetCheckpointAsync(connection, projection.Name, advanced, cancellation);
        await transaction.CommitAsync(cancellation);
        return advanced;
    }

    private async Task<long> ApplyAsync(
        IProjection projection, NpgsqlConnection connection, long after, long through, CancellationToken cancellation)
    {
        var events = await _store.ReadAsync(connection, after, through, EventsPerTransaction, cancellation);
        if (events.Count == 0) return after;
        await using var batch = new NpgsqlBatch(connection);
        var sql = new SqlBatch(batch);
        projection.Project(events, sql);
        if (sql.Count > 0) await batch.ExecuteNonQueryAsync(cancellation);
        return events[^1].Position;
    }

    /// <summary>The row lock keeps a second process, or a rebuild, from applying the same events.</summary>
    private static async Task<long> LockCheckpointAsync(
        NpgsqlConnection connection, string name, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        var sql = new SqlBatch(batch);
        sql.Add("insert into store.checkpoints (name, position) values ($1, 0) on conflict do nothing", name);
        sql.Add("select position from store.checkpoints where name = $1 for update", name);
        return (long)(await batch.ExecuteScalarAsync(cancellation))!;
    }

    private static async Task SetCheckpointAsync(
        NpgsqlConnection connection, string name, long position, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            "update store.checkpoints set position = $2 where name = $1", connection);
        command.Parameters.Add(new() { Value = name });
        command.Parameters.Add(new() { Value = position });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private IProjection Find(string name) =>
        _model.InlineProjections.Concat(_model.AsyncProjections).SingleOrDefault(projection => projection.Name == name)
        ?? throw new ArgumentException($"There is no projection {name}.", nameof(name));

    [LoggerMessage(2001, LogLevel.Error, "Projection {Projection} failed and tries the same events again")]
    private static partial void ProjectionFailed(ILogger log, string projection, Exception fault);
}
