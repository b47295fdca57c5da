using Chain.Client;
using Chain.Core;
using Npgsql;

namespace Prepaid.Days;

/// <summary>Keeps the one transaction that may be open in the service's database.</summary>
internal sealed class SentRows(NpgsqlDataSource database) : ISentTransactionStore
{
    /// <summary>Its table.</summary>
    public const string Schema =
        """
        create table sent_transactions (
            hash bytea primary key, chain_id bigint not null, sender bytea not null, nonce bigint not null,
            raw bytea not null, outcome text);
        create unique index sent_transactions_open on sent_transactions (chain_id, sender) where outcome is null;
        """;

    /// <inheritdoc/>
    public async Task<SentTransaction?> FindOpenAsync(ulong chainId, Address sender, CancellationToken cancellation)
    {
        await using NpgsqlCommand query = Command(
            "select nonce, hash, raw from sent_transactions where chain_id = $1 and sender = $2 and outcome is null",
            (long)chainId, sender.ToArray());
        await using NpgsqlDataReader rows = await query.ExecuteReaderAsync(cancellation);
        return await rows.ReadAsync(cancellation)
            ? new SentTransaction(chainId, sender, (ulong)rows.GetInt64(0), new Hash32(rows.GetFieldValue<byte[]>(1)),
                rows.GetFieldValue<byte[]>(2))
            : null;
    }

    /// <inheritdoc/>
    public async Task SaveAsync(SentTransaction transaction, CancellationToken cancellation)
    {
        await using NpgsqlCommand insert = Command(
            "insert into sent_transactions (hash, chain_id, sender, nonce, raw) values ($1, $2, $3, $4, $5)",
            transaction.Hash.ToArray(), (long)transaction.ChainId, transaction.Sender.ToArray(),
            (long)transaction.Nonce, transaction.Raw.ToArray());
        try
        {
            await insert.ExecuteNonQueryAsync(cancellation);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            throw new InvalidOperationException("Another transaction is open.", e);
        }
    }

    /// <inheritdoc/>
    public async Task CloseAsync(SentTransaction transaction, SendOutcome outcome, CancellationToken cancellation)
    {
        await using NpgsqlCommand update = Command(
            "update sent_transactions set outcome = $2 where hash = $1 and outcome is null",
            transaction.Hash.ToArray(), outcome.Status.ToString());
        await update.ExecuteNonQueryAsync(cancellation);
    }

    private NpgsqlCommand Command(string sql, params object[] parameters)
    {
        NpgsqlCommand command = database.CreateCommand(sql);
        foreach (object value in parameters)
            command.Parameters.Add(new() { Value = value });
        return command;
    }
}
