using System.Text.Json;
using System.Text.Json.Serialization;
using EventStore;
using Npgsql;
using ServiceDefaults.Auth;
using ServiceDefaults.Problems;

namespace Traceability.MasterData;

/// <summary>All that an organisation said of its product.</summary>
/// <param name="Product">The description.</param>
/// <param name="Picture">Digest of the picture.</param>
/// <param name="Links">What the resolver leads to.</param>
/// <param name="Owner">Account of the organisation whose product it is, where one product is asked for.</param>
public sealed record ProductDetails(
    Product Product, string? Picture, IReadOnlyList<ProductLink> Links, string? Owner = null);

/// <summary>A lot with the name of its product.</summary>
public sealed record ListedLot(Lot Lot, Wording Product);

/// <summary>A place of an organisation.</summary>
/// <param name="Place">The description.</param>
/// <param name="Confirmed">Whether an authority confirmed that the GLN is the organisation's.</param>
public sealed record ListedPlace(Place Place, bool Confirmed);

/// <summary>A certificate of an organisation.</summary>
/// <param name="Certificate">What was recorded.</param>
/// <param name="WithdrawnOn">Day from which it no longer holds.</param>
/// <param name="EventId">Event that recorded it.</param>
public sealed record ListedCertificate(Certificate Certificate, DateOnly? WithdrawnOn, Guid EventId);

/// <summary>What an organisation needs to work on its own master data, in short pages.</summary>
internal static class OwnMasterData
{
    private const int PageMax = 200;

    public static void Map(IEndpointRouteBuilder app)
    {
        RouteGroupBuilder own = app.MapGroup("/own");
        own.MapGet("/organisation", OrganisationAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin)
            .WithName("OwnOrganisation").WithSummary("Who the organisation is to the public.");
        own.MapGet("/products/{gtin}", ProductAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin, Role.Regulator)
            .WithName("OwnProduct").WithSummary("All that was said of one's product; a regulator reads any.");
        own.MapGet("/products", ProductsAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin)
            .WithName("OwnProducts").WithSummary("One's products by name or GTIN.");
        own.MapGet("/lots", LotsAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin)
            .WithName("OwnLots").WithSummary("One's lots, the youngest first.");
        own.MapGet("/places", PlacesAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin)
            .WithName("OwnPlaces").WithSummary("One's places, and whether their GLNs are confirmed.");
        own.MapGet("/dealers", DealersAsync).RequireRoles(Role.Member, Role.Reader, Role.Admin)
            .WithName("OwnDealers").WithSummary("One's dealers by their codes.");
        own.MapGet("/certificates", CertificatesAsync)
            .RequireRoles(Role.Member, Role.Reader, Role.Admin, Role.Regulator)
            .WithName("OwnCertificates").WithSummary("One's certificates, the withdrawn included; a regulator reads those of any product.");
    }

    private static async Task<IResult> OrganisationAsync(Caller caller, Store store, CancellationToken cancellationToken)
    {
        List<Organisation> found = await RowsAsync(
            store, "select name_zh, name_en from organisations where tenant = $1",
            r => new Organisation(r.Words(0) ?? new Wording()), cancellationToken, caller.Tenant);
        return found.Count > 0 ? TypedResults.Json(found[0], OwnJson.Default.Organisation) : Problem.Of("not-found");
    }

    private static async Task<IResult> ProductAsync(
        string gtin, Caller caller, Store store, CancellationToken cancellationToken)
    {
        string key = MasterApi.Gtin(gtin);
        List<(Product Product, string? Picture, string Owner)> found = await RowsAsync(
            store,
            """
            select gtin, name_zh, name_en, net_zh, net_en, claims, picture, tenant from products
            where (tenant = $1 or $3) and gtin = $2
            """, r => (Product(r), r.Text(6), r.GetString(7)), cancellationToken, caller.Tenant, key, caller.Is(Role.Regulator));
        if (found.Count == 0)
            return Problem.Of("not-found");
        List<ProductLink> links = await RowsAsync(
            store,
            """
            select link_type, href, title, language, media, lot, is_default from product_links where gtin = $1
            order by position
            """,
            r => new ProductLink(
                r.GetString(0), r.GetString(1), r.GetString(2), r.Text(3), r.Text(4), r.Text(5), r.GetBoolean(6)),
            cancellationToken, key);
        return TypedResults.Json(
            new ProductDetails(found[0].Product, found[0].Picture, links, found[0].Owner), OwnJson.Default.ProductDetails);
    }

    private static async Task<IResult> ProductsAsync(
        Caller caller, Store store, CancellationToken cancellationToken, string q = "", string after = "",
        int limit = 50) => TypedResults.Json(
        await RowsAsync(
            store,
            """
            select gtin, name_zh, name_en, net_zh, net_en, claims, picture from products
            where tenant = $1 and gtin > $3 and ($2 = '' or position($2 in gtin) > 0
                or position(lower($2) in lower(coalesce(name_zh, '') || ' ' || coalesce(name_en, ''))) > 0)
            order by gtin limit $4
            """, r => new ProductDetails(Product(r), r.Text(6), []), cancellationToken,
            caller.Tenant, Plain(q), Plain(after), Page(limit)),
        OwnJson.Default.ListProductDetails);

    private static async Task<IResult> LotsAsync(
        Caller caller, Store store, CancellationToken cancellationToken, string q = "", string gtin = "",
        int skip = 0, int limit = 50) => TypedResults.Json(
        await RowsAsync(
            store,
            """
            select l.gtin, lot, produced_on, expires_on, origin_zh, origin_en, origin_gln, name_zh, name_en
            from lots l join products p on p.gtin = l.gtin and p.tenant = $1
            where ($2 = '' or position(lower($2) in lower(lot)) > 0 or position($2 in l.gtin) > 0
                    or position(lower($2) in lower(coalesce(name_zh, '') || ' ' || coalesce(name_en, ''))) > 0)
                and ($3 = '' or l.gtin = $3)
            order by produced_on desc nulls last, l.event_id desc offset $4 limit $5
            """,
            r => new ListedLot(
                new Lot(r.GetString(0), r.GetString(1), r.Day(2), r.Day(3), r.Words(4), r.Text(6)), r.Words(7)!),
            cancellationToken, caller.Tenant, Plain(q), Plain(gtin), Skip(skip), Page(limit)),
        OwnJson.Default.ListListedLot);

    private static async Task<IResult> PlacesAsync(
        Caller caller, Store store, CancellationToken cancellationToken, string gln = "", int skip = 0, int limit = PageMax) =>
        TypedResults.Json(
            await RowsAsync(
                store,
                """
                select p.gln, name_zh, name_en, city_zh, city_en, latitude, longitude, shown, o.gln is not null
                from places p left join trace_gln_owners o on o.gln = p.gln and o.tenant = $1
                where p.tenant = $1 and ($2 = '' or p.gln = $2) order by p.gln offset $3 limit $4
                """,
                r => new ListedPlace(
                    new Place(r.GetString(0), r.Words(1)!, r.Words(3), GeoPoint.Of(r.Number(5), r.Number(6)), r.GetBoolean(7)),
                    r.GetBoolean(8)),
                cancellationToken, caller.Tenant, Plain(gln), Skip(skip), Page(limit)),
            OwnJson.Default.ListListedPlace);

    private static async Task<IResult> DealersAsync(
        Caller caller, Store store, CancellationToken cancellationToken, string code = "", int skip = 0,
        int limit = PageMax) => TypedResults.Json(
        await RowsAsync(
            store,
            """
            select code, name_zh, name_en, regions, gln, organisation from dealers
            where tenant = $1 and ($2 = '' or code = $2) order by code offset $3 limit $4
            """,
            r => new Dealer(r.GetString(0), r.Words(1)!, r.GetFieldValue<string[]>(3), r.Text(4), r.Text(5)),
            cancellationToken, caller.Tenant, Plain(code), Skip(skip), Page(limit)),
        OwnJson.Default.ListDealer);

    private static async Task<IResult> CertificatesAsync(
        Caller caller, Store store, CancellationToken cancellationToken, string gtin = "", int skip = 0,
        int limit = PageMax) => TypedResults.Json(
        await RowsAsync(
            store,
            """
            select number, title_zh, title_en, issuer_zh, issuer_en, valid_from, valid_to, gtins, lots, sha256,
                withdrawn_on, event_id
            from certificates
            where tenant = case when $5 then coalesce((select tenant from products where gtin = $2), $1) else $1 end
                and ($2 = '' or $2 = any(gtins)) order by valid_to desc, number
            offset $3 limit $4
            """,
            r => new ListedCertificate(
                new Certificate(
                    r.GetString(0), r.Words(1)!, r.Words(3)!, r.Day(5)!.Value, r.Day(6)!.Value,
                    r.GetFieldValue<string[]>(7), r.GetFieldValue<string[]>(8), r.Text(9)),
                r.Day(10), r.GetGuid(11)),
            cancellationToken, caller.Tenant, Plain(gtin), Skip(skip), Page(limit), caller.Is(Role.Regulator)),
        OwnJson.Default.ListListedCertificate);

    private static Product Product(NpgsqlDataReader r) => new(
        r.GetString(0), r.Words(1)!, r.Words(3),
        JsonSerializer.Deserialize(r.GetString(5), MasterJson.Default.ListWording)!);

    private static int Skip(int skip) => Math.Clamp(skip, 0, 1_000_000);

    private static int Page(int limit) => Math.Clamp(limit, 1, PageMax);

    // PostgreSQL keeps no U+0000, so nothing that it keeps is found by one.
    private static string Plain(string text) => text.Trim().Replace("\0", "", StringComparison.Ordinal);

    private static async Task<List<T>> RowsAsync<T>(
        Store store, string sql, Func<NpgsqlDataReader, T> row, CancellationToken cancellationToken,
        params object[] values)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(sql);
        foreach (object value in values)
            command.Parameters.Add(new() { Value = value });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        List<T> rows = [];
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(row(reader));
        return rows;
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Organisation))]
[JsonSerializable(typeof(ProductDetails))]
[JsonSerializable(typeof(List<ProductDetails>))]
[JsonSerializable(typeof(List<ListedLot>))]
[JsonSerializable(typeof(List<ListedPlace>))]
[JsonSerializable(typeof(List<Dealer>))]
[JsonSerializable(typeof(List<ListedCertificate>))]
internal sealed partial class OwnJson : JsonSerializerContext;
