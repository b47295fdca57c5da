using Npgsql;
using Traceability.Epcis.Storage;
using Traceability.Graph;
using Traceability.MasterData;
using Traceability.Visibility;

namespace Traceability.Scanning.Page;

/// <summary>
/// The events that begin or end the item's life, however many others there are: the page lists the first steps alone, and
/// what retired or sold the item is the last. The product's owners come first, so that nobody pushes theirs off.
/// </summary>
internal sealed class LifeQuery : IPageQuery
{
    private const int StepsMax = 500;

    private static readonly string Words = string.Join('|', ItemLife.Sold.Concat(ItemLife.Ends));

    public NpgsqlBatchCommand? Command(ItemKey key, Holding holding, DateTimeOffset now) =>
        key.Serial is null ? null : Sql.Command(
            $"""
            select * from (
                select e.tenant, exists (select from ({ProductOwners.Ever("$3")}) o
                        where o.tenant = e.tenant and e.record_time < o.until) as owns,
                    e.type, e.action, e.biz_step, e.event_time, o.published, o.withheld, x.role, e.seq
                from (select seq, min(role) as role from epcis_epcs where uri = $2 group by seq offset 0) x
                cross join lateral (select * from epcis_events where seq = x.seq and error_time is null limit 1) e
                left join trace_policies o on o.tenant = e.tenant
                where e.tenant = any ($1::text[]) and {Declared.NotWrong("e")}
                  and (e.type = 'ObjectEvent' and e.action in ('ADD', 'DELETE') or e.biz_step ~ '({Words})$')
                order by owns desc, e.event_time limit {StepsMax}) l
            order by event_time, seq
            """, holding.Parameters[0], key.ItemUri, key.Gtin);

    public async Task ReadAsync(NpgsqlDataReader rows, ItemFacts facts, CancellationToken cancellationToken)
    {
        while (await rows.ReadAsync(cancellationToken))
        {
            DisclosurePolicy policy = rows.Policy(6);
            if (!May(SeenRows.Pointer((ItemRole)rows.GetInt16(8), counted: false)))
                continue;
            string? step = May("/bizStep") ? rows.Text(4) : null;
            facts.Life.Add(new LifeStep(
                rows.GetString(0), rows.GetBoolean(1), rows.GetString(2) == "ObjectEvent", rows.Text(3),
                step is null ? null : StepWords.Short(step),
                May("/eventTime") ? rows.GetFieldValue<DateTimeOffset>(5) : null));

            bool May(string pointer) => VisibilityRule.MaySee(Relation.Public, policy, pointer);
        }
    }
}
