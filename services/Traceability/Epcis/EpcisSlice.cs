using EventStore;
using ServiceDefaults.Webhooks;
using Traceability.Epcis.Capture;
using Traceability.Epcis.Findings;
using Traceability.Epcis.Queries;
using Traceability.Epcis.Storage;
using Traceability.Epcis.Subscriptions;
using Traceability.MasterData;
using Traceability.Visibility;

namespace Traceability.Epcis;

/// <summary>The EPCIS repository: capture, queries and subscriptions (EPCIS 2.0 REST binding).</summary>
internal static class EpcisSlice
{
    /// <summary>Adds the repository's events and tables.</summary>
    public static EventModel AddEpcis(this EventModel model) => model
        .Event(EpcisCaptured.Type, CaptureEventJson.Default.EpcisCaptured)
        .Migrate("trace-0001-epcis", EpcisTables.Schema)
        .Migrate("trace-0002-captures", CaptureJobs.Schema)
        .Migrate("trace-0003-page-tokens", PageTokens.Schema)
        .Migrate("trace-0004-viewers", Viewers.Schema)
        .Migrate("trace-0005-places", Places.Schema)
        .Migrate("trace-0006-queries", NamedQueries.Schema)
        .Migrate("trace-0007-subscriptions", SubscriptionTable.Schema)
        .AddVisibility()
        .Migrate("trace-0009-findings", FindingTable.Schema)
        .Migrate("trace-0010-declarations", EpcisTables.Declarations)
        .Migrate("trace-0201-body-hashes", EpcisTables.BodyHashes)
        .Migrate("trace-0202-processes", FindingTable.Processes)
        .Migrate("trace-0203-capture-guard", CaptureGuard.Schema)
        .Migrate("trace-0204-item-counts", EpcisTables.Counts);

    /// <summary>Adds what the endpoints use, and the workers.</summary>
    public static void AddServices(IServiceCollection services)
    {
        services.AddSingleton<EventRecorder>();
        services.AddSingleton<CaptureJobs>();
        services.AddSingleton<CaptureWorker>();
        services.AddHostedService(p => p.GetRequiredService<CaptureWorker>());
        services.AddSingleton<TableRebuild>();
        services.AddSingleton<PageTokens>();
        services.AddSingleton<Viewers>();
        services.AddSingleton<EventSearch>();
        services.AddSingleton<NamedQueries>();
        services.AddSingleton<SubscriptionTable>();
        services.AddSingleton(new WebhookForm(
            "GS1-Signature", ("GS1-EPCIS-Version", EpcisVersions.Epcis), ("GS1-CBV-Version", EpcisVersions.Cbv)));
        services.AddSingleton<WebhookSender>();
        services.AddHostedService<SubscriptionWorker>();
        services.AddSingleton<FindingTable>();
        services.AddSingleton<NeverIssued>();
        services.AddSingleton<StrictProfile>();
        services.AddHostedService<FindingWorker>();
    }

    /// <summary>Maps the endpoints.</summary>
    public static void Map(IEndpointRouteBuilder app)
    {
        RouteGroupBuilder epcis = app.MapGroup("/epcis/v2").AddEndpointFilter(EpcisVersions.Filter);
        PostEvents.Map(epcis);
        PostCapture.Map(epcis);
        GetEvents.Map(epcis);
        GetRecorders.Map(epcis);
        Resources.Map(epcis);
        NamedQueries.Map(epcis);
        ManageSubscriptions.Map(epcis);
        ManageVisibility.Map(app);
        GetFindings.Map(app);
        TableRebuild.Map(app);
    }
}
