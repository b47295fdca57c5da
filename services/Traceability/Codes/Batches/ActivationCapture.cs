using System.Buffers;
using System.Text.Json;
using EventStore;
using Npgsql;
using Traceability.Codes.Keys;
using Traceability.Codes.Validation;
using Traceability.Epcis;
using Traceability.Epcis.Capture;

namespace Traceability.Codes.Batches;

/// <summary>
/// Captures what activations come to as EPCIS events, a few chunks in each transaction, so that journeys, the graph and
/// recalls know the items. How far an activation has come is written in the transaction of its events.
/// </summary>
internal sealed partial class ActivationCapture(
    Store store, CodeValidator validator, CodeKeys keys, EventRecorder recorder, UnbindCapture unbound,
    TimeProvider time, ILogger<ActivationCapture> log) : BackgroundService
{
    public const string Schema =
        """
        create table code_activation_captures (
            activation uuid primary key,
            chunks     int  not null
        );
        """;

    private const int ChunksAtOnce = 8;
    private const int OpenMax = 50;
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(200);
    private long _done;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                long head = await store.FeedHeadAsync(stoppingToken);
                if (await CaptureAsync(stoppingToken) || await unbound.DeclareAsync(stoppingToken))
                    continue;
                using var poll = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                poll.CancelAfter(Poll);
                await store.WaitForFeedAsync(head, poll.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                await Task.Delay(Breath, time, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is NpgsqlException or StoreUnavailableException)
            {
                // Another process captured the same chunk, or the database is away: what is open is found again.
                Waiting(log, (e as PostgresException)?.SqlState ?? "connection");
                await Task.Delay(Poll, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Captures the next chunks of one activation; false where nothing is open that is known here yet.</summary>
    private async Task<bool> CaptureAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<Open> open = await OpenAsync(cancellationToken);
        foreach (Open next in open)
        {
            // The tables are a little ahead of the memory that knows the serials.
            if (validator.Batch(next.Batch) is not { } batch
                || batch.Activations.FirstOrDefault(a => a.Id == next.Activation) is not { } bound)
                continue;
            await CaptureAsync(next, batch, bound, cancellationToken);
            return true;
        }
        return false;
    }

    private async Task<IReadOnlyList<Open>> OpenAsync(CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            $"""
             select a.id, a.batch, a.event_id, coalesce(c.chunks, 0), a.changed
             from code_activations a left join code_activation_captures c on c.activation = a.id
             where a.changed > $1 and coalesce(c.chunks, 0) * {ActivationEvents.ChunkItems} < a.to_code - a.from_code
             order by a.changed limit {OpenMax}
             """);
        command.Parameters.Add(new() { Value = _done });
        List<Open> open = [];
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            open.Add(new Open(reader.GetGuid(0), reader.GetGuid(1), reader.GetGuid(2), reader.GetInt32(3), reader.GetInt64(4)));
        if (open.Count > 0)
            _done = open[0].Changed - 1;
        return open;
    }

    private async Task CaptureAsync(
        Open next, KnownBatch batch, CodeActivation bound, CancellationToken cancellationToken)
    {
        int all = (bound.Range.Count + ActivationEvents.ChunkItems - 1) / ActivationEvents.ChunkItems;
        int end = Math.Min(all, next.Chunks + ChunksAtOnce);
        ArrayBufferWriter<byte> document = new();
        await using (Utf8JsonWriter json = new(document))
            ActivationEvents.WriteDocument(json, batch, bound, keys, next.Chunks, end);
        Reading reading = EpcisDocuments.ReadJson(document.WrittenMemory);
        CaptureDecision decision = await recorder.DecideOnProjectionAsync(
            batch.Tenant, reading.Items, cancellationToken);
        // Its owner may have captured the same events, which have the same ids, from the download.
        foreach (CaptureError error in decision.Errors.Where(e => e.Code is not ("event-duplicate" or "event-id-taken")))
            Refused(log, next.Activation, error.Code);
        string actor = (await store.FindEventAsync(next.EventId, cancellationToken))?.Actor ?? "trace";
        await using Session session = store.OpenSession(new EventContext(time, actor, batch.Tenant));
        EventRecorder.Append(session, decision, capture: null);
        session.QueueSqlCommand(
            """
            insert into code_activation_captures as c values ($1, $2)
            on conflict (activation) do update set chunks = greatest(c.chunks, excluded.chunks)
            """, next.Activation, end);
        await session.SaveChangesAsync(cancellationToken);
    }

    private sealed record Open(Guid Activation, Guid Batch, Guid EventId, int Chunks, long Changed);

    [LoggerMessage(3111, LogLevel.Debug, "Capturing activations waits for the database ({State})")]
    private static partial void Waiting(ILogger log, string state);

    [LoggerMessage(3112, LogLevel.Warning, "An event of activation {Activation} is not captured: {Code}")]
    private static partial void Refused(ILogger log, Guid activation, string code);
}
