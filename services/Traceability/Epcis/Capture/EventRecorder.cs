using System.Security.Cryptography;
using EventStore;
using EventStore.Idempotency;
using Npgsql;
using ServiceDefaults.Auth;
using ServiceDefaults.Stores;
using Traceability.Codes.Validation;
using Traceability.Epcis.Findings;
using Traceability.Epcis.Storage;

namespace Traceability.Epcis.Capture;

/// <summary>Decides on a capture with what is stored, and appends its events with their rows to a session.</summary>
internal sealed class EventRecorder(Store store, StrictProfile strict, CodeValidator codes)
{
    private const int SecretBytes = 16;
    private const int RacesMax = 4;

    /// <summary>
    /// Runs a command that captures; where another request stored the same event meanwhile it decides anew.
    /// </summary>
    public static async Task<IResult> OnceAsync(
        HttpContext http, Caller caller, IdempotencyKey? key,
        Func<Session, CancellationToken, Task<StoredResponse>> command)
    {
        for (int races = 0; ; races++)
        {
            try
            {
                return await Once.RunAsync(http, caller, key, command);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation && races < RacesMax)
            {
                // Its identity is unique in the table of events.
            }
        }
    }

    /// <summary>Decides on what was read, with what is stored and the organisation's profile.</summary>
    public async Task<CaptureDecision> DecideAsync(
        string tenant, IReadOnlyList<ReadingItem> items, ErrorBehaviour behaviour, CancellationToken cancellationToken)
    {
        items = [.. items.Select((item, i) => Spelt(codes, item, i))];
        StoredAlready stored = await LookUpAsync(tenant, items, cancellationToken);
        return await strict.ApplyAsync(
            tenant, CaptureDecision.Decide(tenant, items, stored, behaviour), behaviour, cancellationToken);
    }

    /// <summary>
    /// Decides on events that follow from what was acknowledged before: they are stored whatever they contradict, as
    /// anything else would lose it, and are found afterwards.
    /// </summary>
    public async Task<CaptureDecision> DecideOnProjectionAsync(
        string tenant, IReadOnlyList<ReadingItem> items, CancellationToken cancellationToken) =>
        CaptureDecision.Decide(
            tenant, items, await LookUpAsync(tenant, items, cancellationToken), ErrorBehaviour.Proceed);

    /// <summary>Decides on what was filled into a form of our own: all or nothing, and without contradictions.</summary>
    public async Task<CaptureDecision> DecideOnFormAsync(
        string tenant, IReadOnlyList<ReadingItem> items, CancellationToken cancellationToken)
    {
        StoredAlready stored = await LookUpAsync(tenant, items, cancellationToken);
        return await strict.ApplyToFormAsync(
            tenant, CaptureDecision.Decide(tenant, items, stored, ErrorBehaviour.Rollback), cancellationToken);
    }

    /// <summary>
    /// An event that names an issued serial in other letters is none: its hash and its proof would be of a second
    /// identity. What was stored so before can still be declared wrong.
    /// </summary>
    internal static ReadingItem Spelt(CodeValidator codes, ReadingItem item, int index) =>
        item.Event is { ErrorDeclaration: null } e
        && e.Epcs.Select(x => (x.Uri, Right: IssuedSerials.Corrected(codes, x.Uri))).FirstOrDefault(x => x.Right is not null)
            is { Right: { } right, Uri: { } wrong }
            ? new ReadingItem(null, new EpcisProblem(
                index, "serial-misspelt", "", $"{Graph.GraphItem.Readable(wrong)} → {Graph.GraphItem.Readable(right)}"))
            : item;

    private async Task<StoredAlready> LookUpAsync(
        string tenant, IReadOnlyList<ReadingItem> items, CancellationToken cancellationToken)
    {
        List<byte[]> identities = [];
        List<string> ids = [];
        foreach (EpcisEvent e in items.Select(i => i.Event).OfType<EpcisEvent>())
        {
            if (EventIdentity.Of(tenant, e) is { } identity)
                identities.Add(identity);
            if (e.EventId is { } id)
                ids.Add(id);
        }
        await using NpgsqlBatch batch = store.DataSource.CreateBatch();
        // By key, one by one: a planner without statistics reads the whole table for "= any".
        NpgsqlBatchCommand same = new(
            """
            select i.identity from unnest($1) as i (identity)
            cross join lateral (select from epcis_events e where e.identity = i.identity limit 1) x
            """);
        same.Parameters.Add(new() { Value = identities.ToArray() });
        batch.BatchCommands.Add(same);
        NpgsqlBatchCommand named = new(
            "select event_id, hash from epcis_events where event_id = any($1) and tenant = $2 and error_time is null");
        named.Parameters.Add(new() { Value = ids.ToArray() });
        named.Parameters.Add(new() { Value = tenant });
        batch.BatchCommands.Add(named);
        foreach (NpgsqlBatchCommand command in ItemCounts.Ask(tenant, items.Select(i => i.Event).OfType<EpcisEvent>()))
            batch.BatchCommands.Add(command);
        await using NpgsqlDataReader reader = await batch.ExecuteReaderAsync(cancellationToken);
        HashSet<string> known = [];
        while (await reader.ReadAsync(cancellationToken))
            known.Add(Convert.ToHexStringLower(reader.GetFieldValue<byte[]>(0)));
        await reader.NextResultAsync(cancellationToken);
        List<(string Id, byte[] Hash)> hashes = [];
        while (await reader.ReadAsync(cancellationToken))
            hashes.Add((reader.GetString(0), reader.GetFieldValue<byte[]>(1)));
        await reader.NextResultAsync(cancellationToken);
        return new StoredAlready(known, hashes.ToLookup(h => h.Id, h => h.Hash))
        {
            Counts = await ItemCounts.ReadAsync(reader, cancellationToken),
        };
    }

    /// <summary>
    /// Appends what was decided, if that still holds then; nothing else may have been appended to the session before.
    /// </summary>
    /// <returns>The events with the ids of their recording events, in order.</returns>
    public static IReadOnlyList<RecordedEvent> Append(Session session, CaptureDecision decision, Guid? capture)
    {
        IReadOnlyList<AcceptedEvent> accepted = decision.Accepted;
        if (accepted.Count > 0)
            decision.Guard?.Queue(session);
        List<RecordedEvent> recorded = new(accepted.Count);
        List<byte[]> secrets = new(accepted.Count);
        IReadOnlyList<byte[]?> before = decision.Counts.Of(accepted.Select(a => a.Event));
        foreach (AcceptedEvent e in accepted)
        {
            byte[]? counts = before[recorded.Count];
            byte[] secret = RandomNumberGenerator.GetBytes(SecretBytes);
            Guid id = session.Context.NewId();
            // The client's eventID is a statement of the body like others: in clear it would tell order numbers.
            EpcisCaptured data = new(
                Commitment.Of(secret, e.Event, counts), Capture: capture, Counted: counts is null ? null : true);
            NewEvent stamped = session.Context.Stamp(EpcisCaptured.Type, data, id) with
            {
                Actor = ActorSeal.Of(secret, session.Context.Actor),
            };
            session.StartStream($"epcis-{id}", stamped);
            recorded.Add(new RecordedEvent(id, e.Event, e.EventId, e.Identity, stamped.OccurredAt));
            secrets.Add(secret);
        }
        if (recorded.Count > 0)
            EventRows.Queue(session, recorded, secrets, before, capture);
        return recorded;
    }
}
