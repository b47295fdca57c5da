using EventStore;
using EventStore.Projections;
using Traceability.Codes.Batches;
using Traceability.Codes.Foreign;
using static Traceability.SqlValues;

namespace Traceability.Codes;

/// <summary>
/// Batches, activations, sets and lists as rows: what pages list and what the validator loads. <c>changed</c> is the
/// feed position of the last event, so that a reader can ask for what it has not seen.
/// </summary>
internal sealed class CodeRows : IProjection
{
    public const string Schema =
        """
        create table code_batches (
            id          uuid           primary key,
            opened_at   timestamptz    not null,
            changed     bigint         not null,
            first       bigint         not null,
            number      int            not null,
            count       int            not null,
            key_version int            not null,
            tenant      text           collate "C" not null,
            gtin        text           collate "C" not null,
            mode        text           not null,
            activation  text           not null,
            stem        text           not null,
            purpose     text,
            printed     int4multirange not null default '{}',
            destroyed   int4multirange not null default '{}'
        );
        create index code_batches_tenant on code_batches (tenant, id);
        create index code_batches_gtin on code_batches (tenant, gtin, id);
        create index code_batches_changed on code_batches (changed);
        create table code_activations (
            id         uuid        primary key,
            batch      uuid        not null,
            event_id   uuid        not null,
            at         timestamptz not null,
            changed    bigint      not null,
            from_code  int         not null,
            to_code    int         not null,
            lot        text        not null,
            line       text,
            dealer     text
        );
        create index code_activations_batch on code_activations (batch, from_code);
        create index code_activations_changed on code_activations (changed);
        create table code_sets (
            id           uuid   primary key,
            batch        uuid   not null,
            parent_batch uuid   not null,
            changed      bigint not null,
            from_code    int    not null,
            to_code      int    not null,
            ratio        int    not null,
            parent_from  int    not null,
            parent_to    int    not null
        );
        create index code_sets_batch on code_sets (batch, from_code);
        create index code_sets_parent on code_sets (parent_batch, parent_from);
        create table code_lists (
            id      uuid   primary key,
            changed bigint not null,
            tenant  text   collate "C" not null,
            name    text   not null,
            kind    text   not null,
            count   int    not null
        );
        create index code_lists_changed on code_lists (changed);
        create table code_list_chunks (
            list    uuid  not null,
            chunk   int   not null,
            digests bytea not null,
            primary key (list, chunk)
        );
        """;

    public string Name => "codes";

    public void Project(IReadOnlyList<StoredEvent> events, SqlBatch sql)
    {
        foreach (StoredEvent e in events)
        {
            switch (e.Data)
            {
                case CodeBatchEvent.Opened opened:
                    Insert(e, opened, sql);
                    break;
                case CodeBatchEvent.Printed p:
                    sql.Add(
                        """
                        update code_batches set printed = printed + int4multirange(int4range($2, $3)), changed = $4
                        where id = $1
                        """, Batch(e), p.From, p.From + p.Count, e.Position);
                    break;
                case CodeBatchEvent.Destroyed d:
                    sql.Add(
                        """
                        update code_batches set printed = printed - int4multirange(int4range($2, $3)),
                            destroyed = destroyed + int4multirange(int4range($2, $3)), changed = $4
                        where id = $1
                        """, Batch(e), d.From, d.From + d.Count, e.Position);
                    break;
                case CodeBatchEvent.Activated a:
                    Insert(e, a, sql);
                    break;
                case CodeBatchEvent.Unbound u:
                    sql.Add("insert into code_unbound values ($1, $2, $3, $4, $5, $6, $7, $8)",
                        u.Id, Batch(e), e.Id, e.OccurredAt.UtcDateTime, u.From, u.From + u.Count, u.Lot, u.Reason);
                    sql.Add("delete from code_activations where id = $1", u.Id);
                    sql.Add("update code_batches set changed = $2 where id = $1", Batch(e), e.Position);
                    break;
                case CodeBatchEvent.Set s:
                    sql.Add("insert into code_sets values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                        s.Id, Batch(e), s.ParentBatch, e.Position, s.From, s.From + (s.Ratio * s.Parents), s.Ratio,
                        s.ParentFrom, s.ParentFrom + s.Parents);
                    break;
                case ForeignCodesImported list:
                    sql.Add("insert into code_lists values ($1, $2, $3, $4, $5, $6)",
                        Guid.Parse(e.Stream.AsSpan("codelist-".Length)), e.Position, e.Tenant, list.Name, list.Kind,
                        list.Count);
                    break;
                default:
                    break;
            }
        }
    }

    // The chunks are no projection: they are the imported codes themselves and stay.
    public void Reset(SqlBatch sql) => sql.Add("truncate code_batches, code_activations, code_unbound, code_sets, code_lists");

    private static void Insert(StoredEvent e, CodeBatchEvent.Opened opened, SqlBatch sql) => sql.Add(
        """
        insert into code_batches (id, opened_at, changed, first, number, count, key_version, tenant, gtin, mode,
            activation, stem, purpose)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        """,
        Batch(e), e.OccurredAt.UtcDateTime, e.Position, opened.First, opened.Number, opened.Count, opened.KeyVersion,
        e.Tenant, opened.Gtin, opened.Mode.ToString(), opened.Activation.ToString(), opened.Stem, Text(opened.Purpose));

    private static void Insert(StoredEvent e, CodeBatchEvent.Activated a, SqlBatch sql)
    {
        sql.Add("insert into code_activations values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            a.Id, Batch(e), e.Id, (a.At ?? e.OccurredAt).UtcDateTime, e.Position, a.From, a.From + a.Count, a.Lot, Text(a.Line),
            Text(a.Dealer));
    }

    private static Guid Batch(StoredEvent e) => Guid.Parse(e.Stream.AsSpan("codebatch-".Length));
}
