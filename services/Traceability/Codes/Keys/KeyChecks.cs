using EventStore;
using Npgsql;
using Traceability.Codes.Serials;

namespace Traceability.Codes.Keys;

/// <summary>
/// What tells a version's key from every other without telling the key. With a key file of another instance, or of an old
/// backup in which a version was made anew, every printed code would be called not ours: the service does not start so.
/// </summary>
internal static class KeyChecks
{
    public const string Schema =
        """
        create table code_key_checks (
            version     int   primary key,
            check_value bytea not null
        );
        """;

    private const string Insert =
        "insert into code_key_checks (version, check_value) select * from unnest($1, $2) on conflict do nothing";

    /// <summary>Keeps a new version's check with the event that makes it known.</summary>
    public static void Keep(Session session, SerialKey key) =>
        session.QueueSqlCommand(Insert, new[] { key.Version }, new[] { key.Check });

    /// <summary>Compares all keys with their checks; a version that has none yet gets one.</summary>
    /// <exception cref="InvalidOperationException">A key is not the one that codes were made with.</exception>
    public static async Task CompareAsync(Store store, CodeKeys keys, CancellationToken cancellationToken)
    {
        SerialKey[] all = [.. keys.All];
        await using (NpgsqlCommand insert = store.DataSource.CreateCommand(Insert))
        {
            insert.Parameters.Add(new() { Value = Array.ConvertAll(all, k => k.Version) });
            insert.Parameters.Add(new() { Value = Array.ConvertAll(all, k => k.Check) });
            await insert.ExecuteNonQueryAsync(cancellationToken);
        }
        await using NpgsqlCommand command =
            store.DataSource.CreateCommand("select version, check_value from code_key_checks order by version");
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            int version = reader.GetInt32(0);
            if (keys.Find(version) is not { } key || !key.Check.AsSpan().SequenceEqual(reader.GetFieldValue<byte[]>(1)))
                throw new InvalidOperationException(
                    $"Version {version} in keys/serials.json is missing or another: restore the file from its backup.");
        }
    }
}
