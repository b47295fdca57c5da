using System.Text.Json.Serialization.Metadata;
using EventStore;
using Prepaid.Cards;
using Prepaid.Clauses;
using Prepaid.Complaints;
using Prepaid.Coupons;
using Prepaid.Custody;
using Prepaid.Days;
using Prepaid.Disposal;
using Prepaid.Draws;
using Prepaid.Merchants;
using Prepaid.Points;
using Prepaid.Receipts;
using Prepaid.Refunds;
using Prepaid.Risk;
using ServiceDefaults;
using ServiceDefaults.Anchoring;

namespace Prepaid;

/// <summary>Composes the service of prepaid cards.</summary>
public static class PrepaidService
{
    private static readonly IJsonTypeInfoResolver[] s_forms =
    [
        PointJson.Default, DisposalJson.Default, RefundJson.Default, DrawJson.Default, ComplaintJson.Default, RiskJson.Default,
        Rehearsal.RehearsalJson.Default, CouponJson.Default, PrepaidJson.Default,
    ];

    /// <summary>Builds the service; the arguments are settings.</summary>
    public static WebApplication Build(params string[] args)
    {
        WebApplicationBuilder builder = ServiceDefaultsExtensions.CreateServiceBuilder(args);
        builder.AddServiceDefaults(typeof(PrepaidService).Assembly);
        builder.AddAnchoredEvents(new EventModel().AddMerchantEvents().AddCardEvents().AddCustodyEvents().AddBankEvents()
            .AddCouponEvents().AddPointEvents().AddComplaintEvents().AddRiskEvents().AddDrawEvents().AddRefundEvents()
            .AddDisposalEvents()
            .Migrate("prepaid-0001-balances", BalanceRows.Schema)
            .Migrate("prepaid-0002-liabilities", TreeRows.Schema)
            .Migrate("prepaid-0003-sent-transactions", SentRows.Schema)
            .Migrate("prepaid-0004-receipt-signatures", MerchantSigning.Schema)
            .Migrate("prepaid-0005-pins", CardPins.Schema)
            .Migrate("prepaid-0006-contracts", FileContract.Schema)
            .Migrate("prepaid-0007-takings", Takings.Schema)
            .Async(new BalanceRows())
            .Async(new Takings()));
        builder.Services.ConfigureHttpJsonOptions(o =>
            {
                foreach (IJsonTypeInfoResolver forms in s_forms)
                    o.SerializerOptions.TypeInfoResolverChain.Insert(0, forms);
            });
        ReceiptSigner.Add(builder);
        CardPins.Add(builder);
        TakeOver.Add(builder);
        CloseDay.Add(builder);
        RiskSlice.Add(builder);
        DrawSlice.Add(builder);
        RefundSlice.Add(builder);
        WebApplication app = builder.Build();
        app.MapServiceDefaults();
        app.MapAnchoredEvents();
        FileMerchant.Map(app);
        RecordEntries.Map(app);
        CloseMerchant.Map(app);
        PointSlice.Map(app);
        PublicFacts.Map(app);
        RouteGroupBuilder cards = app.MapGroup("/cards");
        SellCards.Map(cards);
        RedeemCard.Map(cards);
        HolderAccess.Map(app);
        BindKey.Map(app);
        Takings.Map(app);
        TakeOver.Map(app);
        AnswerRefund.Map(app);
        RefundSlice.Map(app);
        DisposalSlice.Map(app);
        GetRequirement.Map(app);
        ClauseCheck.Map(app);
        FileContract.Map(app);
        CustodySlice.Map(app);
        SignFigure.Map(app);
        MerchantSigning.Map(app);
        CloseDay.Map(app);
        GetLiability.Map(app);
        ReplayDay.Map(app);
        RiskSlice.Map(app);
        DrawSlice.Map(app);
        ComplaintSlice.Map(app);
        RouteGroupBuilder coupons = app.MapGroup("/coupons");
        RunCampaign.Map(coupons);
        UseCoupon.Map(coupons);
        Rehearsal.RehearseCards.Map(app);
        return app;
    }
}
