using Chain.Core;
using Npgsql;

namespace Receivables.Pledges;

/// <summary>
/// Which thing a claim is to: in a table of its own and in no event, because a new key epoch needs it once more. It does not
/// leave the platform.
/// </summary>
public static class PledgeSubjects
{
    /// <summary>The table; <c>open</c> while the claim may need something from the chain.</summary>
    public const string Schema = """
        create table pledge_subject (
            id bytea primary key, tenant text not null, thing text not null, open boolean not null default true);
        create index pledge_subject_open on pledge_subject (id) where open;
        """;

    /// <summary>Statement that remembers a claim and marks it open, for the transaction of its first events.</summary>
    public const string Open = """
        insert into pledge_subject (id, tenant, thing) values ($1, $2, $3)
        on conflict (id) do update set tenant = excluded.tenant, open = true
        """;

    /// <summary>Statement that marks a claim as at rest or not.</summary>
    public const string Mark = "update pledge_subject set open = $2 where id = $1";

    /// <summary>Claims that may need something from the chain.</summary>
    public static Task<IReadOnlyList<(Hash32 Id, string Tenant, string Thing)>> OpenAsync(
        NpgsqlDataSource database, CancellationToken cancellation) =>
        ReadAsync(database, "select id, tenant, thing from pledge_subject where open order by id", cancellation);

    /// <summary>Every claim that this platform ever had to a thing.</summary>
    public static async Task<IReadOnlyList<Hash32>> OfThingAsync(
        NpgsqlDataSource database, string thing, CancellationToken cancellation)
    {
        await using NpgsqlCommand command =
            database.CreateCommand("select id from pledge_subject where thing = $1 order by id");
        command.Parameters.Add(new() { Value = thing });
        await using NpgsqlDataReader rows = await command.ExecuteReaderAsync(cancellation);
        List<Hash32> claims = [];
        while (await rows.ReadAsync(cancellation))
            claims.Add(new Hash32(rows.GetFieldValue<byte[]>(0)));
        return claims;
    }

    private static async Task<IReadOnlyList<(Hash32, string, string)>> ReadAsync(
        NpgsqlDataSource database, string sql, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(sql);
        await using NpgsqlDataReader rows = await command.ExecuteReaderAsync(cancellation);
        List<(Hash32, string, string)> claims = [];
        while (await rows.ReadAsync(cancellation))
            claims.Add((new Hash32(rows.GetFieldValue<byte[]>(0)), rows.GetString(1), rows.GetString(2)));
        return claims;
    }
}
