using System.Collections.Concurrent;
using Npgsql;

namespace EventStore.Idempotency;

/// <summary>Stored responses, and the gate that lets one of several equal requests through.</summary>
public sealed class Responses
{
    private readonly NpgsqlDataSource _source;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<(string, string, string, string), Task> _inFlight = [];

    internal Responses(NpgsqlDataSource source, TimeProvider time)
    {
        _source = source;
        _time = time;
    }

    /// <summary>
    /// Runs <paramref name="command"/> at most once for <paramref name="key"/>: a repetition gets the stored response,
    /// one in flight in this process is waited for, and of two processes the first to commit wins. The command stores
    /// its response with <see cref="Session.Remember"/>; one that throws or remembers nothing may be repeated.
    /// </summary>
    /// <returns>The response, and whether it is a repetition.</returns>
    /// <exception cref="IdempotencyMismatchException">The key was used with another request.</exception>
    public async Task<(StoredResponse Response, bool Repeated)> OnceAsync(
        IdempotencyKey key, Func<CancellationToken, Task<StoredResponse>> command, CancellationToken cancellation)
    {
        var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        while (_inFlight.GetOrAdd(key.Scope, mine.Task) is var first && first != mine.Task)
            await first.WaitAsync(cancellation);
        try
        {
            if (await FindAsync(key, cancellation) is { } stored) return (stored, true);
            try
            {
                return (await command(cancellation), false);
            }
            catch (AppendException e) when (e is AlreadyAnsweredException or ConcurrencyException)
            {
                // Another process may have answered the same request meanwhile.
                if (await FindAsync(key, cancellation) is not { } theirs) throw;
                return (theirs, true);
            }
        }
        finally
        {
            _inFlight.TryRemove(key.Scope, out _);
            mine.SetResult();
        }
    }

    /// <summary>The stored response for <paramref name="key"/>, or null.</summary>
    /// <exception cref="IdempotencyMismatchException">The key was used with another request.</exception>
    public async Task<StoredResponse?> FindAsync(IdempotencyKey key, CancellationToken cancellation)
    {
        await using var command = _source.CreateCommand(
            """
            select request_hash, status, content_type, body, location from store.responses
            where tenant = $1 and client = $2 and operation = $3 and key = $4 and expires_at > $5
            """);
        command.Parameters.Add(new() { Value = key.Tenant });
        command.Parameters.Add(new() { Value = key.Client });
        command.Parameters.Add(new() { Value = key.Operation });
        command.Parameters.Add(new() { Value = key.Key });
        command.Parameters.Add(new() { Value = _time.GetUtcNow() });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation)) return null;
        if (!reader.GetFieldValue<byte[]>(0).AsSpan().SequenceEqual(key.RequestHash.Span))
            throw new IdempotencyMismatchException(key.Key);
        return new StoredResponse(
            reader.GetInt32(1), reader.GetString(2), reader.GetFieldValue<byte[]>(3),
            reader.IsDBNull(4) ? null : reader.GetString(4));
    }

    /// <summary>Deletes the responses whose time is over.</summary>
    public async Task DeleteExpiredAsync(CancellationToken cancellation)
    {
        await using var command = _source.CreateCommand("delete from store.responses where expires_at <= $1");
        command.Parameters.Add(new() { Value = _time.GetUtcNow() });
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
