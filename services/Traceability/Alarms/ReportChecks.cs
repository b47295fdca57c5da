using System.Net;
using FluentValidation;
using Npgsql;
using NpgsqlTypes;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using Traceability.Scanning;

namespace Traceability.Alarms;

/// <summary>Checks that consumers made in the organisation's own application.</summary>
public sealed record ReportRequest(IReadOnlyList<ReportedCheck>? Checks = null);

/// <summary>One of them.</summary>
/// <param name="Link">The scanned link or its path.</param>
/// <param name="At">When; kept to the minute.</param>
/// <param name="Region">Code of the city-level region; found from a shared position where it is missing.</param>
/// <param name="Latitude">Degrees north; kept to a kilometre.</param>
/// <param name="Longitude">Degrees east.</param>
/// <param name="AccuracyKm">Radius.</param>
/// <param name="Shared">Whether the holder shared the position; false where it follows from an address.</param>
/// <param name="Device">Any text that is the same for one device on one day; only a keyed tag of it is kept.</param>
public sealed record ReportedCheck(
    string? Link = null, DateTimeOffset? At = null, string? Region = null, double? Latitude = null,
    double? Longitude = null, double? AccuracyKm = null, bool Shared = true, string? Device = null);

/// <summary>How many were recorded; one that was reported before is not recorded again.</summary>
public sealed record ReportAnswer(int Recorded);

internal sealed class ReportShape : AbstractValidator<ReportRequest>
{
    public const int ChecksMax = 1000;

    public ReportShape()
    {
        RuleFor(r => r.Checks).Required();
        RuleFor(r => r.Checks).Must(c => c is null || c.Count <= ChecksMax).WithErrorCode("list-length")
            .WithState(_ => new Dictionary<string, object?> { ["max"] = ChecksMax });
        RuleForEach(r => r.Checks).Must(IsCheck).WithErrorCode("check-form");
    }

    public static bool TryKey(string link, out ItemKey? key)
    {
        int path = link.IndexOf("/01/", StringComparison.Ordinal);
        return ItemKey.TryParse(path < 0 ? link : link[path..], out key, out _) && key.Serial is not null;
    }

    private static bool IsCheck(ReportedCheck? c) => c is { Link: { Length: <= 400 } link, At: not null }
        && TryKey(link, out _)
        && c.Region is null or { Length: > 0 and <= 20 } && c.Region?.All(char.IsAsciiLetterOrDigit) != false
        && c.Device is null or { Length: > 0 and <= 200 }
        && (c.Latitude, c.Longitude, c.AccuracyKm) is (null, null, null)
            or ( >= -90 and <= 90, >= -180 and <= 180, > 0 and <= 20_000);
}

/// <summary>
/// Takes checks over that were made elsewhere than on this service's page. They are marked as the owner's own report
/// wherever they count, because the owner is also who accuses.
/// </summary>
internal static class ReportChecks
{
    private static readonly TimeSpan Ahead = TimeSpan.FromMinutes(5);

    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/scans/reports", HandleAsync)
        .RequireRoles(Role.Member).Validate(new ReportShape())
        .WithName("ReportChecks").WithSummary("Reports checks of own goods that were made in another application.");

    private static async Task<IResult> HandleAsync(
        HttpContext http, Caller caller, JsonBody<ReportRequest> body, AlarmReading reading, CodeRegister codes,
        DeviceTags tags, RegionFile regions, TimeProvider time)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (body.Value.Checks!.Any(c => c.At > now + Ahead))
            return Problem.Of("check-in-future");
        (ItemKey Key, ReportedCheck Check)[] checks = [.. body.Value.Checks!.Select(c => (KeyOf(c, codes), c))];
        IReadOnlyDictionary<string, string> owners =
            await reading.OwnersAsync(checks.Select(c => c.Key.Gtin), http.RequestAborted);
        if (Array.Find(checks, c => owners.GetValueOrDefault(c.Key.Gtin) != caller.Tenant) is { Key: { } foreign })
            return Problem.Of("check-not-own", ("gtin", foreign.Gtin));
        await using NpgsqlCommand command = Command(reading, caller, checks, tags, regions.Current, now);
        return TypedResults.Json(
            new ReportAnswer((int)(await command.ExecuteScalarAsync(http.RequestAborted))!),
            AlarmJson.Default.ReportAnswer);
    }

    private static ItemKey KeyOf(ReportedCheck check, CodeRegister codes)
    {
        _ = ReportShape.TryKey(check.Link!, out ItemKey? key);
        return codes.Identify(key!).Key;
    }

    private static NpgsqlCommand Command(
        AlarmReading reading, Caller caller, (ItemKey Key, ReportedCheck Check)[] checks, DeviceTags tags,
        RegionTable regions, DateTimeOffset now)
    {
        NpgsqlCommand command = reading.Command(
            """
            with new as (
                select distinct u.* from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                    as u (at, gtin, serial, lot, region, device, latitude, longitude, accuracy_km, shared)
                where not exists (
                    select from scans s where s.gtin = u.gtin and s.serial = u.serial and s.at = u.at
                        and s.device is not distinct from u.device and s.region is not distinct from u.region)
            ), added as (
                insert into scans (at, gtin, serial, lot, region, device, latitude, longitude, accuracy_km, shared, reporter)
                select n.*, $11 from new n returning gtin, serial, at
            ), counted as (
                insert into scan_items as t (gtin, serial, checks, first_at)
                select gtin, serial, count(*), min(at) from added group by gtin, serial order by gtin, serial
                on conflict (gtin, serial) do update
                set checks = t.checks + excluded.checks, first_at = least(t.first_at, excluded.first_at))
            select count(*)::int from added
            """);
        // A region alone stands for its middle, where the table of regions knows it.
        Position?[] positions = [.. checks.Select(c => PositionOf(c.Check)
            ?? (c.Check.Region is { } code ? regions.ByCode(code)?.Position : null))];
        Add(checks.Select(c => Minute(c.Check.At!.Value)).ToArray(), NpgsqlDbType.TimestampTz);
        Add(checks.Select(c => c.Key.Gtin).ToArray(), NpgsqlDbType.Text);
        Add(checks.Select(c => c.Key.Serial).ToArray(), NpgsqlDbType.Text);
        Add(checks.Select(c => c.Key.Lot).ToArray(), NpgsqlDbType.Text);
        Add(checks.Select(c => c.Check.Region ?? (PositionOf(c.Check) is { } p ? regions.Nearest(p)?.Code : null)).ToArray(),
            NpgsqlDbType.Text);
        Add(checks.Select(c => Tag(c.Check)).ToArray(), NpgsqlDbType.Bytea);
        Add(positions.Select(p => p?.Latitude).ToArray(), NpgsqlDbType.Double);
        Add(positions.Select(p => p?.Longitude).ToArray(), NpgsqlDbType.Double);
        Add(positions.Select(p => p?.AccuracyKm).ToArray(), NpgsqlDbType.Double);
        Add(checks.Select(c => c.Check is { Shared: true, Latitude: not null }).ToArray(), NpgsqlDbType.Boolean);
        command.Parameters.Add(new() { Value = caller.Tenant });
        return command;

        void Add(object value, NpgsqlDbType type) =>
            command.Parameters.Add(new() { Value = value, NpgsqlDbType = NpgsqlDbType.Array | type });

        // Under today's key, for keys of days that are over are gone; the day of the check keeps days apart.
        byte[]? Tag(ReportedCheck check) => check.Device is null ? null : tags.Of(
            now, IPAddress.None, $"{caller.Tenant}\n{DateOnly.FromDateTime(check.At!.Value.UtcDateTime):O}\n{check.Device}");
    }

    private static Position? PositionOf(ReportedCheck c) => c.Latitude is { } latitude
        ? new Position(Math.Round(latitude, 2), Math.Round(c.Longitude!.Value, 2), Math.Max(1, c.AccuracyKm!.Value))
        : null;

    private static DateTime Minute(DateTimeOffset at) =>
        new(at.UtcTicks - at.UtcTicks % TimeSpan.TicksPerMinute, DateTimeKind.Utc);
}
