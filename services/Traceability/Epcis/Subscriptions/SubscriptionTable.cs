using System.Text.Json.Nodes;
using EventStore;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using ServiceDefaults;
using ServiceDefaults.Webhooks;
using static Traceability.SqlValues;

namespace Traceability.Epcis.Subscriptions;

/// <summary>A subscription with how far it has come.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Tenant">Whose it is.</param>
/// <param name="QueryName">The named query.</param>
/// <param name="Target">Where deliveries go.</param>
/// <param name="Secret">The subscriber's token, which signs them; null when the key it lies under is lost.</param>
/// <param name="IsRegulator">Whether it was made with a regulator's rights.</param>
/// <param name="Schedule">When it reports; null for a stream.</param>
/// <param name="ReportIfEmpty">Whether a scheduled report comes without events too.</param>
/// <param name="Watermark">Everything up to this position was delivered.</param>
/// <param name="Number">Number of the last delivery taken.</param>
/// <param name="Pending">The delivery under way, made durable before it is sent first.</param>
/// <param name="PendingThrough">The watermark once it is taken.</param>
/// <param name="Attempts">How often it was sent in vain.</param>
internal sealed record Subscription(
    Guid Id, string Tenant, string QueryName, string Target, byte[]? Secret, bool IsRegulator, JsonObject? Schedule,
    bool ReportIfEmpty, long Watermark, long Number, Delivery? Pending, long PendingThrough, int Attempts);

/// <summary>The table of subscriptions.</summary>
internal sealed class SubscriptionTable(Store store, IOptions<ServiceOptions> service)
{
    public const string Schema =
        """
        create table epcis_subscriptions (
            id              uuid        primary key,
            created_at      timestamptz not null,
            notified_at     timestamptz,
            retry_at        timestamptz,
            due_at          timestamptz,
            watermark       bigint      not null,
            number          bigint      not null default 0,
            pending_through bigint,
            attempts        int         not null default 0,
            regulator       boolean     not null,
            empty_too       boolean     not null,
            tenant          text collate "C" not null,
            query_name      text collate "C" not null,
            target          text        not null,
            secret          bytea       not null,
            schedule        text,
            failure         text,
            pending_id      uuid,
            pending_body    bytea compression lz4,
            foreign key (tenant, query_name) references epcis_queries (tenant, name) on delete cascade
        );
        create index epcis_subscriptions_query on epcis_subscriptions (tenant, query_name);
        """;

    /// <summary>Failure of a subscription that waits for the key of its token.</summary>
    public const string KeyLost = "webhook-key-lost";

    private const string Columns =
        """
        id, tenant, query_name, target, secret, regulator, schedule, empty_too, watermark, number, pending_id,
        pending_body, pending_through, attempts
        """;

    private readonly SealedText _sealed = new(Path.Combine(service.Value.Data, "webhook.key"));

    /// <summary>Stores a new subscription.</summary>
    public async Task AddAsync(
        Subscription subscription, DateTimeOffset now, DateTimeOffset? due, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = store.Command(
            """
            insert into epcis_subscriptions (id, created_at, due_at, watermark, regulator, empty_too, tenant,
                query_name, target, secret, schedule)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """,
            subscription.Id, now.UtcDateTime, Optional(due?.UtcDateTime, NpgsqlDbType.TimestampTz),
            subscription.Watermark, subscription.IsRegulator, subscription.ReportIfEmpty, subscription.Tenant,
            subscription.QueryName,
            subscription.Target, _sealed.Seal(subscription.Secret
                ?? throw new ArgumentException("Nothing is signed without a token.", nameof(subscription))),
            Optional(subscription.Schedule?.ToJsonString(), NpgsqlDbType.Text));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The position before the first event recorded at or after a time.</summary>
    public async Task<long> BeforeAsync(DateTimeOffset time, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = store.Command(
            "select coalesce(max(seq), 0) from epcis_events where record_time < $1", time.UtcDateTime);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>
    /// Subscriptions with something to send: a delivery under way, new events, or a report that is due; those that wait
    /// longest first. Ids alone: a delivery may be large, and many may be due.
    /// </summary>
    public async Task<IReadOnlyList<Guid>> DueAsync(
        long head, DateTimeOffset now, Guid[] underWay, int limit, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = store.Command(
            """
            select id from epcis_subscriptions
            where (retry_at is null or retry_at <= $2) and id <> all($3)
              and (pending_id is not null or (schedule is null and watermark < $1) or due_at <= $2)
            order by coalesce(retry_at, due_at, notified_at, created_at) limit $4
            """, head, now.UtcDateTime, underWay, limit);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        List<Guid> due = [];
        while (await reader.ReadAsync(cancellationToken))
            due.Add(reader.GetGuid(0));
        return due;
    }

    /// <summary>How many subscriptions an organisation has.</summary>
    public async Task<long> CountAsync(string tenant, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = store.Command("select count(*) from epcis_subscriptions where tenant = $1", tenant);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>One subscription as it stands now, or null when it is gone.</summary>
    public async Task<Subscription?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = store.Command($"select {Columns} from epcis_subscriptions where id = $1", id);
        return (await ReadAsync(command, cancellationToken)).SingleOrDefault();
    }

    /// <summary>Makes a delivery durable, which fixes its id, number and bytes.</summary>
    public async Task BeginAsync(
        Subscription subscription, Delivery delivery, long through, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = store.Command(
            """
            update epcis_subscriptions set pending_id = $2, pending_body = $3, pending_through = $4, attempts = 0
            where id = $1 and pending_id is null and number = $5
            """, subscription.Id, delivery.Id, delivery.Body, through, delivery.Number - 1);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Moves on after a delivery was taken, or past events that do not match.</summary>
    public async Task AdvanceAsync(
        Guid id, Delivery? taken, long through, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = taken is null
            ? store.Command("update epcis_subscriptions set watermark = $2 where id = $1 and pending_id is null", id, through)
            : store.Command(
                """
                update epcis_subscriptions set watermark = $2, number = $3, notified_at = $4, pending_id = null,
                    pending_body = null, pending_through = null, attempts = 0, retry_at = null, failure = null
                where id = $1 and pending_id = $5
                """, id, through, taken.Number, now.UtcDateTime, taken.Id);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Says when a scheduled report is due next.</summary>
    public async Task DueNextAsync(Guid id, DateTimeOffset? due, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = store.Command(
            "update epcis_subscriptions set due_at = $2 where id = $1", id,
            Optional(due?.UtcDateTime, NpgsqlDbType.TimestampTz));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Notes a failed attempt and when to try again.</summary>
    public async Task FailedAsync(Guid id, string failure, DateTimeOffset retry, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = store.Command(
            "update epcis_subscriptions set attempts = attempts + 1, retry_at = $2, failure = $3 where id = $1",
            id, retry.UtcDateTime, failure);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Subscriptions of a query as their owner sees them, without the secret.</summary>
    public async Task<IReadOnlyList<JsonObject>> DescribeAsync(
        string tenant, string query, Guid? id, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = store.Command(
            """
            select id, target, created_at, notified_at, schedule, empty_too, number, attempts, failure, due_at
            from epcis_subscriptions where tenant = $1 and query_name = $2 and ($3 is null or id = $3) order by id
            """, tenant, query, Optional(id, NpgsqlDbType.Uuid));
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        List<JsonObject> found = [];
        while (await reader.ReadAsync(cancellationToken))
            found.Add(Describe(reader));
        return found;
    }

    /// <summary>Ends a subscription.</summary>
    public async Task<bool> DeleteAsync(string tenant, string query, Guid id, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = store.Command(
            "delete from epcis_subscriptions where id = $1 and tenant = $2 and query_name = $3", id, tenant, query);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private static JsonObject Describe(NpgsqlDataReader reader)
    {
        JsonObject described = new()
        {
            ["subscriptionID"] = reader.GetGuid(0).ToString(),
            ["dest"] = reader.GetString(1),
            ["createdAt"] = reader.GetDateTime(2),
            ["deliveries"] = reader.GetInt64(6),
        };
        if (!reader.IsDBNull(3))
            described["lastNotifiedAt"] = reader.GetDateTime(3);
        if (reader.IsDBNull(4))
            described["stream"] = true;
        else
        {
            described["schedule"] = JsonNode.Parse(reader.GetString(4));
            described["reportIfEmpty"] = reader.GetBoolean(5);
            if (!reader.IsDBNull(9))
                described["nextReportAt"] = reader.GetDateTime(9);
        }
        if (reader.GetInt32(7) > 0)
        {
            described["failedAttempts"] = reader.GetInt32(7);
            described["lastFailure"] = reader.IsDBNull(8) ? null : reader.GetString(8);
            if (!reader.IsDBNull(8) && reader.GetString(8) == KeyLost)
                described["paused"] = true;
        }
        return described;
    }

    private async Task<IReadOnlyList<Subscription>> ReadAsync(
        NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        List<Subscription> found = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            byte[]? secret = _sealed.Open(reader.GetFieldValue<byte[]>(4));
            string target = reader.GetString(3);
            long number = reader.GetInt64(9);
            Delivery? pending = secret is null || reader.IsDBNull(10) ? null : new Delivery(
                reader.GetGuid(10), number + 1, target, secret, reader.GetFieldValue<byte[]>(11));
            found.Add(new Subscription(
                reader.GetGuid(0), reader.GetString(1), reader.GetString(2), target, secret, reader.GetBoolean(5),
                reader.IsDBNull(6) ? null : (JsonObject)JsonNode.Parse(reader.GetString(6))!, reader.GetBoolean(7),
                reader.GetInt64(8), number, pending, reader.IsDBNull(12) ? 0 : reader.GetInt64(12),
                reader.GetInt32(13)));
        }
        return found;
    }
}
