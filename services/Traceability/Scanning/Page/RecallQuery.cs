using Npgsql;
using Traceability.MasterData;

namespace Traceability.Scanning.Page;

/// <summary>
/// The gravest recall of the item or its lot whose notice was given and that has not ended; never a drill.
/// Only the producer and an authority speak on a product's page: anybody can record what leads to another's goods.
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
            """
            select r.title, r.domain, r.class, r.notice
            from unnest($1) u (uri) join recall_items i on i.uri = u.uri join recalls r on r.id = i.recall
            join products p on p.gtin = $2
            where r.notice_at is not null and r.ended_at is null and not r.drill and (r.authority or r.tenant = p.tenant)
            order by r.class, r.notice_at limit 1
            """, uris.ToArray(), key.Gtin);
    }

    public async Task ReadAsync(NpgsqlDataReader rows, ItemFacts facts, CancellationToken cancellationToken)
    {
        if (!await rows.ReadAsync(cancellationToken))
            return;
        bool food = rows.GetString(1) == "food";
        int grade = rows.GetInt32(2);
        string notice = rows.GetString(3);
        facts.Recall = new PageRecall(
            new Wording(
                $"{rows.GetString(0)}（{"一二三"[Math.Clamp(grade, 1, 3) - 1]}级）。本批次请停止{(food ? "食用" : "使用")}。",
                $"{rows.GetString(0)} (class {grade}). Stop {(food ? "eating" : "using")} this lot."),
            new Wording($"{notice} 请保留商品，联系购买处退货。", $"{notice} Keep the goods and return them where you bought them."));
    }
}
