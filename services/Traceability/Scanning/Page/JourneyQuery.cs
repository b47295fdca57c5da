using Npgsql;
using Traceability.MasterData;
using Traceability.Visibility;

namespace Traceability.Scanning.Page;

/// <summary>
/// The events about the item or its lot, as the public may see them. A place is named where the event's owner publishes
/// places, or where it is a public place of that owner. The limits keep the planner at look-ups by key for each event,
/// whatever it believes of the tables' size.
/// </summary>
internal sealed class JourneyQuery : IPageQuery
{
    private const int StepsMax = 60;

    public NpgsqlBatchCommand? Command(ItemKey key, DateTimeOffset now)
    {
        if (key.Serial is null && key.Lot is null)
            return null;
        List<string> uris = [];
        if (key.Serial is not null)
            uris.Add(key.ItemUri);
        if (key.Lot is not null)
            uris.Add(key.LotUri);
        return Sql.Command(
            $"""
            select e.id, e.event_time, e.biz_step, e.disposition, pa.uri, p.gln, p.name_zh, p.name_en, p.city_zh,
                p.city_en, p.latitude, p.longitude, coalesce(p.shown and p.tenant = e.tenant, false),
                o.published, o.withheld, m.uri
            from (select seq, min(uri) as uri from (
                    select seq, uri from epcis_epcs where uri = any($1)
                    union all select seq, class_uri from epcis_quantities where class_uri = any($1)) x
                group by seq) m
            cross join lateral (select * from epcis_events where seq = m.seq and error_time is null limit 1) e
            left join lateral (
                select uri, gln from epcis_parties where seq = e.seq and side in (2, 3) order by side desc limit 1) pa on true
            left join places p on p.gln = pa.gln
            left join trace_policies o on o.tenant = e.tenant
            where (select true from epcis_events d
                where d.hash = e.hash and d.tenant = e.tenant and d.error_time is not null limit 1) is null
              and (select true from epcis_events d
                where d.event_id = e.event_id and d.tenant = e.tenant and d.error_time is not null limit 1) is null
            order by e.event_time, e.seq limit {StepsMax}
            """, uris.ToArray());
    }

    public async Task ReadAsync(NpgsqlDataReader rows, ItemFacts facts, CancellationToken cancellationToken)
    {
        while (await rows.ReadAsync(cancellationToken))
        {
            DisclosurePolicy policy = rows.IsDBNull(13)
                ? DisclosurePolicy.Default
                : new DisclosurePolicy(
                    rows.GetFieldValue<string[]>(13).ToHashSet(), rows.GetFieldValue<string[]>(14).ToHashSet());
            if (!May(policy, "/epcList"))
                continue;
            bool place = May(policy, "/bizLocation") || rows.GetBoolean(12) && !policy.Withheld.Contains("/bizLocation");
            PagePlace? named = place && rows.Words(6) is { } name
                ? new PagePlace(rows.GetString(5), name, rows.Words(8), rows.Number(10), rows.Number(11))
                : null;
            facts.Journey.Add(new PageStep(
                rows.GetGuid(0), May(policy, "/eventTime") ? rows.GetFieldValue<DateTimeOffset>(1) : null,
                May(policy, "/bizStep") ? rows.Text(2) : null, May(policy, "/disposition") ? rows.Text(3) : null,
                place ? rows.Text(4) : null, named, rows.GetString(15)));
        }
    }

    private static bool May(DisclosurePolicy policy, string pointer) =>
        VisibilityRule.MaySee(Relation.Public, policy, pointer);
}
