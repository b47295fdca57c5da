using System.Security.Cryptography;
using System.Text;
using EventStore;
using Npgsql;
using NpgsqlTypes;

namespace Traceability.Epcis.Storage;

/// <summary>An event about to be written: what was received, and what identifies it.</summary>
/// <param name="Id">Id of the recording event; its stream is <c>epcis-{id}</c>.</param>
/// <param name="Event">What was received.</param>
/// <param name="EventId">The client's id, or the hash where it gave none.</param>
/// <param name="Identity">Equal for true duplicates; null for an error declaration, which never is one.</param>
internal sealed record RecordedEvent(Guid Id, EpcisEvent Event, string EventId, byte[]? Identity);

/// <summary>
/// Writes the rows of a whole capture in the transaction of its events, one statement for each table. The events of one
/// session follow each other in the feed, so one look-up of the first one's position gives every row its place.
/// </summary>
internal static class EventRows
{
    /// <summary>
    /// Queues the rows of <paramref name="events"/>, which must be the session's first appends, in this order.
    /// </summary>
    public static void Queue(
        Session session, IReadOnlyList<RecordedEvent> events, IReadOnlyList<byte[]> secrets, Guid? capture)
    {
        Guid first = events[0].Id;
        session.QueueSqlCommand(
            "insert into epcis_bodies (event_id, secret, body) select * from unnest($1, $2, $3)",
            Ids(events), secrets.ToArray(), events.Select(e => e.Event.Body.ToArray()).ToArray());
        QueueEvents(session, first, events, capture);
        QueueEpcs(session, first, events);
        QueueQuantities(session, first, events);
        QueueTransactions(session, first, events);
        QueueParties(session, first, events);
    }

    /// <summary>32 bytes of a hash of the form <c>ni:///sha-256;{hex}?ver=CBV2.0</c> (RFC 6920).</summary>
    public static byte[] HashBytes(string hash)
    {
        int from = hash.IndexOf(';', StringComparison.Ordinal) + 1;
        return hash.Length >= from + 64 && from > 0
            ? Convert.FromHexString(hash.AsSpan(from, 64))
            : SHA256.HashData(Encoding.UTF8.GetBytes(hash));
    }

    /// <summary>The hash that these bytes stand for.</summary>
    public static string HashText(ReadOnlySpan<byte> hash) =>
        $"ni:///sha-256;{Convert.ToHexStringLower(hash)}?ver=CBV2.0";

    private static void QueueEvents(Session session, Guid first, IReadOnlyList<RecordedEvent> events, Guid? capture) =>
        session.QueueSqlCommand(
            """
            insert into epcis_events (seq, record_time, event_time, error_time, id, capture, has_sensor, tenant, type,
                event_id, hash, identity, action, biz_step, disposition, read_point, biz_location, transformation_id,
                error_reason, corrective_ids, persistent_set, persistent_unset)
            select f.position + u.n - 1, $2, u.event_time, u.error_time, u.id, $3, u.has_sensor, $4, u.type,
                u.event_id, u.hash, u.identity, u.action, u.biz_step, u.disposition, u.read_point, u.biz_location,
                u.transformation_id, u.error_reason, string_to_array(u.corrective, ' '),
                string_to_array(u.p_set, ' '), string_to_array(u.p_unset, ' ')
            from (select position from store.events where id = $1) f,
                unnest($5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
                with ordinality as u (event_time, error_time, id, has_sensor, type, event_id, hash, identity, action,
                    biz_step, disposition, read_point, biz_location, transformation_id, error_reason, corrective,
                    p_set, p_unset, n)
            """,
            first, session.Context.Now.UtcDateTime,
            new NpgsqlParameter { Value = (object?)capture ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid },
            session.Context.Tenant,
            Times(events, e => e.EventTime), Times(events, e => e.ErrorDeclaration?.Time), Ids(events),
            events.Select(e => e.Event.HasSensorElements).ToArray(), Texts(events, e => e.Event.Type),
            Texts(events, e => e.EventId), Bytes(events, e => HashBytes(e.Event.Hash)), Bytes(events, e => e.Identity),
            Texts(events, e => e.Event.Action), Texts(events, e => e.Event.BizStep),
            Texts(events, e => e.Event.Disposition), Texts(events, e => e.Event.ReadPoint),
            Texts(events, e => e.Event.BizLocation), Texts(events, e => e.Event.TransformationId),
            Texts(events, e => e.Event.ErrorDeclaration?.Reason),
            Texts(events, e => Joined(e.Event.ErrorDeclaration?.CorrectiveEventIds)),
            Texts(events, e => Joined(e.Event.PersistentDispositionSet)),
            Texts(events, e => Joined(e.Event.PersistentDispositionUnset)));

    private static void QueueEpcs(Session session, Guid first, IReadOnlyList<RecordedEvent> events)
    {
        List<int> places = [];
        List<short> roles = [];
        List<string> uris = [];
        for (int i = 0; i < events.Count; i++)
        {
            foreach (EventEpc epc in events[i].Event.Epcs)
            {
                places.Add(i);
                roles.Add((short)epc.Role);
                uris.Add(epc.Uri);
            }
        }
        if (places.Count > 0)
        {
            session.QueueSqlCommand(
                """
                insert into epcis_epcs (seq, role, uri)
                select f.position + u.place, u.role, u.uri
                from (select position from store.events where id = $1) f, unnest($2, $3, $4) as u (place, role, uri)
                """, first, places, roles, uris);
        }
    }

    private static void QueueQuantities(Session session, Guid first, IReadOnlyList<RecordedEvent> events)
    {
        (int Place, EventQuantity Row)[] rows = [.. Each(events, e => e.Quantities)];
        if (rows.Length > 0)
        {
            session.QueueSqlCommand(
                """
                insert into epcis_quantities (seq, role, class_uri, quantity, uom)
                select f.position + u.place, u.role, u.class_uri, u.quantity, u.uom
                from (select position from store.events where id = $1) f,
                    unnest($2, $3, $4, $5, $6) as u (place, role, class_uri, quantity, uom)
                """,
                first, rows.Select(r => r.Place).ToArray(), rows.Select(r => (short)r.Row.Role).ToArray(),
                rows.Select(r => r.Row.ClassUri).ToArray(),
                Array(rows.Select(r => r.Row.Quantity).ToArray(), NpgsqlDbType.Numeric),
                Array(rows.Select(r => r.Row.Uom).ToArray(), NpgsqlDbType.Text));
        }
    }

    private static void QueueTransactions(Session session, Guid first, IReadOnlyList<RecordedEvent> events)
    {
        (int Place, EventLink Row)[] rows = [.. Each(events, e => e.Transactions)];
        if (rows.Length > 0)
        {
            session.QueueSqlCommand(
                """
                insert into epcis_transactions (seq, uri, type)
                select f.position + u.place, u.uri, u.type
                from (select position from store.events where id = $1) f, unnest($2, $3, $4) as u (place, uri, type)
                """,
                first, rows.Select(r => r.Place).ToArray(), rows.Select(r => r.Row.Uri).ToArray(),
                Array(rows.Select(r => r.Row.Type).ToArray(), NpgsqlDbType.Text));
        }
    }

    private static void QueueParties(Session session, Guid first, IReadOnlyList<RecordedEvent> events)
    {
        (int Place, Party Row)[] rows = [.. Each(events, Party.Of)];
        if (rows.Length > 0)
        {
            session.QueueSqlCommand(
                """
                insert into epcis_parties (seq, side, uri, type, gln)
                select f.position + u.place, u.side, u.uri, u.type, u.gln
                from (select position from store.events where id = $1) f,
                    unnest($2, $3, $4, $5, $6) as u (place, side, uri, type, gln)
                """,
                first, rows.Select(r => r.Place).ToArray(), rows.Select(r => (short)r.Row.Side).ToArray(),
                rows.Select(r => r.Row.Uri).ToArray(), Array(rows.Select(r => r.Row.Type).ToArray(), NpgsqlDbType.Text),
                Array(rows.Select(r => r.Row.Gln).ToArray(), NpgsqlDbType.Text));
        }
    }

    private static IEnumerable<(int Place, T Row)> Each<T>(
        IReadOnlyList<RecordedEvent> events, Func<EpcisEvent, IEnumerable<T>> rows) =>
        events.SelectMany((e, place) => rows(e.Event).Select(row => (place, row)));

    private static Guid[] Ids(IReadOnlyList<RecordedEvent> events) => [.. events.Select(e => e.Id)];

    private static string? Joined(IReadOnlyList<string>? uris) =>
        uris is { Count: > 0 } ? string.Join(' ', uris) : null;

    private static NpgsqlParameter Texts(IReadOnlyList<RecordedEvent> events, Func<RecordedEvent, string?> text) =>
        Array(events.Select(text).ToArray(), NpgsqlDbType.Text);

    private static NpgsqlParameter Bytes(IReadOnlyList<RecordedEvent> events, Func<RecordedEvent, byte[]?> bytes) =>
        Array(events.Select(bytes).ToArray(), NpgsqlDbType.Bytea);

    private static NpgsqlParameter Times(IReadOnlyList<RecordedEvent> events, Func<EpcisEvent, DateTimeOffset?> time) =>
        Array(events.Select(e => time(e.Event)?.UtcDateTime).ToArray(), NpgsqlDbType.TimestampTz);

    private static NpgsqlParameter Array(object value, NpgsqlDbType type) =>
        new() { Value = value, NpgsqlDbType = NpgsqlDbType.Array | type };
}
