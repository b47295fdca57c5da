namespace EventStore;

/// <summary>Named positions in the feed that outlive the process: how far a follower has come.</summary>
public sealed class Cursors
{
    private readonly Store _store;

    internal Cursors(Store store) => _store = store;

    /// <summary>The position stored under <paramref name="name"/>; 0 where there is none.</summary>
    public async Task<long> ReadAsync(string name, CancellationToken cancellation = default)
    {
        await using var command = _store.DataSource.CreateCommand("select position from store.checkpoints where name = $1");
        command.Parameters.Add(new() { Value = name });
        return await command.ExecuteScalarAsync(cancellation) as long? ?? 0;
    }

    /// <summary>Stores a position, which may also move back.</summary>
    public async Task WriteAsync(string name, long position, CancellationToken cancellation = default)
    {
        await using var command = _store.DataSource.CreateCommand(
            """
            insert into store.checkpoints (name, position) values ($1, $2)
            on conflict (name) do update set position = excluded.position
            """);
        command.Parameters.Add(new() { Value = name });
        command.Parameters.Add(new() { Value = position });
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
