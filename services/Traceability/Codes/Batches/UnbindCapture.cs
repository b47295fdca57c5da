using System.Text.Json.Nodes;
using EventStore;
using Npgsql;
using Traceability.Epcis;
using Traceability.Epcis.Capture;

namespace Traceability.Codes.Batches;

/// <summary>
/// Declares the events of an activation that was taken back as errors (EPCIS 2.0 §7.4.1.2), from their stored bodies, so
/// that journeys, the graph and recalls no longer count them.
/// </summary>
internal sealed partial class UnbindCapture(
    Store store, EventRecorder recorder, TimeProvider time, ILogger<UnbindCapture> log)
{
    private const int ChunksAtOnce = 8;
    private const string DidNotOccur = "did_not_occur";

    /// <summary>Declares the next chunks of one activation; false where none is open.</summary>
    public async Task<bool> DeclareAsync(CancellationToken cancellationToken)
    {
        if (await NextAsync(cancellationToken) is not { } next)
            return false;
        int end = Math.Min(next.All, next.Done + ChunksAtOnce);
        JsonArray events = await EventsAsync(next, end, cancellationToken);
        await using Session session = store.OpenSession(new EventContext(time, next.Actor, next.Tenant));
        if (events.Count > 0)
        {
            Reading reading = EpcisDocuments.ReadJson(ActivationEvents.Document(events));
            CaptureDecision decision = await recorder.DecideOnProjectionAsync(
                next.Tenant, reading.Items, cancellationToken);
            foreach (CaptureError error in decision.Errors)
                Refused(log, next.Activation, error.Code);
            EventRecorder.Append(session, decision, capture: null);
        }
        session.QueueSqlCommand(
            """
            insert into code_unbound_captures as c values ($1, $2)
            on conflict (activation) do update set chunks = greatest(c.chunks, excluded.chunks)
            """, next.Activation, end);
        await session.SaveChangesAsync(cancellationToken);
        return true;
    }

    private async Task<Open?> NextAsync(CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            """
            select u.activation, c.chunks, coalesce(d.chunks, 0), b.tenant, u.event_id
            from code_unbound u join code_batches b on b.id = u.batch
            join code_activation_captures c on c.activation = u.activation
            left join code_unbound_captures d on d.activation = u.activation
            where coalesce(d.chunks, 0) < c.chunks order by u.at limit 1
            """);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
            return null;
        Guid said = reader.GetGuid(4);
        Open open = new(reader.GetGuid(0), reader.GetInt32(1), reader.GetInt32(2), reader.GetString(3), "trace");
        return open with { Actor = (await store.FindEventAsync(said, cancellationToken))?.Actor ?? open.Actor };
    }

    private async Task<JsonArray> EventsAsync(Open next, int end, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            """
            select b.body from epcis_events e join epcis_bodies b on b.event_id = e.id
            where e.event_id = any($1) and e.tenant = $2 and e.error_time is null
            """);
        command.Parameters.Add(new()
        {
            Value = Enumerable.Range(next.Done, end - next.Done)
                .Select(c => $"urn:uuid:{ActivationEvents.IdOf(next.Activation, c)}").ToArray(),
        });
        command.Parameters.Add(new() { Value = next.Tenant });
        JsonArray events = [];
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            JsonObject e = JsonNode.Parse(reader.GetFieldValue<byte[]>(0))!.AsObject();
            e["errorDeclaration"] = new JsonObject
            {
                ["declarationTime"] = time.GetUtcNow().UtcDateTime.ToString(
                    "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture),
                ["reason"] = DidNotOccur,
            };
            events.Add(e);
        }
        return events;
    }

    private sealed record Open(Guid Activation, int All, int Done, string Tenant, string Actor);

    [LoggerMessage(
        3113, LogLevel.Warning, "An event of undone activation {Activation} is not declared an error: {Code}")]
    private static partial void Refused(ILogger log, Guid activation, string code);
}
