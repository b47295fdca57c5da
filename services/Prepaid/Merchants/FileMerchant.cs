using EventStore;
using EventStore.Idempotency;
using FluentValidation;
using Prepaid.Cards;
using Prepaid.Custody;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;

namespace Prepaid.Merchants;

/// <summary>What a merchant files.</summary>
public sealed record FileMerchantRequest(
    string? Name = null, string? Jurisdiction = null, string? Industry = null, IssuerClass Class = IssuerClass.Other,
    DateOnly? StartedOn = null, long? LastYearRevenueFen = null, DateOnly? LeaseEndsOn = null,
    LotOrder Order = LotOrder.OldestFirst);

/// <summary>An order against selling, or its end.</summary>
/// <param name="Stop">Whether sales stop.</param>
/// <param name="Power">The provision that gives the power.</param>
/// <param name="CaseNumber">The case.</param>
/// <param name="Until">Last day; null for no term.</param>
public sealed record SaleOrderRequest(
    bool Stop = true, string? Power = null, string? CaseNumber = null, DateOnly? Until = null);

/// <summary>A merchant as everybody who signed in sees it.</summary>
public sealed record MerchantDetails(
    string Merchant, Filing? Filing, SaleStop? Stop, MerchantEvent.ClosingAnnounced? Closing, bool Closed,
    IEnumerable<string> Bans);

internal sealed class FileMerchantShape : AbstractValidator<FileMerchantRequest>
{
    public FileMerchantShape()
    {
        RuleFor(r => r.Name).Required();
        RuleFor(r => r.Name).Text(1, 200);
        RuleFor(r => r.Jurisdiction).Required();
        RuleFor(r => r.Jurisdiction).Must(j => j is null || j.Length == 6 && j.All(char.IsAsciiDigit))
            .WithErrorCode("field-form");
        RuleFor(r => r.Industry).Required();
        RuleFor(r => r.Industry).Must(i => i is null || CardNames.IsName(i)).WithErrorCode("field-form");
        RuleFor(r => r.StartedOn).Required();
        RuleFor(r => r.LastYearRevenueFen).Must(f => f is null or >= 0 and <= 1L << 50).WithErrorCode("field-range");
    }
}

internal sealed class SaleOrderShape : AbstractValidator<SaleOrderRequest>
{
    public SaleOrderShape()
    {
        RuleFor(r => r.Power).NotEmpty().When(r => r.Stop).WithErrorCode("field-required");
        RuleFor(r => r.Power).Text(1, 300);
        RuleFor(r => r.CaseNumber).Required();
        RuleFor(r => r.CaseNumber).Text(1, 100);
    }
}

/// <summary>Filing, and orders against selling.</summary>
internal static class FileMerchant
{
    public static void Map(IEndpointRouteBuilder app)
    {
        RouteGroupBuilder merchants = app.MapGroup("/merchants");
        merchants.MapPut("/own", FileAsync).RequireRoles(Role.Admin).Validate(new FileMerchantShape())
            .WithName("FileMerchant").WithSummary("Files the organisation as an issuer of cards, or corrects it.");
        merchants.MapPost("/{id}/sale-orders", OrderAsync).RequireRoles(Role.Regulator).Validate(new SaleOrderShape())
            .WithName("OrderSaleStop").WithSummary("Stops an issuer selling, or ends that order.");
        merchants.MapGet("/{id}", GetAsync)
            .RequireRoles(Role.Member, Role.Reader, Role.Admin, Role.Regulator)
            .WithName("GetMerchant").WithSummary("What an issuer filed, and orders against it.");
    }

    private static Task<IResult> FileAsync(HttpContext http, Caller caller, JsonBody<FileMerchantRequest> body)
    {
        FileMerchantRequest r = body.Value;
        return RunAsync(http, caller, caller.Tenant, body.Bytes, new MerchantCommand.File(new Filing(
            r.Name!, r.Jurisdiction!, r.Industry!, r.Class, r.StartedOn!.Value, r.LastYearRevenueFen, r.LeaseEndsOn,
            r.Order)));
    }

    private static Task<IResult> OrderAsync(
        string id, HttpContext http, Caller caller, JsonBody<SaleOrderRequest> body) =>
        RunAsync(http, caller, id, body.Bytes, body.Value.Stop
            ? new MerchantCommand.StopSale(body.Value.Power!, body.Value.CaseNumber!, body.Value.Until)
            : new MerchantCommand.ResumeSale(body.Value.CaseNumber!));

    private static async Task<IResult> GetAsync(string id, Store store, CancellationToken token)
    {
        Merchant merchant = await store.AggregateStreamAsync<Merchant>(MerchantEvents.Stream(id), token);
        return merchant.Filing is null
            ? Problem.Of(Merchant.Missing)
            : TypedResults.Json(
                Details(id, merchant), PrepaidJson.Default.MerchantDetails);
    }

    /// <summary>Runs a command of a merchant.</summary>
    internal static Task<IResult> RunAsync(
        HttpContext http, Caller caller, string id, ReadOnlyMemory<byte> body, MerchantCommand command)
    {
        IdempotencyKey? key = Once.Key(http.Request, caller, $"merchant {id}", body.Span);
        return Once.RunAsync(http, caller, key, async (session, token) =>
        {
            WritableStream<Merchant> stream = await session.FetchForWriting<Merchant>(MerchantEvents.Stream(id), token);
            Merchant merchant = stream.Aggregate;
            foreach (MerchantEvent e in Merchant.Decide(merchant, command).EventsOrProblem(("merchant", id)))
            {
                stream.AppendOne(session.Context.Stamp(MerchantEvents.NameOf(e), e));
                merchant = Merchant.Evolve(merchant, e);
            }
            return Once.Json(StatusCodes.Status200OK, Details(id, merchant),
                PrepaidJson.Default.MerchantDetails);
        });
    }

    private static MerchantDetails Details(string id, Merchant m) =>
        new(id, m.Filing, m.Stop, m.Closing, m.Closed, m.Bans.Keys.Order(StringComparer.Ordinal));
}
