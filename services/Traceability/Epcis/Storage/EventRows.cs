using System.Security.Cryptography;
using System.Text;
using EventStore;
using Npgsql;
using NpgsqlTypes;
using static Traceability.SqlValues;

namespace Traceability.Epcis.Storage;

/// <summary>An event about to be written: what was received, and what identifies it.</summary>
/// <param name="Id">Id of the recording event; its stream is <c>epcis-{id}</c>.</param>
/// <param name="Event">What was received.</param>
/// <param name="EventId">The client's id, or the hash where it gave none.</param>
/// <param name="Identity">Equal for true duplicates; null for an error declaration, which never is one.</param>
/// <param name="At">When it was recorded.</param>
internal sealed record RecordedEvent(
    Guid Id, EpcisEvent Event, string EventId, byte[]? Identity, DateTimeOffset At);

/// <summary>A statement with the values of its places.</summary>
internal sealed record RowCommand(string Sql, params object[] Values);

/// <summary>
/// Writes the rows of a whole capture in the transaction of its events, one statement for each table. The events of one
/// session follow each other in the feed, so one look-up of the first one's position gives every row its place.
/// </summary>
internal static class EventRows
{
    /// <summary>
    /// Queues bodies and rows of <paramref name="events"/>, which must be the session's first appends, in this order.
    /// </summary>
    public static void Queue(
        Session session, IReadOnlyList<RecordedEvent> events, IReadOnlyList<byte[]> secrets,
        IReadOnlyList<byte[]?> counts, Guid? capture)
    {
        session.QueueSqlCommand(
            "insert into epcis_bodies (event_id, secret, hash, body, counts) select * from unnest($1, $2, $3, $4, $5)",
            Ids(events), secrets.ToArray(), events.Select(e => HashBytes(e.Event.Hash)).ToArray(),
            events.Select(e => e.Event.Body.ToArray()).ToArray(), ArrayOf(counts.ToArray(), NpgsqlDbType.Bytea));
        foreach (RowCommand command in Commands(session.Context.Tenant, events, capture))
            session.QueueSqlCommand(command.Sql, command.Values);
    }

    /// <summary>What writes the rows of events of one capture, whose positions in the feed follow each other.</summary>
    public static IEnumerable<RowCommand> Commands(
        string tenant, IReadOnlyList<RecordedEvent> events, Guid? capture)
    {
        yield return Events(tenant, events, capture);
        RowCommand?[] others = [Epcs(events), Quantities(events), Transactions(events), Parties(events)];
        foreach (RowCommand? command in others)
        {
            if (command is not null)
                yield return command;
        }
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

    private static RowCommand Events(string tenant, IReadOnlyList<RecordedEvent> events, Guid? capture) =>
        new(
            """
            insert into epcis_events (seq, record_time, event_time, error_time, id, capture, has_sensor, tenant, type,
                event_id, hash, identity, action, biz_step, disposition, read_point, biz_location, transformation_id,
                error_reason, corrective_ids, persistent_set, persistent_unset)
            select f.position + u.n - 1, u.at, u.event_time, u.error_time, u.id, $2, u.has_sensor, $3, u.type,
                u.event_id, u.hash, u.identity, u.action, u.biz_step, u.disposition, u.read_point, u.biz_location,
                u.transformation_id, u.error_reason, string_to_array(u.corrective, ' '),
                string_to_array(u.p_set, ' '), string_to_array(u.p_unset, ' ')
            from (select position from store.events where id = $1) f,
                unnest($4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
                with ordinality as u (at, event_time, error_time, id, has_sensor, type, event_id, hash, identity,
                    action, biz_step, disposition, read_point, biz_location, transformation_id, error_reason, corrective,
                    p_set, p_unset, n)
            """,
            events[0].Id,
            new NpgsqlParameter { Value = (object?)capture ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid },
            tenant, ArrayOf(events.Select(e => e.At.UtcDateTime).ToArray(), NpgsqlDbType.TimestampTz),
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

    private static RowCommand? Epcs(IReadOnlyList<RecordedEvent> events)
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
        return places.Count == 0 ? null : new RowCommand(
            """
            insert into epcis_epcs (seq, role, uri)
            select f.position + u.place, u.role, u.uri
            from (select position from store.events where id = $1) f, unnest($2, $3, $4) as u (place, role, uri)
            """, events[0].Id, places, roles, uris);
    }

    private static RowCommand? Quantities(IReadOnlyList<RecordedEvent> events)
    {
        (int Place, EventQuantity Row)[] rows = [.. Each(events, e => e.Quantities)];
        return rows.Length == 0 ? null : new RowCommand(
            """
            insert into epcis_quantities (seq, role, class_uri, quantity, uom)
            select f.position + u.place, u.role, u.class_uri, u.quantity, u.uom
            from (select position from store.events where id = $1) f,
                unnest($2, $3, $4, $5, $6) as u (place, role, class_uri, quantity, uom)
            """,
            events[0].Id, rows.Select(r => r.Place).ToArray(), rows.Select(r => (short)r.Row.Role).ToArray(),
            rows.Select(r => r.Row.ClassUri).ToArray(),
            ArrayOf(rows.Select(r => r.Row.Quantity).ToArray(), NpgsqlDbType.Numeric),
            ArrayOf(rows.Select(r => r.Row.Uom).ToArray(), NpgsqlDbType.Text));
    }

    private static RowCommand? Transactions(IReadOnlyList<RecordedEvent> events)
    {
        (int Place, EventLink Row)[] rows = [.. Each(events, e => e.Transactions)];
        return rows.Length == 0 ? null : new RowCommand(
            """
            insert into epcis_transactions (seq, uri, type)
            select f.position + u.place, u.uri, u.type
            from (select position from store.events where id = $1) f, unnest($2, $3, $4) as u (place, uri, type)
            """,
            events[0].Id, rows.Select(r => r.Place).ToArray(), rows.Select(r => r.Row.Uri).ToArray(),
            ArrayOf(rows.Select(r => r.Row.Type).ToArray(), NpgsqlDbType.Text));
    }

    private static RowCommand? Parties(IReadOnlyList<RecordedEvent> events)
    {
        (int Place, Party Row)[] rows = [.. Each(events, Party.Of)];
        return rows.Length == 0 ? null : new RowCommand(
            """
            insert into epcis_parties (seq, side, uri, type, gln)
            select f.position + u.place, u.side, u.uri, u.type, u.gln
            from (select position from store.events where id = $1) f,
                unnest($2, $3, $4, $5, $6) as u (place, side, uri, type, gln)
            """,
            events[0].Id, rows.Select(r => r.Place).ToArray(), rows.Select(r => (short)r.Row.Side).ToArray(),
            rows.Select(r => r.Row.Uri).ToArray(), ArrayOf(rows.Select(r => r.Row.Type).ToArray(), NpgsqlDbType.Text),
            ArrayOf(rows.Select(r => r.Row.Gln).ToArray(), NpgsqlDbType.Text));
    }

    private static IEnumerable<(int Place, T Row)> Each<T>(
        IReadOnlyList<RecordedEvent> events, Func<EpcisEvent, IEnumerable<T>> rows) =>
        events.SelectMany((e, place) => rows(e.Event).Select(row => (place, row)));

    private static Guid[] Ids(IReadOnlyList<RecordedEvent> events) => [.. events.Select(e => e.Id)];

    private static string? Joined(IReadOnlyList<string>? uris) =>
        uris is { Count: > 0 } ? string.Join(' ', uris) : null;

    private static NpgsqlParameter Texts(IReadOnlyList<RecordedEvent> events, Func<RecordedEvent, string?> text) =>
        ArrayOf(events.Select(text).ToArray(), NpgsqlDbType.Text);

    private static NpgsqlParameter Bytes(IReadOnlyList<RecordedEvent> events, Func<RecordedEvent, byte[]?> bytes) =>
        ArrayOf(events.Select(bytes).ToArray(), NpgsqlDbType.Bytea);

    private static NpgsqlParameter Times(IReadOnlyList<RecordedEvent> events, Func<EpcisEvent, DateTimeOffset?> time) =>
        ArrayOf(events.Select(e => time(e.Event)?.UtcDateTime).ToArray(), NpgsqlDbType.TimestampTz);
}
