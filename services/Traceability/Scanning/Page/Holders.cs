namespace Traceability.Scanning.Page;

/// <summary>
/// Whose word counts for an item and what held it, as common table expressions over the item in <c>$1</c>, its lot in
/// <c>$2</c> and the GTIN in <c>$3</c>. <c>chain</c> has the product's owner, its partners and sellers, and each
/// organisation of which a confirmed GLN is source, destination or place in an event of one that is on the chain.
/// <c>held</c> has, by their events alone, the item itself for ever, the box from packing to unpacking, the pallet while the
/// box was on it, and what the item was made one with, as two labels of one tin. An organisation that withholds what it
/// packed into what ends the chain. The limits keep the planner at look-ups by key.
/// </summary>
internal static class Holders
{
    /// <summary>Organisations whose events the page shows, for <c>= any (…)</c>.</summary>
    public const string Chain = "array(select tenant from chain)";

    /// <summary>Organisations that may turn out to be on the chain: anybody can capture an event about any item.</summary>
    private const string Known = "array(select tenant from owners union all select tenant from trace_gln_owners)";

    private const string Told =
        """
        (select true from trace_policies o
                    where o.tenant = e.tenant and o.withheld && array['/parentID', '/childEPCs'] limit 1) is null
        """;

    // Who handled the goods has handled them whatever is published of it.
    private const string Everything = "true";

    public static readonly string Held =
        $"""
        with recursive owners (tenant) as materialized (
            select tenant from products where gtin = $3
            union select t.partner from products p join trace_partners t on t.tenant = p.tenant where p.gtin = $3
            union select seller from sellers where gtin = $3
        ), {Recursion("reach", Known, Everything)}, named (tenant, other) as materialized (
            select distinct e.tenant, g.tenant from (
                select c.seq from reach h
                cross join lateral (select seq from epcis_epcs where uri = h.uri order by seq limit 500) c
                union select seq from (select seq from epcis_epcs where uri = $2 order by seq limit 500) l
                union select seq from (select seq from epcis_quantities where class_uri = $2 order by seq limit 500) q) t
            cross join lateral (select tenant from epcis_events where seq = t.seq and error_time is null limit 1) e
            cross join lateral (select gln from epcis_parties where seq = t.seq limit 100) pa
            cross join lateral (select tenant from trace_gln_owners where gln = pa.gln limit 1) g
            where e.tenant = any ({Known})
        ), chain (tenant) as (
            select tenant from owners union select n.other from chain c join named n on n.tenant = c.tenant
        ), {Recursion("held", Chain, Told)}
        """;

    private static string Recursion(string name, string tenants, string told) =>
        $"""
        {name} (uri, from_at, to_at, depth) as (
            select $1::text collate "C", '-infinity'::timestamptz, 'infinity'::timestamptz, 0
            union all
            select s.parent, greatest(h.from_at, s.from_at), least(h.to_at, s.to_at), h.depth + 1
            from {name} h cross join lateral (
                select p.uri as parent, e.event_time as from_at, coalesce((
                    select min(d.event_time)
                    from (select seq from epcis_epcs where uri = p.uri and role = 1 order by seq limit 500) x
                    cross join lateral (select * from epcis_events where seq = x.seq limit 1) d
                    where d.type in ('AggregationEvent', 'AssociationEvent') and d.action = 'DELETE'
                      and d.event_time >= e.event_time and d.error_time is null and d.tenant = any ({tenants})
                      and (select coalesce(bool_or(uri = h.uri), true) from epcis_epcs where seq = d.seq and role = 2)),
                    'infinity') as to_at
                from (select seq from epcis_epcs where uri = h.uri and role = 2 order by seq limit 500) c
                cross join lateral (select * from epcis_events where seq = c.seq and error_time is null limit 1) e
                cross join lateral (select uri from epcis_epcs where seq = c.seq and role = 1 limit 1) p
                where e.type in ('AggregationEvent', 'AssociationEvent') and e.action = 'ADD'
                  and e.tenant = any ({tenants})
                  and (select true from epcis_events d
                    where d.hash = e.hash and d.tenant = e.tenant and d.error_time is not null limit 1) is null
                  and {told}) s
            where h.depth < 6 and s.from_at < h.to_at and s.to_at > h.from_at
        )
        """;
}
