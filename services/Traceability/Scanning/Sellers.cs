using System.Text.Json.Serialization;
using EventStore;
using EventStore.Idempotency;
using EventStore.Projections;
using FluentValidation;
using Npgsql;
using NpgsqlTypes;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;
using Traceability.Gs1;

namespace Traceability.Scanning;

/// <summary>One that sells an item.</summary>
/// <param name="Tenant">The organisation.</param>
/// <param name="Feed">The feed in which it reports these sales; all of its feeds where missing.</param>
public sealed record Seller(string Tenant, string? Feed = null)
{
    /// <summary>
    /// Whether what an organisation reports of an item's sale counts: anybody can report any serial number, so only the
    /// product's owner and those whom it named count.
    /// </summary>
    /// <param name="tenant">Who reports.</param>
    /// <param name="owns">Whether it was that one's product then.</param>
    /// <param name="sellers">Whom the owner named for the item's dealer, else its lot, else the product.</param>
    public static bool MaySell(string tenant, bool owns, IReadOnlySet<string> sellers) =>
        owns || sellers.Contains(tenant);

    /// <summary>
    /// SQL of whether a reported sale, <c>s</c> of the table <c>sales</c>, is one of who owned the product then.
    /// </summary>
    public const string Owns =
        """
        exists (select from products where gtin = s.gtin and tenant = s.tenant) or exists (
            select from product_former_owners f where f.gtin = s.gtin and f.tenant = s.tenant and s.sold_at < f.until)
        """;
}

/// <summary>
/// The producer said who sells a product, one lot of it, or what goes to one dealer: only their feeds together can show
/// that an item is not sold yet. Replaces what was said for the same.
/// </summary>
/// <param name="Gtin">14 digits.</param>
/// <param name="Lot">AI 10; null for all lots.</param>
/// <param name="Dealer">The dealer that labels were activated for; null for all.</param>
/// <param name="Sellers">Who; none where nobody's reports can tell.</param>
public sealed record SellersNamed(string Gtin, string? Lot, string? Dealer, IReadOnlyList<Seller> Sellers)
{
    /// <summary>Its stable name.</summary>
    public const string Type = "trace.sellers-named.v1";
}

/// <summary>Names sellers.</summary>
public sealed record SellersRequest(
    string? Gtin = null, string? Lot = null, string? Dealer = null, IReadOnlyList<Seller>? Sellers = null);

internal sealed class SellersShape : AbstractValidator<SellersRequest>
{
    public const int SellersMax = 20;

    public SellersShape()
    {
        RuleFor(r => r.Gtin).Required();
        RuleFor(r => r.Gtin).Must(g => g is null || CheckDigit.TryGtin14(g, out _)).WithErrorCode("gtin-form");
        RuleFor(r => r.Lot).Must(l => string.IsNullOrEmpty(l) || ElementString.IsValue("10", l)).WithErrorCode("lot-form");
        RuleFor(r => r.Dealer).Text(1, 100);
        RuleFor(r => r.Sellers).NotNull().WithErrorCode("field-required");
        RuleFor(r => r.Sellers).Must(s => s is null || s.Count <= SellersMax).WithErrorCode("list-length")
            .WithState(_ => new Dictionary<string, object?> { ["max"] = SellersMax });
        RuleForEach(r => r.Sellers).Must(s => s is { Tenant.Length: >= 1 and <= 100 } && s.Feed is null or { Length: >= 1 and <= 40 })
            .WithErrorCode("field-form");
    }
}

/// <summary>Takes who sells what, from the product's owner.</summary>
internal static class NameSellers
{
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapPut("/sales/sellers", HandleAsync).RequireRoles(Role.Member, Role.Admin).Validate(new SellersShape())
            .WithName("NameSellers").WithSummary("Names who sells a product, a lot, or what goes to a dealer.");

    private static async Task<IResult> HandleAsync(
        HttpContext http, Caller caller, JsonBody<SellersRequest> body, Store store, CancellationToken cancellationToken)
    {
        SellersRequest r = body.Value;
        _ = CheckDigit.TryGtin14(r.Gtin!, out string gtin);
        await using (NpgsqlCommand command = store.DataSource.CreateCommand("select tenant from products where gtin = $1"))
        {
            command.Parameters.Add(new() { Value = gtin });
            if ((string?)await command.ExecuteScalarAsync(cancellationToken) != caller.Tenant)
                return Problem.Of(Codes.Quotas.GtinCodes.NotOwner, ("gtin", gtin));
        }
        IdempotencyKey? key = Once.Key(http.Request, caller, $"sellers-{gtin}", body.Bytes.Span);
        return await Once.RunAsync(http, caller, key, async (session, token) =>
        {
            WritableStream<SellersState> stream =
                await session.FetchForWriting<SellersState>($"sellers-{caller.Tenant}-{gtin}", token);
            stream.AppendOne(session.Context.Stamp(SellersNamed.Type, new SellersNamed(
                gtin, Some(r.Lot), Some(r.Dealer), [.. r.Sellers!.Select(s => new Seller(s.Tenant, Some(s.Feed)))])));
            return new StoredResponse(StatusCodes.Status204NoContent, "application/json", default);
        });
    }

    private static string? Some(string? text) => string.IsNullOrEmpty(text) ? null : text;
}

/// <summary>What was named before decides nothing: each naming replaces it.</summary>
internal sealed record SellersState
{
    public static readonly SellersState None = new();
}

/// <summary>Sellers by what they sell.</summary>
internal sealed class SellerRows : IProjection
{
    public const string Schema =
        """
        create table sellers (
            gtin   text collate "C" not null,
            lot    text collate "C" not null,
            dealer text collate "C" not null,
            seller text collate "C" not null,
            feed   text collate "C"
        );
        create index sellers_gtin on sellers (gtin);
        """;

    public string Name => "sellers";

    public void Project(IReadOnlyList<StoredEvent> events, SqlBatch sql)
    {
        foreach (StoredEvent e in events)
        {
            if (e.Type != SellersNamed.Type)
                continue;
            SellersNamed data = (SellersNamed)e.Data;
            (string lot, string dealer) = (data.Lot ?? "", data.Dealer ?? "");
            sql.Add("delete from sellers where gtin = $1 and lot = $2 and dealer = $3", data.Gtin, lot, dealer);
            sql.Add("insert into sellers select $1, $2, $3, u.seller, u.feed from unnest($4, $5) as u (seller, feed)",
                data.Gtin, lot, dealer, data.Sellers.Select(s => s.Tenant).ToArray(),
                new NpgsqlParameter
                {
                    Value = data.Sellers.Select(s => s.Feed).ToArray(),
                    NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
                });
        }
    }

    public void Reset(SqlBatch sql) => sql.Add("truncate sellers");
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SellersNamed))]
internal sealed partial class SellersJson : JsonSerializerContext;
