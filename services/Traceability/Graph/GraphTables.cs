namespace Traceability.Graph;

/// <summary>
/// The graph's tables, written from the EPCIS tables and always restorable from them. Ids are numbers given in the
/// order in which they are first named, so that what was made together lies together on the disk.
/// </summary>
internal static class GraphTables
{
    public const string Schema =
        """
        create table graph_items (
            id  bigint generated always as identity primary key,
            uri text collate "C" not null
        );
        create unique index graph_items_uri on graph_items (uri);

        -- Few and repeated: tenants, business steps, dispositions, units, GLNs.
        create table graph_words (
            id   int generated always as identity primary key,
            word text collate "C" not null unique
        );

        create table graph_steps (
            number      bigint      primary key,
            at          timestamptz not null,
            recorded    timestamptz not null,
            voided      timestamptz,
            event_id    uuid        not null,
            place       bigint      not null,
            destination bigint      not null,
            kind        smallint    not null,
            action      smallint    not null,
            tenant      int         not null,
            biz_step    int         not null,
            disposition int         not null,
            glns        int[],
            -- Beside each other: participants, their roles (and 16 where counted by class), lots, quantities, units.
            items       bigint[]    compression lz4 not null,
            roles       smallint[]  compression lz4 not null,
            lots        bigint[]    compression lz4,
            quantities  numeric[]   compression lz4,
            units       int[]
        );

        create table graph_links (
            item   bigint not null,
            number bigint not null,
            primary key (item, number)
        );

        create table graph_progress (seq bigint not null);
        insert into graph_progress values (0);
        """;

    /// <summary>
    /// Links that a trace follows are told from mere sightings, so that it need not read a sale of every piece. The
    /// tables are written anew.
    /// </summary>
    public const string Structure =
        """
        truncate graph_steps, graph_links;
        alter table graph_links drop constraint graph_links_pkey;
        alter table graph_links add column structural boolean not null;
        alter table graph_links add primary key (item, number) include (structural);
        update graph_progress set seq = 0;
        """;

    /// <summary>Lots by another prefix than <c>cbvmda</c> were not read before. The tables are written anew.</summary>
    public const string LotsByAnyPrefix =
        "truncate graph_steps, graph_links; update graph_progress set seq = 0;";

    /// <summary>Marks the role of a participant that is named by class and quantity.</summary>
    public const short CountedFlag = 16;
}
