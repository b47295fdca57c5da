using Chain.Client;
using Chain.Core;
using Npgsql;

namespace Receivables.Pledges;

/// <summary>Keeps the transactions that are signed and not settled yet, in the service's database.</summary>
public sealed class PledgeTransactions(NpgsqlDataSource database)
{
    /// <summary>Many are open at a time; each nonce is used once.</summary>
    public const string Many = """
        drop index pledge_transaction_open;
        create unique index pledge_transaction_nonce on pledge_transaction (chain_id, sender, nonce);
        """;

    /// <summary>The table as it began.</summary>
    public const string Schema = """
        create table pledge_transaction (
            hash bytea primary key, chain_id bigint not null, sender bytea not null, nonce bigint not null,
            raw bytea not null, outcome text);
        create unique index pledge_transaction_open on pledge_transaction (chain_id, sender) where outcome is null;
        """;

    /// <summary>The open transactions of a sender in the order of their nonces.</summary>
    public async Task<IReadOnlyList<SentTransaction>> FindOpenAsync(
        ulong chainId, Address sender, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(
            """
            select nonce, hash, raw from pledge_transaction where chain_id = $1 and sender = $2 and outcome is null
            order by nonce
            """);
        command.Parameters.Add(new() { Value = (long)chainId });
        command.Parameters.Add(new() { Value = sender.ToArray() });
        await using NpgsqlDataReader rows = await command.ExecuteReaderAsync(cancellation);
        List<SentTransaction> open = [];
        while (await rows.ReadAsync(cancellation))
        {
            open.Add(new SentTransaction(chainId, sender, (ulong)rows.GetInt64(0),
                new Hash32(rows.GetFieldValue<byte[]>(1)), rows.GetFieldValue<byte[]>(2)));
        }
        return open;
    }

    /// <summary>The first nonce that nothing of a sender was signed with here.</summary>
    public async Task<ulong> NextNonceAsync(ulong chainId, Address sender, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(
            "select coalesce(max(nonce) + 1, 0) from pledge_transaction where chain_id = $1 and sender = $2");
        command.Parameters.Add(new() { Value = (long)chainId });
        command.Parameters.Add(new() { Value = sender.ToArray() });
        return (ulong)(long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>Saves a transaction as open.</summary>
    /// <exception cref="InvalidOperationException">Its nonce is used.</exception>
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
            throw new InvalidOperationException("Another transaction of this platform has that nonce.", e);
        }
    }

    /// <summary>Closes a transaction with its outcome; once.</summary>
    public async Task CloseAsync(SentTransaction transaction, SendOutcome outcome, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(
            "update pledge_transaction set outcome = $2 where hash = $1 and outcome is null");
        command.Parameters.Add(new() { Value = transaction.Hash.ToArray() });
        command.Parameters.Add(new() { Value = outcome.Status.ToString() });
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
