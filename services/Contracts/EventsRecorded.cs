namespace Contracts;

/// <summary>
/// Every event that a service recorded for a chain group with feed positions in (<see cref="After"/>,
/// <see cref="Through"/>]. The message carries digests only and is a hint: the feed of the service is the record.
/// </summary>
/// <param name="Service">The publishing service, for example <c>evidence</c>.</param>
/// <param name="Group">The chain group that its events are anchored to.</param>
/// <param name="After">Feed position before the first item; a receiver applies the message only if this is its cursor.</param>
/// <param name="Through">Feed position of the last item.</param>
/// <param name="Items">The events in feed order, without gaps.</param>
public sealed record EventsRecorded(
    string Service, string Group, long After, long Through, IReadOnlyList<RecordedEvent> Items);

/// <summary>One recorded event, by digest.</summary>
/// <param name="Position">Dense feed position, from 1.</param>
/// <param name="EventId">UUIDv7 of the event.</param>
/// <param name="Digest">SHA-256 of the event's canonical bytes, 64 lower-case hexadecimal characters.</param>
public sealed record RecordedEvent(long Position, Guid EventId, string Digest);
