using EventStore;
using EventStore.Projections;

namespace Traceability.Codes.Quotas;

/// <summary>
/// Certified output, and which labels of a batch were drawn from it: so that a label can say which of the certified ones
/// it is.
/// </summary>
internal sealed class QuotaRows : IProjection
{
    public const string Schema =
        """
        create table code_quotas (
            id          uuid   primary key,
            event_id    uuid   not null,
            tenant      text   collate "C" not null,
            gtin        text   collate "C" not null,
            rule        text   not null,
            certificate text   not null,
            amount      bigint not null,
            valid_from  date   not null,
            valid_to    date   not null
        );
        -- Counters [from_code, to_code) of a batch are the labels of the quota after the first "before".
        create table code_draws (
            batch     uuid   not null,
            from_code int    not null,
            to_code   int    not null,
            quota     uuid   not null,
            before    bigint not null,
            primary key (batch, from_code)
        );
        create index code_draws_quota on code_draws (quota);
        """;

    /// <summary>Who certified: an authority's word and the producer's own are not the same.</summary>
    public const string Certifiers =
        """
        alter table code_quotas add certified_by text collate "C";
        update code_quotas q set certified_by = coalesce((select tenant from store.events where id = q.event_id), tenant);
        alter table code_quotas alter certified_by set not null;
        """;

    /// <summary>Labels from before the certification are its first.</summary>
    public const string Earlier = "alter table code_quotas add earlier bigint not null default 0";

    private const string StreamPrefix = "gtin-codes-";

    public string Name => "code-quotas";

    public void Project(IReadOnlyList<StoredEvent> events, SqlBatch sql)
    {
        foreach (StoredEvent e in events)
        {
            switch (e.Data)
            {
                case GtinCodesEvent.OutputCertified c:
                    sql.Add("insert into code_quotas values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                        c.Id, e.Id, c.Owner, e.Stream[StreamPrefix.Length..], c.Rule, c.Certificate, c.Amount,
                        c.ValidFrom, c.ValidTo, e.Tenant, c.Earlier ?? 0);
                    break;
                case GtinCodesEvent.CodesAllotted a:
                    Draw(a.Batch, a.Draws, sql);
                    break;
                case GtinCodesEvent.CodesTakenOver t:
                    Draw(t.List, t.Draws, sql);
                    break;
                default:
                    break;
            }
        }
    }

    public void Reset(SqlBatch sql) => sql.Add("truncate code_quotas, code_draws");

    private static void Draw(Guid batch, IReadOnlyList<QuotaDraw> draws, SqlBatch sql)
    {
        long from = 0;
        foreach (QuotaDraw draw in draws)
        {
            sql.Add(
                """
                insert into code_draws
                select $1, $2, $3, $4, coalesce(sum(to_code - from_code), 0)
                    + coalesce((select earlier from code_quotas where id = $4), 0)
                from code_draws where quota = $4
                """, batch, (int)from, (int)(from + draw.Count), draw.Quota);
            from += draw.Count;
        }
    }
}
