using EventStore;
using Prepaid.Cards;
using Prepaid.Clauses;
using Prepaid.Coupons;
using Prepaid.Custody;
using Prepaid.Days;
using Prepaid.Merchants;
using Prepaid.Receipts;
using Prepaid.Refunds;
using ServiceDefaults;
using ServiceDefaults.Anchoring;

namespace Prepaid;

/// <summary>Composes the service of prepaid cards.</summary>
public static class PrepaidService
{
    /// <summary>Builds the service; the arguments are settings.</summary>
    public static WebApplication Build(params string[] args)
    {
        WebApplicationBuilder builder = ServiceDefaultsExtensions.CreateServiceBuilder(args);
        builder.AddServiceDefaults(typeof(PrepaidService).Assembly);
        builder.AddAnchoredEvents(new EventModel().AddMerchantEvents().AddCardEvents().AddCustodyEvents().AddCouponEvents()
            .Migrate("prepaid-0001-balances", BalanceRows.Schema)
            .Migrate("prepaid-0002-liabilities", TreeRows.Schema)
            .Migrate("prepaid-0003-sent-transactions", SentRows.Schema)
            .Migrate("prepaid-0004-receipt-signatures", MerchantSigning.Schema)
            .Migrate("prepaid-0005-pins", CardPins.Schema)
            .Async(new BalanceRows()));
        builder.Services.ConfigureHttpJsonOptions(o =>
            {
                o.SerializerOptions.TypeInfoResolverChain.Insert(0, PrepaidJson.Default);
                o.SerializerOptions.TypeInfoResolverChain.Insert(1, CouponJson.Default);
            });
        ReceiptSigner.Add(builder);
        CardPins.Add(builder);
        TakeOver.Add(builder);
        CloseDay.Add(builder);
        WebApplication app = builder.Build();
        app.MapServiceDefaults();
        app.MapAnchoredEvents();
        FileMerchant.Map(app);
        RouteGroupBuilder cards = app.MapGroup("/cards");
        SellCards.Map(cards);
        RedeemCard.Map(cards);
        HolderAccess.Map(app);
        TakeOver.Map(app);
        AnswerRefund.Map(app);
        GetRequirement.Map(app);
        ClauseCheck.Map(app);
        CustodySlice.Map(app);
        MerchantSigning.Map(app);
        CloseDay.Map(app);
        GetLiability.Map(app);
        ReplayDay.Map(app);
        RouteGroupBuilder coupons = app.MapGroup("/coupons");
        RunCampaign.Map(coupons);
        UseCoupon.Map(coupons);
        return app;
    }
}
