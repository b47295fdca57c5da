using System.Text;
using System.Text.Json.Serialization;
using EventStore;
using Npgsql;
using ServiceDefaults.Auth;
using Traceability.Epcis.Capture;

namespace Traceability.Epcis.Storage;

/// <summary>What a rebuild found.</summary>
/// <param name="Events">Captured events that there are.</param>
/// <param name="Altered">Ids of recording events whose body is lost or is not what was anchored: they have no rows.</param>
internal sealed record RebuildAnswer(int Events, IReadOnlyList<Guid> Altered);

/// <summary>
/// Writes the tables of EPCIS events anew from the recording events and the bodies. Each body is held against the root
/// in its event, so rows that somebody changed come back as they were and bodies that somebody changed are named.
/// </summary>
internal sealed class TableRebuild(Store store)
{
    private const int PageEvents = 500;

    private static readonly string[] Tables =
        ["epcis_events", "epcis_epcs", "epcis_quantities", "epcis_transactions", "epcis_parties"];

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/epcis-tables/rebuild",
                async (TableRebuild rebuild, CancellationToken cancellationToken) => TypedResults.Json(
                    await rebuild.RunAsync(cancellationToken), RebuildJson.Default.RebuildAnswer))
            .RequireRoles(Role.Operator)
            .WithName("RebuildTables").WithSummary("Writes the tables of EPCIS events anew from events and bodies.");

    /// <summary>Rebuilds in one transaction; captures wait meanwhile, questions see the old rows until then.</summary>
    public async Task<RebuildAnswer> RunAsync(CancellationToken cancellationToken)
    {
        await using NpgsqlConnection connection = await store.DataSource.OpenConnectionAsync(cancellationToken);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellationToken);
        // Appends take this lock too. Rows are deleted and not truncated, so that questions still see them.
        IEnumerable<string> deletes = Tables.Select(table => $"delete from {table}");
        foreach (string sql in deletes.Prepend("select head from store.feed for update"))
        {
            await using NpgsqlCommand command = new(sql, connection) { CommandTimeout = 0 };
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        List<Guid> altered = [];
        int events = 0;
        IReadOnlyList<StoredEvent> read;
        for (long after = 0; (read = await store.ReadEventsAsync(after, PageEvents, cancellationToken)).Count > 0;)
        {
            after = read[^1].Position;
            List<Recorded> page = await PageAsync(
                connection, [.. read.Where(e => e.Type == EpcisCaptured.Type)], cancellationToken);
            events += page.Count;
            altered.AddRange(page.Where(r => r.Event is null).Select(r => r.Id));
            await WriteAsync(connection, page, cancellationToken);
        }
        await transaction.CommitAsync(cancellationToken);
        return new RebuildAnswer(events, altered);
    }

    private static async Task WriteAsync(
        NpgsqlConnection connection, List<Recorded> page, CancellationToken cancellationToken)
    {
        await using NpgsqlBatch batch = new(connection) { Timeout = 0 };
        for (int from = 0, to; from < page.Count; from = to)
        {
            to = from + 1;
            if (page[from].Event is null)
                continue;
            while (to < page.Count && page[to].Follows(page[to - 1]))
                to++;
            RecordedEvent[] run = [.. page[from..to].Select(r => r.Row())];
            foreach (RowCommand command in EventRows.Commands(page[from].Tenant, run, page[from].Capture))
            {
                NpgsqlBatchCommand one = new(command.Sql);
                foreach (object value in command.Values)
                    one.Parameters.Add(value as NpgsqlParameter ?? new NpgsqlParameter { Value = value });
                batch.BatchCommands.Add(one);
            }
        }
        if (batch.BatchCommands.Count > 0)
            await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<List<Recorded>> PageAsync(
        NpgsqlConnection connection, IReadOnlyList<StoredEvent> events, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = new(
            "select event_id, secret, hash, body, counts from epcis_bodies where event_id = any($1)", connection)
        {
            CommandTimeout = 0,
        };
        command.Parameters.Add(new() { Value = events.Select(e => e.Id).ToArray() });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        Dictionary<Guid, (byte[] Secret, byte[] Hash, byte[] Body, byte[]? Counts)> bodies = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            bodies.Add(reader.GetGuid(0), (reader.GetFieldValue<byte[]>(1), reader.GetFieldValue<byte[]>(2),
                reader.GetFieldValue<byte[]>(3), reader.IsDBNull(4) ? null : reader.GetFieldValue<byte[]>(4)));
        }
        return [.. events.Select(e =>
        {
            EpcisCaptured data = (EpcisCaptured)e.Data;
            EpcisEvent? captured = bodies.TryGetValue(e.Id, out var kept)
                ? Read(data, kept.Secret, kept.Hash, kept.Body, kept.Counts)
                : null;
            return new Recorded(e.Position, e.Id, e.Tenant, e.OccurredAt, data.Capture, captured);
        })];
    }

    /// <summary>The event in a body, or null where it is not the one that was anchored.</summary>
    private static EpcisEvent? Read(EpcisCaptured data, byte[] secret, byte[] hash, byte[] body, byte[]? counts)
    {
        byte[] document =
        [
            .. Encoding.UTF8.GetBytes(
                $$"""
                {"@context":["{{EpcisDocuments.ContextUri}}"],"type":"EPCISDocument","schemaVersion":"2.0",
                 "creationDate":"2000-01-01T00:00:00.000Z","epcisBody":{"eventList":[
                """),
            .. body, .. "]}}"u8,
        ];
        return EpcisDocuments.ReadJson(document).Items is [{ Event: { } read }]
            && read with { Hash = EventRows.HashText(hash), Body = body } is var e
            && Commitment.Of(secret, e, counts) == data.Statements
                ? e
                : null;
    }

    private sealed record Recorded(
        long Position, Guid Id, string Tenant, DateTimeOffset At, Guid? Capture, EpcisEvent? Event)
    {
        public bool Follows(Recorded other) => Event is not null && Position == other.Position + 1
            && Tenant == other.Tenant && Capture == other.Capture;

        public RecordedEvent Row() =>
            new(Id, Event!, EventIdentity.IdOf(Event!), EventIdentity.Of(Tenant, Event!), At);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RebuildAnswer))]
internal sealed partial class RebuildJson : JsonSerializerContext;
