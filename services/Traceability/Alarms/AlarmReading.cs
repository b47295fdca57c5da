using EventStore;
using Npgsql;
using NpgsqlTypes;
using Traceability.Codes.Validation;
using Traceability.MasterData;
using Traceability.Scanning;
using Traceability.Scanning.Page;

namespace Traceability.Alarms;

/// <summary>An item.</summary>
internal readonly record struct ItemId(string Gtin, string Serial)
{
    public string Uri => new ItemKey(Gtin, Serial: Serial).ItemUri;
}

/// <summary>What is known of a checked item.</summary>
internal sealed class CheckedItem(ItemId id)
{
    public ItemId Id => id;

    public List<Check> Checks { get; } = [];

    /// <summary>Sales by those who may sell it.</summary>
    public List<AlarmSale> Sales { get; } = [];

    /// <summary>Of its label, else as its last check told.</summary>
    public string? Lot { get; set; }

    /// <summary>Those who sell it, as its owner named them.</summary>
    public HashSet<string> Sellers { get; } = [];

    /// <summary>Whether all sales of all of them are reported, so that without a sale it is not sold yet.</summary>
    public bool IsSaleComplete { get; set; }
}

/// <summary>A dealer with the event that described it.</summary>
internal sealed record KnownDealer(AlarmDealer Dealer, string? Gln, Guid? EventId);

/// <summary>Reads what the formulas run over.</summary>
internal sealed class AlarmReading(Store store, CodeValidator codes, TimeProvider time)
{
    private const int ChecksMax = 200;

    /// <summary>Items with checks after a change, or sales after a position of the feed.</summary>
    /// <param name="change">Of scans.</param>
    /// <param name="position">Of sales.</param>
    /// <param name="limit">Most rows of each.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The items, and how far each was read where there may be more.</returns>
    public async Task<(IReadOnlyList<ItemId> Items, long? Change, long? Position)> ChangedAsync(
        long change, long position, int limit, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = Command(
            """
            (select gtin, serial, change, null::bigint from scans where change > $1 order by change limit $3)
            union all (select gtin, serial, null, changed from sales where changed > $2 order by changed limit $3)
            """, change, position, limit);
        HashSet<ItemId> items = [];
        List<long> changes = [], positions = [];
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            items.Add(new ItemId(reader.GetString(0), reader.GetString(1)));
            if (reader.IsDBNull(3))
                changes.Add(reader.GetInt64(2));
            else
                positions.Add(reader.GetInt64(3));
        }
        // A report's sales have one position, and the limit may have cut between them: it is read again.
        return ([.. items], changes.Count < limit ? null : changes.Max(),
            positions.Count < limit ? null : positions.Max() - 1);
    }

    /// <summary>Items that were checked since a time, the latest first, perhaps only one organisation's.</summary>
    public async Task<IReadOnlyList<ItemId>> RecentAsync(
        string? owner, DateTimeOffset since, int limit, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = Command(
            """
            select s.gtin, s.serial from scans s join products p on p.gtin = s.gtin
            where s.at >= $1 and ($2::text is null or p.tenant = $2)
            group by s.gtin, s.serial order by max(s.at) desc limit $3
            """, since.UtcDateTime, (object?)owner ?? DBNull.Value, limit);
        return await ItemsAsync(command, cancellation);
    }

    /// <summary>How far scans and the feed have come.</summary>
    public async Task<(long Change, long Position)> HeadsAsync(CancellationToken cancellation)
    {
        await using NpgsqlCommand command = Command(
            "select coalesce((select max(change) from scans), 0), (select head from store.feed)");
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return (reader.GetInt64(0), reader.GetInt64(1));
    }

    /// <summary>
    /// Whether anything was recorded that moves items, binds or unbinds them, describes dealers, or says who may sell.
    /// </summary>
    public async Task<bool> MovedAsync(long after, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = Command(
            """
            select exists (select from store.events where position > $1 and type in (
                'trace.epcis-captured.v1', 'trace.codes-activated.v1', 'trace.codes-unbound.v1',
                'trace.dealer-described.v1', 'trace.sellers-named.v1', 'trace.alarm-limits-set.v1'))
            """, after);
        return (bool)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>The owners of products.</summary>
    public Task<IReadOnlyDictionary<string, string>> OwnersAsync(
        IEnumerable<string> gtins, CancellationToken cancellation) => ProductOwners.OfAsync(store, gtins, cancellation);

    /// <summary>An organisation's dealers by its numbers for them.</summary>
    public async Task<IReadOnlyDictionary<string, KnownDealer>> DealersAsync(
        string owner, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = Command(
            "select code, name_zh, name_en, regions, gln, organisation, event_id from dealers where tenant = $1", owner);
        Dictionary<string, KnownDealer> dealers = new(StringComparer.Ordinal);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            dealers.Add(reader.GetString(0), new KnownDealer(
                new AlarmDealer(reader.GetString(0), reader.Words(1)!, reader.Text(5), reader.GetFieldValue<string[]>(3)),
                reader.Text(4), reader.IsDBNull(6) ? null : reader.GetGuid(6)));
        }
        return dealers;
    }

    /// <summary>Checks and sales of items.</summary>
    public async Task<IReadOnlyList<CheckedItem>> ReadAsync(
        IReadOnlyCollection<ItemId> items, DateTimeOffset since, CancellationToken cancellation)
    {
        Dictionary<ItemId, CheckedItem> read = items.ToDictionary(i => i, i => new CheckedItem(i));
        string[] gtins = [.. items.Select(i => i.Gtin)], serials = [.. items.Select(i => i.Serial)];
        await using (NpgsqlCommand checks = Command(
            $"""
             select u.gtin, u.serial, s.at, s.region, s.device, s.latitude, s.longitude, s.accuracy_km, s.shared,
                 s.reporter is not null, s.lot, s.lot_differs, s.address_region, s.network
             from unnest($1, $2) u (gtin, serial) cross join lateral (
                 select * from scans s where s.gtin = u.gtin and s.serial = u.serial and s.at >= $3
                 order by s.at desc limit {ChecksMax}) s
             """, gtins, serials, since.UtcDateTime))
        await using (NpgsqlDataReader reader = await checks.ExecuteReaderAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation))
            {
                CheckedItem item = read[new ItemId(reader.GetString(0), reader.GetString(1))];
                item.Lot ??= reader.Text(10);
                item.Checks.Add(new Check(reader.GetFieldValue<DateTimeOffset>(2), reader.Text(3),
                    reader.IsDBNull(4) ? null : Convert.ToHexStringLower(reader.GetFieldValue<byte[]>(4)),
                    reader.IsDBNull(5)
                        ? null
                        : new Position(reader.GetDouble(5), reader.GetDouble(6), reader.GetDouble(7)),
                    reader.GetBoolean(8), reader.GetBoolean(9), reader.GetBoolean(11), reader.Text(12),
                    reader.IsDBNull(13) ? null : Convert.ToHexStringLower(reader.GetFieldValue<byte[]>(13))));
            }
        }
        await AddSellersAsync(read.Values, cancellation);
        await AddSalesAsync(read, cancellation);
        return [.. read.Values];
    }

    /// <summary>Names sellers by the same rule as the item's page.</summary>
    private async Task AddSellersAsync(IReadOnlyCollection<CheckedItem> items, CancellationToken cancellation)
    {
        foreach (CheckedItem item in items)
            item.Lot = codes.Find(item.Id.Uri).Activation?.Lot ?? item.Lot;
        CheckedItem[] all = [.. items];
        await using NpgsqlCommand command = Command(
            $"""
             select u.n, s.names, s.expected, s.gap, s.complete_to
             from unnest($1, $2, $3) with ordinality u (gtin, lot, dealer, n)
             cross join lateral ({SellersQuery.Named("u.gtin", "u.lot", "u.dealer")}) s
             """,
            all.Select(i => i.Id.Gtin).ToArray(), all.Select(i => i.Lot ?? "").ToArray(),
            all.Select(i => codes.Find(i.Id.Uri).Activation?.Dealer ?? "").ToArray());
        await using NpgsqlDataReader rows = await command.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
        {
            CheckedItem item = all[rows.GetInt64(0) - 1];
            item.Sellers.UnionWith(rows.GetFieldValue<string[]>(1));
            item.IsSaleComplete = new SalesFeed(
                "", rows.GetInt64(2), rows.GetBoolean(3), rows.GetFieldValue<DateTimeOffset>(4)).IsComplete(time.GetUtcNow());
        }
    }

    private async Task AddSalesAsync(IReadOnlyDictionary<ItemId, CheckedItem> read, CancellationToken cancellation)
    {
        await using NpgsqlCommand sales = Command(
            $"""
            select s.gtin, s.serial, s.sold_at, s.tenant, s.feed, e.id, {Seller.Owns} from sales s
            join unnest($1, $2) u (gtin, serial) on s.gtin = u.gtin and s.serial = u.serial
            left join store.events e on e.position = s.changed
            where {Seller.Owns} or exists (select from sellers where gtin = s.gtin and seller = s.tenant)
            order by s.sold_at, s.tenant, s.feed, s.number limit 10000
            """, read.Keys.Select(i => i.Gtin).ToArray(), read.Keys.Select(i => i.Serial).ToArray());
        await using NpgsqlDataReader rows = await sales.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation))
        {
            CheckedItem item = read[new ItemId(rows.GetString(0), rows.GetString(1))];
            if (!Seller.MaySell(rows.GetString(3), rows.GetBoolean(6), item.Sellers))
                continue;
            item.Sales.Add(new AlarmSale(
                rows.GetFieldValue<DateTimeOffset>(2), item.Id.Uri, rows.GetString(3), rows.GetString(4),
                rows.IsDBNull(5) ? null : rows.GetGuid(5)));
        }
    }

    /// <summary>Digests of events of this service; what is none of them is left out.</summary>
    public async Task<IReadOnlyDictionary<Guid, string>> DigestsAsync(
        IEnumerable<Guid> events, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = Command(
            "select id, digest from store.events where id = any($1)", events.Distinct().ToArray());
        Dictionary<Guid, string> digests = [];
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            digests.Add(reader.GetGuid(0), Convert.ToHexStringLower(reader.GetFieldValue<byte[]>(1)));
        return digests;
    }

    public NpgsqlCommand Command(string sql, params Span<object> parameters)
    {
        NpgsqlCommand command = store.DataSource.CreateCommand(sql);
        foreach (object value in parameters)
        {
            command.Parameters.Add(value is DBNull
                ? new() { Value = value, NpgsqlDbType = NpgsqlDbType.Text }
                : new() { Value = value });
        }
        return command;
    }

    private static async Task<IReadOnlyList<ItemId>> ItemsAsync(NpgsqlCommand command, CancellationToken cancellation)
    {
        List<ItemId> items = [];
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            items.Add(new ItemId(reader.GetString(0), reader.GetString(1)));
        return items;
    }
}
