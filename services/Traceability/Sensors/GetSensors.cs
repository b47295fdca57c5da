using System.Globalization;
using System.IO.Compression;
using System.Text.Json.Serialization;
using EventStore;
using Npgsql;
using Proofs;
using ServiceDefaults.Auth;
using ServiceDefaults.Problems;
using Traceability.Graph;
using Traceability.Gs1;
using Traceability.Visibility;

namespace Traceability.Sensors;

/// <summary>
/// A block of readings, without them; with the fingerprint of the key that signed it, where that was kept, and whether
/// its
/// device has another key since.
/// </summary>
public sealed record BlockSummary(
    Guid EventId, string Device, long Sequence, string Subject, string Unit, DateTime From, DateTime To, int Count,
    decimal Min, decimal Max, double? MeanKineticCelsius, string? KeySha256 = null, bool? KeyReplaced = null);

/// <summary>A block's readings as numbers.</summary>
public sealed record BlockReadings(Guid EventId, string Unit, IReadOnlyList<Reading> Readings);

/// <summary>
/// An excursion as it is listed, which has <c>ended</c>, is <c>open</c> or <c>interrupted</c>
/// (<see cref="SensorTables.Ending"/>).
/// </summary>
public sealed record AlarmSummary(
    Guid EventId, string Device, string Subject, DateTime From, DateTime To, decimal Peak, bool High, int Count,
    bool Alarm, string Ending);

/// <summary>Reads blocks, readings and alarms that their organisation shows to the caller.</summary>
internal static class GetSensors
{
    private const int ListMax = 1_000;
    private const int ShownMax = 1_000;
    private static readonly string[] Readers = [Role.Member, Role.Reader, Role.Admin, Role.Regulator];

    public static void Map(IEndpointRouteBuilder sensors)
    {
        sensors.MapGet("/blocks", BlocksAsync).RequireRoles(Readers)
            .WithName("ListBlocks").WithSummary("Blocks of readings of an item, in order of time.");
        sensors.MapGet("/blocks/{id:guid}/readings", ReadingsAsync).RequireRoles(Readers)
            .WithName("GetReadings").WithSummary("A block's readings.");
        sensors.MapGet("/blocks/{id:guid}/statements", StatementsAsync).RequireRoles(Readers)
            .WithName("ShowReadings").WithSummary("A file that shows some readings to be of a proven block.");
        sensors.MapGet("/blocks/{id:guid}/signed", SignedAsync).RequireRoles(Readers)
            .WithName("GetSignedBlock").WithSummary("A block as its device signed it, with the key: apps verify --device-block checks it.");
        sensors.MapGet("/alarms", AlarmsAsync).RequireRoles(Readers)
            .WithName("ListAlarms").WithSummary("Times outside the range, newest first.");
    }

    private static async Task<IResult> BlocksAsync(
        HttpContext http, Caller caller, Store store, Viewers viewers, SensorSight sight,
        CancellationToken cancellationToken)
    {
        string subject = Epc.ToCanonicalUri(http.Request.Query["subject"].ToString());
        Viewer viewer = await viewers.OfAsync(caller, cancellationToken);
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            $"""
             select b.event_id, b.device, b.sequence, b.subject, b.unit, b.from_at, b.to_at, b.count, b.min, b.max, b.mkt,
                 b.key_sha256, b.key_sha256 <> encode(sha256(d.key), 'hex')
             from sensor_blocks b join sensor_devices d on d.tenant = b.tenant and d.device = b.device
             where b.tenant = any($1) and b.subject = $2 order by b.from_at limit {ListMax}
             """);
        command.Parameters.Add(new() { Value = await sight.TenantsAsync(viewer, subject, cancellationToken) });
        command.Parameters.Add(new() { Value = subject });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        List<BlockSummary> blocks = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            blocks.Add(new BlockSummary(
                reader.GetGuid(0), reader.GetString(1), reader.GetInt64(2), reader.GetString(3), reader.GetString(4),
                reader.GetDateTime(5), reader.GetDateTime(6), reader.GetInt32(7), reader.GetDecimal(8),
                reader.GetDecimal(9),
                reader.IsDBNull(10) ? null : reader.GetDouble(10), reader.IsDBNull(11) ? null : reader.GetString(11),
                reader.IsDBNull(12) ? null : reader.GetBoolean(12)));
        }
        return TypedResults.Json(blocks, SensorJson.Default.ListBlockSummary);
    }

    private static async Task<IResult> ReadingsAsync(
        Guid id, Caller caller, Store store, Viewers viewers, SensorSight sight, CancellationToken cancellationToken) =>
        await FindAsync(id, store, await viewers.OfAsync(caller, cancellationToken), sight, cancellationToken) is { } block
            ? TypedResults.Json(new BlockReadings(id, block.Unit, block.Readings), SensorJson.Default.BlockReadings)
            : Problem.Of("sensor-block-unknown");

    private static async Task<IResult> StatementsAsync(
        Guid id, HttpContext http, Caller caller, Store store, Viewers viewers, SensorSight sight,
        CancellationToken cancellationToken)
    {
        Viewer viewer = await viewers.OfAsync(caller, cancellationToken);
        if (await FindAsync(id, store, viewer, sight, cancellationToken) is not { } block)
            return Problem.Of("sensor-block-unknown");
        int from = GraphRequest.Number(http, "from", 0, block.Readings.Count - 1);
        int count = GraphRequest.Number(http, "count", 1, ShownMax);
        int[] shown = [.. Enumerable.Range(from, Math.Min(count, block.Readings.Count - from))];
        if (shown.Length == 0)
            throw GraphRequest.Wrong("count");
        http.Response.Headers.XContentTypeOptions = "nosniff";
        return TypedResults.Bytes(
            Statements.Disclose(block.Secret, Sensors.Readings.Statements(block.Readings), shown), "application/json");
    }

    private static async Task<IResult> SignedAsync(
        Guid id, HttpContext http, Caller caller, Store store, Viewers viewers, SensorSight sight,
        CancellationToken cancellationToken)
    {
        Viewer viewer = await viewers.OfAsync(caller, cancellationToken);
        if (await FindAsync(id, store, viewer, sight, cancellationToken) is not { Key: { } key } block)
            return Problem.Of("sensor-block-unknown");
        http.Response.Headers.XContentTypeOptions = "nosniff";
        return TypedResults.Bytes(DeviceBlock.Write(block.Raw, key), "application/json");
    }

    private static async Task<IResult> AlarmsAsync(
        HttpContext http, Caller caller, Store store, Viewers viewers, SensorSight sight,
        CancellationToken cancellationToken)
    {
        string subject = Epc.ToCanonicalUri(http.Request.Query["subject"].ToString());
        Viewer viewer = await viewers.OfAsync(caller, cancellationToken);
        // Without a subject it is the list of the organisation's own.
        string[] tenants = subject.Length == 0
            ? [caller.Tenant] : await sight.TenantsAsync(viewer, subject, cancellationToken);
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            $"""
             select a.*, e.ending from (
                 select event_id, device, subject, from_at, to_at, peak, high, count, alarm, tenant from sensor_alarms
                 where (tenant = any($1) or $2 and $3 = '') and ($3 = '' or subject = $3)
                 order by from_at desc limit {ListMax}) a {SensorTables.Ending} order by a.from_at desc
             """);
        command.Parameters.Add(new() { Value = tenants });
        command.Parameters.Add(new() { Value = viewer.IsRegulator });
        command.Parameters.Add(new() { Value = subject });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        List<AlarmSummary> alarms = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            alarms.Add(new AlarmSummary(
                reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.GetDateTime(3),
                reader.GetDateTime(4),
                reader.GetDecimal(5), reader.GetBoolean(6), reader.GetInt32(7), reader.GetBoolean(8),
                reader.GetString(10)));
        }
        return TypedResults.Json(alarms, SensorJson.Default.ListAlarmSummary);
    }

    private static async Task<StoredBlock?> FindAsync(
        Guid id, Store store, Viewer viewer, SensorSight sight, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            """
            select b.unit, b.secret, b.form, b.raw, b.tenant, k.key
            from sensor_blocks b left join sensor_keys k on k.sha256 = b.key_sha256 where b.event_id = $1
            """);
        command.Parameters.Add(new() { Value = id });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation)
            || !await sight.ShowsAsync(viewer, reader.GetString(4), cancellation))
            return null;
        using MemoryStream raw = new();
        await using (BrotliStream brotli = new(new MemoryStream(reader.GetFieldValue<byte[]>(3)), CompressionMode.Decompress))
            await brotli.CopyToAsync(raw, cancellation);
        List<Reading>? readings = reader.GetString(2) == "csv"
            ? Sensors.Readings.FromCsv(raw.ToArray()) : Sensors.Readings.FromJson(raw.ToArray());
        return new StoredBlock(reader.GetString(0), reader.GetFieldValue<byte[]>(1),
            readings ?? throw new InvalidOperationException($"The stored readings of block {id} can't be read."), raw.ToArray(),
            reader.IsDBNull(5) ? null : reader.GetFieldValue<byte[]>(5));
    }

    /// <param name="Unit">Of its readings.</param>
    /// <param name="Secret">Of its statements.</param>
    /// <param name="Readings">What it measured.</param>
    /// <param name="Raw">As the device sent it.</param>
    /// <param name="Key">With which it signed; null of blocks from before that was kept.</param>
    private sealed record StoredBlock(
        string Unit, byte[] Secret, IReadOnlyList<Reading> Readings, byte[] Raw, byte[]? Key);
}

/// <summary>How values stand in events.</summary>
internal static class SensorText
{
    public static string Of(DateTime at) => at.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public static string? Of(decimal? value) => value?.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Events, requests and answers of sensors.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DeviceRegistered))]
[JsonSerializable(typeof(BlockRecorded))]
[JsonSerializable(typeof(DeviceAnswer))]
[JsonSerializable(typeof(BlockAnswer))]
[JsonSerializable(typeof(BlockReadings))]
[JsonSerializable(typeof(SensorCurve))]
[JsonSerializable(typeof(List<BlockSummary>))]
[JsonSerializable(typeof(List<AlarmSummary>))]
internal sealed partial class SensorJson : JsonSerializerContext;
