using System.IO.Compression;
using System.Security.Cryptography;
using EventStore;
using NpgsqlTypes;
using Proofs;
using static Traceability.SqlValues;

namespace Traceability.Sensors;

/// <summary>A checked block with all that follows from it and from the blocks that it joins on to.</summary>
internal sealed record Block(
    BlockRecorded Event, IReadOnlyList<Reading> Readings, ValueRange Range, decimal Min, decimal Max,
    double? MeanKinetic, IReadOnlyList<Excursion> Excursions, string Form, byte[] Secret, byte[] Signature,
    ReadOnlyMemory<byte> Raw)
{
    private const string Celsius = "CEL";
    private const int SecretBytes = 16;

    /// <summary>Spans of a block whose lowest and highest readings are kept for drawing it.</summary>
    private const int PointSpans = 24;

    /// <summary>The excursion that the block before ended in and this one continues or ends.</summary>
    public Excursion? Continued { get; private init; }

    /// <summary>The excursion at the block's end.</summary>
    public BlockEnd? End { get; private init; }

    public static Block Of(
        Device device, long sequence, string subject, string form, IReadOnlyList<Reading> readings,
        ReadOnlyMemory<byte> raw, byte[] signature, BlockTrail trail)
    {
        // A series that goes back behind the excursion does not continue it.
        Excursion? continued = trail.Open is { } before && readings[0].At > before.From ? before : null;
        List<Excursion> excursions = [.. ColdChain.Excursions(readings, device.Range, continued)];
        BlockEnd? end = BlockEnd.Of(excursions, readings, device.Range, trail.Following);
        if (end is not null)
            excursions[^1] = end.Joined;
        (decimal min, decimal max) = (readings.Min(r => r.Value), readings.Max(r => r.Value));
        // The mean kinetic temperature is not for frozen goods (USP ⟨1079.2⟩).
        double? mkt = device.Unit == Celsius && device.Range.Max is not < 0
            ? Math.Round(ColdChain.MeanKinetic(readings), 3) : null;
        byte[] secret = RandomNumberGenerator.GetBytes(SecretBytes);
        byte[] root = Statements.Root(secret, Sensors.Readings.Statements(readings));
        BlockRecorded recorded = new(
            device.Id, sequence, subject, device.Measure, device.Unit, SensorText.Of(readings[0].At),
            SensorText.Of(readings[^1].At), SensorText.Of(min)!, SensorText.Of(max)!,
            excursions.Count(x => x.Alarm),
            new BlockStatements(readings.Count, Convert.ToHexStringLower(root)),
            Convert.ToHexStringLower(SHA256.HashData(raw.Span)), Convert.ToBase64String(signature),
            new BlockRange(
                SensorText.Of(device.Range.Min), SensorText.Of(device.Range.Max),
                (long)device.Range.Tolerated.TotalMinutes),
            (long)Math.Ceiling(ColdChain.LongestStep(readings).TotalSeconds),
            continued is null ? null : new BlockContinued(trail.EventId!.Value, SensorText.Of(continued.From)),
            end?.Event, device.Key.Fingerprint);
        return new Block(
            recorded, readings, device.Range, min, max, mkt, excursions, form, secret, signature, raw)
        {
            Continued = continued,
            End = end,
        };
    }

    /// <summary>Queues the block's row, its excursions, and what they change of those of blocks around it.</summary>
    public void Queue(Session session, Guid id, long place)
    {
        BlockRecorded e = Event;
        IReadOnlyList<Reading> points = SensorCurves.Thin(Readings, PointSpans);
        Excursion? open = End?.Own;
        session.QueueSqlCommand(
            """
            insert into sensor_blocks (event_id, tenant, device, sequence, subject, unit, form, from_at, to_at, count,
                min, max, mkt, secret, signature, raw, points_at, points_value, place, range_min, range_max, tolerated,
                longest_step, open_from, open_to, open_peak, open_high, open_count, key_sha256)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
                $22, $23, $24, $25, $26, $27, $28, $29)
            """,
            id, session.Context.Tenant, e.Device, e.Sequence, e.Subject, e.Unit, Form, Readings[0].At,
            Readings[^1].At, Readings.Count, Min, Max, Optional(MeanKinetic, NpgsqlDbType.Double), Secret, Signature,
            Compress(Raw.Span), points.Select(p => p.At).ToArray(), points.Select(p => p.Value).ToArray(), place,
            Optional(Range.Min, NpgsqlDbType.Numeric), Optional(Range.Max, NpgsqlDbType.Numeric), Range.Tolerated,
            ColdChain.LongestStep(Readings), Optional(open?.From, NpgsqlDbType.TimestampTz),
            Optional(open?.To, NpgsqlDbType.TimestampTz), Optional(open?.Peak, NpgsqlDbType.Numeric),
            Optional(open?.High, NpgsqlDbType.Boolean), Optional(open?.Count, NpgsqlDbType.Integer), e.KeySha256!);
        DateTime[] replaced = [.. Replaced()];
        if (replaced.Length > 0)
        {
            session.QueueSqlCommand(
                """
                delete from sensor_alarms where tenant = $1 and device = $2 and subject = $3 and from_at = any($4)
                """,
                session.Context.Tenant, e.Device, e.Subject, replaced);
        }
        foreach ((Guid follower, Excursion end) in End?.Moved ?? [])
        {
            session.QueueSqlCommand(
                "update sensor_blocks set open_from = $2, open_peak = $3, open_count = $4 where event_id = $1",
                follower, end.From, end.Peak, end.Count);
        }
        QueueExcursions(session, id);
    }

    /// <summary>Where excursions began that are listed as they were known and are now part of longer ones.</summary>
    private IEnumerable<DateTime> Replaced()
    {
        if (Continued is { } continued)
            yield return continued.From;
        if (End?.Follows is { } follows)
            yield return follows;
    }

    private void QueueExcursions(Session session, Guid id)
    {
        if (Excursions.Count == 0)
            return;
        session.QueueSqlCommand(
            """
            insert into sensor_alarms (event_id, n, tenant, device, subject, from_at, to_at, peak, high, count, alarm)
            select $1, n, $2, $3, $4, u.from_at, u.to_at, u.peak, u.high, u.count, u.alarm
            from unnest($5, $6, $7, $8, $9, $10) with ordinality u (from_at, to_at, peak, high, count, alarm, n)
            """,
            id, session.Context.Tenant, Event.Device, Event.Subject, Excursions.Select(x => x.From).ToArray(),
            Excursions.Select(x => x.To).ToArray(), Excursions.Select(x => x.Peak).ToArray(),
            Excursions.Select(x => x.High).ToArray(), Excursions.Select(x => x.Count).ToArray(),
            Excursions.Select(x => x.Alarm).ToArray());
    }

    private static byte[] Compress(ReadOnlySpan<byte> raw)
    {
        byte[] target = new byte[BrotliEncoder.GetMaxCompressedLength(raw.Length)];
        return BrotliEncoder.TryCompress(raw, target, out int length, quality: 2, window: 22)
            ? target[..length]
            : throw new InvalidOperationException("A block can't be compressed.");
    }
}
