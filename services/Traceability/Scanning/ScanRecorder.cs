using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using EventStore;
using Npgsql;
using NpgsqlTypes;
using Traceability.Scanning.Page;
using static Traceability.SqlValues;

namespace Traceability.Scanning;

/// <summary>A check about to be written. It holds nothing that could not be kept.</summary>
internal sealed record Scan(
    DateTimeOffset At, string Gtin, string Serial, string? Lot, string? Region, byte[] Device, Position? Position,
    bool OtherLot = false)
{
    /// <summary>The day's tag of its network.</summary>
    public required byte[] Network { get; init; }
}

/// <summary>
/// Records checks after the answer has gone: a full queue drops the newest and counts it, and never delays a page. Of the
/// source stays a region of city level and a tag of the day; its address is dropped before the check is queued.
/// </summary>
internal sealed partial class ScanRecorder(
    Store store, DeviceTags tags, RegionFile regions, TimeProvider time, ILogger<ScanRecorder> log) : BackgroundService
{
    public const string Schema =
        """
        create table scans (
            id          bigint generated always as identity primary key,
            at          timestamptz not null,
            gtin        text  collate "C" not null,
            serial      text  collate "C" not null,
            lot         text  collate "C",
            region      text  collate "C",
            device      bytea,
            latitude    double precision,
            longitude   double precision,
            accuracy_km double precision
        );
        create index scans_item on scans (gtin, serial, at desc);
        create index scans_device on scans (at) where device is not null;
        create table scan_items (
            gtin     text        collate "C" not null,
            serial   text        collate "C" not null,
            checks   bigint      not null,
            first_at timestamptz not null,
            primary key (gtin, serial)
        );
        create table scan_keys (
            day date  primary key,
            key bytea not null
        );
        """;

    /// <summary>The lot of a scanned label whose code is bound to another.</summary>
    public const string OtherLots = "alter table scans add column other_lot text collate \"C\"";

    /// <summary>
    /// That a label named another lot, not which: a link says what anybody wrote into it. And the network, for one address
    /// may be any number of browsers.
    /// </summary>
    public const string Networks =
        """
        alter table scans add column lot_differs boolean not null default false, add column network bytea;
        update scans set lot_differs = true where other_lot is not null;
        alter table scans drop column other_lot;
        create index scans_network on scans (at) where network is not null;
        """;

    /// <summary>
    /// The region of the address, which stays when a position is shared: by itself the position is only a claim. Of
    /// earlier checks with a shared position it is not known any more.
    /// </summary>
    public const string AddressRegions =
        """
        alter table scans add column address_region text collate "C";
        update scans set address_region = region where not shared or reporter is not null;
        """;

    private const int QueueMax = 20_000;
    private const int BatchMax = 500;

    /// <summary>How long a check waits for others, so that busy times cost a few commits a second and not one each.</summary>
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan TagsKept = TimeSpan.FromDays(30);
    private static readonly TimeSpan ForgetEvery = TimeSpan.FromHours(1);
    private static readonly TimeSpan ForgetRetry = TimeSpan.FromSeconds(10);

    private readonly Channel<Scan> _queue = Channel.CreateBounded<Scan>(
        new BoundedChannelOptions(QueueMax) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });

    private long _dropped;

    /// <summary>Checks that were not recorded because the queue was full.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Records that somebody looks at an item, once the answer is complete.</summary>
    public void Record(HttpContext http, ItemFacts facts)
    {
        if (!HttpMethods.IsGet(http.Request.Method))
            return;
        IPAddress? address = http.Connection.RemoteIpAddress;
        string agent = http.Request.Headers.UserAgent.ToString();
        http.Response.OnCompleted(() =>
        {
            Enqueue(facts.Key with { Lot = facts.KnownLot }, address, agent);
            return Task.CompletedTask;
        });
    }

    /// <summary>Queues a check; false where the queue is full.</summary>
    public bool Enqueue(ItemKey key, IPAddress? address, string agent)
    {
        DateTimeOffset now = time.GetUtcNow();
        Region? region = address is null ? null : regions.Current.Find(address);
        Scan scan = new(
            new DateTimeOffset(now.Ticks - now.Ticks % TimeSpan.TicksPerMinute, TimeSpan.Zero), key.Gtin, key.Serial!, key.Lot,
            region?.Code, tags.Of(now, address, agent), region?.Position, key.OtherLot is not null)
        {
            Network = tags.OfNetwork(now, address),
        };
        bool queued = _queue.Writer.TryWrite(scan);
        if (!queued)
            Interlocked.Increment(ref _dropped);
        return queued;
    }

    /// <summary>Adds a position, which its holder chose to share, to the device's last check of an item.</summary>
    public async Task<bool> LocateAsync(
        ItemKey key, IPAddress? address, string agent, Position position, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            """
            update scans set latitude = $4, longitude = $5, accuracy_km = $6, shared = true,
                region = coalesce($7, region), change = nextval('scan_changes')
            where id = (select id from scans where gtin = $1 and serial = $2 and device = $3 order by at desc limit 1)
            """);
        foreach (object value in new object[]
                 {
                     key.Gtin, key.Serial!, tags.Of(time.GetUtcNow(), address, agent), position.Latitude, position.Longitude,
                     position.AccuracyKm, (object?)regions.Current.Nearest(position)?.Code ?? DBNull.Value,
                 })
            command.Parameters.Add(new() { Value = value });
        command.Parameters[^1].NpgsqlDbType = NpgsqlDbType.Text;
        return await command.ExecuteNonQueryAsync(cancellationToken) > 0;
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(RecordAsync(stoppingToken), ForgetOnTimeAsync(stoppingToken));

    private async Task RecordAsync(CancellationToken stoppingToken)
    {
        List<Scan> batch = new(BatchMax);
        try
        {
            while (await _queue.Reader.WaitToReadAsync(stoppingToken))
            {
                await Task.Delay(Gather, time, stoppingToken);
                while (batch.Count < BatchMax && _queue.Reader.TryRead(out Scan? scan))
                    batch.Add(scan);
                await WriteOrDropAsync(batch, stoppingToken);
                batch.Clear();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service stops; checks that are still queued are lost, as one that was never made.
        }
    }

    /// <summary>Forgets at start, every hour and when a day ends, whether anything is checked or not.</summary>
    private async Task ForgetOnTimeAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                DateTimeOffset now = time.GetUtcNow();
                bool forgotten = await ForgetAsync(now, stoppingToken);
                await Task.Delay(forgotten ? UntilNext(now) : ForgetRetry, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The next start forgets what is due by then.
        }
    }

    /// <summary>A day's key must not wait for the full hour after its day.</summary>
    internal static TimeSpan UntilNext(DateTimeOffset now)
    {
        TimeSpan day = TimeSpan.FromDays(1) - now.UtcDateTime.TimeOfDay;
        return day < ForgetEvery ? day : ForgetEvery;
    }

    /// <summary>
    /// Deletes what makes devices known again: tags after 30 days, and keys whose day is over; false where the database
    /// did not do it.
    /// </summary>
    public async Task<bool> ForgetAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        tags.Forget(now);
        try
        {
            await using NpgsqlBatch batch = store.DataSource.CreateBatch();
            batch.BatchCommands.Add(Sql.Command(
                "update scans set device = null, network = null where (device is not null or network is not null) and at < $1", (now - TagsKept).UtcDateTime));
            batch.BatchCommands.Add(Sql.Command("delete from scan_keys where day < $1", DateOnly.FromDateTime(now.UtcDateTime)));
            await batch.ExecuteNonQueryAsync(cancellationToken);
            return true;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            // The schema is still being brought up to date.
            return false;
        }
        catch (NpgsqlException e)
        {
            LogNotForgotten(log, e);
            return false;
        }
    }

    private async Task WriteOrDropAsync(List<Scan> batch, CancellationToken cancellationToken)
    {
        try
        {
            await tags.KeepKeyAsync(store, time.GetUtcNow(), cancellationToken);
            await WriteAsync(batch, cancellationToken);
        }
        catch (NpgsqlException e)
        {
            // A database that is away must not fill the memory with checks.
            Interlocked.Add(ref _dropped, batch.Count);
            LogNotWritten(log, batch.Count, e);
        }
    }

    /// <summary>
    /// A device that looks again within ten minutes has not checked again: it was a reload. Whether the label names
    /// another lot makes two checks of it; which lot does not, for anybody can type many.
    /// </summary>
    private async Task WriteAsync(List<Scan> scans, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            """
            with new as (
                select distinct on (u.gtin, u.serial, u.device, u.lot_differs) u.*
                from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
                    as u (at, gtin, serial, lot, region, device, latitude, longitude, accuracy_km, lot_differs, network)
                where not exists (
                    select from scans s where s.gtin = u.gtin and s.serial = u.serial and s.device = u.device
                        and s.at > u.at - interval '10 minutes' and s.lot_differs = u.lot_differs)
                order by u.gtin, u.serial, u.device, u.lot_differs, u.at
            ), added as (
                insert into scans (at, gtin, serial, lot, region, device, latitude, longitude, accuracy_km, lot_differs,
                    network, address_region)
                select new.*, region from new returning gtin, serial, at
            )
            insert into scan_items as t (gtin, serial, checks, first_at)
            select gtin, serial, count(*), min(at) from added group by gtin, serial order by gtin, serial
            on conflict (gtin, serial) do update
            set checks = t.checks + excluded.checks, first_at = least(t.first_at, excluded.first_at)
            """);
        command.Parameters.Add(ArrayOf(scans.Select(s => s.At.UtcDateTime).ToArray(), NpgsqlDbType.TimestampTz));
        command.Parameters.Add(ArrayOf(scans.Select(s => s.Gtin).ToArray(), NpgsqlDbType.Text));
        command.Parameters.Add(ArrayOf(scans.Select(s => s.Serial).ToArray(), NpgsqlDbType.Text));
        command.Parameters.Add(ArrayOf(scans.Select(s => s.Lot).ToArray(), NpgsqlDbType.Text));
        command.Parameters.Add(ArrayOf(scans.Select(s => s.Region).ToArray(), NpgsqlDbType.Text));
        command.Parameters.Add(ArrayOf(scans.Select(s => s.Device).ToArray(), NpgsqlDbType.Bytea));
        command.Parameters.Add(ArrayOf(scans.Select(s => s.Position?.Latitude).ToArray(), NpgsqlDbType.Double));
        command.Parameters.Add(ArrayOf(scans.Select(s => s.Position?.Longitude).ToArray(), NpgsqlDbType.Double));
        command.Parameters.Add(ArrayOf(scans.Select(s => s.Position?.AccuracyKm).ToArray(), NpgsqlDbType.Double));
        command.Parameters.Add(ArrayOf(scans.Select(s => s.OtherLot).ToArray(), NpgsqlDbType.Boolean));
        command.Parameters.Add(ArrayOf(scans.Select(s => s.Network).ToArray(), NpgsqlDbType.Bytea));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    [LoggerMessage(3301, LogLevel.Warning, "{Count} checks were not recorded.")]
    private static partial void LogNotWritten(ILogger logger, int count, Exception exception);

    [LoggerMessage(3302, LogLevel.Warning, "Tags of devices were not deleted; it is tried again at once.")]
    private static partial void LogNotForgotten(ILogger logger, Exception exception);
}

/// <summary>
/// Tags by which checks of one device within one day are known to be of one device: a keyed hash, whose key is random,
/// holds for one day and is deleted after it, so that a tag can never be made again from an address.
/// </summary>
internal sealed class DeviceTags
{
    private const int TagBytes = 8;
    private readonly Lock _lock = new();
    private DateOnly _day;
    private byte[] _key = [];
    private bool _kept;

    /// <summary>The tag of a device on this day.</summary>
    public byte[] Of(DateTimeOffset now, IPAddress? address, string agent)
    {
        Span<byte> hash = stackalloc byte[32];
        HMACSHA256.HashData(KeyOf(now), Encoding.UTF8.GetBytes($"{address}\n{agent}"), hash);
        return hash[..TagBytes].ToArray();
    }

    /// <summary>The tag of the network that an address lies in: the first 24 bits of IPv4, 48 of IPv6.</summary>
    public byte[] OfNetwork(DateTimeOffset now, IPAddress? address)
    {
        Span<byte> hash = stackalloc byte[32];
        HMACSHA256.HashData(KeyOf(now), Encoding.UTF8.GetBytes($"network\n{PrefixOf(address)}"), hash);
        return hash[..TagBytes].ToArray();
    }

    /// <summary>What one household, firm or server has of addresses, as text.</summary>
    internal static string PrefixOf(IPAddress? address)
    {
        if (address is null)
            return "";
        byte[] bytes = (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).GetAddressBytes();
        return Convert.ToHexStringLower(bytes.AsSpan(0, bytes.Length == 4 ? 3 : 6));
    }

    /// <summary>Shares the day's key with the service's other processes and with this one after a restart.</summary>
    public async Task KeepKeyAsync(Store store, DateTimeOffset now, CancellationToken cancellationToken)
    {
        byte[] mine = KeyOf(now);
        if (_kept)
            return;
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            """
            with mine as (insert into scan_keys values ($1, $2) on conflict do nothing returning key)
            select key from mine union all select key from scan_keys where day = $1 limit 1
            """);
        command.Parameters.Add(new() { Value = DateOnly.FromDateTime(now.UtcDateTime) });
        command.Parameters.Add(new() { Value = mine });
        if (await command.ExecuteScalarAsync(cancellationToken) is not byte[] shared)
            return;
        lock (_lock)
            (_key, _kept) = (shared, true);
    }

    /// <summary>Drops the key of a day that is over, also when nobody checks anything on the next.</summary>
    public void Forget(DateTimeOffset now)
    {
        lock (_lock)
        {
            if (DateOnly.FromDateTime(now.UtcDateTime) > _day)
                (_day, _key, _kept) = (default, [], false);
        }
    }

    private byte[] KeyOf(DateTimeOffset now)
    {
        DateOnly day = DateOnly.FromDateTime(now.UtcDateTime);
        lock (_lock)
        {
            if (day != _day)
                (_day, _key, _kept) = (day, RandomNumberGenerator.GetBytes(32), false);
            return _key;
        }
    }
}
