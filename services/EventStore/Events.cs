using System.Text.Json.Nodes;

namespace EventStore;

/// <summary>An event about to be appended. Ids, times and salts come from an <see cref="EventContext"/> at the edge.</summary>
public sealed record NewEvent
{
    /// <summary>UUIDv7.</summary>
    public required Guid Id { get; init; }

    /// <summary>Registered stable name with its schema version, for example <c>evidence.deposited.v1</c>.</summary>
    public required string Type { get; init; }

    /// <summary>When the fact happened according to its writer; stored in whole milliseconds, UTC.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>Pseudonymous id of who acted.</summary>
    public required string Actor { get; init; }

    /// <summary>The organisation that the event belongs to. Not part of the canonical bytes.</summary>
    public required string Tenant { get; init; }

    /// <summary>A record of the type registered for <see cref="Type"/>, or a <see cref="JsonObject"/>.</summary>
    public required object Data { get; init; }

    /// <summary>16 random bytes, so that the digest of low-entropy data can't be guessed.</summary>
    public required ReadOnlyMemory<byte> Salt { get; init; }
}

/// <summary>An event as stored: its canonical bytes and their digest are never changed.</summary>
public sealed class StoredEvent
{
    private readonly EventModel _model;
    private EventEnvelope? _envelope;
    private object? _data;

    internal StoredEvent(
        EventModel model, long position, Guid id, string stream, long version, string type, string tenant,
        byte[] digest, byte[] bytes, object? data = null)
    {
        _model = model;
        _data = data;
        Position = position;
        Id = id;
        Stream = stream;
        Version = version;
        Type = type;
        Tenant = tenant;
        DigestArray = digest;
        BytesArray = bytes;
    }

    /// <summary>Dense feed position, from 1.</summary>
    public long Position { get; internal set; }

    /// <summary>UUIDv7.</summary>
    public Guid Id { get; }

    /// <summary>Stream id.</summary>
    public string Stream { get; }

    /// <summary>Version within the stream, from 1.</summary>
    public long Version { get; }

    /// <summary>Type as written, before upcasting.</summary>
    public string Type { get; }

    /// <summary>The organisation that the event belongs to.</summary>
    public string Tenant { get; }

    /// <summary>SHA-256 of <see cref="Bytes"/>, 32 bytes.</summary>
    public ReadOnlyMemory<byte> Digest => DigestArray;

    /// <summary>Canonical bytes: RFC 8785 JSON, UTF-8.</summary>
    public ReadOnlyMemory<byte> Bytes => BytesArray;

    /// <summary>When the fact happened according to its writer.</summary>
    public DateTimeOffset OccurredAt => Envelope.OccurredAt;

    /// <summary>Pseudonymous id of who acted.</summary>
    public string Actor => Envelope.Actor;

    /// <summary>The event's data as the model's current record, upcast where it was written in an older form.</summary>
    /// <exception cref="UnknownEventTypeException">The model does not know the type.</exception>
    public object Data => _data ??= _model.Decode(Type, Bytes.Span[Envelope.Data]);

    internal byte[] DigestArray { get; }

    internal byte[] BytesArray { get; }

    private EventEnvelope Envelope => _envelope ??= EventEnvelope.Read(Bytes.Span);
}

/// <summary>One event of the feed, by digest.</summary>
/// <param name="Position">Dense feed position, from 1.</param>
/// <param name="EventId">UUIDv7 of the event.</param>
/// <param name="Digest">SHA-256 of the canonical bytes, 32 bytes.</param>
public readonly record struct FeedItem(long Position, Guid EventId, ReadOnlyMemory<byte> Digest);
