namespace EventStore;

/// <summary>Why <see cref="Session.SaveChangesAsync"/> wrote nothing.</summary>
public abstract class AppendException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Somebody else appended first: load the stream again and decide anew.</summary>
public sealed class ConcurrencyException(string stream, long expected, long actual)
    : AppendException($"Stream {stream} is at version {actual}, not {expected}.")
{
    /// <summary>The stream that moved on.</summary>
    public string Stream { get; } = stream;

    /// <summary>Version that the session had seen.</summary>
    public long Expected { get; } = expected;

    /// <summary>Version that the stream has.</summary>
    public long Actual { get; } = actual;
}

/// <summary>The idempotency key has already been used with another request.</summary>
public sealed class IdempotencyMismatchException(string key)
    : AppendException($"Idempotency key {key} was used with another request.");

/// <summary>The same request has already been answered; its stored response holds.</summary>
public sealed class AlreadyAnsweredException(string key)
    : AppendException($"The request with idempotency key {key} has been answered.");

/// <summary>An event with this id is already stored.</summary>
public sealed class DuplicateEventException(Exception inner) : AppendException("An event id is used twice.", inner);

/// <summary>The person's key was erased: nothing more can be written about them.</summary>
public sealed class PersonErasedException(string person) : AppendException($"Person {person} was erased.");

/// <summary>
/// The database did not answer. Whether the append was committed is unknown; repeating the request under the same
/// idempotency key is safe.
/// </summary>
public sealed class StoreUnavailableException(Exception inner) : AppendException("The event store is unavailable.", inner);

/// <summary>A stored or appended event's type is not registered in the <see cref="EventModel"/>.</summary>
public sealed class UnknownEventTypeException(string type) : InvalidOperationException($"Event type {type} is not registered.");
