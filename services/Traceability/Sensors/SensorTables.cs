namespace Traceability.Sensors;

/// <summary>Devices, and their blocks of readings.</summary>
internal static class SensorTables
{
    public const string Schema =
        """
        create table sensor_devices (
            tenant    text collate "C" not null,
            device    text collate "C" not null,
            algorithm text not null,
            key       bytea not null,
            name      text not null,
            measure   text not null,
            unit      text not null,
            min       numeric,
            max       numeric,
            tolerated interval not null,
            primary key (tenant, device)
        );

        create table sensor_blocks (
            event_id  uuid primary key,
            tenant    text collate "C" not null,
            device    text collate "C" not null,
            sequence  bigint not null,
            subject   text collate "C" not null,
            unit      text not null,
            form      text not null,
            from_at   timestamptz not null,
            to_at     timestamptz not null,
            count     int not null,
            min       numeric not null,
            max       numeric not null,
            mkt       double precision,
            secret    bytea not null,
            signature bytea not null,
            -- As the device sent and signed it, under Brotli.
            raw       bytea not null
        );
        create unique index sensor_blocks_sequence on sensor_blocks (tenant, device, sequence);
        create index sensor_blocks_subject on sensor_blocks (subject, from_at);

        create table sensor_alarms (
            event_id uuid not null,
            n        int  not null,
            tenant   text collate "C" not null,
            device   text collate "C" not null,
            subject  text collate "C" not null,
            from_at  timestamptz not null,
            to_at    timestamptz not null,
            peak     numeric not null,
            high     boolean not null,
            count    int not null,
            alarm    boolean not null,
            primary key (event_id, n)
        );
        create index sensor_alarms_tenant on sensor_alarms (tenant, from_at desc);
        create index sensor_alarms_subject on sensor_alarms (subject, from_at);
        """;

    /// <summary>A few points of each block, so that a page draws it without unpacking the series.</summary>
    public const string Points =
        """
        alter table sensor_blocks add column points_at timestamptz[] not null default '{}';
        alter table sensor_blocks add column points_value numeric[] not null default '{}';
        """;

    /// <summary>
    /// What a block was held against, in which order a device's blocks were recorded, and the excursion it ended in.
    /// Of blocks from before this is not known.
    /// </summary>
    public const string Trails =
        """
        alter table sensor_blocks
            add column place        bigint,
            add column range_min    numeric,
            add column range_max    numeric,
            add column tolerated    interval,
            add column longest_step interval,
            add column open_from    timestamptz,
            add column open_to      timestamptz,
            add column open_peak    numeric,
            add column open_high    boolean,
            add column open_count   int;
        create index sensor_blocks_place on sensor_blocks (tenant, device, place);
        """;

    /// <summary>Which key a block was signed with; of blocks from before this is not known.</summary>
    public const string Keys = "alter table sensor_blocks add column key_sha256 text";

    /// <summary>All keys that devices ever had, by their SHA-256 in hex: a block is checked with the one that signed it.</summary>
    public const string KeyHistory =
        """
        create table sensor_keys (
            sha256 text  primary key,
            key    bytea not null
        );
        insert into sensor_keys
        select distinct on (1) encode(sha256(k.key), 'hex'), k.key
        from store.events e
        cross join lateral (select decode(convert_from(e.body, 'UTF8')::jsonb -> 'data' ->> 'key', 'base64') as key) k
        where e.type = 'trace.sensor-device-registered.v1';
        """;

    /// <summary>
    /// How an excursion <c>a</c> of <c>sensor_alarms</c> ended, as <c>e.ending</c>: <c>ended</c> by a reading;
    /// <c>open</c> while no block of the device's follows; <c>interrupted</c> where the block before its first reading
    /// or after its last one is missing, so that it may have been longer.
    /// </summary>
    public const string Ending =
        """
        cross join lateral (
            select case
                when exists (
                    select 1 from sensor_blocks f
                    where f.subject = a.subject and f.from_at = a.from_at and f.tenant = a.tenant
                      and f.device = a.device
                      and exists (select 1 from sensor_blocks p where p.tenant = f.tenant and p.device = f.device
                          and p.sequence < f.sequence)
                      and not exists (select 1 from sensor_blocks p where p.tenant = f.tenant and p.device = f.device
                          and p.sequence = f.sequence - 1)) then 'interrupted'
                else coalesce((
                    select case when exists (
                        select 1 from sensor_blocks n where n.tenant = l.tenant and n.device = l.device
                            and n.sequence > l.sequence) then 'interrupted' else 'open' end
                    from sensor_blocks l
                    where l.subject = a.subject and l.from_at <= a.to_at and l.to_at = a.to_at and l.tenant = a.tenant
                      and l.device = a.device and l.open_from = a.from_at limit 1), 'ended')
            end as ending) e
        """;
}
