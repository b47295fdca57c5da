using System.Security.Cryptography;
using EventStore;
using FluentValidation;
using Npgsql;
using NpgsqlTypes;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;
using static Traceability.SqlValues;

namespace Traceability.Sensors;

/// <summary>A device as its organisation registers it.</summary>
/// <param name="Algorithm"><c>ed25519</c> or <c>ecdsa-p256</c>.</param>
/// <param name="Key">Its public key in Base64: 32 bytes, or a SubjectPublicKeyInfo.</param>
/// <param name="Name">At most 100 characters.</param>
/// <param name="Measure">What it measures, for example <c>Temperature</c>.</param>
/// <param name="Unit">UN/ECE Recommendation 20 code, for example <c>CEL</c>.</param>
/// <param name="Min">Lowest value put up with.</param>
/// <param name="Max">Highest.</param>
/// <param name="ToleratedMinutes">How long the range may be left at a time before it is an alarm.</param>
public sealed record DeviceRequest(
    string? Algorithm = null, string? Key = null, string? Name = null, string? Measure = null, string? Unit = null,
    decimal? Min = null, decimal? Max = null, int ToleratedMinutes = 0);

/// <summary>That a device was registered, or registered anew with another key or range.</summary>
public sealed record DeviceRegistered(
    string Device, string Algorithm, string Key, string Name, string Measure, string Unit, string? Min, string? Max,
    int ToleratedMinutes)
{
    /// <summary>Name on disk.</summary>
    public const string Type = "trace.sensor-device-registered.v1";
}

/// <summary>Its shape.</summary>
internal sealed class DeviceShape : AbstractValidator<DeviceRequest>
{
    private const int MinutesMax = 100_000;

    public DeviceShape()
    {
        RuleFor(r => r.Name).Required();
        RuleFor(r => r.Name).Text(1, 100);
        RuleFor(r => r.Measure).Required();
        RuleFor(r => r.Measure).Text(1, 100);
        RuleFor(r => r.Unit).Required();
        RuleFor(r => r.Unit).Text(1, 10);
        RuleFor(r => r.ToleratedMinutes).Must(m => m is >= 0 and <= MinutesMax).WithErrorCode("field-form");
        RuleFor(r => r.Max).Must((r, max) => max is null || r.Min is null || r.Min < max).WithErrorCode("field-form");
        RuleFor(r => r.Key).Must((r, key) => key is not null
            && Convert.TryFromBase64String(key, new byte[key.Length], out int length)
            && DeviceKey.IsValid(r.Algorithm, Convert.FromBase64String(key)) && length > 0).WithErrorCode("field-form");
    }
}

/// <summary>A registered device.</summary>
internal sealed record Device(string Id, DeviceKey Key, string Measure, string Unit, ValueRange Range);

/// <summary>Registers devices, and finds them.</summary>
internal sealed class Devices(Store store)
{
    public static void Map(IEndpointRouteBuilder sensors) =>
        sensors.MapPut("/{device}", RegisterAsync).RequireRoles(Role.Member, Role.Admin).Validate(new DeviceShape())
            .WithName("RegisterDevice").WithSummary("Registers a device by its public key, with the range it watches.");

    public async Task<Device?> FindAsync(string tenant, string id, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            "select algorithm, key, measure, unit, min, max, tolerated from sensor_devices where tenant = $1 and device = $2");
        command.Parameters.Add(new() { Value = tenant });
        command.Parameters.Add(new() { Value = id });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation))
            return null;
        return new Device(
            id, new DeviceKey(reader.GetString(0), reader.GetFieldValue<byte[]>(1)), reader.GetString(2),
            reader.GetString(3),
            new ValueRange(
                reader.IsDBNull(4) ? null : reader.GetDecimal(4), reader.IsDBNull(5) ? null : reader.GetDecimal(5),
                reader.GetTimeSpan(6)));
    }

    public static bool IsId(string device) =>
        device.Length is > 0 and <= 64
            && device.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':');

    private static Task<IResult> RegisterAsync(string device, HttpContext http, Caller caller,
        JsonBody<DeviceRequest> body)
    {
        if (!IsId(device))
            return Task.FromResult<IResult>(Problem.Of("sensor-device-unknown", ("device", device)));
        DeviceRequest r = body.Value;
        return Once.RunAsync(http, caller, Once.Key(http.Request, caller, $"device {device}", body.Bytes.Span),
            (session, _) =>
            {
                NewEvent e = session.Context.Stamp(DeviceRegistered.Type, new DeviceRegistered(
                    device, r.Algorithm!, r.Key!, r.Name!, r.Measure!, r.Unit!, SensorText.Of(r.Min),
                    SensorText.Of(r.Max),
                    r.ToleratedMinutes));
                session.StartStream($"sensor-device-{e.Id}", e);
                session.QueueSqlCommand(
                    """
                    insert into sensor_devices (tenant, device, algorithm, key, name, measure, unit, min, max, tolerated)
                    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (tenant, device) do update set
                        algorithm = excluded.algorithm, key = excluded.key, name = excluded.name,
                        measure = excluded.measure, unit = excluded.unit, min = excluded.min, max = excluded.max,
                        tolerated = excluded.tolerated
                    """,
                    caller.Tenant, device, r.Algorithm!, Convert.FromBase64String(r.Key!), r.Name!, r.Measure!, r.Unit!,
                    Optional(r.Min, NpgsqlDbType.Numeric), Optional(r.Max, NpgsqlDbType.Numeric),
                    TimeSpan.FromMinutes(r.ToleratedMinutes));
                session.QueueSqlCommand(
                    "insert into sensor_keys values ($1, $2) on conflict do nothing",
                    Convert.ToHexStringLower(SHA256.HashData(Convert.FromBase64String(r.Key!))),
                    Convert.FromBase64String(r.Key!));
                return Task.FromResult(Once.Json(
                    StatusCodes.Status200OK, new DeviceAnswer(device, e.Id), SensorJson.Default.DeviceAnswer));
            });
    }
}

/// <summary>The answer to a registration.</summary>
public sealed record DeviceAnswer(string Device, Guid EventId);
