using System.Text.Json;
using Npgsql;
using Traceability.MasterData;

namespace Traceability.Scanning.Page;

/// <summary>The product and whose it is.</summary>
internal sealed class ProductQuery : IPageQuery
{
    private static readonly Wording Unnamed = new("原生产者", "The former owner");

    public NpgsqlBatchCommand Command(ItemKey key, Holding holding, DateTimeOffset now) => Sql.Command(
        """
        select p.tenant, p.name_zh, p.name_en, p.net_zh, p.net_en, p.claims, p.picture, o.name_zh, o.name_en, p.event_id,
            array(select tenant from product_former_owners f where f.gtin = p.gtin order by tenant),
            array(select name_zh from product_former_owners f left join organisations using (tenant)
                where f.gtin = p.gtin order by tenant),
            array(select name_en from product_former_owners f left join organisations using (tenant)
                where f.gtin = p.gtin order by tenant)
        from products p left join organisations o on o.tenant = p.tenant where p.gtin = $1
        """, key.Gtin);

    public async Task ReadAsync(NpgsqlDataReader rows, ItemFacts facts, CancellationToken cancellationToken)
    {
        if (await rows.ReadAsync(cancellationToken))
        {
            facts.Product = new ShownProduct(rows.GetString(0), rows.Words(1)!, rows.Words(3),
                JsonSerializer.Deserialize(rows.GetString(5), MasterJson.Default.ListWording)!, rows.Text(6),
                rows.Words(7), rows.IsDBNull(9) ? null : rows.GetGuid(9))
            {
                Former = rows.GetFieldValue<string[]>(10)
                    .Zip(rows.GetFieldValue<string?[]>(11), rows.GetFieldValue<string?[]>(12)).ToDictionary(
                        f => f.First, f => f.Second is null && f.Third is null ? Unnamed : new Wording(f.Second, f.Third)),
            };
        }
    }
}

/// <summary>The label that is to be shown now.</summary>
internal sealed class LabelQuery : IPageQuery
{
    public NpgsqlBatchCommand Command(ItemKey key, Holding holding, DateTimeOffset now) => Sql.Command(
        """
        select version, shown_from, event_id, fields from labels where gtin = $1 and shown_from <= $2
        order by version desc limit 1
        """, key.Gtin, now.UtcDateTime);

    public async Task ReadAsync(NpgsqlDataReader rows, ItemFacts facts, CancellationToken cancellationToken)
    {
        if (await rows.ReadAsync(cancellationToken))
        {
            facts.Label = new PageLabel(rows.GetInt32(0), rows.GetFieldValue<DateTimeOffset>(1), rows.GetGuid(2),
                JsonSerializer.Deserialize(rows.GetString(3), MasterJson.Default.ListLabelField)!);
        }
    }
}

/// <summary>The lot that the link names.</summary>
internal sealed class LotQuery : IPageQuery
{
    public NpgsqlBatchCommand? Command(ItemKey key, Holding holding, DateTimeOffset now) => key.Lot is null ? null : Sql.Command(
        "select lot, produced_on, expires_on, origin_zh, origin_en, event_id from lots where gtin = $1 and lot = $2",
        key.Gtin, key.Lot);

    public async Task ReadAsync(NpgsqlDataReader rows, ItemFacts facts, CancellationToken cancellationToken)
    {
        if (await rows.ReadAsync(cancellationToken))
            facts.Lot = new PageLot(rows.GetString(0), rows.Day(1), rows.Day(2), rows.Words(3), rows.GetGuid(5));
    }
}

/// <summary>Certificates of the product, for all lots or for this one.</summary>
internal sealed class CertificatesQuery : IPageQuery
{
    public NpgsqlBatchCommand Command(ItemKey key, Holding holding, DateTimeOffset now) => Sql.Command(
        """
        select c.number, title_zh, title_en, issuer_zh, issuer_en, valid_from, valid_to, withdrawn_on, c.event_id,
            withdrawal
        from certificates c
        where c.tenant = coalesce(
              (select e.tenant from lots l join store.events e on e.id = l.event_id where l.gtin = $1 and l.lot = $2),
              (select tenant from products where gtin = $1))
          and c.gtins @> array[$1] and (c.lots = '{}' or $2 = any (c.lots))
        order by valid_to desc limit 12
        """, key.Gtin, key.Lot ?? "");

    public async Task ReadAsync(NpgsqlDataReader rows, ItemFacts facts, CancellationToken cancellationToken)
    {
        while (await rows.ReadAsync(cancellationToken))
        {
            facts.Certificates.Add(new PageCertificate(rows.GetString(0), rows.Words(1)!, rows.Words(3)!,
                rows.Day(5)!.Value, rows.Day(6)!.Value, rows.Day(7), rows.GetGuid(8),
                rows.IsDBNull(9) ? null : rows.GetGuid(9)));
        }
    }
}

/// <summary>The owner's links.</summary>
internal sealed class LinksQuery : IPageQuery
{
    public NpgsqlBatchCommand Command(ItemKey key, Holding holding, DateTimeOffset now) => Sql.Command(
        """
        select link_type, href, title, language, media, lot, is_default from product_links
        where gtin = $1 order by position
        """, key.Gtin);

    public async Task ReadAsync(NpgsqlDataReader rows, ItemFacts facts, CancellationToken cancellationToken)
    {
        while (await rows.ReadAsync(cancellationToken))
        {
            facts.Links.Add(new ProductLink(rows.GetString(0), rows.GetString(1), rows.GetString(2), rows.Text(3),
                rows.Text(4), rows.Text(5), rows.GetBoolean(6)));
        }
    }
}

/// <summary>Checks of the item by consumers, and its sales.</summary>
internal sealed class ChecksQuery : IPageQuery
{
    private const int Recent = 60;

    public NpgsqlBatchCommand? Command(ItemKey key, Holding holding, DateTimeOffset now) => key.Serial is null ? null : Sql.Command(
        $"""
        select t.checks, t.first_at, s.at, s.region, s.device, s.latitude, s.longitude, s.accuracy_km, s.shared,
            s.reporter is not null, s.lot_differs, s.address_region, s.network
        from scan_items t left join lateral (
            select at, region, device, latitude, longitude, accuracy_km, shared, reporter, lot_differs, address_region, network
            from scans
            where gtin = t.gtin and serial = t.serial order by at desc limit {Recent}) s on true
        where t.gtin = $1 and t.serial = $2
        """, key.Gtin, key.Serial);

    public async Task ReadAsync(NpgsqlDataReader rows, ItemFacts facts, CancellationToken cancellationToken)
    {
        while (await rows.ReadAsync(cancellationToken))
        {
            facts.EarlierChecks = rows.GetInt64(0);
            facts.FirstCheck = rows.GetFieldValue<DateTimeOffset>(1);
            if (rows.IsDBNull(2))
                continue;
            Position? position = rows.Number(5) is { } latitude
                ? new Position(latitude, rows.GetDouble(6), rows.GetDouble(7))
                : null;
            facts.Checks.Add(new Check(rows.GetFieldValue<DateTimeOffset>(2), rows.Text(3),
                rows.IsDBNull(4) ? null : Convert.ToHexStringLower(rows.GetFieldValue<byte[]>(4)), position, rows.GetBoolean(8),
                rows.GetBoolean(9), rows.GetBoolean(10), rows.Text(11),
                rows.IsDBNull(12) ? null : Convert.ToHexStringLower(rows.GetFieldValue<byte[]>(12))));
        }
    }
}

/// <summary>Sales of the item as anybody reported them.</summary>
internal sealed class SalesQuery : IPageQuery
{
    private const int SalesMax = 200;

    public NpgsqlBatchCommand? Command(ItemKey key, Holding holding, DateTimeOffset now) => key.Serial is null ? null : Sql.Command(
        // Those that count first: strangers' reports must not push them off.
        $"""
        select s.tenant, s.sold_at, {Seller.Owns} as owns from sales s where s.gtin = $1 and s.serial = $2
        order by ({Seller.Owns}) or s.tenant in (select seller from sellers where gtin = $1) desc, s.sold_at
        limit {SalesMax}
        """, key.Gtin, key.Serial);

    public async Task ReadAsync(NpgsqlDataReader rows, ItemFacts facts, CancellationToken cancellationToken)
    {
        while (await rows.ReadAsync(cancellationToken))
        {
            facts.Reported.Add(new ReportedSale(
                rows.GetString(0), rows.GetFieldValue<DateTimeOffset>(1), rows.GetBoolean(2)));
        }
    }
}

/// <summary>
/// Those who sell the item, and how complete their feeds are together: named for the dealer it was activated for, else for
/// its lot, else for the product. A seller that never reported has a feed that is not complete.
/// </summary>
internal sealed class SellersQuery : IPageQuery
{
    /// <summary>Their names and the completeness of their feeds together; each argument is an expression of SQL.</summary>
    public static string Named(string gtin, string lot, string dealer) =>
        $"""
         select array_agg(distinct a.seller) as names, min(coalesce(f.expected, 1)) as expected,
             bool_or(coalesce(f.gap, false)) as gap, min(coalesce(f.complete_to, 'epoch')) as complete_to
         from sellers a left join sales_feeds f on f.tenant = a.seller and (a.feed is null or f.name = a.feed)
         where a.gtin = {gtin} and a.lot in ('', {lot}) and a.dealer in ('', {dealer})
         group by case when a.dealer <> '' then 3 when a.lot <> '' then 2 else 1 end
         order by case when a.dealer <> '' then 3 when a.lot <> '' then 2 else 1 end desc limit 1
         """;

    public NpgsqlBatchCommand? Command(ItemKey key, Holding holding, DateTimeOffset now) => key.Serial is null ? null : Sql.Command(
        Named("$1", "$2", "$3"), key.Gtin, key.Lot ?? "", key.Label?.Dealer ?? "");

    public async Task ReadAsync(NpgsqlDataReader rows, ItemFacts facts, CancellationToken cancellationToken)
    {
        if (!await rows.ReadAsync(cancellationToken))
            return;
        facts.Sellers.UnionWith(rows.GetFieldValue<string[]>(0));
        facts.Feed = new SalesFeed("", rows.GetInt64(1), rows.GetBoolean(2), rows.GetFieldValue<DateTimeOffset>(3));
    }
}

/// <summary>Statements of a batch. Span and not an array: a string[] would be taken for the list of parameters.</summary>
internal static class Sql
{
    public static NpgsqlBatchCommand Command(string sql, params Span<object> parameters)
    {
        NpgsqlBatchCommand command = new(sql);
        foreach (object value in parameters)
            command.Parameters.Add(new() { Value = value });
        return command;
    }
}
