namespace Traceability.Epcis.Storage;

/// <summary>
/// The tables that EPCIS events are found by. A row's <c>seq</c> is its event's position in the feed, so it stands for
/// the order of record time. Everything but the bodies can be written again from events and bodies
/// (<see cref="TableRebuild"/>).
/// </summary>
internal static class EpcisTables
{
    public const string Schema =
        """
        create table epcis_bodies (
            event_id uuid  primary key,
            secret   bytea not null,
            body     bytea compression lz4 not null
        );

        create table epcis_events (
            seq               bigint      primary key,
            record_time       timestamptz not null,
            event_time        timestamptz not null,
            error_time        timestamptz,
            id                uuid        not null,
            capture           uuid,
            has_sensor        boolean     not null,
            tenant            text collate "C" not null,
            type              text collate "C" not null,
            event_id          text collate "C" not null,
            hash              bytea       not null,
            identity          bytea,
            action            text collate "C",
            biz_step          text collate "C",
            disposition       text collate "C",
            read_point        text collate "C",
            biz_location      text collate "C",
            transformation_id text collate "C",
            error_reason      text collate "C",
            corrective_ids    text[],
            persistent_set    text[],
            persistent_unset  text[]
        );
        create unique index epcis_events_identity on epcis_events (identity) where identity is not null;
        create index epcis_events_event_id on epcis_events (event_id);
        create index epcis_events_hash on epcis_events (hash);
        create index epcis_events_tenant on epcis_events (tenant, seq);
        create index epcis_events_time on epcis_events (event_time, seq);
        create index epcis_events_location on epcis_events (biz_location, seq) where biz_location is not null;

        create table epcis_epcs (
            seq  bigint   not null,
            role smallint not null,
            uri  text collate "C" not null
        );
        create index epcis_epcs_uri on epcis_epcs (uri, seq) include (role);
        create index epcis_epcs_seq on epcis_epcs (seq);

        create table epcis_quantities (
            seq       bigint   not null,
            role      smallint not null,
            class_uri text collate "C" not null,
            quantity  numeric,
            uom       text collate "C"
        );
        create index epcis_quantities_class on epcis_quantities (class_uri, seq) include (role);
        create index epcis_quantities_seq on epcis_quantities (seq);

        create table epcis_transactions (
            seq  bigint not null,
            uri  text collate "C" not null,
            type text collate "C"
        );
        create index epcis_transactions_uri on epcis_transactions (uri, seq);
        create index epcis_transactions_seq on epcis_transactions (seq);

        -- Sources, destinations and places: side 0 source, 1 destination, 2 read point, 3 business location.
        create table epcis_parties (
            seq  bigint   not null,
            side smallint not null,
            uri  text collate "C" not null,
            type text collate "C",
            gln  text collate "C"
        );
        create index epcis_parties_uri on epcis_parties (uri, seq);
        create index epcis_parties_gln on epcis_parties (gln, seq) where gln is not null;
        create index epcis_parties_seq on epcis_parties (seq);
        """;

    /// <summary>
    /// The hash beside the body: it can't be had from the body alone, because an XML document's namespaces and what a
    /// document leaves out of the hash are not in it.
    /// </summary>
    public const string BodyHashes =
        """
        alter table epcis_bodies add hash bytea;
        update epcis_bodies b set hash = e.hash from epcis_events e where e.id = b.event_id;
        alter table epcis_bodies alter hash set not null;
        """;

    /// <summary>
    /// How many events about each item there were before, as the event's statements say it: a record like the body. Null of
    /// events from before this.
    /// </summary>
    public const string Counts = "alter table epcis_bodies add counts bytea";

    /// <summary>
    /// What finds the few declarations of error. Every reader of events asks whether one names its event; without these
    /// the planner takes an index of all events for it, and reads a tenant's whole past for each.
    /// </summary>
    public const string Declarations =
        """
        create index epcis_events_declared_hash on epcis_events (hash) where error_time is not null;
        create index epcis_events_declared_id on epcis_events (event_id) where error_time is not null;
        """;
}
