-- Fills the graph's tables of a trace database with lots of bottles: raw material, bottling, boxes of 12, pallets of 42
-- boxes sent and emptied, and each bottle sold alone. Sales of all lots are mixed, as they come in from shops.
-- Session settings: bench.tenant, bench.events (about), bench.large (bottles in the first lot).
begin; -- the projection waits: it would take the same numbers
lock table graph_items, graph_steps in exclusive mode;

create temp table bench_lots as
with sizes as (
    select 0 as lot, current_setting('bench.large')::int as bottles
    union all
    select g, 2000 from generate_series(1, greatest(1, (current_setting('bench.events')::bigint
        - current_setting('bench.large')::bigint * 11 / 10) / 2204)) g),
counted as (
    select lot, bottles, (bottles + 11) / 12 as boxes, ((bottles + 11) / 12 + 41) / 42 as pallets from sizes)
select *,
    (select coalesce(max(id), 0) from graph_items)
        + sum(2 + bottles + boxes + pallets) over (order by lot) - (2 + bottles + boxes + pallets) + 1 as id,
    (select greatest(coalesce(max(number), 0), (select max(seq) from graph_progress)) from graph_steps)
        + sum(1 + (bottles + 99) / 100 + boxes + 4 * pallets) over (order by lot)
        - (1 + (bottles + 99) / 100 + boxes + 4 * pallets) + 1 as number
from counted;
alter table bench_lots add primary key (lot);
analyze bench_lots;

insert into graph_words (word)
select unnest(array[current_setting('bench.tenant'), 'commissioning', 'packing', 'shipping', 'receiving', 'unpacking',
    'retail_selling', 'in_transit', 'retail_sold', '', 'KGM']) on conflict do nothing;

insert into graph_items (id, uri) overriding system value
select id, 'https://id.gs1.org/01/06901234567892/10/BENCH-RAW-' || lot from bench_lots
union all select id + 1, 'https://id.gs1.org/01/06901234567892/10/BENCH-' || lot from bench_lots
union all select id + 1 + b, 'https://id.gs1.org/01/06901234567892/21/' || upper(md5(lot || '.' || b)) from bench_lots,
    generate_series(1, bottles) b
union all select id + 1 + bottles + x, 'https://id.gs1.org/01/16901234567899/21/B' || lot || '.' || x from bench_lots,
    generate_series(1, boxes) x
union all select id + 1 + bottles + boxes + p, 'https://id.gs1.org/00/9' || lpad((lot * 100000 + p)::text, 17, '0')
    from bench_lots, generate_series(1, pallets) p;

create temp view bench_steps as
with w as (select (select id from graph_words where word = current_setting('bench.tenant')) tenant,
    (select id from graph_words where word = '') none, (select id from graph_words where word = 'commissioning') made,
    (select id from graph_words where word = 'packing') packed, (select id from graph_words where word = 'shipping') sent,
    (select id from graph_words where word = 'receiving') received,
    (select id from graph_words where word = 'retail_selling') sold,
    (select id from graph_words where word = 'in_transit') transit,
    (select id from graph_words where word = 'unpacking') emptied, (select id from graph_words where word = 'KGM') kgm)
select number, 0 as day, 3 as kind, 0 as action, w.none as step, w.none as disposition, array[id, id + 1] as items,
    '{19,20}'::smallint[] as roles, null::bigint[] as lots, '{1000,999.5}'::numeric[] as quantities,
    array[w.kgm, w.kgm] as units, w.tenant from bench_lots, w
union all
select number + n, 1, 0, 1, w.made, w.none,
    array(select id + 1 + b from generate_series(n * 100 - 99, least(n * 100, bottles)) b) || (id + 1),
    array_fill(0::smallint, array[least(100, bottles - n * 100 + 100)]) || 5::smallint,
    array_fill(id + 1, array[least(100, bottles - n * 100 + 100)]), null, null, w.tenant
    from bench_lots, w, generate_series(1, (bottles + 99) / 100) n
union all
select number + (bottles + 99) / 100 + x, 2, 1, 1, w.packed, w.none,
    (id + 1 + bottles + x) || array(select id + 1 + b from generate_series(x * 12 - 11, least(x * 12, bottles)) b),
    1::smallint || array_fill(2::smallint, array[least(12, bottles - x * 12 + 12)]), null, null, null, w.tenant
    from bench_lots, w, generate_series(1, boxes) x
union all
select number + (bottles + 99) / 100 + boxes + p, 3, 1, 1, w.packed, w.none,
    (id + 1 + bottles + boxes + p)
        || array(select id + 1 + bottles + x from generate_series(p * 42 - 41, least(p * 42, boxes)) x),
    1::smallint || array_fill(2::smallint, array[least(42, boxes - p * 42 + 42)]), null, null, null, w.tenant
    from bench_lots, w, generate_series(1, pallets) p
union all
select number + (bottles + 99) / 100 + boxes + pallets + (p - 1) * 3 + n, 4 + n, case n when 3 then 1 else 0 end,
    case n when 3 then 3 else 2 end, case n when 1 then w.sent when 2 then w.received else w.emptied end,
    case n when 1 then w.transit else w.none end, array[id + 1 + bottles + boxes + p],
    array[case n when 3 then 1 else 0 end]::smallint[], null, null, null, w.tenant
    from bench_lots, w, generate_series(1, pallets) p, generate_series(1, 3) n
union all
select (select max(number + 1 + (bottles + 99) / 100 + boxes + 4 * pallets) from bench_lots)
        + row_number() over (order by b::float8 / bottles, lot), 10, 0, 2, w.sold, w.none, array[id + 1 + b],
    '{0}'::smallint[], null, null, null, w.tenant from bench_lots, w, generate_series(1, bottles) b;

insert into graph_steps (number, at, recorded, event_id, place, destination, kind, action, tenant, biz_step, disposition,
    items, roles, lots, quantities, units)
select number, '2026-01-01'::timestamptz + day * interval '1 day' + (number % 86400) * interval '1 second',
    '2026-02-01', gen_random_uuid(), 0, 0, kind, action, tenant, step, disposition, items, roles, lots, quantities, units
from bench_steps;

insert into graph_links (item, number, structural)
select item, number, kind <> 0 or lots is not null from graph_steps, unnest(items) item
where number >= (select min(number) from bench_lots) order by item, number;

select setval(pg_get_serial_sequence('graph_items', 'id'), (select max(id) from graph_items));
drop view bench_steps;
drop table bench_lots;
commit;
