using EventStore.Idempotency;
using EventStore.Personal;
using EventStore.Projections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace EventStore;

/// <summary>What a store needs to open.</summary>
public sealed class StoreOptions
{
    /// <summary>PostgreSQL connection string of the service's own database.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>Name of the owning service; part of every event's canonical bytes.</summary>
    public required string Service { get; init; }

    /// <summary>Events, aggregates and projections of the service.</summary>
    public required EventModel Model { get; init; }

    /// <summary>Clock for the expiry of responses and the time of erasures.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where the daemon and Npgsql log to.</summary>
    public ILoggerFactory Logging { get; init; } = NullLoggerFactory.Instance;
}

/// <summary>
/// An event store in one PostgreSQL database: streams with optimistic concurrency, a dense feed in commit order,
/// projections, idempotent responses and erasable personal fields. Thread-safe; one for each process and database.
/// </summary>
public sealed class Store : IAsyncDisposable
{
    private const string EventColumns = "position, id, stream, version, type, tenant, digest, body";

    /// <summary>Most items that one read of the feed returns.</summary>
    public const int FeedPageMax = 10_000;

    private readonly StoreOptions _options;
    private readonly AppendQueue _queue;
    private readonly FeedHead _head = new();

    private Store(StoreOptions options)
    {
        _options = options;
        var connection = new NpgsqlConnectionStringBuilder(options.ConnectionString)
        {
            MaxAutoPrepare = 50,
            AutoPrepareMinUsages = 2,
            // A process that stops while it holds the append lock must not stop the others for good.
            Options = "-c idle_in_transaction_session_timeout=60s",
            ApplicationName = options.Service
        };
        DataSource = new NpgsqlDataSourceBuilder(connection.ConnectionString)
            .UseLoggerFactory(options.Logging)
            .Build();
        _queue = new AppendQueue(new AppendTransaction(DataSource, options.Model, options.Time, _head));
        Responses = new Responses(DataSource, options.Time);
        Persons = new PersonalKeys(DataSource, options.Model, options.Time);
        Cursors = new Cursors(this);
        Projections = new ProjectionDaemon(this, options.Model, options.Logging);
    }

    /// <summary>Name of the owning service.</summary>
    public string Service => _options.Service;

    /// <summary>Connections to the database, for queries over projections.</summary>
    public NpgsqlDataSource DataSource { get; }

    /// <summary>Stored responses of idempotent requests.</summary>
    public Responses Responses { get; }

    /// <summary>Keys of persons, and erasure.</summary>
    public PersonalKeys Persons { get; }

    /// <summary>Following, lag and rebuild of projections.</summary>
    public ProjectionDaemon Projections { get; }

    /// <summary>Stored positions of followers of the feed.</summary>
    public Cursors Cursors { get; }

    internal EventModel Model => _options.Model;

    /// <summary>Opens a store; connects at first use.</summary>
    public static Store Open(StoreOptions options) => new(options);

    /// <summary>Creates or migrates the schema. Safe to call from several processes at once.</summary>
    public async Task MigrateAsync(CancellationToken cancellation = default)
    {
        await SchemaMigrations.ApplyAsync(DataSource, Model, cancellation);
        await FeedHeadAsync(cancellation);
    }

    /// <summary>Opens a unit of work for one command.</summary>
    /// <param name="context">Who acts, and the clock and randomness for new events.</param>
    public Session OpenSession(EventContext context) => new(this, context);

    /// <summary>A stream's events in order, from version 1; empty where there is no such stream.</summary>
    public Task<IReadOnlyList<StoredEvent>> FetchStreamAsync(string stream, CancellationToken cancellation = default) =>
        ReadAsync($"select {EventColumns} from store.events where stream = $1 order by version", cancellation, stream);

    /// <summary>A stream's events after a version that is known already, in order.</summary>
    public Task<IReadOnlyList<StoredEvent>> FetchStreamAsync(
        string stream, long afterVersion, CancellationToken cancellation = default) =>
        ReadAsync(
            $"select {EventColumns} from store.events where stream = $1 and version > $2 order by version",
            cancellation, stream, afterVersion);

    /// <summary>The state folded from a stream; the initial state where there is no such stream.</summary>
    public async Task<T> AggregateStreamAsync<T>(string stream, CancellationToken cancellation = default) =>
        Model.Fold<T>(await FetchStreamAsync(stream, cancellation));

    /// <summary>The event with this id, or null.</summary>
    public async Task<StoredEvent?> FindEventAsync(Guid id, CancellationToken cancellation = default) =>
        (await ReadAsync($"select {EventColumns} from store.events where id = $1", cancellation, id)).SingleOrDefault();

    /// <summary>Events in feed order.</summary>
    /// <param name="after">Position of the last event already seen; 0 for all.</param>
    /// <param name="limit">At most this many.</param>
    /// <param name="cancellation">Ends the read.</param>
    public Task<IReadOnlyList<StoredEvent>> ReadEventsAsync(
        long after, int limit, CancellationToken cancellation = default) =>
        ReadAsync(
            $"select {EventColumns} from store.events where position > $1 order by position limit $2",
            cancellation, after, limit);

    /// <summary>The feed by digest: dense and in commit order, so a page without gaps is complete.</summary>
    /// <param name="after">Position of the last item already seen; 0 for all.</param>
    /// <param name="limit">At most this many, up to <see cref="FeedPageMax"/>.</param>
    /// <param name="cancellation">Ends the read.</param>
    public async Task<IReadOnlyList<FeedItem>> ReadFeedAsync(
        long after, int limit, CancellationToken cancellation = default)
    {
        await using var command = DataSource.CreateCommand(
            "select position, id, digest from store.events where position > $1 order by position limit $2");
        command.Parameters.Add(new() { Value = after });
        command.Parameters.Add(new() { Value = Math.Clamp(limit, 0, FeedPageMax) });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<FeedItem> items = [];
        while (await reader.ReadAsync(cancellation))
            items.Add(new FeedItem(reader.GetInt64(0), reader.GetGuid(1), reader.GetFieldValue<byte[]>(2)));
        return items;
    }

    /// <summary>Position of the last committed event, 0 in an empty store.</summary>
    public async Task<long> FeedHeadAsync(CancellationToken cancellation = default)
    {
        await using var command = DataSource.CreateCommand("select head from store.feed");
        var head = (long)(await command.ExecuteScalarAsync(cancellation))!;
        _head.Advance(head);
        return head;
    }

    /// <summary>
    /// Completes as soon as this process has committed, or otherwise learned of, a position beyond
    /// <paramref name="after"/>. Appends of other processes are seen by <see cref="FeedHeadAsync"/> only.
    /// </summary>
    public Task WaitForFeedAsync(long after, CancellationToken cancellation) => _head.WaitAsync(after, cancellation);

    /// <summary>Waits for the appends under way, then closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await _queue.DisposeAsync();
        await DataSource.DisposeAsync();
    }

    internal Task AppendAsync(PendingAppend append, CancellationToken cancellation) =>
        _queue.AppendAsync(append, cancellation);

    private async Task<IReadOnlyList<StoredEvent>> ReadAsync(
        string sql, CancellationToken cancellation, params object[] parameters)
    {
        await using var command = DataSource.CreateCommand(sql);
        foreach (var value in parameters) command.Parameters.Add(new() { Value = value });
        return await ReadAsync(command, cancellation);
    }

    internal async Task<IReadOnlyList<StoredEvent>> ReadAsync(
        NpgsqlConnection connection, long after, long through, int limit, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select {EventColumns} from store.events where position > $1 and position <= $2 order by position limit $3",
            connection);
        foreach (var value in (object[])[after, through, limit]) command.Parameters.Add(new() { Value = value });
        return await ReadAsync(command, cancellation);
    }

    private async Task<IReadOnlyList<StoredEvent>> ReadAsync(NpgsqlCommand command, CancellationToken cancellation)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        List<StoredEvent> events = [];
        while (await reader.ReadAsync(cancellation))
        {
            events.Add(new StoredEvent(
                Model, reader.GetInt64(0), reader.GetGuid(1), reader.GetString(2), reader.GetInt64(3),
                reader.GetString(4), reader.GetString(5), reader.GetFieldValue<byte[]>(6),
                reader.GetFieldValue<byte[]>(7)));
        }
        return events;
    }
}
