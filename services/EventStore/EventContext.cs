using System.Security.Cryptography;

namespace EventStore;

/// <summary>
/// The edge of a command: who acts, for whom, and the clock and randomness that its events are stamped with, so that
/// deciding stays pure.
/// </summary>
/// <param name="time">Source of event times and of the time in event ids.</param>
/// <param name="actor">Pseudonymous id of who acts.</param>
/// <param name="tenant">The organisation that the events belong to.</param>
public sealed class EventContext(TimeProvider time, string actor, string tenant)
{
    /// <summary>Length of an event's salt in bytes.</summary>
    public const int SaltBytes = 16;

    /// <summary>Pseudonymous id of who acts.</summary>
    public string Actor => actor;

    /// <summary>The organisation that the events belong to.</summary>
    public string Tenant => tenant;

    /// <summary>The time that new events get, in whole milliseconds.</summary>
    public DateTimeOffset Now
    {
        get
        {
            var now = time.GetUtcNow();
            return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMillisecond));
        }
    }

    /// <summary>A new UUIDv7.</summary>
    public Guid NewId() => Guid.CreateVersion7(time.GetUtcNow());

    /// <summary>Stamps <paramref name="data"/>, whose type is registered under <paramref name="type"/>.</summary>
    /// <param name="type">Registered event type.</param>
    /// <param name="data">The event's record or JSON object.</param>
    /// <param name="id">Id to use where it was needed beforehand (a personal field is bound to it); otherwise new.</param>
    public NewEvent Stamp(string type, object data, Guid? id = null) => new()
    {
        Id = id ?? NewId(),
        Type = type,
        OccurredAt = Now,
        Actor = actor,
        Tenant = tenant,
        Data = data,
        Salt = RandomNumberGenerator.GetBytes(SaltBytes)
    };
}
