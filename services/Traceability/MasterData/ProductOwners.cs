using EventStore;
using Npgsql;

namespace Traceability.MasterData;

/// <summary>
/// Whose products GTINs are: who described one first, or got it from an authority, speaks for it, and nobody else may
/// issue
/// its codes, certify its output or call it back.
/// </summary>
internal static class ProductOwners
{
    /// <summary>
    /// SQL of who owned a product when: <c>gtin</c>, <c>tenant</c> and <c>until</c>, which is infinity for its owner of now.
    /// What an owner did until then goes on counting.
    /// </summary>
    /// <param name="gtin">An expression of SQL.</param>
    public static string Ever(string gtin) =>
        $"""
        select gtin, tenant, 'infinity'::timestamptz as until from products where gtin = {gtin}
        union all select gtin, tenant, until from product_former_owners where gtin = {gtin}
        """;

    /// <summary>The first of the GTINs that another organisation described; null where there is none.</summary>
    public static async Task<string?> OthersAsync(
        Store store, IEnumerable<string> gtins, string tenant, CancellationToken cancellation)
    {
        IReadOnlyDictionary<string, string> owners = await OfAsync(store, gtins, cancellation);
        return owners.Where(o => o.Value != tenant).Select(o => o.Key).Order(StringComparer.Ordinal).FirstOrDefault();
    }

    /// <summary>The owners of those GTINs that somebody described.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> OfAsync(
        Store store, IEnumerable<string> gtins, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            "select gtin, tenant from products where gtin = any($1)");
        command.Parameters.Add(new() { Value = gtins.Distinct().ToArray() });
        Dictionary<string, string> owners = new(StringComparer.Ordinal);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            owners.Add(reader.GetString(0), reader.GetString(1));
        return owners;
    }

    /// <summary>The same as it was at a place in the feed: what was begun by who owned a product then goes on.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> ThenAsync(
        Store store, IEnumerable<string> gtins, long position, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            """
            select p.gtin, coalesce((
                select convert_from(e.body, 'UTF8')::jsonb -> 'data' ->> 'from' from store.events e
                where e.stream = 'product-' || p.gtin and e.type = $3 and e.position > $2
                order by e.position limit 1), p.tenant)
            from products p
            where p.gtin = any($1) and exists (
                select from store.events e where e.stream = 'product-' || p.gtin and e.position <= $2)
            """);
        command.Parameters.Add(new() { Value = gtins.Distinct().ToArray() });
        command.Parameters.Add(new() { Value = position });
        command.Parameters.Add(new() { Value = MasterEvents.ProductReassigned });
        Dictionary<string, string> owners = new(StringComparer.Ordinal);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            owners.Add(reader.GetString(0), reader.GetString(1));
        return owners;
    }
}
