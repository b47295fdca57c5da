using EventStore;
using Npgsql;
using Traceability.Scanning;
using Traceability.Visibility;

namespace Traceability.Graph;

/// <summary>
/// The rows with the sales that sellers reported beside events: each is a step that sells the item at its time. Strangers'
/// reports are left out; the others are shown to the product's owner, to the seller and to the regulator.
/// </summary>
internal sealed class SoldRows(
    IGraphRows rows, Store store, Viewer viewer, Func<IEnumerable<long>, CancellationToken, Task<Dictionary<long, string>>> uris)
    : IGraphRows
{
    /// <summary>Sales are numbered above all events.</summary>
    private const long First = 1L << 60;
    private readonly Dictionary<long, Step[]> _sold = [];
    private long _next = First;

    public async ValueTask<IReadOnlyList<Step>> StepsOfAsync(
        IReadOnlyCollection<long> items, bool structuralOnly, CancellationToken cancellation)
    {
        IReadOnlyList<Step> steps = await rows.StepsOfAsync(items, structuralOnly, cancellation);
        if (structuralOnly)
            return steps;
        long[] missing = [.. items.Where(i => !_sold.ContainsKey(i))];
        if (missing.Length > 0)
            await ReadAsync(missing, await LotsAsync(steps, cancellation), cancellation);
        List<Step> all = [.. steps];
        foreach (long item in items)
            all.AddRange(_sold[item]);
        return all;
    }

    /// <summary>The lot numbers of serials, as events tell them.</summary>
    private async Task<Dictionary<long, string>> LotsAsync(IReadOnlyList<Step> steps, CancellationToken cancellation)
    {
        Dictionary<long, long> lots = [];
        foreach (Participant p in steps.SelectMany(s => s.Items).Where(p => p.Lot != 0))
            lots[p.Item] = p.Lot;
        Dictionary<long, string> names = await uris(lots.Values.Distinct(), cancellation);
        return lots.ToDictionary(l => l.Key, l => Value(names[l.Value], "/10/") ?? "");
    }

    private async Task ReadAsync(long[] items, Dictionary<long, string> lots, CancellationToken cancellation)
    {
        foreach (long item in items)
            _sold[item] = [];
        (long Item, string Gtin, string Serial)[] serials =
        [
            .. from named in await uris(items, cancellation)
               let gtin = GraphItem.GtinOf(named.Value)
               let serial = Value(named.Value, "/21/")
               where gtin is not null && serial is not null
               select (named.Key, gtin, serial),
        ];
        if (serials.Length == 0)
            return;
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            """
            select u.item, s.sold_at, s.tenant, e.id, coalesce(e.recorded_at, s.sold_at), p.tenant,
                array(select seller from sellers where gtin = u.gtin and lot in ('', u.lot))
            from unnest($1, $2, $3, $4) u (item, gtin, serial, lot)
            cross join lateral (select * from sales where gtin = u.gtin and serial = u.serial offset 0) s
            join products p on p.gtin = u.gtin
            left join store.events e on e.position = s.changed
            """);
        command.Parameters.Add(new() { Value = serials.Select(s => s.Item).ToArray() });
        command.Parameters.Add(new() { Value = serials.Select(s => s.Gtin).ToArray() });
        command.Parameters.Add(new() { Value = serials.Select(s => s.Serial).ToArray() });
        command.Parameters.Add(new() { Value = serials.Select(s => lots.GetValueOrDefault(s.Item) ?? "").ToArray() });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            (long item, string tenant, string owner) = (reader.GetInt64(0), reader.GetString(2), reader.GetString(5));
            if (Seller.MaySell(tenant, owner, reader.GetFieldValue<string[]>(6).ToHashSet())
                && (viewer.IsRegulator || viewer.Tenant == owner || viewer.Tenant == tenant))
            {
                _sold[item] = [.. _sold[item], Sold(item, reader.GetDateTime(1), tenant,
                    reader.IsDBNull(3) ? Guid.Empty : reader.GetGuid(3), reader.GetDateTime(4))];
            }
        }
    }

    private Step Sold(long item, DateTime at, string tenant, Guid eventId, DateTime recorded) => new()
    {
        Number = _next++,
        Kind = StepKind.Object,
        Action = StepAction.Observe,
        At = at,
        RecordedAt = recorded,
        EventId = eventId,
        BizStep = "retail_selling",
        Tenant = tenant,
        Items = [new Participant(item, ItemRole.Item)],
    };

    private static string? Value(string uri, string key)
    {
        int at = uri.IndexOf(key, StringComparison.Ordinal);
        return at < 0 ? null : Uri.UnescapeDataString(uri[(at + key.Length)..].Split('/')[0]);
    }
}
