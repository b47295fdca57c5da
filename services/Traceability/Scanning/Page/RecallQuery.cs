using Npgsql;
using Traceability.MasterData;

namespace Traceability.Scanning.Page;

/// <summary>
/// The gravest recall of the item or its lot whose notice was given and that has not ended; never a drill.
/// Only the producer, whoever it was when the recall was opened, and an authority speak on a product's page: anybody can
/// record what leads to another's goods.
/// </summary>
internal sealed class RecallQuery : IPageQuery
{
    public NpgsqlBatchCommand? Command(ItemKey key, Holding holding, DateTimeOffset now)
    {
        List<string> uris = [];
        if (key.Serial is not null)
            uris.Add(key.ItemUri);
        if (key.Lot is not null)
            uris.Add(key.LotUri);
        return uris.Count == 0 ? null : Sql.Command(
            $"""
            select r.title_zh, r.title_en, r.notice_zh, r.notice_en, r.domain, r.class,
                exists (select from recall_items l where l.recall = r.id and l.uri = $3)
            from unnest($1) u (uri) join recall_items i on i.uri = u.uri join recalls r on r.id = i.recall
            where r.notice_at is not null and r.ended_at is null and not r.drill and (r.authority or exists (
                select from ({ProductOwners.Ever("$2")}) o where o.tenant = r.tenant and r.opened_at < o.until))
            order by r.class, r.notice_at limit 1
            """, uris.ToArray(), key.Gtin, key.Lot is null ? "" : key.LotUri);
    }

    public async Task ReadAsync(NpgsqlDataReader rows, ItemFacts facts, CancellationToken cancellationToken)
    {
        if (!await rows.ReadAsync(cancellationToken))
            return;
        facts.Recall = new PageRecall(rows.Words(0)!, rows.Words(2)!, rows.GetString(4) == "food", rows.GetInt32(5),
            rows.GetBoolean(6));
    }
}
