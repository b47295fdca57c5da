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

    public NpgsqlBatchCommand? Command(ItemKey key, Holding holding, DateTimeOffset now) => key.Serial is null ? null : Sql.Command(
        $"""
        {Holding.Held}
        select b.event_id, b.device, b.subject, b.from_at, b.to_at, b.count, b.min, b.max, b.mkt, b.range_min,
            b.range_max, b.tolerated, x.began, x.alarms, b.points_at, b.points_value, h.from_at, h.to_at, o.published,
            o.withheld, b.tenant, b.sequence, b.longest_step, x.endings, b.key_sha256,
            coalesce(b.key_sha256 <> encode(sha256(d.key), 'hex'), false)
        from held h
        join sensor_blocks b on b.subject = h.uri and b.unit = 'CEL' and b.to_at >= h.from_at and b.from_at < h.to_at
            and b.tenant = any ({Holding.Chain})
        join trace_policies o on o.tenant = b.tenant
        join sensor_devices d on d.tenant = b.tenant and d.device = b.device
        left join lateral (
            select array_agg(a.from_at order by a.from_at) as began, array_agg(a.alarm order by a.from_at) as alarms,
                array_agg(e.ending order by a.from_at) as endings
            from sensor_alarms a {SensorTables.Ending}
            where a.subject = b.subject and a.tenant = b.tenant and a.device = b.device
              and a.from_at <= b.to_at and a.to_at >= b.from_at and a.from_at < h.to_at
              and (a.to_at > h.from_at or a.from_at = a.to_at and a.to_at = h.from_at)) x on true
        order by b.from_at limit {BlocksMax + 1}
        """, holding.Parameters);

    public async Task ReadAsync(NpgsqlDataReader rows, ItemFacts facts, CancellationToken cancellationToken)
    {
        for (int n = 0; await rows.ReadAsync(cancellationToken); n++)
        {
            if (n == BlocksMax)
            {
                facts.Curve.CutOff();
                return;
            }
            if (!VisibilityRule.MaySee(Relation.Public, rows.Policy(18), "/sensorElementList"))
                continue;
            // Of old blocks it was not kept what they were held against; the device's present range says nothing of that.
            ValueRange? range = rows.IsDBNull(11) ? null : new(
                rows.IsDBNull(9) ? null : rows.GetDecimal(9), rows.IsDBNull(10) ? null : rows.GetDecimal(10),
                rows.GetTimeSpan(11));
            (DateTime from, DateTime to) = (rows.GetDateTime(16), rows.GetDateTime(17));
            DateTime[] at = rows.GetFieldValue<DateTime[]>(14);
            decimal[] values = rows.GetFieldValue<decimal[]>(15);
            facts.Curve.Add(
                new PageBlock(
                    rows.GetGuid(0), rows.GetString(1), rows.GetString(2), rows.GetDateTime(3), rows.GetDateTime(4),
                    rows.GetInt32(5), rows.GetDecimal(6), rows.GetDecimal(7), rows.Number(8), range)
                {
                    Tenant = rows.GetString(20),
                    Sequence = rows.GetInt64(21),
                    LongestStep = rows.IsDBNull(22) ? null : rows.GetTimeSpan(22),
                    HeldFrom = from,
                    HeldTo = to,
                    Excursions = rows.IsDBNull(12) ? [] :
                    [
                        .. rows.GetFieldValue<DateTime[]>(12)
                            .Zip(rows.GetFieldValue<bool[]>(13), rows.GetFieldValue<string[]>(23))
                            .Select(x => new PageExcursion(x.First, x.Second, x.Third)),
                    ],
                    KeySha256 = rows.IsDBNull(24) ? null : rows.GetString(24),
                    KeyReplaced = rows.GetBoolean(25),
                },
                at.Zip(values, (t, v) => new Reading(t, v)).Where(r => from <= r.At && r.At < to));
        }
    }
}
