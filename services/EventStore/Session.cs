using System.Security.Cryptography;
using EventStore.Idempotency;

namespace EventStore;

/// <summary>
/// A unit of work: collects appends to any number of streams, and perhaps the response of the request, and commits all
/// or nothing. For one command at a time; not thread-safe.
/// </summary>
public sealed class Session : IAsyncDisposable
{
    private readonly Store _store;
    private readonly Dictionary<string, (long Expected, List<NewEvent> Events)> _streams = [];
    private readonly HashSet<string> _persons = [];
    private readonly List<(string Sql, object[] Parameters)> _statements = [];
    private readonly List<(string Sql, Array[] Columns)> _rows = [];
    private (IdempotencyKey, StoredResponse)? _answer;

    internal Session(Store store, EventContext context)
    {
        _store = store;
        Context = context;
    }

    /// <summary>Who acts, and the clock and randomness for new events.</summary>
    public EventContext Context { get; }

    /// <summary>Appends to a stream that must not exist yet.</summary>
    /// <param name="stream">Stream id, for example <c>deposit/0198…</c>.</param>
    /// <param name="events">Records registered in the model, or <see cref="NewEvent"/>s.</param>
    public void StartStream(string stream, params IEnumerable<object> events) => Append(stream, 0, events);

    /// <summary>Appends to a stream that must be at <paramref name="expectedVersion"/>.</summary>
    /// <param name="stream">Stream id.</param>
    /// <param name="expectedVersion">Version that the decision was based on; 0 for a new stream.</param>
    /// <param name="events">Records registered in the model, or <see cref="NewEvent"/>s.</param>
    /// <exception cref="InvalidOperationException">
    /// This session has already appended to the stream on the base of another version.
    /// </exception>
    public void Append(string stream, long expectedVersion, params IEnumerable<object> events)
    {
        if (!_streams.TryGetValue(stream, out var appended))
            _streams.Add(stream, appended = (expectedVersion, []));
        else if (expectedVersion != appended.Expected + appended.Events.Count)
            throw new InvalidOperationException($"Stream {stream} is appended to on the base of two versions.");
        appended.Events.AddRange(events.Select(
            e => e as NewEvent ?? Context.Stamp(_store.Model.TypeOf(e), e)));
    }

    /// <summary>Loads a stream's state and remembers its version for the append.</summary>
    public async Task<WritableStream<T>> FetchForWriting<T>(string stream, CancellationToken cancellation = default)
    {
        var events = await FetchStreamAsync(stream, cancellation);
        return new WritableStream<T>(this, stream, _store.Model.Fold<T>(events), events.Count);
    }

    /// <inheritdoc cref="Store.AggregateStreamAsync{T}"/>
    public Task<T> AggregateStreamAsync<T>(string stream, CancellationToken cancellation = default) =>
        _store.AggregateStreamAsync<T>(stream, cancellation);

    /// <inheritdoc cref="Store.FetchStreamAsync(string, CancellationToken)"/>
    public Task<IReadOnlyList<StoredEvent>> FetchStreamAsync(string stream, CancellationToken cancellation = default) =>
        _store.FetchStreamAsync(stream, cancellation);

    /// <summary>
    /// Says that events of this session hold personal fields of <paramref name="persons"/>, or its response clear data
    /// about them: the commit fails if one was erased meanwhile, and a later erasure deletes the stored response.
    /// </summary>
    public void Concerns(params IEnumerable<string> persons) => _persons.UnionWith(persons);

    /// <summary>Stores the response of this request in the transaction of its events.</summary>
    public void Remember(IdempotencyKey key, StoredResponse response) => _answer = (key, response);

    /// <summary>
    /// Runs a statement in the transaction of the events, for what belongs to them and must not stand in them, such as a
    /// secret. If the transaction is tried again the statement is too.
    /// </summary>
    /// <param name="sql">One SQL statement with positional parameters <c>$1</c>, <c>$2</c> …</param>
    /// <param name="parameters">Values as Npgsql maps them.</param>
    public void QueueSqlCommand(string sql, params object[] parameters) => _statements.Add((sql, parameters));

    /// <summary>
    /// Does the same for one row or more, column by column: sessions that share a transaction and queue the same
    /// statement have their rows joined into one run of it.
    /// </summary>
    /// <param name="sql">One set-based SQL statement over <c>unnest($1, $2 …)</c>.</param>
    /// <param name="columns">Arrays of one length; for each place the same type in all sessions.</param>
    public void QueueRows(string sql, params Array[] columns) => _rows.Add((sql, columns));

    /// <summary>Commits everything that was collected.</summary>
    /// <returns>The stored events with their positions, in the order of the feed.</returns>
    /// <exception cref="ConcurrencyException">A stream is not at its expected version.</exception>
    /// <exception cref="AlreadyAnsweredException">The request was answered by somebody else meanwhile.</exception>
    /// <exception cref="IdempotencyMismatchException">The idempotency key was used with another request.</exception>
    /// <exception cref="PersonErasedException">A person concerned was erased.</exception>
    /// <exception cref="DuplicateEventException">An event id is already stored.</exception>
    /// <exception cref="StoreUnavailableException">The outcome is unknown.</exception>
    /// <exception cref="JsonFormException">An event's data can't be written canonically.</exception>
    /// <exception cref="OperationCanceledException">Cancelled before the commit began; nothing was written.</exception>
    public async Task<IReadOnlyList<StoredEvent>> SaveChangesAsync(CancellationToken cancellation = default)
    {
        if (_streams.Count == 0 && _statements.Count == 0 && _rows.Count == 0 && _answer is null) return [];
        var append = new PendingAppend
        {
            Streams = [.. _streams.Select(stream => new StreamAppend(stream.Key, stream.Value.Expected))],
            Events = [.. _streams.SelectMany(stream => Encode(stream.Key, stream.Value.Expected, stream.Value.Events))],
            Statements = [.. _statements],
            Rows = [.. _rows],
            Answer = _answer,
            Persons = [.. _persons]
        };
        await _store.AppendAsync(append, cancellation);
        _streams.Clear();
        _statements.Clear();
        _rows.Clear();
        _persons.Clear();
        _answer = null;
        return append.Events;
    }

    /// <summary>Drops what was not committed.</summary>
    public ValueTask DisposeAsync()
    {
        _streams.Clear();
        _statements.Clear();
        _rows.Clear();
        return ValueTask.CompletedTask;
    }

    /// <summary>The expected version fixes the versions, so bytes and digests are made here, on the caller's thread.</summary>
    private IEnumerable<StoredEvent> Encode(string stream, long version, List<NewEvent> events)
    {
        foreach (var e in events)
        {
            var bytes = EventEnvelope.Write(_store.Model, _store.Service, stream, ++version, e);
            yield return new StoredEvent(
                _store.Model, 0, e.Id, stream, version, e.Type, e.Tenant, SHA256.HashData(bytes), bytes);
        }
    }
}

/// <summary>A stream's state together with the version that it was folded at.</summary>
public sealed class WritableStream<T>
{
    private readonly Session _session;
    private long _version;

    internal WritableStream(Session session, string stream, T aggregate, long version)
    {
        _session = session;
        Id = stream;
        Aggregate = aggregate;
        CurrentVersion = _version = version;
    }

    /// <summary>Stream id.</summary>
    public string Id { get; }

    /// <summary>The folded state; the initial one where there is no such stream.</summary>
    public T Aggregate { get; }

    /// <summary>Version at which the state was read; 0 where there is no such stream.</summary>
    public long CurrentVersion { get; }

    /// <summary>Appends one event after the version read.</summary>
    public void AppendOne(object @event) => AppendMany(@event);

    /// <summary>Appends events after the version read.</summary>
    public void AppendMany(params IEnumerable<object> events)
    {
        List<object> all = [.. events];
        _session.Append(Id, _version, all);
        _version += all.Count;
    }
}
