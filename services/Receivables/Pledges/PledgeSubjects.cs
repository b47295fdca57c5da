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

    /// <summary>Newest key epoch that a claim at rest has a key of; with it a newer one finds what it must link.</summary>
    public const string Epoch = "alter table pledge_subject add column epoch int not null default 0;";

    /// <summary>Epoch of what no epoch concerns: a claim that is no more.</summary>
    public const int NoEpoch = int.MaxValue;

    /// <summary>Statement that marks a claim as at rest or not, with its newest epoch.</summary>
    public const string Mark = "update pledge_subject set open = $2, epoch = $3 where id = $1";

    /// <summary>Statement that marks a claim as one to look at.</summary>
    public const string Reopen = "update pledge_subject set open = true where id = decode(substr($1, 3), 'hex')";

    /// <summary>Claims that may need something from the chain, as those that lack the newest epoch's key do.</summary>
    public static async Task<IReadOnlyList<(Hash32 Id, string Thing)>> OpenAsync(
        NpgsqlDataSource database, int epoch, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(
            "select id, thing from pledge_subject where open or epoch < $1 order by id");
        command.Parameters.Add(new() { Value = epoch });
        await using NpgsqlDataReader rows = await command.ExecuteReaderAsync(cancellation);
        List<(Hash32, string)> claims = [];
        while (await rows.ReadAsync(cancellation))
            claims.Add((new Hash32(rows.GetFieldValue<byte[]>(0)), rows.GetString(1)));
        return claims;
    }

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
}
