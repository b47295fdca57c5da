using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EventStore;
using EventStore.Idempotency;
using Npgsql;
using Proofs;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;
using Traceability.Epcis.Capture;
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
/// <param name="Alarms">Excursions that lasted too long, with what they had lasted in the blocks before.</param>
/// <param name="Statements">Commitment to every reading.</param>
/// <param name="RawSha256">Digest of the block as it was sent.</param>
/// <param name="Signature">The device's, in Base64.</param>
/// <param name="Range">What the readings were held against; events from before this was kept have none.</param>
/// <param name="LongestStepSeconds">The longest time between two readings.</param>
/// <param name="Continues">The excursion of the block before it that its first reading continues or ends.</param>
/// <param name="Open">The excursion that the block ends in, with what it had lasted before.</param>
/// <param name="KeySha256">SHA-256 of the key that signed it, as the device was registered with then.</param>
/// <param name="SignedSubject">What it was with as the device wrote and signed it; missing where that is canonical.</param>
public sealed record BlockRecorded(
    string Device, long Sequence, string Subject, string Measure, string Unit, string From, string To, string Min,
    string Max, int Alarms, BlockStatements Statements, string RawSha256, string Signature, BlockRange? Range = null,
    long? LongestStepSeconds = null, BlockContinued? Continues = null, BlockOpen? Open = null,
    string? KeySha256 = null, string? SignedSubject = null)
{
    /// <summary>Name on disk.</summary>
    public const string Type = "trace.sensor-block-recorded.v1";
}

/// <summary>The tree over a block's readings, as in docs/proof-format.md.</summary>
public sealed record BlockStatements(int Count, string Root);

/// <summary>The range and how long it may be left at a time.</summary>
public sealed record BlockRange(string? Min, string? Max, long ToleratedMinutes);

/// <summary>An excursion that began in an earlier block.</summary>
/// <param name="EventId">The event of the block before, which has it open.</param>
/// <param name="From">Its first reading.</param>
public sealed record BlockContinued(Guid EventId, string From);

/// <summary>An excursion that has no end yet in the block.</summary>
/// <param name="From">Its first reading, perhaps in an earlier block.</param>
/// <param name="To">Its last reading known, in this block or in those that follow and came first.</param>
/// <param name="Peak">The value farthest outside.</param>
/// <param name="High">Whether above the range.</param>
/// <param name="Count">Readings outside.</param>
/// <param name="Alarm">Whether it lasted too long.</param>
/// <param name="Followed">Events of blocks that follow, were recorded before and go on with it.</param>
public sealed record BlockOpen(
    string From, string To, string Peak, bool High, int Count, bool Alarm, IReadOnlyList<Guid>? Followed = null);

/// <summary>The answer to a block.</summary>
public sealed record BlockAnswer(
    Guid EventId, int Count, decimal Min, decimal Max, double? MeanKineticCelsius, IReadOnlyList<Excursion> Excursions);

/// <summary>Takes a block of readings that its device signed.</summary>
internal static class RecordBlock
{
    public const string SignatureHeader = "Device-Signature";
    private const long BodyBytesMax = 8 << 20;

    public static void Map(IEndpointRouteBuilder sensors) =>
        sensors.MapPost("/{device}/blocks", HandleAsync).RequireRoles(Role.Member).WithBodyLimit(BodyBytesMax)
            .WithName("RecordBlock").WithSummary("Takes up to 65,536 readings that a device signed, as CSV or JSON.");

    private static async Task<IResult> HandleAsync(
        string device, HttpContext http, Caller caller, Devices devices, BlockTrails trails,
        CancellationToken cancellationToken)
    {
        string signed = http.Request.Query["subject"].ToString();
        string subject = Epc.ToCanonicalUri(signed);
        if (!long.TryParse(http.Request.Query["sequence"], NumberStyles.None, CultureInfo.InvariantCulture, out long sequence)
            || subject.Length is 0 or > 2000 || subject.Any(char.IsControl))
            return Problem.Of("sensor-query-invalid");
        if (!Devices.IsId(device) || await devices.FindAsync(caller.Tenant, device, cancellationToken) is not { } found)
            return Problem.Of("sensor-device-unknown", ("device", device));
        bool csv = http.Request.ContentType?.StartsWith("text/csv", StringComparison.OrdinalIgnoreCase) == true;
        if (!csv && !http.Request.HasJsonContentType())
            return Problem.Of("media-type-unsupported");
        ReadOnlyMemory<byte> raw = await http.Request.ReadBytesAsync(cancellationToken);
        byte[] signature = Signature(http.Request);
        if (!found.Key.Verifies(Signed(device, sequence, signed, raw.Span), signature))
            return Problem.Of("sensor-signature-wrong");
        if ((csv ? Readings.FromCsv(raw.Span) : Readings.FromJson(raw.Span)) is not { } readings)
            return Problem.Of("sensor-readings-invalid", ("max", Readings.CountMax));
        string form = csv ? "csv" : "json";
        try
        {
            return await Once.RunAsync(http, caller, key: null, async (session, token) =>
            {
                BlockTrail trail = await trails.ReadAsync(caller.Tenant, device, sequence, subject, token);
                Block block = Block.Of(found, sequence, subject, form, readings, raw, signature, trail);
                return Record(
                    session,
                    block with { Event = block.Event with { SignedSubject = signed == subject ? null : signed } }, trail.Place);
            });
        }
        catch (PostgresException e) when (e.ConstraintName == "sensor_blocks_sequence")
        {
            return Problem.Of("sensor-sequence-taken", ("sequence", sequence));
        }
    }

    /// <summary>What a device signs.</summary>
    public static byte[] Signed(string device, long sequence, string subject, ReadOnlySpan<byte> raw) =>
        DeviceBlock.Signed(device, sequence, subject, raw);

    private static StoredResponse Record(Session session, Block block, long place)
    {
        // Its proof is public where its readings are, and an account's name tells whose it is.
        NewEvent e = session.Context.Stamp(BlockRecorded.Type, block.Event) with
        {
            Actor = ActorSeal.Of(block.Secret, session.Context.Actor),
        };
        // One stream for a device: of two blocks at the same moment the second is weighed again, knowing the first.
        session.Append(Stream(session.Context.Tenant, block.Event.Device), place, e);
        block.Queue(session, e.Id, place + 1);
        return Once.Json(StatusCodes.Status201Created, new BlockAnswer(
            e.Id, block.Readings.Count, block.Min, block.Max, block.MeanKinetic, block.Excursions),
            SensorJson.Default.BlockAnswer);
    }

    /// <summary>Named without the organisation, which a proof does not show otherwise.</summary>
    private static string Stream(string tenant, string device) =>
        $"sensor-blocks-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{tenant}\n{device}")).AsSpan(0, 16))}";

    private static byte[] Signature(HttpRequest request)
    {
        string text = request.Headers[SignatureHeader].ToString();
        byte[] bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out int length) ? bytes[..length] : [];
    }
}
