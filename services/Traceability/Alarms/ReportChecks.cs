using System.Net;
using System.Security.Cryptography;
using EventStore.Idempotency;
using FluentValidation;
using Npgsql;
using NpgsqlTypes;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;
using Traceability.Scanning;
using static Traceability.SqlValues;

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
/// An organisation reported checks of its goods. The checks themselves say where people were and are forgotten in time;
/// the digest shows later what was reported, and when.
/// </summary>
/// <param name="Count">How many were new.</param>
/// <param name="From">The first check, to the minute.</param>
/// <param name="To">The last check.</param>
/// <param name="Sha256">Of the report as it was sent, in hexadecimal.</param>
public sealed record ChecksReported(int Count, DateTimeOffset From, DateTimeOffset To, string Sha256)
{
    /// <summary>Its stable name.</summary>
    public const string Type = "trace.checks-reported.v1";
}

/// <summary>
/// Takes checks over that were made elsewhere than on this service's page. They are marked as the owner's own report
/// wherever they count, because the owner is also who accuses.
/// </summary>
internal static class ReportChecks
{
    /// <summary>Which reports were taken: the tags of devices in the same report are others on another day.</summary>
    public const string Schema =
        """
        create table check_reports (
            tenant text  collate "C" not null,
            sha256 bytea not null,
            primary key (tenant, sha256)
        );
        """;

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
        ScanRow[] rows = [.. body.Value.Checks!.Select(c => Row(c, caller.Tenant, codes, tags, regions.Current, now)).Distinct()];
        IReadOnlyDictionary<string, string> owners =
            await reading.OwnersAsync(rows.Select(r => r.Key.Gtin), http.RequestAborted);
        if (Array.Find(rows, r => owners.GetValueOrDefault(r.Key.Gtin) != caller.Tenant) is { Key: { } foreign })
            return Problem.Of("check-not-own", ("gtin", foreign.Gtin));
        IdempotencyKey? key = Once.Key(http.Request, caller, "checks", body.Bytes.Span);
        return await Once.RunAsync(http, caller, key, async (session, token) =>
        {
            // The version comes before the look: of two reports at once the later is decided anew.
            string stream = $"checks-{caller.Tenant}";
            long version = await VersionAsync(reading, stream, token);
            byte[] digest = SHA256.HashData(body.Bytes.Span);
            ScanRow[] added = await IsTakenAsync(reading, caller.Tenant, digest, token)
                ? []
                : await NewAsync(reading, rows, token);
            if (added.Length > 0)
            {
                session.Append(stream, version, session.Context.Stamp(
                    ChecksReported.Type, new ChecksReported(
                        added.Length, added.Min(r => r.At), added.Max(r => r.At), Convert.ToHexStringLower(digest))));
                session.QueueSqlCommand(Insert, [.. Columns(added), caller.Tenant]);
                session.QueueSqlCommand("insert into check_reports values ($1, $2)", caller.Tenant, digest);
            }
            return Once.Json(StatusCodes.Status200OK, new ReportAnswer(added.Length), AlarmJson.Default.ReportAnswer);
        });
    }

    /// <summary>A check as it is kept.</summary>
    private sealed record ScanRow(
        ItemKey Key, DateTime At, string? Region, string? Device, double? Latitude, double? Longitude, double? AccuracyKm,
        bool Shared, string? AddressRegion);

    private const string Insert =
        """
        with added as (
            insert into scans (
                at, gtin, serial, lot, region, device, lot_differs, latitude, longitude, accuracy_km, shared,
                address_region, reporter)
            select u.*, $13 from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) u returning gtin, serial, at
        )
        insert into scan_items as t (gtin, serial, checks, first_at)
        select gtin, serial, count(*), min(at) from added group by gtin, serial order by gtin, serial
        on conflict (gtin, serial) do update
        set checks = t.checks + excluded.checks, first_at = least(t.first_at, excluded.first_at)
        """;

    private static ScanRow Row(
        ReportedCheck check, string tenant, CodeRegister codes, DeviceTags tags, RegionTable regions, DateTimeOffset now)
    {
        _ = ReportShape.TryKey(check.Link!, out ItemKey? key);
        Position? own = PositionOf(check);
        // A region alone stands for its middle, where the table of regions knows it.
        Position? position = own ?? (check.Region is { } code ? regions.ByCode(code)?.Position : null);
        return new ScanRow(
            codes.Identify(key!).Key, Minute(check.At!.Value), check.Region ?? (own is null ? null : regions.Nearest(own)?.Code),
            Tag(), position?.Latitude, position?.Longitude, position?.AccuracyKm,
            check is { Shared: true, Latitude: not null }, check.Region);

        // Under today's key, for keys of days that are over are gone; the day of the check keeps days apart.
        string? Tag() => check.Device is null ? null : Convert.ToHexString(tags.Of(
            now, IPAddress.None, $"{tenant}\n{DateOnly.FromDateTime(check.At!.Value.UtcDateTime):O}\n{check.Device}"));
    }

    /// <summary>How many reports of new checks a stream has.</summary>
    private static async Task<long> VersionAsync(AlarmReading reading, string stream, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = reading.Command(
            "select coalesce(max(version), 0)::bigint from store.events where stream = $1", stream);
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private static async Task<bool> IsTakenAsync(
        AlarmReading reading, string tenant, byte[] digest, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = reading.Command(
            "select exists (select from check_reports where tenant = $1 and sha256 = $2)", tenant, digest);
        return (bool)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>
    /// Those that were not reported before. A label that names another lot is another check than one that does not,
    /// whichever lot it names.
    /// </summary>
    private static async Task<ScanRow[]> NewAsync(AlarmReading reading, ScanRow[] rows, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = reading.Command(
            """
            select n from unnest($1, $2, $3, $4, $5, $6, $7)
                with ordinality u (at, gtin, serial, lot, region, device, lot_differs, n)
            where not exists (
                select from scans s where s.gtin = u.gtin and s.serial = u.serial and s.at = u.at
                    and s.device is not distinct from u.device and s.region is not distinct from u.region
                    and s.lot_differs = u.lot_differs)
            """);
        foreach (NpgsqlParameter column in Columns(rows).Take(7))
            command.Parameters.Add(column);
        List<ScanRow> added = [];
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            added.Add(rows[reader.GetInt64(0) - 1]);
        return [.. added];
    }

    private static NpgsqlParameter[] Columns(ScanRow[] rows)
    {
        return
        [
            ArrayOf(rows.Select(r => r.At).ToArray(), NpgsqlDbType.TimestampTz),
            ArrayOf(rows.Select(r => r.Key.Gtin).ToArray(), NpgsqlDbType.Text),
            ArrayOf(rows.Select(r => r.Key.Serial).ToArray(), NpgsqlDbType.Text),
            ArrayOf(rows.Select(r => r.Key.Lot).ToArray(), NpgsqlDbType.Text),
            ArrayOf(rows.Select(r => r.Region).ToArray(), NpgsqlDbType.Text),
            ArrayOf(rows.Select(r => r.Device is { } tag ? Convert.FromHexString(tag) : null).ToArray(), NpgsqlDbType.Bytea),
            ArrayOf(rows.Select(r => r.Key.OtherLot is not null).ToArray(), NpgsqlDbType.Boolean),
            ArrayOf(rows.Select(r => r.Latitude).ToArray(), NpgsqlDbType.Double),
            ArrayOf(rows.Select(r => r.Longitude).ToArray(), NpgsqlDbType.Double),
            ArrayOf(rows.Select(r => r.AccuracyKm).ToArray(), NpgsqlDbType.Double),
            ArrayOf(rows.Select(r => r.Shared).ToArray(), NpgsqlDbType.Boolean),
            ArrayOf(rows.Select(r => r.AddressRegion).ToArray(), NpgsqlDbType.Text),
        ];
    }

    private static Position? PositionOf(ReportedCheck c) => c.Latitude is { } latitude
        ? new Position(Math.Round(latitude, 2), Math.Round(c.Longitude!.Value, 2), Math.Max(1, c.AccuracyKm!.Value))
        : null;

    private static DateTime Minute(DateTimeOffset at) =>
        new(at.UtcTicks - at.UtcTicks % TimeSpan.TicksPerMinute, DateTimeKind.Utc);
}
