using System.Text.Json;
using EventStore;
using EventStore.Idempotency;
using FluentValidation;
using Npgsql;
using Prepaid.Cards;
using Prepaid.Merchants;
using ServiceDefaults.Auth;
using ServiceDefaults.Http;
using ServiceDefaults.Problems;
using ServiceDefaults.Stores;

namespace Prepaid.Coupons;

/// <summary>A coupon at a till.</summary>
/// <param name="Secret">What its holder shows.</param>
/// <param name="Purchase">The merchant's name of the purchase: the same twice is one use.</param>
/// <param name="PurchaseFen">Its price before the coupon, fen.</param>
public sealed record UseCouponRequest(string? Secret = null, string? Purchase = null, long PurchaseFen = 0);

/// <summary>A purchase that is taken back.</summary>
public sealed record ReturnCouponRequest(string? Purchase = null);

/// <summary>A coupon that is good again.</summary>
public sealed record ReturnAnswer(string Campaign, int Number);

/// <summary>What the holder still pays, fen.</summary>
public sealed record UseAnswer(string Campaign, int Number, long FaceFen, long ToPayFen);

internal sealed class UseCouponShape : AbstractValidator<UseCouponRequest>
{
    public UseCouponShape()
    {
        RuleFor(r => r.Secret).Required();
        RuleFor(r => r.Secret).Text(16, 100);
        RuleFor(r => r.Purchase).Required();
        RuleFor(r => r.Purchase).Must(CardNames.IsName).WithErrorCode("field-form");
        RuleFor(r => r.PurchaseFen).InclusiveBetween(1, CardDecider.MostFen).WithErrorCode("field-range");
    }
}

internal sealed class ReturnCouponShape : AbstractValidator<ReturnCouponRequest>
{
    public ReturnCouponShape()
    {
        RuleFor(r => r.Purchase).Required();
        RuleFor(r => r.Purchase).Must(CardNames.IsName).WithErrorCode("field-form");
    }
}

/// <summary>Takes coupons at a till, and gives them back with the purchase.</summary>
internal static class UseCoupon
{
    public static void Map(RouteGroupBuilder coupons)
    {
        coupons.MapPost("/{campaign}/{number:int}/uses", UseAsync).RequireRoles(Role.Member)
            .Validate(new UseCouponShape())
            .WithName("UseCoupon").WithSummary("Takes a coupon's face off a purchase.");
        coupons.MapPost("/{campaign}/{number:int}/returns", ReturnAsync).RequireRoles(Role.Member)
            .Validate(new ReturnCouponShape())
            .WithName("ReturnCoupon").WithSummary("Gives a coupon back whose purchase was taken back.");
    }

    private static Task<IResult> UseAsync(
        string campaign, int number, HttpContext http, Caller caller, Store store, JsonBody<UseCouponRequest> body)
    {
        UseCouponRequest r = body.Value;
        IdempotencyKey? key = Once.Key(http.Request, caller, $"coupon {campaign} {number}", body.Bytes.Span);
        return Once.RunAsync(http, caller, key, async (session, token) =>
        {
            CampaignTerms terms = await TermsAsync(store, campaign, number, r.Secret!, token);
            Merchant merchant = await session.AggregateStreamAsync<Merchant>(
                MerchantEvents.Stream(caller.Tenant), token);
            if (merchant.Filing is not { } filing)
                throw new ProblemException(Problem.Of(Merchant.Missing, ("merchant", caller.Tenant)));
            await RunAsync(session, campaign, number, new CouponCommand.Use(
                terms, caller.Tenant, filing.Industry, r.Purchase!, r.PurchaseFen, CardRun.Day(session.Context.Now)),
                terms, token);
            return Once.Json(StatusCodes.Status201Created,
                new UseAnswer(campaign, number, terms.FaceFen, r.PurchaseFen - terms.FaceFen),
                CouponJson.Default.UseAnswer);
        });
    }

    private static Task<IResult> ReturnAsync(
        string campaign, int number, HttpContext http, Caller caller, JsonBody<ReturnCouponRequest> body)
    {
        IdempotencyKey? key = Once.Key(http.Request, caller, $"coupon return {campaign} {number}", body.Bytes.Span);
        return Once.RunAsync(http, caller, key, async (session, token) =>
        {
            if (!CardNames.IsName(campaign))
                throw new ProblemException(Problem.Of("coupon-not-found"));
            await RunAsync(session, campaign, number,
                new CouponCommand.Return(caller.Tenant, body.Value.Purchase!), null, token);
            return Once.Json(
                StatusCodes.Status200OK, new ReturnAnswer(campaign, number), CouponJson.Default.ReturnAnswer);
        });
    }

    /// <summary>The terms of a coupon whose secret was shown; a wrong one is no coupon.</summary>
    private static async Task<CampaignTerms> TermsAsync(
        Store store, string campaign, int number, string secret, CancellationToken token)
    {
        await using NpgsqlCommand command = store.DataSource.CreateCommand(
            """
            select c.terms::text from coupon_grants g join coupon_campaigns c using (campaign)
            where g.campaign = $1 and g.number = $2 and g.secret = $3
            """);
        command.Parameters.Add(new() { Value = campaign });
        command.Parameters.Add(new() { Value = number });
        command.Parameters.Add(new() { Value = Convert.FromHexString(Campaign.HashOf(secret)) });
        return await command.ExecuteScalarAsync(token) is string terms
            ? JsonSerializer.Deserialize(terms, CouponJson.Default.CampaignTerms)!
            : throw new ProblemException(Problem.Of("coupon-not-found"));
    }

    private static async Task RunAsync(
        Session session, string campaign, int number, CouponCommand command, CampaignTerms? terms,
        CancellationToken token)
    {
        WritableStream<Coupon> stream = await session.FetchForWriting<Coupon>(
            CouponEvents.Stream(campaign, number), token);
        foreach (CouponEvent e in Coupon.Decide(stream.Aggregate, command).EventsOrProblem(
                     ("least", terms?.LeastFen), ("from", $"{terms?.From:O}"), ("until", $"{terms?.Until:O}")))
            stream.AppendOne(session.Context.Stamp(CouponEvents.NameOf(e), e));
    }
}
