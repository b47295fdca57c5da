using System.Security.Cryptography;
using Npgsql;

namespace EventStore.Personal;

/// <summary>Deletes the clear copies of a person's data that a service keeps outside the events.</summary>
public interface IEraser
{
    /// <summary>
    /// Deletes every clear copy about <paramref name="person"/>. Rows go within the open transaction of
    /// <paramref name="connection"/>; files and the like must be deleted in a way that can be repeated.
    /// </summary>
    Task EraseAsync(string person, NpgsqlConnection connection, CancellationToken cancellation);
}

/// <summary>The keys of persons, and their erasure.</summary>
public sealed class PersonalKeys
{
    private readonly NpgsqlDataSource _source;
    private readonly EventModel _model;
    private readonly TimeProvider _time;

    internal PersonalKeys(NpgsqlDataSource source, EventModel model, TimeProvider time)
    {
        _source = source;
        _model = model;
        _time = time;
    }

    /// <summary>The person's key for sealing, made at first use. Tell the session with <see cref="Session.Concerns"/>.</summary>
    /// <exception cref="PersonErasedException">The person was erased.</exception>
    public async Task<PersonKey> GetOrCreateAsync(string person, CancellationToken cancellation)
    {
        await using var command = _source.CreateCommand(
            """
            insert into store_keys.keys (person, key)
            select $1, $2 where not exists (select from store.erased where person = $1)
            on conflict (person) do nothing
            """);
        command.Parameters.Add(new() { Value = person });
        command.Parameters.Add(new() { Value = RandomNumberGenerator.GetBytes(32) });
        await command.ExecuteNonQueryAsync(cancellation);
        return await FindAsync(person, cancellation) ?? throw new PersonErasedException(person);
    }

    /// <summary>The person's key for opening, or null if there is none (any more).</summary>
    public async Task<PersonKey?> FindAsync(string person, CancellationToken cancellation)
    {
        await using var command = _source.CreateCommand("select key from store_keys.keys where person = $1");
        command.Parameters.Add(new() { Value = person });
        return await command.ExecuteScalarAsync(cancellation) is byte[] key ? new PersonKey(person, key) : null;
    }

    /// <summary>
    /// Erases a person: key, stored responses and every registered clear copy, in one transaction that excludes appends,
    /// so that none in flight can bring a clear copy back. Events and their proofs stay as they are.
    /// </summary>
    public async Task EraseAsync(string person, CancellationToken cancellation)
    {
        await using var connection = await _source.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using (var batch = new NpgsqlBatch(connection, transaction))
        {
            batch.BatchCommands.Add(new("select head from store.feed for update"));
            foreach (var sql in (string[])
                     [
                         "delete from store_keys.keys where person = $1",
                         "delete from store.responses where persons @> array[$1]"
                     ])
                batch.BatchCommands.Add(new(sql) { Parameters = { new() { Value = person } } });
            batch.BatchCommands.Add(new("insert into store.erased values ($1, $2) on conflict do nothing")
            {
                Parameters = { new() { Value = person }, new() { Value = _time.GetUtcNow() } }
            });
            await batch.ExecuteNonQueryAsync(cancellation);
        }
        foreach (var eraser in _model.Erasers) await eraser.EraseAsync(person, connection, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Deletes the keys of erased persons again, as is due after a restore of an older backup of the keys.</summary>
    public async Task<int> DeleteErasedAsync(CancellationToken cancellation)
    {
        await using var command = _source.CreateCommand(
            "delete from store_keys.keys where person in (select person from store.erased)");
        return await command.ExecuteNonQueryAsync(cancellation);
    }
}
