using System.Text;
using System.Text.Json.Nodes;
using EventStore;
using Microsoft.Extensions.Options;
using Npgsql;
using ServiceDefaults;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Webhooks;
using Traceability.Epcis.Subscriptions;
using Traceability.MasterData;

namespace Traceability.Recalls;

/// <summary>
/// Tells holders of recalls: each organisation names one address, and every notice that reaches it is sent there, in
/// order and at least once, under a stable id and a gap-free number.
/// </summary>
internal sealed partial class RecallWebhooks(
    Store store, WebhookSender sender, IOptions<ServiceOptions> service, TimeProvider time, ILogger<RecallWebhooks> log)
    : BackgroundService
{
    public const string Schema =
        """
        create table recall_webhooks (
            tenant text collate "C" primary key,
            target text   not null,
            secret bytea  not null,
            number bigint not null default 0
        );

        create table recall_deliveries (
            id           uuid   primary key,
            tenant       text collate "C" not null,
            number       bigint not null,
            recall       uuid   not null,
            body         bytea  not null,
            attempts     int    not null default 0,
            retry_at     timestamptz not null,
            delivered_at timestamptz,
            failure      text
        );
        create unique index recall_deliveries_open on recall_deliveries (tenant, number) where delivered_at is null;
        """;

    private const int TokenMin = 16;
    private const int TokenMax = 200;
    private const int BackOffMax = 8;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan RetryMin = TimeSpan.FromSeconds(1);

    /// <summary>Between two looks whether a lost key was put back.</summary>
    private static readonly TimeSpan PauseFor = TimeSpan.FromMinutes(5);

    private readonly SealedText _sealed = new(Path.Combine(service.Value.Data, "webhook.key"));

    public static void Map(IEndpointRouteBuilder recalls) =>
        recalls.MapPut("/webhook", RegisterAsync).RequireRoles(Role.Member, Role.Admin)
            .WithName("RegisterRecallWebhook").WithSummary("Names where the organisation is told of recalls.");

    /// <summary>Queues a notice for all other holders with an address, in the transaction of its event.</summary>
    public static void Queue(Session session, Guid recall, RecallEvent.Opened opened, Wording notice) =>
        Queue(session, recall, opened, notice, untold: false);

    /// <summary>The same for holders that were found since.</summary>
    public static void QueueUntold(Session session, Guid recall, RecallEvent.Opened opened, Wording notice) =>
        Queue(session, recall, opened, notice, untold: true);

    private static void Queue(Session session, Guid recall, RecallEvent.Opened opened, Wording notice, bool untold)
    {
        byte[] body = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["recall"] = recall.ToString(),
            ["title"] = Both(opened.Title),
            ["domain"] = opened.Domain,
            ["class"] = opened.Class,
            ["notice"] = Both(notice),
            ["at"] = session.Context.Now.UtcDateTime,
        }.ToJsonString());
        session.QueueSqlCommand(
            """
            with told as (
                update recall_webhooks set number = number + 1
                where tenant in (select holder from recall_holders where recall = $1 and holder <> $2)
                  and not ($5 and exists (
                    select from recall_deliveries d where d.tenant = recall_webhooks.tenant and d.recall = $1))
                returning tenant, number)
            insert into recall_deliveries (id, tenant, number, recall, body, retry_at)
            select gen_random_uuid(), tenant, number, $1, $3, $4 from told
            """,
            recall, session.Context.Tenant, body, session.Context.Now.UtcDateTime, untold);
    }

    private static JsonObject Both(Wording words)
    {
        JsonObject both = [];
        if (words.Zh is { } zh)
            both["zh"] = zh;
        if (words.En is { } en)
            both["en"] = en;
        return both;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Task.WhenAll((await DueAsync(stoppingToken)).Select(d => SendAsync(d, stoppingToken)));
                await Task.Delay(Tick, time, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (NpgsqlException e)
            {
                // The tables are not there yet, or the database is away: what is open is durable.
                Waiting(log, e.SqlState ?? "connection");
                await Task.Delay(Tick, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>The first open delivery of each organisation: a later one waits for it.</summary>
    private async Task<List<Delivery>> DueAsync(CancellationToken cancellation)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            """
            select f.id, f.number, w.target, w.secret, f.body, f.tenant from (
                select distinct on (tenant) * from recall_deliveries where delivered_at is null order by tenant, number) f
            join recall_webhooks w on w.tenant = f.tenant where f.retry_at <= $1
            """);
        command.Parameters.Add(new() { Value = time.GetUtcNow().UtcDateTime });
        List<Delivery> due = [];
        List<(Guid Id, string Tenant)> paused = [];
        await using (NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation))
            {
                if (_sealed.Open(reader.GetFieldValue<byte[]>(3)) is { } secret)
                {
                    due.Add(new Delivery(
                        reader.GetGuid(0), reader.GetInt64(1), reader.GetString(2), secret,
                        reader.GetFieldValue<byte[]>(4)));
                }
                else
                    paused.Add((reader.GetGuid(0), reader.GetString(5)));
            }
        }
        foreach ((Guid id, string tenant) in paused)
            await PauseAsync(id, tenant, cancellation);
        return due;
    }

    /// <summary>A delivery that can't be signed waits, with all behind it, until its address is named anew.</summary>
    private async Task PauseAsync(Guid delivery, string tenant, CancellationToken cancellation)
    {
        KeyLost(log, tenant);
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            "update recall_deliveries set failure = $2, retry_at = $3 where id = $1");
        command.Parameters.Add(new() { Value = delivery });
        command.Parameters.Add(new() { Value = SubscriptionTable.KeyLost });
        command.Parameters.Add(new() { Value = (time.GetUtcNow() + PauseFor).UtcDateTime });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private async Task SendAsync(Delivery delivery, CancellationToken cancellation)
    {
        string? failure = await sender.SendAsync(delivery, cancellation);
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            $"""
             update recall_deliveries set attempts = attempts + 1, failure = $2::text,
                 delivered_at = case when $2::text is null then $3::timestamptz end,
                 retry_at = $3::timestamptz + $4::interval * power(2, least(attempts, {BackOffMax}))
             where id = $1
             """);
        command.Parameters.Add(new() { Value = delivery.Id });
        command.Parameters.Add(new() { Value = (object?)failure ?? DBNull.Value });
        command.Parameters.Add(new() { Value = time.GetUtcNow().UtcDateTime });
        command.Parameters.Add(new() { Value = RetryMin });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static async Task<IResult> RegisterAsync(
        Caller caller, JsonBody<JsonObject> body, WebhookSender sender, RecallWebhooks webhooks,
        CancellationToken cancellationToken)
    {
        if (Text("dest") is not { } target || !WebhookTarget.IsAllowed(target, sender.AllowLoopback))
            return Problem.Of("subscription-target");
        if (Text("signatureToken") is not { Length: >= TokenMin and <= TokenMax } token)
            return Problem.Of("subscription-token", ("min", TokenMin), ("max", TokenMax));
        await webhooks.KeepAsync(caller.Tenant, target, Encoding.UTF8.GetBytes(token), cancellationToken);
        return TypedResults.NoContent();

        string? Text(string member) =>
            body.Value[member] is JsonValue value && value.TryGetValue(out string? text) ? text : null;
    }

    private async Task KeepAsync(string tenant, string target, byte[] secret, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            """
            with kept as (
                insert into recall_webhooks (tenant, target, secret) values ($1, $2, $3)
                on conflict (tenant) do update set target = excluded.target, secret = excluded.secret)
            update recall_deliveries set retry_at = $4 where tenant = $1 and delivered_at is null and retry_at > $4
            """);
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = target });
        command.Parameters.Add(new() { Value = _sealed.Seal(secret) });
        command.Parameters.Add(new() { Value = time.GetUtcNow().UtcDateTime });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    [LoggerMessage(4112, LogLevel.Error,
        "Notices to {Tenant} are paused: the key that its token lies under (webhook.key) is lost")]
    private static partial void KeyLost(ILogger log, string tenant);

    [LoggerMessage(4111, LogLevel.Debug, "Telling holders of recalls waits for the database ({State})")]
    private static partial void Waiting(ILogger log, string state);
}
