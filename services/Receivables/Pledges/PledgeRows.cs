using Chain.Core;
using EventStore;
using EventStore.Projections;
using Npgsql;

namespace Receivables.Pledges;

/// <summary>Which vouchers rest on which claims, to find the one by the other; a claim's stream is the truth.</summary>
internal sealed class PledgeRows : IProjection
{
    public const string Schema =
        """
        create table pledge_locks (
            claim   text collate "C" not null,
            voucher text collate "C" not null,
            primary key (voucher, claim)
        );
        create index pledge_locks_claim on pledge_locks (claim);
        """;

    private const string Prefix = "pledge/";

    /// <inheritdoc/>
    public string Name => "pledges";

    /// <inheritdoc/>
    public void Project(IReadOnlyList<StoredEvent> events, SqlBatch sql)
    {
        foreach (StoredEvent e in events)
        {
            switch (e.Data)
            {
                case PledgeEvent.Locked x:
                    sql.Add("insert into pledge_locks values ($1, $2) on conflict do nothing", Claim(e), x.Voucher);
                    break;
                case PledgeEvent.Unlocked x:
                    sql.Add("delete from pledge_locks where claim = $1 and voucher = $2", Claim(e), x.Voucher);
                    // The chain is to hear of it.
                    sql.Add(PledgeSubjects.Reopen, Claim(e));
                    break;
                case PledgeEvent.Refused or PledgeEvent.Claiming or PledgeEvent.Received:
                    sql.Add("delete from pledge_locks where claim = $1", Claim(e));
                    break;
                default:
                    break;
            }
        }
    }

    /// <inheritdoc/>
    public void Reset(SqlBatch sql) => sql.Add("truncate pledge_locks");

    /// <summary>Claims that a voucher rests on.</summary>
    public static async Task<IReadOnlyList<Hash32>> OfVoucherAsync(
        NpgsqlDataSource database, string voucher, CancellationToken cancellation)
    {
        await using NpgsqlCommand query =
            database.CreateCommand("select claim from pledge_locks where voucher = $1 order by claim");
        query.Parameters.Add(new() { Value = voucher });
        await using NpgsqlDataReader rows = await query.ExecuteReaderAsync(cancellation);
        List<Hash32> claims = [];
        while (await rows.ReadAsync(cancellation))
            claims.Add(Hash32.Parse(rows.GetString(0)));
        return claims;
    }

    private static string Claim(StoredEvent e) => e.Stream[Prefix.Length..];
}
