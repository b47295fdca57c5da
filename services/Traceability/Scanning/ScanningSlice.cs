using EventStore;
using Traceability.Scanning.Page;

namespace Traceability.Scanning;

/// <summary>Wires scanning into the service.</summary>
internal static class ScanningSlice
{
    public static EventModel AddScanning(this EventModel model) => model
        .Event(SalesReported.Type, SalesJson.Default.SalesReported)
        .Event(SellersNamed.Type, SellersJson.Default.SellersNamed)
        .Event(ComplaintFiled.Type, ComplaintJson.Default.ComplaintFiled)
        .Event(ComplaintReceived.Type, ComplaintJson.Default.ComplaintReceived)
        .Event(ComplaintAnswered.Type, ComplaintJson.Default.ComplaintAnswered)
        .Event(ComplaintClosed.Type, ComplaintJson.Default.ComplaintClosed)
        .Aggregate(SalesFeed.Begin(""), (feed, e) => (SalesReported)e switch
        {
            var r => (feed with { Name = r.Feed }).With(r.First, r.Sales.Count, r.Through),
        })
        .Inline(new SalesRows())
        .Aggregate(SellersState.None, (SellersState state, StoredEvent _) => state)
        .Inline(new SellerRows())
        .Migrate("trace-0303-scans", ScanRecorder.Schema)
        .Migrate("trace-0304-sales", SalesRows.Schema)
        .Migrate("trace-0305-complaints", Complaints.Schema)
        .Migrate("trace-0307-sellers", SellerRows.Schema)
        .Migrate("trace-0310-complaint-forms", Complaints.FormSchema)
        .Migrate("trace-0311-other-lots", ScanRecorder.OtherLots)
        .Migrate("trace-0312-complaint-answers", AnswerComplaint.Schema)
        .Migrate("trace-0313-missing-sales", SalesRows.Missing)
        .Migrate("trace-0330-scan-networks", ScanRecorder.Networks);

    public static void AddScanning(this IServiceCollection services)
    {
        services.AddSingleton<IPageQuery, ProductQuery>();
        services.AddSingleton<IPageQuery, LabelQuery>();
        services.AddSingleton<IPageQuery, LotQuery>();
        services.AddSingleton<IPageQuery, CertificatesQuery>();
        services.AddSingleton<IPageQuery, LinksQuery>();
        services.AddSingleton<IPageQuery, ChecksQuery>();
        services.AddSingleton<IPageQuery, SalesQuery>();
        services.AddSingleton<IPageQuery, SellersQuery>();
        services.AddSingleton<IPageQuery, JourneyQuery>();
        services.AddSingleton<IPageQuery, LifeQuery>();
        services.AddSingleton<IPageQuery, RecallQuery>();
        services.AddSingleton<IPageQuery, CurveQuery>();
        services.AddSingleton<IPageQuery, QuotaQuery>();
        services.AddSingleton<IPageQuery, SetQuery>();
        services.AddSingleton<HoldingReader>();
        services.AddSingleton<ItemReader>();
        services.AddSingleton<CodeRegister>();
        services.AddSingleton<RegionFile>();
        services.AddSingleton<DeviceTags>();
        services.AddSingleton<ScanRecorder>();
        services.AddHostedService(p => p.GetRequiredService<ScanRecorder>());
        services.AddSingleton<ItemEndpoints>();
    }

    public static void MapScanning(this IEndpointRouteBuilder app)
    {
        ItemEndpoints.Map(app);
        OpenEvents.Map(app);
        OpenRecords.Map(app);
        SharedPosition.Map(app);
        ReportSales.Map(app);
        NameSellers.Map(app);
        Complaints.Map(app);
    }
}
