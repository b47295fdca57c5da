using EventStore;
using Npgsql;
using ServiceDefaults.Problems;
using Traceability.Gs1;

namespace Traceability.MasterData;

/// <summary>A product, or a lot of it, that is named and that nobody has described.</summary>
/// <param name="Code">Which of them: <see cref="ProductCode"/> or <see cref="LotCode"/>.</param>
/// <param name="Gtin">14 digits.</param>
/// <param name="Lot">AI (10); null where the product itself is not described.</param>
public sealed record UndescribedGoods(string Code, string Gtin, string? Lot = null)
{
    /// <summary>Nobody has described the product.</summary>
    public const string ProductCode = "product-undescribed";

    /// <summary>The product is described and the lot is not.</summary>
    public const string LotCode = "lot-undescribed";

    /// <summary>The problem's item, in the words of the catalogue.</summary>
    /// <param name="field">The field that names it.</param>
    /// <param name="index">Which of the request's entries.</param>
    public ProblemItem Item(string field, int? index = null) => new(
        field, Code, new Dictionary<string, object?> { ["field"] = field, ["gtin"] = Gtin, ["lot"] = Lot }, index);
}

/// <summary>
/// Finds goods that nobody has described. Events about them are sound, and standards let them pass; but most are a
/// mistyped number, whose goods no recall of the right lot finds, so that forms ask before they record them.
/// </summary>
internal static class Undescribed
{
    /// <summary>Value of the query parameter <c>undescribed</c> with which such goods are refused.</summary>
    public const string Refuse = "refuse";

    /// <summary>What of the canonical identifiers is not described, by identifier. Other keys than GTINs need none.</summary>
    public static async Task<IReadOnlyDictionary<string, UndescribedGoods>> OfAsync(
        Store store, IEnumerable<string> uris, CancellationToken cancellation)
    {
        Dictionary<string, (string Gtin, string? Lot)> named = new(StringComparer.Ordinal);
        foreach (string uri in uris)
        {
            if (DigitalLink.TryParse(uri, DigitalLinkReading.Lenient, out DigitalLink? link, out _) && link.Key.Ai == "01")
                named[uri] = (link.Key.Value, link.Value("10"));
        }
        if (named.Count == 0)
            return new Dictionary<string, UndescribedGoods>();
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            """
            select g.gtin, g.lot, p.gtin is not null, l.lot is not null
            from unnest($1, $2) as g (gtin, lot)
            left join products p on p.gtin = g.gtin left join lots l on l.gtin = g.gtin and l.lot = g.lot
            """);
        (string Gtin, string? Lot)[] goods = [.. named.Values.Distinct()];
        command.Parameters.Add(new() { Value = goods.Select(g => g.Gtin).ToArray() });
        command.Parameters.Add(new() { Value = goods.Select(g => g.Lot).ToArray() });
        Dictionary<(string, string?), UndescribedGoods> missing = [];
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            (string gtin, string? lot) = (reader.GetString(0), reader.Text(1));
            if (!reader.GetBoolean(2))
                missing[(gtin, lot)] = new UndescribedGoods(UndescribedGoods.ProductCode, gtin);
            else if (lot is not null && !reader.GetBoolean(3))
                missing[(gtin, lot)] = new UndescribedGoods(UndescribedGoods.LotCode, gtin, lot);
        }
        return named.Where(n => missing.ContainsKey(n.Value))
            .ToDictionary(n => n.Key, n => missing[n.Value], StringComparer.Ordinal);
    }

    /// <summary>Whether a request asks to refuse what is not described.</summary>
    public static bool IsRefused(HttpRequest request) => request.Query["undescribed"] == Refuse;
}
