using EventStore;
using Npgsql;
using Traceability.Codes.Validation;
using Traceability.Scanning;
using Traceability.Scanning.Page;
using Traceability.Visibility;

namespace Traceability.Graph;

/// <summary>
/// The rows with the sales that sellers reported beside events: each is a step that sells the item at its time. Whose reports
/// count is the rule of the item's page; the others are left out. They are shown to the product's owner, to the seller and to
/// the regulator.
/// </summary>
internal sealed class SoldRows(
    IGraphRows rows, Chains chains, CodeValidator codes, Store store, Viewer viewer,
    Func<IEnumerable<long>, CancellationToken, Task<Dictionary<long, string>>> uris)
    : IGraphRows
{
    /// <summary>Sales are numbered above all events.</summary>
    private const long First = 1L << 60;
    private readonly Dictionary<long, List<Step>> _sold = [];
    private long _next = First;

    public async ValueTask<IReadOnlyList<Step>> StepsOfAsync(
        IReadOnlyCollection<long> items, bool structuralOnly, CancellationToken cancellation)
    {
        IReadOnlyList<Step> steps = await rows.StepsOfAsync(items, structuralOnly, cancellation);
        if (structuralOnly)
            return steps;
        long[] missing = [.. items.Where(i => !_sold.ContainsKey(i))];
        if (missing.Length > 0)
            await ReadAsync(missing, steps, cancellation);
        List<Step> all = [.. steps];
        foreach (long item in items)
            all.AddRange(_sold[item]);
        return all;
    }

    private async Task ReadAsync(long[] items, IReadOnlyList<Step> steps, CancellationToken cancellation)
    {
        foreach (long item in items)
            _sold[item] = [];
        List<Reported> reported = await ReportedAsync(items, cancellation);
        if (reported.Count == 0)
            return;
        Dictionary<long, HashSet<string>> sellers = await SellersAsync(reported, steps, cancellation);
        foreach (Reported sale in reported)
        {
            if (Seller.MaySell(sale.Tenant, sale.ByOwner, sellers.GetValueOrDefault(sale.Item) ?? [])
                && (viewer.IsRegulator || viewer.Tenant == sale.Owner || viewer.Tenant == sale.Tenant))
                _sold[sale.Item].Add(Sold(sale));
        }
    }

    /// <summary>A reported sale of an item.</summary>
    private sealed record Reported(
        long Item, string Gtin, string Uri, DateTime At, string Tenant, Guid EventId, DateTime RecordedAt, string Owner,
        bool ByOwner);

    private async Task<List<Reported>> ReportedAsync(long[] items, CancellationToken cancellation)
    {
        Dictionary<long, string> named = await uris(items, cancellation);
        HashSet<string> sold = await SoldGtinsAsync(
            [.. named.Values.Select(GraphItem.GtinOf).OfType<string>().Distinct()], cancellation);
        (long Item, string Gtin, string Serial, string Uri)[] serials = sold.Count == 0 ? [] :
        [
            .. from item in named
               let gtin = GraphItem.GtinOf(item.Value)
               let serial = Value(item.Value, "/21/")
               where gtin is not null && serial is not null && sold.Contains(gtin)
               select (item.Key, gtin, serial, item.Value),
        ];
        if (serials.Length == 0)
            return [];
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            $"""
            select u.n, s.sold_at, s.tenant, e.id, coalesce(e.recorded_at, s.sold_at), p.tenant, {Seller.Owns}
            from unnest($1, $2) with ordinality u (gtin, serial, n)
            cross join lateral (select * from sales where gtin = u.gtin and serial = u.serial offset 0) s
            join products p on p.gtin = u.gtin
            left join store.events e on e.position = s.changed
            """);
        command.Parameters.Add(new() { Value = serials.Select(s => s.Gtin).ToArray() });
        command.Parameters.Add(new() { Value = serials.Select(s => s.Serial).ToArray() });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        List<Reported> reported = [];
        while (await reader.ReadAsync(cancellation))
        {
            (long item, string gtin, _, string uri) = serials[reader.GetInt64(0) - 1];
            reported.Add(new Reported(
                item, gtin, uri, reader.GetDateTime(1), reader.GetString(2),
                reader.IsDBNull(3) ? Guid.Empty : reader.GetGuid(3), reader.GetDateTime(4), reader.GetString(5),
                reader.GetBoolean(6)));
        }
        return reported;
    }

    /// <summary>Those of the products of which any sale was reported: most items need no look-up of their own.</summary>
    private async Task<HashSet<string>> SoldGtinsAsync(string[] gtins, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            "select g from unnest($1) g where exists (select from sales where gtin = g)");
        command.Parameters.Add(new() { Value = gtins });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        HashSet<string> sold = [];
        while (await reader.ReadAsync(cancellation))
            sold.Add(reader.GetString(0));
        return sold;
    }

    /// <summary>Those named for each item by its label's lot and dealer, or by the lot that its chain tells.</summary>
    private async Task<Dictionary<long, HashSet<string>>> SellersAsync(
        List<Reported> reported, IReadOnlyList<Step> steps, CancellationToken cancellation)
    {
        Reported[] items = [.. reported.DistinctBy(r => r.Item)];
        Dictionary<long, string> lots = await LotsAsync([.. items.Select(i => i.Item)], steps, cancellation);
        CodeActivation?[] labels = [.. items.Select(i => codes.Find(i.Uri).Activation)];
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            $"""
             select u.n, s.names from unnest($1, $2, $3) with ordinality u (gtin, lot, dealer, n)
             cross join lateral ({SellersQuery.Named("u.gtin", "u.lot", "u.dealer")}) s
             """);
        command.Parameters.Add(new() { Value = items.Select(i => i.Gtin).ToArray() });
        command.Parameters.Add(new() { Value = items.Select((r, i) => labels[i]?.Lot ?? lots.GetValueOrDefault(r.Item) ?? "").ToArray() });
        command.Parameters.Add(new() { Value = labels.Select(l => l?.Dealer ?? "").ToArray() });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        Dictionary<long, HashSet<string>> sellers = [];
        while (await reader.ReadAsync(cancellation))
            sellers.Add(items[reader.GetInt64(0) - 1].Item, [.. reader.GetFieldValue<string[]>(1)]);
        return sellers;
    }

    private async Task<Dictionary<long, string>> LotsAsync(
        HashSet<long> items, IReadOnlyList<Step> steps, CancellationToken cancellation)
    {
        Dictionary<long, long> lots = [];
        foreach (Step step in steps)
        {
            foreach (Participant p in step.Items.Where(p => p.Lot != 0 && items.Contains(p.Item)))
            {
                if (chains.Of(p.Item).Contains(step.Tenant))
                    lots[p.Item] = p.Lot;
            }
        }
        Dictionary<long, string> names = await uris(lots.Values.Distinct(), cancellation);
        return lots.ToDictionary(l => l.Key, l => Value(names[l.Value], "/10/") ?? "");
    }

    private Step Sold(Reported sale) => new()
    {
        Number = _next++,
        Kind = StepKind.Object,
        Action = StepAction.Observe,
        At = sale.At,
        RecordedAt = sale.RecordedAt,
        EventId = sale.EventId,
        BizStep = "retail_selling",
        Tenant = sale.Tenant,
        Items = [new Participant(sale.Item, ItemRole.Item)],
    };

    private static string? Value(string uri, string key)
    {
        int at = uri.IndexOf(key, StringComparison.Ordinal);
        return at < 0 ? null : Uri.UnescapeDataString(uri[(at + key.Length)..].Split('/')[0]);
    }
}
