using Npgsql;
using Traceability.Epcis.Storage;
using Traceability.Graph;
using Traceability.MasterData;
using Traceability.Sensors;
using Traceability.Visibility;

namespace Traceability.Scanning.Page;

/// <summary>
/// The events about the item, its lot, and what held the item while it did, as the public may see them, of the
/// organisations that are on its chain. A place is named where the event's owner publishes places, or where it is a public
/// place of that owner; so is the organisation, beside the product's own. The limits keep the planner at
/// look-ups by key for each event, whatever it believes of the tables' size.
/// </summary>
internal sealed class JourneyQuery : IPageQuery
{
    private const int StepsMax = 60;

    // Roles 0 and 2: what is told of a container is what happened to it, not what else was put into it.
    private static readonly string Found =
        $"""
        select distinct on (seq) seq, uri, depth, role, counted from (
            select c.seq, h.uri, h.depth, c.role, false as counted from held h
            cross join lateral (
                select x.seq, x.role, e.event_time from epcis_epcs x {Recorded}
                where x.uri = h.uri and e.tenant = any ({Holding.Chain}) order by x.seq limit 500) c
            where h.depth = 0 or c.role in (0, 2) and c.event_time between h.from_at and h.to_at
            union all select seq, uri, 0, role, false from (
                select x.seq, x.uri, x.role from epcis_epcs x {Recorded}
                where x.uri = $6 and e.tenant = any ({Holding.Chain}) order by x.seq limit 500) l
            union all select seq, class_uri, 0, role, true from (
                select x.seq, x.class_uri, x.role from epcis_quantities x {Recorded}
                where x.class_uri = $6 and e.tenant = any ({Holding.Chain}) order by x.seq limit 500) q) x
        order by seq, depth, role
        """;

    private const string Recorded =
        "cross join lateral (select tenant, event_time from epcis_events where seq = x.seq and error_time is null limit 1) e";

    public NpgsqlBatchCommand? Command(ItemKey key, Holding holding, DateTimeOffset now) =>
        key.Serial is null && key.Lot is null ? null : Sql.Command(
            $"""
            {Holding.Held}
            select e.id, e.event_time, e.biz_step, e.disposition, pa.uri, p.gln, p.name_zh, p.name_en, p.city_zh,
                p.city_en, p.latitude, p.longitude, coalesce(p.shown and p.tenant = e.tenant, false),
                o.published, o.withheld, m.uri, m.depth, e.action, e.tenant,
                case when e.type in ('AggregationEvent', 'AssociationEvent') then
                    (select uri from epcis_epcs where seq = e.seq and role = 1 limit 1) end,
                case when e.has_sensor then (select body from epcis_bodies where event_id = e.id) end,
                e.type, m.role, m.counted, g.name_zh, g.name_en, p.event_id, pa.side,
                exists (select from places own where own.tenant = e.tenant and own.shown)
            from ({Found}) m
            cross join lateral (select * from epcis_events where seq = m.seq and error_time is null limit 1) e
            left join lateral (
                select uri, gln, side from epcis_parties where seq = e.seq and side in (2, 3) order by side desc limit 1) pa on true
            left join places p on p.gln = pa.gln and (p.tenant = e.tenant or p.shown and p.tenant = (
                select tenant from trace_gln_owners where gln = pa.gln))
            left join trace_policies o on o.tenant = e.tenant
            left join organisations g on g.tenant = e.tenant
            where {Declared.NotWrong("e")}
            order by e.event_time, e.seq limit {StepsMax + 1}
            """, [.. holding.Parameters, key.Lot is null ? "" : key.LotUri]);

    public async Task ReadAsync(NpgsqlDataReader rows, ItemFacts facts, CancellationToken cancellationToken)
    {
        for (int n = 0; await rows.ReadAsync(cancellationToken); n++)
        {
            if (n == StepsMax)
            {
                facts.IsJourneyCut = true;
                facts.Curve.CutOff();
                return;
            }
            DisclosurePolicy policy = rows.Policy(13);
            if (!May(policy, SeenRows.Pointer((ItemRole)rows.GetInt16(22), rows.GetBoolean(23))))
                continue;
            string at = rows.IsDBNull(27) ? "/bizLocation" : PlacePointer(rows.GetInt16(27));
            bool place = May(policy, at) || rows.GetBoolean(12) && !policy.Withheld.Contains(at);
            PagePlace? named = place && rows.Words(6) is { } name
                ? new PagePlace(rows.GetString(5), name, rows.Words(8), rows.Number(10), rows.Number(11),
                    rows.IsDBNull(26) ? null : rows.GetGuid(26))
                : null;
            facts.Journey.Add(new PageStep(
                rows.GetGuid(0), May(policy, "/eventTime") ? rows.GetFieldValue<DateTimeOffset>(1) : null,
                May(policy, "/bizStep") ? rows.Text(2) : null, May(policy, "/disposition") ? rows.Text(3) : null,
                place ? rows.Text(4) : null, named, rows.GetString(15))
            {
                Depth = rows.GetInt32(16),
                Type = rows.GetString(21),
                Action = May(policy, "/action") ? rows.Text(17) : null,
                Parent = May(policy, "/parentID") ? rows.Text(19) : null,
                // The product's owner is named by the product; others only where they are known in public by a place.
                Recorder = rows.GetBoolean(28) || rows.GetString(18) == facts.Product?.Tenant
                    || May(policy, "/bizLocation") || May(policy, "/readPoint") ? rows.Words(24) : null,
            });
            if (!rows.IsDBNull(20) && May(policy, "/sensorElementList"))
                facts.Curve.Add(SensorElements.Celsius(rows.GetFieldValue<byte[]>(20), rows.GetDateTime(1)));
        }
    }

    /// <summary>The member of an event that names the place of a side: each is shown by its own policy.</summary>
    public static string PlacePointer(short side) => side == (short)Side.BizLocation ? "/bizLocation" : "/readPoint";

    private static bool May(DisclosurePolicy policy, string pointer) =>
        VisibilityRule.MaySee(Relation.Public, policy, pointer);
}
