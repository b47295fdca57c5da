using Npgsql;
using Traceability.MasterData;
using Traceability.Sensors;
using Traceability.Visibility;

namespace Traceability.Scanning.Page;

/// <summary>
/// Blocks of temperatures measured at the item or at what held it, as long as it did, of organisations that publish
/// <c>/sensorElementList</c>. Reads the few points that were kept of each block for drawing.
/// </summary>
internal sealed class CurveQuery : IPageQuery
{
    private const int BlocksMax = 200;

    public NpgsqlBatchCommand? Command(ItemKey key, DateTimeOffset now) => key.Serial is null ? null : Sql.Command(
        $"""
        {Holders.Held}
        select b.event_id, b.device, b.subject, b.from_at, b.to_at, b.count, b.min, b.max, b.mkt, d.min, d.max,
            d.tolerated, x.all_of_them, x.alarms, b.points_at, b.points_value, h.from_at, h.to_at, o.published, o.withheld
        from held h
        join sensor_blocks b on b.subject = h.uri and b.unit = 'CEL' and b.to_at >= h.from_at and b.from_at < h.to_at
            and b.tenant = any ({Holders.Chain})
        join trace_policies o on o.tenant = b.tenant
        left join sensor_devices d on d.tenant = b.tenant and d.device = b.device
        left join lateral (
            select count(*) as all_of_them, count(*) filter (where a.alarm) as alarms from sensor_alarms a
            where a.event_id = b.event_id and a.to_at >= h.from_at and a.from_at < h.to_at) x on true
        order by b.from_at limit {BlocksMax}
        """, key.ItemUri, key.Lot is null ? "" : key.LotUri, key.Gtin);

    public async Task ReadAsync(NpgsqlDataReader rows, ItemFacts facts, CancellationToken cancellationToken)
    {
        while (await rows.ReadAsync(cancellationToken))
        {
            if (!VisibilityRule.MaySee(Relation.Public, rows.Policy(18), "/sensorElementList"))
                continue;
            ValueRange range = new(
                rows.IsDBNull(9) ? null : rows.GetDecimal(9), rows.IsDBNull(10) ? null : rows.GetDecimal(10),
                rows.IsDBNull(11) ? TimeSpan.Zero : rows.GetTimeSpan(11));
            (DateTime from, DateTime to) = (rows.GetDateTime(16), rows.GetDateTime(17));
            DateTime[] at = rows.GetFieldValue<DateTime[]>(14);
            decimal[] values = rows.GetFieldValue<decimal[]>(15);
            facts.Curve.Add(
                new PageBlock(
                    rows.GetGuid(0), rows.GetString(1), rows.GetString(2), rows.GetDateTime(3), rows.GetDateTime(4),
                    rows.GetInt32(5), rows.GetDecimal(6), rows.GetDecimal(7), rows.Number(8), range,
                    (int)rows.GetInt64(12), (int)rows.GetInt64(13)),
                at.Zip(values, (t, v) => new Reading(t, v)).Where(r => from <= r.At && r.At < to));
        }
    }
}
