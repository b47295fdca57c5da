using Chain.Client;
using Chain.Core;
using Npgsql;

namespace Anchor.Sealing;

/// <summary>Keeps signed transactions in PostgreSQL until their outcome is known.</summary>
public sealed class SentTransactions(NpgsqlDataSource database) : ISentTransactionStore
{
    /// <inheritdoc/>
    public async Task<SentTransaction?> FindOpenAsync(ulong chainId, Address sender, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            "select nonce, hash, raw from sent_transaction where chain_id = $1 and sender = $2 and outcome is null");
        command.Parameters.Add(new() { Value = (long)chainId });
        command.Parameters.Add(new() { Value = sender.ToArray() });
        await using var row = await command.ExecuteReaderAsync(cancellation);
        return await row.ReadAsync(cancellation)
            ? new SentTransaction(chainId, sender, (ulong)row.GetInt64(0), new Hash32(row.GetFieldValue<byte[]>(1)),
                row.GetFieldValue<byte[]>(2))
            : null;
    }

    /// <inheritdoc/>
    public async Task SaveAsync(SentTransaction transaction, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            "insert into sent_transaction (hash, chain_id, sender, nonce, raw) values ($1, $2, $3, $4, $5)");
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
            throw new InvalidOperationException("Another transaction of this sender is open.", e);
        }
    }

    /// <inheritdoc/>
    public async Task CloseAsync(SentTransaction transaction, SendOutcome outcome, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            "update sent_transaction set outcome = $2 where hash = $1 and outcome is null");
        command.Parameters.Add(new() { Value = transaction.Hash.ToArray() });
        command.Parameters.Add(new() { Value = outcome.Status.ToString() });
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
