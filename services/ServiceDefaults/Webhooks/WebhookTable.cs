using EventStore;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace ServiceDefaults.Webhooks;

/// <summary>The table of a service's subscriptions. Tokens lie in it under a key of the service's own.</summary>
public sealed class WebhookTable(Store store, IOptions<ServiceOptions> service)
{
    public const string Schema =
        """
        create table webhooks (
            tenant          text collate "C" not null,
            name            text collate "C" not null,
            target          text        not null,
            secret          bytea,
            created_at      timestamptz not null,
            delivered_at    timestamptz,
            watermark       bigint      not null,
            number          bigint      not null default 0,
            pending_id      uuid,
            pending_body    bytea,
            pending_through bigint,
            attempts        int         not null default 0,
            retry_at        timestamptz,
            failure         text,
            dead            boolean     not null default false,
            primary key (tenant, name)
        );
        """;

    /// <summary>Failure of a subscription that waits for the key of its token.</summary>
    public const string KeyLost = "webhook-key-lost";

    private const string Columns =
        """
        tenant, name, target, secret, watermark, number, pending_id, pending_body, pending_through, attempts
        """;

    private readonly SealedText _sealed = new(Path.Combine(service.Value.Data, "webhook.key"));

    /// <summary>
    /// Makes a subscription, or changes where an existing one goes and what signs it; a dead one lives again and goes on
    /// where it stopped. False where the organisation has enough of them.
    /// </summary>
    public async Task<bool> PutAsync(
        string tenant, string name, string target, byte[]? secret, int most, DateTimeOffset now, long head,
        CancellationToken cancellation)
    {
        await using NpgsqlCommand command = Command(
            """
            insert into webhooks (tenant, name, target, secret, created_at, watermark)
            select $1, $2, $3, $4, $5, $6
            where (select count(*) from webhooks where tenant = $1 and name <> $2) < $7
            on conflict (tenant, name) do update set target = excluded.target, secret = excluded.secret,
                dead = false, attempts = 0, retry_at = null, failure = null
            """, tenant, name, target, Optional(secret is null ? null : _sealed.Seal(secret), NpgsqlDbType.Bytea),
            now.UtcDateTime, head, most);
        return await command.ExecuteNonQueryAsync(cancellation) == 1;
    }

    /// <summary>A dead or waiting subscription is tried again at once. False where there is none.</summary>
    public async Task<bool> RetryAsync(string tenant, string name, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = Command(
            "update webhooks set dead = false, attempts = 0, retry_at = null where tenant = $1 and name = $2",
            tenant, name);
        return await command.ExecuteNonQueryAsync(cancellation) == 1;
    }

    /// <summary>Ends a subscription. False where there is none.</summary>
    public async Task<bool> DeleteAsync(string tenant, string name, CancellationToken cancellation)
    {
        await using NpgsqlCommand command =
            Command("delete from webhooks where tenant = $1 and name = $2", tenant, name);
        return await command.ExecuteNonQueryAsync(cancellation) == 1;
    }

    /// <summary>An organisation's subscriptions by name.</summary>
    public async Task<IReadOnlyList<WebhookDetails>> ListAsync(string tenant, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = Command(
            """
            select name, target, secret is null, number, created_at, delivered_at, attempts, failure, retry_at, dead
            from webhooks where tenant = $1 order by name
            """, tenant);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        List<WebhookDetails> found = [];
        while (await reader.ReadAsync(cancellation))
        {
            string? failure = reader.IsDBNull(7) ? null : reader.GetString(7);
            string state = reader.GetBoolean(9) ? "dead"
                : failure == KeyLost ? "paused"
                : reader.GetInt32(6) > 0 ? "retrying" : "live";
            found.Add(new WebhookDetails(
                reader.GetString(0), reader.GetString(1), reader.GetBoolean(2) ? "es256" : "hmac-sha256", state,
                reader.GetInt64(3), reader.GetFieldValue<DateTimeOffset>(4), Time(reader, 5), reader.GetInt32(6),
                failure, Time(reader, 8)));
        }
        return found;
    }

    /// <summary>Live subscriptions that have something to send or have not seen the end of the feed.</summary>
    public async Task<IReadOnlyList<WebhookSubscription>> DueAsync(
        long head, DateTimeOffset now, int limit, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = Command(
            $"""
             select {Columns} from webhooks
             where not dead and (retry_at is null or retry_at <= $2) and (pending_id is not null or watermark < $1)
             order by coalesce(retry_at, delivered_at, created_at) limit $3
             """, head, now.UtcDateTime, limit);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        List<WebhookSubscription> due = [];
        while (await reader.ReadAsync(cancellation))
        {
            byte[]? box = reader.IsDBNull(3) ? null : reader.GetFieldValue<byte[]>(3);
            byte[]? secret = box is null ? null : _sealed.Open(box);
            due.Add(new WebhookSubscription(
                reader.GetString(0), reader.GetString(1), reader.GetString(2), secret,
                KeyLost: box is not null && secret is null, reader.GetInt64(4), reader.GetInt64(5),
                reader.IsDBNull(6) ? null : reader.GetGuid(6),
                reader.IsDBNull(7) ? null : reader.GetFieldValue<byte[]>(7),
                reader.IsDBNull(8) ? 0 : reader.GetInt64(8), reader.GetInt32(9)));
        }
        return due;
    }

    /// <summary>Makes the next delivery durable, which fixes its id, number and bytes.</summary>
    public Task BeginAsync(
        WebhookSubscription s, Guid id, byte[] body, long through, CancellationToken cancellation) => RunAsync(
        """
        update webhooks set pending_id = $3, pending_body = $4, pending_through = $5, attempts = 0
        where tenant = $1 and name = $2 and pending_id is null and watermark = $6
        """, cancellation, s.Tenant, s.Name, id, body, through, s.Watermark);

    /// <summary>Moves past events that don't concern the subscriber.</summary>
    public Task SkipAsync(WebhookSubscription s, long through, CancellationToken cancellation) => RunAsync(
        """
        update webhooks set watermark = $3
        where tenant = $1 and name = $2 and pending_id is null and watermark = $4
        """, cancellation, s.Tenant, s.Name, through, s.Watermark);

    /// <summary>The delivery under way was taken.</summary>
    public Task TakenAsync(WebhookSubscription s, DateTimeOffset now, CancellationToken cancellation) => RunAsync(
        """
        update webhooks set watermark = pending_through, number = number + 1, delivered_at = $4, pending_id = null,
            pending_body = null, pending_through = null, attempts = 0, retry_at = null, failure = null
        where tenant = $1 and name = $2 and pending_id = $3
        """, cancellation, s.Tenant, s.Name, s.PendingId!.Value, now.UtcDateTime);

    /// <summary>Notes an attempt in vain; after the last one the subscription is dead.</summary>
    public Task FailedAsync(
        WebhookSubscription s, string failure, DateTimeOffset retry, bool dead, CancellationToken cancellation) =>
        RunAsync(
            """
            update webhooks set attempts = attempts + 1, failure = $3, retry_at = $4, dead = $5
            where tenant = $1 and name = $2
            """, cancellation, s.Tenant, s.Name, failure, retry.UtcDateTime, dead);

    private async Task RunAsync(string sql, CancellationToken cancellation, params object[] values)
    {
        await using NpgsqlCommand command = Command(sql, values);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static DateTimeOffset? Time(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);

    private NpgsqlCommand Command(string sql, params object[] values)
    {
        NpgsqlCommand command = store.DataSource.CreateCommand(sql);
        foreach (object value in values)
            command.Parameters.Add(value as NpgsqlParameter ?? new NpgsqlParameter { Value = value });
        return command;
    }

    private static NpgsqlParameter Optional(object? value, NpgsqlDbType type) =>
        new() { Value = value ?? DBNull.Value, NpgsqlDbType = type };
}
