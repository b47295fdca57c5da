using Npgsql;

namespace EventStore;

/// <summary>Brings a database to the schema that this version of the store and its service need.</summary>
internal static class SchemaMigrations
{
    /// <summary>Held while migrating, so that two processes starting at once do not both do it.</summary>
    private const long MigrationLock = 0x65766e7473746f72;

    public static async Task ApplyAsync(NpgsqlDataSource source, EventModel model, CancellationToken cancellation)
    {
        await using var connection = await source.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await ExecuteAsync(connection, $"select pg_advisory_xact_lock({MigrationLock})", cancellation);
        await ExecuteAsync(connection, "set local client_min_messages = warning", cancellation);
        await ExecuteAsync(
            connection,
            """
            create table if not exists public.migrations (
                name text primary key, applied_at timestamptz not null default now())
            """, cancellation);
        foreach (var migration in Embedded().Concat(model.Migrations))
        {
            await using var claim = new NpgsqlCommand(
                "insert into public.migrations (name) values ($1) on conflict do nothing", connection);
            claim.Parameters.Add(new() { Value = migration.Name });
            if (await claim.ExecuteNonQueryAsync(cancellation) == 1)
                await ExecuteAsync(connection, migration.Sql, cancellation);
        }
        await transaction.CommitAsync(cancellation);
    }

    private static IEnumerable<Migration> Embedded()
    {
        var assembly = typeof(SchemaMigrations).Assembly;
        const string Prefix = "EventStore.Schema.";
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix)).Order())
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            yield return new Migration(resource[Prefix.Length..^".sql".Length], reader.ReadToEnd());
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
