using EventStore;
using ServiceDefaults;
using ServiceDefaults.Anchoring;
using Traceability.Alarms;
using Traceability.Codes;
using Traceability.Epcis;
using Traceability.Graph;
using Traceability.MasterData;
using Traceability.Recalls;
using Traceability.Scanning;
using Traceability.Sensors;
using Traceability.Simple;

namespace Traceability;

/// <summary>Composes the traceability service.</summary>
public static class TraceabilityService
{
    /// <summary>Builds the service; the arguments are settings.</summary>
    public static WebApplication Build(params string[] args)
    {
        WebApplicationBuilder builder = ServiceDefaultsExtensions.CreateServiceBuilder(args);
        builder.AddServiceDefaults(typeof(TraceabilityService).Assembly);
        builder.AddAnchoredEvents(new EventModel()
            .AddEpcis()
            .AddMasterData()
            .AddScanning()
            .AddGraph()
            .AddRecalls()
            .AddSensors()
            .AddAlarms()
            .AddCodes());
        builder.Services.AddCodes();
        builder.Services.AddScanning();
        EpcisSlice.AddServices(builder.Services);
        GraphSlice.AddServices(builder.Services);
        RecallSlice.AddServices(builder.Services);
        SensorSlice.AddServices(builder.Services);
        AlarmSlice.AddServices(builder.Services);
        builder.Services.AddSingleton<RecalledGoods>();
        builder.Services.ConfigureHttpJsonOptions(o =>
            o.SerializerOptions.TypeInfoResolverChain.Insert(0, SimpleJson.Default));

        WebApplication app = builder.Build();
        app.MapServiceDefaults();
        app.MapAnchoredEvents();
        EpcisSlice.Map(app);
        GraphSlice.Map(app);
        RecallSlice.Map(app);
        SensorSlice.Map(app);
        AlarmSlice.Map(app);
        RecordSimple.Map(app);
        MasterApi.Map(app);
        MasterLists.Map(app);
        OwnMasterData.Map(app);
        OrganisationNames.Map(app);
        Pictures.Map(app);
        app.MapCodes();
        app.MapScanning();
        return app;
    }
}
