namespace Traceability.Scanning.Page;

/// <summary>
/// What held an item and when, as a common table expression <c>held</c> over the item in <c>$1</c>: the item itself for
/// ever, the box from packing to unpacking, the pallet while the box was on it, and what the item was made one with, as two
/// labels of one tin. An organisation that withholds what it packed into what ends the chain. The limits keep the planner at
/// look-ups by key.
/// </summary>
internal static class Holders
{
    public const string Held =
        """
        with recursive held (uri, from_at, to_at, depth) as (
            select $1::text collate "C", '-infinity'::timestamptz, 'infinity'::timestamptz, 0
            union all
            select s.parent, greatest(h.from_at, s.from_at), least(h.to_at, s.to_at), h.depth + 1
            from held h cross join lateral (
                select p.uri as parent, e.event_time as from_at, coalesce((
                    select min(d.event_time)
                    from (select seq from epcis_epcs where uri = p.uri and role = 1 order by seq limit 500) x
                    cross join lateral (select * from epcis_events where seq = x.seq limit 1) d
                    where d.type in ('AggregationEvent', 'AssociationEvent') and d.action = 'DELETE' and d.event_time >= e.event_time
                      and d.error_time is null
                      and (select coalesce(bool_or(uri = h.uri), true) from epcis_epcs where seq = d.seq and role = 2)),
                    'infinity') as to_at
                from (select seq from epcis_epcs where uri = h.uri and role = 2 order by seq limit 500) c
                cross join lateral (select * from epcis_events where seq = c.seq and error_time is null limit 1) e
                cross join lateral (select uri from epcis_epcs where seq = c.seq and role = 1 limit 1) p
                where e.type in ('AggregationEvent', 'AssociationEvent') and e.action = 'ADD'
                  and (select true from epcis_events d
                    where d.hash = e.hash and d.tenant = e.tenant and d.error_time is not null limit 1) is null
                  and (select true from trace_policies o
                    where o.tenant = e.tenant and o.withheld && array['/parentID', '/childEPCs'] limit 1) is null) s
            where h.depth < 6 and s.from_at < h.to_at and s.to_at > h.from_at
        )
        """;
}
