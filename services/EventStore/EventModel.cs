using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using EventStore.Personal;
using EventStore.Projections;

namespace EventStore;

/// <summary>
/// What a service's events are: their stable names, records and upcasters, the aggregates folded from them, the
/// projections, and the tables these need. Fill it once at start; it is read without locks afterwards.
/// </summary>
public sealed class EventModel
{
    private readonly Dictionary<string, EventType> _types = [];
    private readonly Dictionary<Type, string> _names = [];
    private readonly Dictionary<string, (string To, Func<JsonObject, JsonObject> Change)> _upcasters = [];
    private readonly Dictionary<Type, (object? Initial, Delegate Evolve)> _aggregates = [];
    private readonly List<Migration> _migrations = [];
    private readonly List<IProjection> _inline = [];
    private readonly List<IProjection> _async = [];
    private readonly List<IEraser> _erasers = [];

    internal IReadOnlyList<Migration> Migrations => _migrations;

    internal IReadOnlyList<IProjection> InlineProjections => _inline;

    internal IReadOnlyList<IProjection> AsyncProjections => _async;

    internal IReadOnlyList<IEraser> Erasers => _erasers;

    /// <summary>Registers the record <typeparamref name="T"/> under a stable name that outlives every refactoring.</summary>
    /// <param name="type">For example <c>receivables.voucher-split.v1</c>.</param>
    /// <param name="json">From a source-generated context; must write a JSON object.</param>
    public EventModel Event<T>(string type, JsonTypeInfo<T> json) where T : notnull
    {
        _types.Add(type, new EventType(json));
        _names.Add(typeof(T), type);
        return this;
    }

    /// <summary>Registers an event whose data is handled as a <see cref="JsonObject"/>.</summary>
    public EventModel Event(string type)
    {
        _types.Add(type, new EventType(null));
        return this;
    }

    /// <summary>Reads events stored as <paramref name="from"/> in the form of <paramref name="to"/>. Stored bytes stay.</summary>
    /// <param name="from">The older name, no longer registered with a record.</param>
    /// <param name="to">The next name; chains are followed.</param>
    /// <param name="change">Pure; gets the stored data and returns it in the newer form.</param>
    public EventModel Upcast(string from, string to, Func<JsonObject, JsonObject> change)
    {
        _upcasters.Add(from, (to, change));
        return this;
    }

    /// <summary>Registers how the state <typeparamref name="T"/> is folded from a stream's events.</summary>
    /// <param name="initial">State before the first event.</param>
    /// <param name="evolve">Pure and total over the stream's event types.</param>
    public EventModel Aggregate<T>(T initial, Func<T, object, T> evolve) =>
        Aggregate(initial, (state, e) => evolve(state, e.Data));

    /// <summary>As the other overload, for states that need an event's id, time or actor.</summary>
    public EventModel Aggregate<T>(T initial, Func<T, StoredEvent, T> evolve)
    {
        _aggregates.Add(typeof(T), (initial, evolve));
        return this;
    }

    /// <summary>Adds a projection that is written in the append's own transaction.</summary>
    public EventModel Inline(IProjection projection)
    {
        _inline.Add(projection);
        return this;
    }

    /// <summary>Adds a projection that the daemon keeps up to date after the append.</summary>
    public EventModel Async(IProjection projection)
    {
        _async.Add(projection);
        return this;
    }

    /// <summary>Adds a clear copy of personal data that erasing a person must delete.</summary>
    public EventModel Eraser(IEraser eraser)
    {
        _erasers.Add(eraser);
        return this;
    }

    /// <summary>Adds a change of the database's schema; run once, in order of registration.</summary>
    /// <param name="name">Unique and never reused, for example <c>evidence-0001-deposits</c>.</param>
    /// <param name="sql">Statements run in one transaction.</param>
    public EventModel Migrate(string name, string sql)
    {
        _migrations.Add(new Migration(name, sql));
        return this;
    }

    /// <summary>The name under which the record type of <paramref name="data"/> is registered.</summary>
    /// <exception cref="UnknownEventTypeException">It is not.</exception>
    public string TypeOf(object data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return _names.TryGetValue(data.GetType(), out var type)
            ? type
            : throw new UnknownEventTypeException(data.GetType().Name);
    }

    internal byte[] Encode(string type, object data)
    {
        if (!_types.TryGetValue(type, out var registered)) throw new UnknownEventTypeException(type);
        if (data is JsonObject json) return JsonSerializer.SerializeToUtf8Bytes(json, JsonData.Default.JsonObject);
        if (registered.Json is null || registered.Json.Type != data.GetType())
            throw new UnknownEventTypeException($"{type} with data {data.GetType().Name}");
        return JsonSerializer.SerializeToUtf8Bytes(data, registered.Json);
    }

    internal object Decode(string type, ReadOnlySpan<byte> data)
    {
        if (!_upcasters.ContainsKey(type))
        {
            if (!_types.TryGetValue(type, out var registered)) throw new UnknownEventTypeException(type);
            return JsonSerializer.Deserialize(data, registered.Json ?? JsonData.Default.JsonObject)!;
        }
        var json = JsonSerializer.Deserialize(data, JsonData.Default.JsonObject)!;
        var name = type;
        while (_upcasters.TryGetValue(name, out var upcaster))
        {
            json = upcaster.Change(json);
            name = upcaster.To;
        }
        if (!_types.TryGetValue(name, out var current)) throw new UnknownEventTypeException(name);
        return current.Json is null ? json : json.Deserialize(current.Json)!;
    }

    internal T Fold<T>(IEnumerable<StoredEvent> events)
    {
        if (!_aggregates.TryGetValue(typeof(T), out var aggregate))
            throw new InvalidOperationException($"Aggregate {typeof(T).Name} is not registered.");
        return events.Aggregate((T)aggregate.Initial!, (Func<T, StoredEvent, T>)aggregate.Evolve);
    }

    private sealed record EventType(JsonTypeInfo? Json);
}

/// <summary>A named change of the database's schema.</summary>
internal sealed record Migration(string Name, string Sql);

[System.Text.Json.Serialization.JsonSerializable(typeof(JsonObject))]
internal sealed partial class JsonData : System.Text.Json.Serialization.JsonSerializerContext;
