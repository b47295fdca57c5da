using Npgsql;
using ServiceDefaults.Auth;

namespace Receivables.Export;

/// <summary>What of the record a caller takes away. Events are shown, or stand there by their digest alone.</summary>
/// <param name="Name"><c>all</c> or <c>party</c>.</param>
/// <param name="Party">The organisation; null where all is shown.</param>
internal sealed record ExportScope(string Name, string? Party)
{
    private const string Columns = "position, id, stream, version, body, digest";

    /// <summary>The regulator takes everything, an organisation what is its own.</summary>
    public static ExportScope Of(Caller caller) =>
        caller.Is(Role.Regulator) ? new ExportScope("all", null) : new ExportScope("party", caller.Tenant);

    /// <summary>Rows in the order of the feed: position, id, stream, version, body, digest, shown.</summary>
    /// <remarks>
    /// Of a stream that concerns the party every event is there, so that nothing can be left out unseen; what others did
    /// in it is a digest.
    /// </remarks>
    public NpgsqlCommand Events(NpgsqlConnection connection, long after, long through)
    {
        string sql = Party is null
            ? $"select {Columns}, true from store.events where position > $1 and position <= $2 order by position"
            : $"""
              with streams as (
                  select stream from store.events where tenant = $3
                  union select root from voucher_parties where party = $3
                  union select 'clearing-' || root from voucher_parties where party = $3)
              select {Columns}, tenant = $3 from store.events join streams using (stream)
              where position > $1 and position <= $2 order by position
              """;
        return Command(connection, sql, after, through);
    }

    /// <summary>Balances of vouchers that are not closed, by voucher and party: what the service says now.</summary>
    public NpgsqlCommand Balances(NpgsqlConnection connection) => Command(connection,
        $"""
        select b.root, b.party, b.fen from voucher_balances b join vouchers v using (root)
        where b.fen <> 0 and v.closed_at is null {(Party is null ? "" : "and b.party = $1")}
        order by b.root collate "C", b.party collate "C"
        """);

    private NpgsqlCommand Command(NpgsqlConnection connection, string sql, params object[] values)
    {
        NpgsqlCommand command = new(sql, connection);
        foreach (object value in Party is null ? values : [.. values, Party])
            command.Parameters.Add(new() { Value = value });
        return command;
    }
}
