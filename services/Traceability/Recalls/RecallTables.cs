using EventStore;
using EventStore.Projections;
using Npgsql;
using NpgsqlTypes;
using static Traceability.SqlValues;

namespace Traceability.Recalls;

/// <summary>Recalls, what they reach and whom: rows beside the events.</summary>
internal sealed class RecallTables : IProjection
{
    public const string Schema =
        """
        create table recalls (
            id        uuid        primary key,
            tenant    text        collate "C" not null,
            title     text        not null,
            domain    text        not null,
            class     int         not null,
            drill     boolean     not null,
            opened_at timestamptz not null,
            notice_at timestamptz,
            notice    text,
            ended_at  timestamptz
        );
        create index recalls_tenant on recalls (tenant, opened_at desc);

        create table recall_items (
            recall   uuid not null,
            n        int  not null,
            uri      text collate "C" not null,
            relation smallint not null,
            state    smallint not null,
            event_id uuid,
            place    text collate "C",
            holder   text collate "C",
            shown    boolean not null,
            seen_at  timestamptz,
            primary key (recall, n)
        );
        create index recall_items_uri on recall_items using hash (uri);

        create table recall_holders (
            recall    uuid not null,
            holder    text collate "C" not null,
            items     int  not null,
            delivered timestamptz,
            primary key (recall, holder)
        );
        create index recall_holders_holder on recall_holders (holder);
        """;

    /// <summary>Whether an authority ordered it: then it stands on the pages of whoever's goods it reaches.</summary>
    public const string Authority =
        "alter table recalls add column authority boolean not null default false";

    /// <summary>
    /// Organisations outside of an item's chain that say they have it, how many each says it has, and whether the recalling
    /// organisation may know that.
    /// </summary>
    public const string Claims =
        """
        alter table recall_items add column claimed text[] collate "C";
        alter table recall_items add column sent_to text collate "C";
        alter table recall_holders add column claimed int not null default 0;
        alter table recall_holders add column known boolean not null default false;
        """;

    /// <summary>Title and notice in both languages; what was one text is in the language of its letters.</summary>
    public const string Languages =
        """
        alter table recalls add column title_zh text, add column title_en text, add column notice_zh text,
            add column notice_en text;
        update recalls set title_zh = case when title ~ '[\u3400-\u9fff]' then title end,
            title_en = case when title !~ '[\u3400-\u9fff]' then title end,
            notice_zh = case when notice ~ '[\u3400-\u9fff]' then notice end,
            notice_en = case when notice !~ '[\u3400-\u9fff]' then notice end;
        alter table recalls drop column title, drop column notice;
        """;

    /// <summary>What holders did with their pieces, the last word of each kind.</summary>
    public const string Confirmations =
        """
        create table recall_confirmations (
            recall uuid        not null,
            holder text        collate "C" not null,
            kind   text        collate "C" not null,
            pieces bigint      not null,
            at     timestamptz not null,
            primary key (recall, holder, kind)
        );
        """;

    public string Name => "recalls";

    public void Project(IReadOnlyList<StoredEvent> events, SqlBatch sql)
    {
        foreach (StoredEvent e in events)
        {
            if (e.Data is not RecallEvent data)
                continue;
            Guid id = RecallEvents.IdOf(e.Stream);
            switch (data)
            {
                case RecallEvent.Opened o:
                    sql.Add("insert into recalls (id, tenant, title_zh, title_en, domain, class, drill, opened_at, authority) "
                        + "values ($1, $2, nullif($3, ''), nullif($4, ''), $5, $6, $7, $8, $9)",
                        id, e.Tenant, o.Title.Zh ?? "", o.Title.En ?? "", o.Domain, o.Class, o.Drill, e.OccurredAt.UtcDateTime, o.Authority);
                    break;
                case RecallEvent.NoticeGiven n:
                    sql.Add("update recalls set notice_at = coalesce(notice_at, $2), notice_zh = nullif($3, ''), "
                        + "notice_en = nullif($4, '') where id = $1",
                        id, e.OccurredAt.UtcDateTime, n.Text.Zh ?? "", n.Text.En ?? "");
                    break;
                case RecallEvent.HolderConfirmed c:
                    sql.Add(
                        """
                        insert into recall_confirmations (recall, holder, kind, pieces, at) values ($1, $2, $3, $4, $5)
                        on conflict (recall, holder, kind) do update set pieces = excluded.pieces, at = excluded.at
                        """, id, c.Holder, c.Kind, c.Pieces, e.OccurredAt.UtcDateTime);
                    break;
                case RecallEvent.Ended:
                    sql.Add("update recalls set ended_at = $2 where id = $1", id, e.OccurredAt.UtcDateTime);
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>The reach of a recall is kept: it is what was found then, not what would be found now.</summary>
    public void Reset(SqlBatch sql) => sql.Add("truncate recalls, recall_confirmations");

    /// <summary>Writes what a recall reaches in the transaction of its event.</summary>
    public static void QueueScope(Session session, Guid recall, RecallScope scope)
    {
        session.QueueSqlCommand("delete from recall_items where recall = $1", recall);
        session.QueueSqlCommand("delete from recall_holders where recall = $1", recall);
        IReadOnlyList<RecalledItem> items = scope.Items;
        session.QueueSqlCommand(
            """
            insert into recall_items (recall, n, uri, relation, state, event_id, place, holder, shown, seen_at, claimed,
                sent_to)
            select $1, n, uri, relation, state, event_id, place, holder, shown, seen_at, string_to_array(claimed, E'\n'),
                sent_to
            from unnest($2, $3, $4, $5, $6, $7, $8, $9, $10, $11) with ordinality
                as u (uri, relation, state, event_id, place, holder, shown, seen_at, claimed, sent_to, n)
            """,
            recall, Texts(items.Select(i => i.Uri)), items.Select(i => (short)i.Relation).ToArray(),
            items.Select(i => (short)i.State).ToArray(),
            ArrayOf(items.Select(i => i.EventId).ToArray(), NpgsqlDbType.Uuid),
            Texts(items.Select(i => i.Place)), Texts(items.Select(i => i.Holder)),
            items.Select(i => i.Shown).ToArray(),
            ArrayOf(items.Select(i => i.SeenAt).ToArray(), NpgsqlDbType.TimestampTz),
            Texts(items.Select(i => i.Claimed is { } tenants ? string.Join('\n', tenants) : null)),
            Texts(items.Select(i => i.SentTo)));
        string[] told = [.. scope.Holders.Keys.Union(scope.Claims.Keys)];
        session.QueueSqlCommand(
            "insert into recall_holders (recall, holder, items, claimed, known) select $1, u.* from unnest($2, $3, $4, $5) u",
            recall, told, told.Select(t => scope.Holders.GetValueOrDefault(t)).ToArray(),
            told.Select(t => scope.Claims.GetValueOrDefault(t)).ToArray(), told.Select(scope.Known.Contains).ToArray());
    }

    /// <summary>How many pieces a recall reaches; null where some of it, or all, is known by amount only.</summary>
    public static async Task<long?> PiecesAsync(Store store, Guid recall, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            """
            select case when not exists (
                    select from recall_items i join epcis_quantities q on q.class_uri = i.uri where i.recall = $1)
                then nullif(count(*) filter (where uri !~ '^https://id\.gs1\.org/01/[0-9]{14}(/10/[^/]+)?$'), 0) end
            from recall_items where recall = $1
            """);
        command.Parameters.Add(new() { Value = recall });
        return await command.ExecuteScalarAsync(cancellation) as long?;
    }

    private static NpgsqlParameter Texts(IEnumerable<string?> texts) => ArrayOf(texts.ToArray(), NpgsqlDbType.Text);
}
