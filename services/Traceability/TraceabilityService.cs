using EventStore;
using ServiceDefaults;
using ServiceDefaults.Anchoring;
using Traceability.Epcis;
using Traceability.Epcis.Capture;
using Traceability.Epcis.Queries;
using Traceability.Epcis.Storage;
using Traceability.Graph;
using Traceability.MasterData;
using Traceability.Simple;
using Traceability.Visibility;

namespace Traceability;

/// <summary>Composes the traceability service.</summary>
public static class TraceabilityService
{
    /// <summary>Builds the service; the arguments are settings.</summary>
    public static WebApplication Build(params string[] args)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
        builder.AddServiceDefaults(typeof(TraceabilityService).Assembly);
        builder.AddAnchoredEvents(new EventModel()
            .Event(EpcisCaptured.Type, CaptureEventJson.Default.EpcisCaptured)
            .Migrate("trace-0001-epcis", EpcisTables.Schema)
            .Migrate("trace-0002-captures", CaptureJobs.Schema)
            .Migrate("trace-0003-page-tokens", PageTokens.Schema)
            .Migrate("trace-0004-viewers", Viewers.Schema)
            .Migrate("trace-0005-places", Places.Schema)
            .AddMasterData()
            .AddGraph());
        AddEpcis(builder.Services);
        GraphSlice.AddServices(builder.Services);
        builder.Services.ConfigureHttpJsonOptions(o =>
            o.SerializerOptions.TypeInfoResolverChain.Insert(0, SimpleJson.Default));

        WebApplication app = builder.Build();
        app.MapServiceDefaults();
        app.MapAnchoredEvents();
        MapEpcis(app);
        GraphSlice.Map(app);
        RecordSimple.Map(app);
        MasterApi.Map(app);
        MasterLists.Map(app);
        Pictures.Map(app);
        return app;
    }

    private static void AddEpcis(IServiceCollection services)
    {
        services.AddSingleton<EventRecorder>();
        services.AddSingleton<CaptureJobs>();
        services.AddSingleton<CaptureWorker>();
        services.AddHostedService(p => p.GetRequiredService<CaptureWorker>());
        services.AddSingleton<PageTokens>();
        services.AddSingleton<Viewers>();
        services.AddSingleton<EventSearch>();
    }

    private static void MapEpcis(WebApplication app)
    {
        RouteGroupBuilder epcis = app.MapGroup("/epcis/v2").AddEndpointFilter(EpcisVersions.Filter);
        PostEvents.Map(epcis);
        PostCapture.Map(epcis);
        GetEvents.Map(epcis);
        Resources.Map(epcis);
    }
}
