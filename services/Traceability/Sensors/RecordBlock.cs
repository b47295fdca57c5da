using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using EventStore;
using EventStore.Idempotency;
using Npgsql;
using NpgsqlTypes;
using Proofs;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;
using Traceability.Gs1;

namespace Traceability.Sensors;

/// <summary>That a device's block of readings was recorded: one event for all of them.</summary>
/// <param name="Device">The device.</param>
/// <param name="Sequence">Its own number of the block.</param>
/// <param name="Subject">What it was with, canonical.</param>
/// <param name="Measure">What it measures.</param>
/// <param name="Unit">In what.</param>
/// <param name="From">First reading.</param>
/// <param name="To">Last reading.</param>
/// <param name="Min">Lowest value.</param>
/// <param name="Max">Highest value.</param>
/// <param name="Alarms">Excursions that lasted too long.</param>
/// <param name="Statements">Commitment to every reading.</param>
/// <param name="RawSha256">Digest of the block as it was sent.</param>
/// <param name="Signature">The device's, in Base64.</param>
public sealed record BlockRecorded(
    string Device, long Sequence, string Subject, string Measure, string Unit, string From, string To, string Min,
    string Max, int Alarms, BlockStatements Statements, string RawSha256, string Signature)
{
    /// <summary>Name on disk.</summary>
    public const string Type = "trace.sensor-block-recorded.v1";
}

/// <summary>The tree over a block's readings, as in docs/proof-format.md.</summary>
public sealed record BlockStatements(int Count, string Root);

/// <summary>The answer to a block.</summary>
public sealed record BlockAnswer(
    Guid EventId, int Count, decimal Min, decimal Max, double? MeanKineticCelsius, IReadOnlyList<Excursion> Excursions);

/// <summary>Takes a block of readings that its device signed.</summary>
internal static class RecordBlock
{
    public const string SignatureHeader = "Device-Signature";
    private const long BodyBytesMax = 8 << 20;
    private const string Celsius = "CEL";

    /// <summary>Spans of a block whose lowest and highest readings are kept for drawing it.</summary>
    private const int PointSpans = 24;

    public static void Map(IEndpointRouteBuilder sensors) =>
        sensors.MapPost("/{device}/blocks", HandleAsync).RequireRoles(Role.Member).WithBodyLimit(BodyBytesMax)
            .WithName("RecordBlock").WithSummary("Takes up to 65,536 readings that a device signed, as CSV or JSON.");

    private static async Task<IResult> HandleAsync(
        string device, HttpContext http, Caller caller, Devices devices, CancellationToken cancellationToken)
    {
        string subject = Epc.ToCanonicalUri(http.Request.Query["subject"].ToString());
        if (!long.TryParse(http.Request.Query["sequence"], NumberStyles.None, CultureInfo.InvariantCulture, out long sequence)
            || subject.Length is 0 or > 2000 || subject.Any(char.IsControl))
            return Problem.Of("sensor-query-invalid");
        if (!Devices.IsId(device) || await devices.FindAsync(caller.Tenant, device, cancellationToken) is not { } found)
            return Problem.Of("sensor-device-unknown", ("device", device));
        bool csv = http.Request.ContentType?.StartsWith("text/csv", StringComparison.OrdinalIgnoreCase) == true;
        if (!csv && !http.Request.HasJsonContentType())
            return Problem.Of("media-type-unsupported");
        ReadOnlyMemory<byte> raw = await ReadAsync(http.Request, cancellationToken);
        byte[] signature = Signature(http.Request);
        if (!found.Key.Verifies(Signed(device, sequence, http.Request.Query["subject"].ToString(), raw.Span), signature))
            return Problem.Of("sensor-signature-wrong");
        if ((csv ? Readings.FromCsv(raw.Span) : Readings.FromJson(raw.Span)) is not { } readings)
            return Problem.Of("sensor-readings-invalid", ("max", Readings.CountMax));
        Block block = Block.Of(found, sequence, subject, csv ? "csv" : "json", readings, raw, signature);
        try
        {
            return await Once.RunAsync(http, caller, key: null, (session, _) =>
                Task.FromResult(Record(session, block)));
        }
        catch (PostgresException e) when (e.ConstraintName == "sensor_blocks_sequence")
        {
            return Problem.Of("sensor-sequence-taken", ("sequence", sequence));
        }
    }

    /// <summary>
    /// What a device signs: its name, the block's number, what it is with, each ended by a line feed, then the block.
    /// </summary>
    public static byte[] Signed(string device, long sequence, string subject, ReadOnlySpan<byte> raw) =>
        [.. Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{device}\n{sequence}\n{subject}\n")),
            .. raw];

    private static StoredResponse Record(Session session, Block block)
    {
        NewEvent e = session.Context.Stamp(BlockRecorded.Type, block.Event);
        session.StartStream($"sensor-block-{e.Id}", e);
        block.Queue(session, e.Id);
        return Once.Json(StatusCodes.Status201Created, new BlockAnswer(
            e.Id, block.Readings.Count, block.Min, block.Max, block.MeanKinetic, block.Excursions),
            SensorJson.Default.BlockAnswer);
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, CancellationToken cancellation)
    {
        ArrayBufferWriter<byte> body = new((int)Math.Clamp(request.ContentLength ?? 4096, 256, BodyBytesMax));
        for (int read = -1; read != 0;)
        {
            read = await request.Body.ReadAsync(body.GetMemory(4096), cancellation);
            body.Advance(read);
        }
        return body.WrittenMemory;
    }

    private static byte[] Signature(HttpRequest request)
    {
        string text = request.Headers[SignatureHeader].ToString();
        byte[] bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out int length) ? bytes[..length] : [];
    }

    /// <summary>A checked block with all that follows from it.</summary>
    internal sealed record Block(
        BlockRecorded Event, IReadOnlyList<Reading> Readings, decimal Min, decimal Max, double? MeanKinetic,
        IReadOnlyList<Excursion> Excursions, string Form, byte[] Secret, byte[] Signature, ReadOnlyMemory<byte> Raw)
    {
        private const int SecretBytes = 16;

        public static Block Of(
            Device device, long sequence, string subject, string form, IReadOnlyList<Reading> readings,
            ReadOnlyMemory<byte> raw, byte[] signature)
        {
            (decimal min, decimal max) = (readings.Min(r => r.Value), readings.Max(r => r.Value));
            IReadOnlyList<Excursion> excursions = ColdChain.Excursions(readings, device.Range);
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
                Convert.ToHexStringLower(SHA256.HashData(raw.Span)), Convert.ToBase64String(signature));
            return new Block(recorded, readings, min, max, mkt, excursions, form, secret, signature, raw);
        }

        public void Queue(Session session, Guid id)
        {
            BlockRecorded e = Event;
            IReadOnlyList<Reading> points = SensorCurves.Thin(Readings, PointSpans);
            NpgsqlParameter mean = new()
            {
                Value = (object?)MeanKinetic ?? DBNull.Value,
                NpgsqlDbType = NpgsqlDbType.Double,
            };
            session.QueueSqlCommand(
                """
                insert into sensor_blocks (event_id, tenant, device, sequence, subject, unit, form, from_at, to_at, count,
                    min, max, mkt, secret, signature, raw, points_at, points_value)
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
                """,
                id, session.Context.Tenant, e.Device, e.Sequence, e.Subject, e.Unit, Form, Readings[0].At,
                Readings[^1].At, Readings.Count, Min, Max, mean, Secret, Signature, Compress(Raw.Span),
                points.Select(p => p.At).ToArray(), points.Select(p => p.Value).ToArray());
            if (Excursions.Count > 0)
            {
                session.QueueSqlCommand(
                    """
                    insert into sensor_alarms (event_id, n, tenant, device, subject, from_at, to_at, peak, high, count, alarm)
                    select $1, n, $2, $3, $4, u.from_at, u.to_at, u.peak, u.high, u.count, u.alarm
                    from unnest($5, $6, $7, $8, $9, $10) with ordinality u (from_at, to_at, peak, high, count, alarm, n)
                    """,
                    id, session.Context.Tenant, e.Device, e.Subject, Excursions.Select(x => x.From).ToArray(),
                    Excursions.Select(x => x.To).ToArray(), Excursions.Select(x => x.Peak).ToArray(),
                    Excursions.Select(x => x.High).ToArray(), Excursions.Select(x => x.Count).ToArray(),
                    Excursions.Select(x => x.Alarm).ToArray());
            }
        }

        private static byte[] Compress(ReadOnlySpan<byte> raw)
        {
            byte[] target = new byte[BrotliEncoder.GetMaxCompressedLength(raw.Length)];
            return BrotliEncoder.TryCompress(raw, target, out int length, quality: 2, window: 22)
                ? target[..length]
                : throw new InvalidOperationException("A block can't be compressed.");
        }
    }
}
