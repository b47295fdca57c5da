using System.Text.Json;
using EventStore;
using Npgsql;
using NpgsqlTypes;

namespace Receivables.Ledger;

/// <summary>An accepted command and its answer, kept for ever: an approved command is carried out once.</summary>
internal sealed record StoredAnswer(string Party, string CommandId, byte[] Sha256, LedgerAnswer Answer)
{
    public const string Schema =
        """
        create table voucher_commands (
            party   text collate "C" not null,
            command text collate "C" not null,
            sha256  bytea not null,
            answer  text  not null,
            primary key (party, command)
        );
        """;

    /// <summary>Writes answers in the transaction of their events.</summary>
    public static void Insert(Session session, List<StoredAnswer> answers) => session.QueueRows(
        "insert into voucher_commands (party, command, sha256, answer) select * from unnest($1, $2, $3, $4)",
        answers.Select(a => a.Party).ToArray(), answers.Select(a => a.CommandId).ToArray(),
        answers.Select(a => a.Sha256).ToArray(),
        answers.Select(a => JsonSerializer.Serialize(a.Answer, LedgerJson.Default.LedgerAnswer)).ToArray());

    /// <summary>The answers that have been given to commands.</summary>
    public static async Task<List<StoredAnswer>> FindAsync(
        NpgsqlDataSource source, IReadOnlyList<LedgerRequest> requests, CancellationToken cancellation)
    {
        await using NpgsqlCommand query = source.CreateCommand(
            """
            select c.party, c.command, c.sha256, c.answer from voucher_commands c
            join unnest($1, $2) as r (party, command) using (party, command)
            """);
        NpgsqlParameter Text(Func<LedgerRequest, string?> value) => new()
        {
            Value = requests.Select(r => value(r) ?? "").ToArray(),
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
        };
        query.Parameters.Add(Text(r => r.Party));
        query.Parameters.Add(Text(r => r.CommandId));
        List<StoredAnswer> found = [];
        await using NpgsqlDataReader reader = await query.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            found.Add(new StoredAnswer(
                reader.GetString(0), reader.GetString(1), reader.GetFieldValue<byte[]>(2),
                JsonSerializer.Deserialize(reader.GetString(3), LedgerJson.Default.LedgerAnswer)!));
        }
        return found;
    }
}
