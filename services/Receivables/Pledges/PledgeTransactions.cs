using Chain.Client;
using Chain.Core;
using Npgsql;

namespace Receivables.Pledges;

/// <summary>Keeps the transaction that is signed and not settled yet, in the service's database.</summary>
public sealed class PledgeTransactions(NpgsqlDataSource database) : ISentTransactionStore
{
    /// <summary>The table; of one sender at most one transaction is open.</summary>
    public const string Schema = """
        create table pledge_transaction (
            hash bytea primary key, chain_id bigint not null, sender bytea not null, nonce bigint not null,
            raw bytea not null, outcome text);
        create unique index pledge_transaction_open on pledge_transaction (chain_id, sender) where outcome is null;
        """;

    /// <inheritdoc/>
    public async Task<SentTransaction?> FindOpenAsync(ulong chainId, Address sender, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(
            "select nonce, hash, raw from pledge_transaction where chain_id = $1 and sender = $2 and outcome is null");
        command.Parameters.Add(new() { Value = (long)chainId });
        command.Parameters.Add(new() { Value = sender.ToArray() });
        await using NpgsqlDataReader row = await command.ExecuteReaderAsync(cancellation);
        return await row.ReadAsync(cancellation)
            ? new SentTransaction(chainId, sender, (ulong)row.GetInt64(0), new Hash32(row.GetFieldValue<byte[]>(1)),
                row.GetFieldValue<byte[]>(2))
            : null;
    }

    /// <inheritdoc/>
    public async Task SaveAsync(SentTransaction transaction, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(
            "insert into pledge_transaction (hash, chain_id, sender, nonce, raw) values ($1, $2, $3, $4, $5)");
        command.Parameters.Add(new() { Value = transaction.Hash.ToArray() });
        command.Parameters.Add(new() { Value = (long)transaction.ChainId });
        command.Parameters.Add(new() { Value = transaction.Sender.ToArray() });
        command.Parameters.Add(new() { Value = (long)transaction.Nonce });
        command.Parameters.Add(new() { Value = transaction.Raw.ToArray() });
        try
        {
            await command.ExecuteNonQueryAsync(cancellation);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            throw new InvalidOperationException("Another transaction of this platform is open.", e);
        }
    }

    /// <inheritdoc/>
    public async Task CloseAsync(SentTransaction transaction, SendOutcome outcome, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(
            "update pledge_transaction set outcome = $2 where hash = $1 and outcome is null");
        command.Parameters.Add(new() { Value = transaction.Hash.ToArray() });
        command.Parameters.Add(new() { Value = outcome.Status.ToString() });
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
