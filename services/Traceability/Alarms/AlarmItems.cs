using Npgsql;
using NpgsqlTypes;
using Traceability.MasterData;
using Traceability.Scanning;

namespace Traceability.Alarms;

/// <summary>A checked item as the formulas over many items count it.</summary>
/// <param name="Id">The item.</param>
/// <param name="Owner">Whose product it is.</param>
/// <param name="Lot">Its lot.</param>
/// <param name="Dealer">To whom it had gone when it was first seen after that.</param>
/// <param name="Carton">What it had gone in.</param>
/// <param name="At">Its last check.</param>
/// <param name="Checks">How many checks.</param>
/// <param name="Grade">Whether its code is suspected of being copied.</param>
/// <param name="First">That first check; null where none has a region.</param>
internal sealed record AlarmItem(
    ItemId Id, string Owner, string? Lot, string? Dealer, string? Carton, DateTimeOffset At, int Checks,
    SuspicionGrade Grade, Observation? First)
{
    // Times of checks are whole minutes, times of movements are not.
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <summary>The row of an item: its first check after it went to a dealer stands for it.</summary>
    public static AlarmItem Of(
        string owner, CheckedItem item, SuspicionGrade grade, IReadOnlyList<Binding> bindings)
    {
        Check? first = null;
        Binding? binding = null;
        foreach (Check check in item.Checks.Where(c => c.Region is not null).OrderBy(c => c.At)
                     .ThenBy(c => c.Region, StringComparer.Ordinal).ThenBy(c => c.Device, StringComparer.Ordinal))
        {
            binding = bindings.LastOrDefault(b => b.Since <= DateTimeOffset.MinValue.Add(Minute)
                || b.Since < check.At + Minute);
            if (binding is null)
                continue;
            first = check;
            break;
        }
        return new AlarmItem(
            item.Id, owner, item.Lot, binding?.Dealer, binding?.Carton, item.Checks.Max(c => c.At), item.Checks.Count,
            grade, first is null
                ? null
                : new Observation(item.Id.Uri, first.At, first.Region!, first.Source, first.Shared, first.Reported));
    }
}

/// <summary>How a lot's suspected codes stand to those of all other lots.</summary>
internal sealed record LotCount(int Suspected, int Checked, int OtherSuspected, int OtherChecked);

/// <summary>The table of checked items. Its rows go when their last check is older than the window.</summary>
internal sealed class AlarmItems(AlarmReading reading)
{
    private const int DealerItemsMax = 20_000;

    public async Task KeepAsync(IReadOnlyList<AlarmItem> rows, CancellationToken cancellation)
    {
        if (rows.Count == 0)
            return;
        await using NpgsqlCommand command = reading.Command(
            """
            insert into alarm_items (gtin, serial, owner, lot, dealer, carton, at, checks, grade, first_at, region, device,
                shared, reported)
            select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
            on conflict (gtin, serial) do update set owner = excluded.owner, lot = excluded.lot, dealer = excluded.dealer,
                carton = excluded.carton, at = excluded.at, checks = excluded.checks, grade = excluded.grade,
                first_at = excluded.first_at, region = excluded.region, device = excluded.device,
                shared = excluded.shared, reported = excluded.reported
            """);
        Add(rows.Select(r => r.Id.Gtin).ToArray(), NpgsqlDbType.Text);
        Add(rows.Select(r => r.Id.Serial).ToArray(), NpgsqlDbType.Text);
        Add(rows.Select(r => r.Owner).ToArray(), NpgsqlDbType.Text);
        Add(rows.Select(r => r.Lot).ToArray(), NpgsqlDbType.Text);
        Add(rows.Select(r => r.Dealer).ToArray(), NpgsqlDbType.Text);
        Add(rows.Select(r => r.Carton).ToArray(), NpgsqlDbType.Text);
        Add(rows.Select(r => r.At.UtcDateTime).ToArray(), NpgsqlDbType.TimestampTz);
        Add(rows.Select(r => r.Checks).ToArray(), NpgsqlDbType.Integer);
        Add(rows.Select(r => (short)r.Grade).ToArray(), NpgsqlDbType.Smallint);
        Add(rows.Select(r => r.First?.At.UtcDateTime).ToArray(), NpgsqlDbType.TimestampTz);
        Add(rows.Select(r => r.First?.Region).ToArray(), NpgsqlDbType.Text);
        Add(rows.Select(r => r.First?.Device is { } d ? Convert.FromHexString(d) : null).ToArray(), NpgsqlDbType.Bytea);
        Add(rows.Select(r => r.First?.Shared ?? false).ToArray(), NpgsqlDbType.Boolean);
        Add(rows.Select(r => r.First?.Reported ?? false).ToArray(), NpgsqlDbType.Boolean);
        await command.ExecuteNonQueryAsync(cancellation);

        void Add(object value, NpgsqlDbType type) =>
            command.Parameters.Add(new() { Value = value, NpgsqlDbType = NpgsqlDbType.Array | type });
    }

    /// <summary>
    /// A dealer's items that were seen. A code that is suspected of being copied says nothing of where its item went.
    /// </summary>
    public async Task<IReadOnlyList<AlarmItem>> OfDealerAsync(
        string owner, string dealer, DateTimeOffset since, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = reading.Command(
            $"""
             select gtin, serial, lot, carton, at, checks, grade, first_at, region, device, shared, reported
             from alarm_items where owner = $1 and dealer = $2 and at >= $3 and first_at is not null and grade <> $4
             order by at desc limit {DealerItemsMax}
             """, owner, dealer, since.UtcDateTime, (short)SuspicionGrade.Alarm);
        List<AlarmItem> items = [];
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            ItemId id = new(reader.GetString(0), reader.GetString(1));
            items.Add(new AlarmItem(id, owner, reader.Text(2), dealer, reader.Text(3),
                reader.GetFieldValue<DateTimeOffset>(4), reader.GetInt32(5), (SuspicionGrade)reader.GetInt16(6),
                new Observation(id.Uri, reader.GetFieldValue<DateTimeOffset>(7), reader.GetString(8),
                    reader.IsDBNull(9) ? null : Convert.ToHexStringLower(reader.GetFieldValue<byte[]>(9)),
                    reader.GetBoolean(10), reader.GetBoolean(11))));
        }
        return items;
    }

    /// <summary>Items of a lot with and without signs, and of all other lots of their owner.</summary>
    public async Task<LotCount> CountLotAsync(
        string owner, string gtin, string lot, DateTimeOffset since, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = reading.Command(
            """
            select count(*) filter (where here and grade = $5)::int, count(*) filter (where here)::int,
                count(*) filter (where not here and grade = $5)::int, count(*) filter (where not here)::int
            from (select grade, coalesce(gtin = $2 and lot = $3, false) as here from alarm_items
                  where owner = $1 and at >= $4) i
            """, owner, gtin, lot, since.UtcDateTime, (short)SuspicionGrade.Alarm);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return new LotCount(reader.GetInt32(0), reader.GetInt32(1), reader.GetInt32(2), reader.GetInt32(3));
    }

    /// <summary>The items of a lot whose codes are suspected of being copied.</summary>
    public async Task<IReadOnlyList<ItemId>> SuspectedAsync(
        string owner, string gtin, string lot, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = reading.Command(
            "select serial from alarm_items where owner = $1 and gtin = $2 and lot = $3 and grade = $4 order by serial limit 200",
            owner, gtin, lot, (short)SuspicionGrade.Alarm);
        List<ItemId> items = [];
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            items.Add(new ItemId(gtin, reader.GetString(0)));
        return items;
    }

    /// <summary>Forgets what lies before the longest window, and with it the last tags of devices.</summary>
    public async Task ForgetAsync(DateTimeOffset before, CancellationToken cancellation)
    {
        await using NpgsqlCommand items = reading.Command(
            "delete from alarm_items where at < $1 or first_at < $1", before.UtcDateTime);
        await items.ExecuteNonQueryAsync(cancellation);
        await using NpgsqlCommand watches = reading.Command("delete from alarm_watches where at < $1", before.UtcDateTime);
        await watches.ExecuteNonQueryAsync(cancellation);
    }
}
